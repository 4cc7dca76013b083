"""Field errors: what is wrong with one field of an object, in upstream's words.

``str()`` is the line that kubectl prints (``spec.replicas: Invalid value: -1: must be greater than or equal to 0``);
``reason`` and ``message`` are what a Status carries as a cause. Source: apimachinery pkg/util/validation/field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from attrs import frozen

_WORDS = {
    "FieldValueNotFound": "Not found",
    "FieldValueRequired": "Required value",
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueInvalid": "Invalid value",
    "FieldValueNotSupported": "Unsupported value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueTooLong": "Too long",
}
_GO_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"'}
    | dict(zip("\n\t\r\a\b\f\v", ("\\n", "\\t", "\\r", "\\a", "\\b", "\\f", "\\v"), strict=True))
)


class Struct(dict[str, Any]):
    """A value that upstream shows as a struct of Go: its fields in their own order, not in that of the alphabet."""


@frozen
class FieldError:
    """One field that does not do: its path, the kind of error (a cause's reason) and the text without the path."""

    field: str
    reason: str
    message: str

    def __str__(self) -> str:
        """The error as kubectl prints it."""
        return f"{self.field}: {self.message}"


def invalid(path: str, value: object, detail: str) -> FieldError:
    """A value of the wrong form or out of range."""
    return _with_value("FieldValueInvalid", path, value, detail)


def required(path: str, detail: str = "") -> FieldError:
    """A value that must be there and is not."""
    return _without_value("FieldValueRequired", path, detail)


def forbidden(path: str, detail: str) -> FieldError:
    """A value that may not stand here."""
    return _without_value("FieldValueForbidden", path, detail)


def duplicate(path: str, value: object) -> FieldError:
    """A second value where each must be unique."""
    return _with_value("FieldValueDuplicate", path, value, "")


def not_supported(path: str, value: object, supported: Iterable[str]) -> FieldError:
    """A value that is none of the words allowed."""
    words = ", ".join(quoted(word) for word in supported)
    return _with_value("FieldValueNotSupported", path, value, f"supported values: {words}" if words else "")


def too_long(path: str, limit: int, of: str = "bytes") -> FieldError:
    """More bytes (or characters) than the limit."""
    return _without_value("FieldValueTooLong", path, f"may not be more than {limit} {of}")


def too_many(path: str, count: int, most: int) -> FieldError:
    """More items than the limit."""
    message = f"Too many: {count}: must have at most {most} item{'s' if most != 1 else ''}"
    return FieldError(path, "FieldValueTooMany", message)


def aggregate(errors: Iterable[FieldError]) -> str:
    """Several errors as one text: upstream's aggregate, each text once, in brackets when there is more than one."""
    texts = list(dict.fromkeys(str(error) for error in errors))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def quoted(text: str) -> str:
    """A text as Go's %q writes it."""
    return '"' + "".join(c if c.isprintable() else _escape(c) for c in text.translate(_GO_ESCAPES)) + '"'


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _with_value(reason: str, path: str, value: object, detail: str) -> FieldError:
    if isinstance(value, str):
        shown = quoted(value)
    else:
        ordered = isinstance(value, Struct) or (isinstance(value, list) and any(isinstance(v, Struct) for v in value))
        shown = json.dumps(value, separators=(",", ":"), sort_keys=not ordered, ensure_ascii=False)
    return FieldError(path, reason, f"{_WORDS[reason]}: {shown}" + (f": {detail}" if detail else ""))


def _without_value(reason: str, path: str, detail: str) -> FieldError:
    return FieldError(path, reason, _WORDS[reason] + (f": {detail}" if detail else ""))

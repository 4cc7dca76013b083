"""What validation writes into: every error of an object, in the order in which upstream finds them.

Rules are functions that take a Report, a piece of JSON and its path; they return nothing. JSON has passed strict
decoding, so that types are right, but nothing need be there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kubesim_tui.api import fielderror
from kubesim_tui.api.fielderror import FieldError

JsonMap = dict[str, Any]
Check = Callable[[str], list[str]]
NEGATIVE = "must be greater than or equal to 0"
IMMUTABLE = "field is immutable"
NOT_POSITIVE = "must be greater than zero"


class Report:
    """The errors found so far: of the written rules, and of those that stand in the types themselves.

    The latter (upstream's declarative validation: `+k8s:required`, `+k8s:immutable` …) are told last, in place of the
    written rule about the same field.
    """

    __slots__ = ("declared", "errors")

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.declared: list[FieldError] = []

    def told(self) -> list[FieldError]:
        """Every error, in the order in which a client reads them."""
        return [*self.errors, *self.declared]

    def required(self, path: str, detail: str = "") -> None:
        """A value is missing."""
        self.errors.append(fielderror.required(path, detail))

    def invalid(self, path: str, value: object, detail: str) -> None:
        """A value is of the wrong form, or out of range."""
        self.errors.append(fielderror.invalid(path, value, detail))

    def invalid_without(self, path: str, detail: str) -> None:
        """A value is wrong, and too large to be shown."""
        self.errors.append(FieldError(path, "FieldValueInvalid", f"Invalid value: {detail}"))

    def forbidden(self, path: str, detail: str) -> None:
        """A value may not be there."""
        self.errors.append(fielderror.forbidden(path, detail))

    def duplicate(self, path: str, value: object, detail: str = "") -> None:
        """A value is there a second time."""
        found = fielderror.duplicate(path, value)
        self.errors.append(FieldError(path, found.reason, f"{found.message}: {detail}") if detail else found)

    def not_supported(self, path: str, value: object, supported: Iterable[str]) -> None:
        """A value is none of those allowed."""
        self.errors.append(fielderror.not_supported(path, value, supported))

    def not_found(self, path: str, value: str, detail: str = "") -> None:
        """A value names something that is not there."""
        message = f"Not found: {fielderror.quoted(value)}" + (f": {detail}" if detail else "")
        self.errors.append(FieldError(path, "FieldValueNotFound", message))

    def too_long(self, path: str, limit: int) -> None:
        """A value has more bytes than allowed."""
        self.errors.append(fielderror.too_long(path, limit))

    def too_many(self, path: str, count: int, most: int) -> None:
        """A list has more items than allowed."""
        self.errors.append(fielderror.too_many(path, count, most))

    # -- rules of the types ------------------------------------------------------------------------------------

    def of_types(self) -> Report:
        """A report whose errors are those of the types: told last."""
        found = Report()
        found.errors = self.declared
        return found

    def declared_required(self, path: str) -> None:
        """A value whose type says that it must be there."""
        self.declared.append(fielderror.required(path))

    def declared_not_negative(self, path: str, value: int | None) -> None:
        """A number of which the type says that it may not be below 0."""
        if value is not None and value < 0:
            self.declared.append(fielderror.invalid(path, value, NEGATIVE))

    def declared_forbidden(self, path: str) -> None:
        """A value whose type says that it may not be there."""
        self.declared.append(fielderror.forbidden(path, ""))

    def declared_immutable(self, path: str, new: object, old: object) -> None:
        """A value whose type says that it may not change. (What it was changed to is not shown.)"""
        if not same(new, old):
            self.declared.append(fielderror.invalid(path, None, IMMUTABLE))

    # -- checks that many rules share --------------------------------------------------------------------------

    def syntax(self, check: Check, path: str, value: str) -> None:
        """Each complaint of a syntax check (`names.is_dns1123_label` …) is an invalid value."""
        for message in check(value):
            self.invalid(path, value, message)

    def not_negative(self, path: str, value: int | None) -> None:
        """A number may not be below 0."""
        if value is not None and value < 0:
            self.invalid(path, value, NEGATIVE)

    def one_of(self, path: str, value: str, supported: Iterable[str], *, required: bool = True) -> None:
        """A word must be one of those; empty: required."""
        words = tuple(supported)
        if required and not value:
            self.required(path)
        elif value not in words:
            self.not_supported(path, value, words)

    def immutable(self, path: str, new: object, old: object) -> None:
        """A value may not change."""
        if not same(new, old):
            self.invalid(path, new, IMMUTABLE)

    def add(self, errors: Iterable[FieldError]) -> None:
        """Errors that others have found."""
        self.errors.extend(errors)


def same(new: object, old: object) -> bool:
    """Semantic equality: empty and missing maps and lists are the same."""
    return bool(strip(new) == strip(old))


def strip(value: Any) -> Any:
    """JSON without what Go's semantic equality does not see: nulls, empty lists, maps and texts within maps."""
    if isinstance(value, dict):
        return {k: s for k, v in value.items() if (s := strip(v)) not in (None, "", [], {})} or None
    if isinstance(value, list | tuple):
        return [strip(v) for v in value] or None
    return value


def text(data: JsonMap, name: str) -> str:
    """A text, "" if missing."""
    return data.get(name) or ""


def number(data: JsonMap, name: str) -> int:
    """A number, 0 if missing."""
    return data.get(name) or 0


def part(data: JsonMap, name: str) -> JsonMap:
    """A map, empty if missing."""
    return data.get(name) or {}


def items(data: JsonMap, name: str, path: str) -> Iterator[tuple[str, JsonMap]]:
    """The maps of a list with their paths."""
    for i, item in enumerate(data.get(name) or ()):
        yield f"{path}[{i}]", item if item is not None else {}

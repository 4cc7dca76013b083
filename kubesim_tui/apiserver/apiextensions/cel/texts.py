"""Functions of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel.formatting import fill, quote
from kubesim_tui.apiserver.apiextensions.cel.operators import overload
from kubesim_tui.apiserver.apiextensions.cel.values import CelError
from kubesim_tui.kernel.regex import compiled

MOST_LETTERS = 1_000_000
"""A text does not grow beyond this."""


def _texts(*values: Any) -> None:
    if not all(isinstance(v, str) for v in values):
        raise overload()


def _contains(text: str, part: str) -> bool:
    _texts(text, part)
    return part in text


def _starts(text: str, part: str) -> bool:
    _texts(text, part)
    return text.startswith(part)


def _ends(text: str, part: str) -> bool:
    _texts(text, part)
    return text.endswith(part)


def _matches(text: str, pattern: str) -> bool:
    _texts(text, pattern)
    return compiled(pattern).matches(text)


def _char_at(text: str, at: int) -> str:
    _texts(text)
    if not 0 <= at <= len(text):
        raise CelError(f"index out of range: {at}")
    return text[at : at + 1]


def _lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


def _upper(text: str) -> str:
    return "".join(c.upper() if c.isascii() else c for c in text)


def _replace(text: str, old: str, new: str, most: int = -1) -> str:
    _texts(text, old, new)
    if len(text) + text.count(old) * len(new) > MOST_LETTERS:
        raise CelError("replacement is too long")
    return text.replace(old, new, most)


def _split(text: str, separator: str, most: int = -1) -> list[str]:
    _texts(text, separator)
    if most == 0:
        return []
    if not separator:
        letters = list(text)
        return letters if most < 0 or most >= len(letters) else [*letters[: most - 1], "".join(letters[most - 1 :])]
    return text.split(separator, most - 1 if most > 0 else -1)


def _substring(text: str, start: int, end: int | None = None) -> str:
    _texts(text)
    stop = len(text) if end is None else end
    for place in (start, stop):
        if not 0 <= place <= len(text):
            raise CelError(f"index out of range: {place}")
    if start > stop:
        raise CelError(f"invalid substring range. start: {start}, end: {stop}")
    return text[start:stop]


def _trim(text: str) -> str:
    _texts(text)
    return text.strip()


def _find(text: str, pattern: str) -> str:
    _texts(text, pattern)
    found = compiled(pattern).search(text)
    return found.whole if found else ""


def _find_all(text: str, pattern: str, most: int = -1) -> list[str]:
    _texts(text, pattern)
    found = [m.whole for m in compiled(pattern).each(text)]
    return found if most < 0 else found[:most]


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "contains": _contains,
    "startsWith": _starts,
    "endsWith": _ends,
    "matches": _matches,
    "charAt": _char_at,
    "lowerAscii": _lower,
    "upperAscii": _upper,
    "replace": _replace,
    "split": _split,
    "substring": _substring,
    "trim": _trim,
    "find": _find,
    "findAll": _find_all,
    "format": fill,
    "strings.quote": quote,
    "jsonpatch.escapeKey": lambda key: key.replace("~", "~0").replace("/", "~1"),
}

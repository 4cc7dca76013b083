"""The functions of Go templates, on JSON values: text/template's own, and kubectl's `exists` and `base64decode`."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from kubesim_tui.api.jsonpath import go_json

NO_VALUE = object()


class TemplateError(ValueError):
    """A template that cannot be read or followed."""


def true(value: Any) -> bool:
    """Whether Go takes a value for true."""
    return value is not NO_VALUE and bool(value)


def shown(value: Any) -> str:
    """A value as Go prints it with %v."""
    if value is None or value is NO_VALUE:
        return "<no value>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{k}:{shown(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(map(shown, value)) + "]"
    return str(value)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key, NO_VALUE)
        elif isinstance(value, list | tuple) and isinstance(key, int) and 0 <= key < len(value):
            value = value[key]
        elif value is NO_VALUE or value is None:
            raise TemplateError("<index>: error calling index: index of untyped nil")
        else:
            raise TemplateError(f"<index>: error calling index: index out of range: {key}")
    return value


def _printf(form: str, *values: Any) -> str:
    rest = list(values)

    def one(match: re.Match[str]) -> str:
        if match.group(2) == "%":
            return "%"
        if not rest:
            return f"%!{match.group(2)}(MISSING)"
        value = rest.pop(0)
        text = f'"{shown(value)}"' if match.group(2) == "q" else shown(value)
        width = match.group(1)
        if not width or not width.lstrip("-").isdigit():
            return text
        return text.ljust(int(width[1:])) if width.startswith("-") else text.rjust(int(width))

    return re.sub(r"%([-+#0-9.]*)([a-zA-Z%])", one, form)


def _exists(value: Any, *keys: Any) -> bool:
    try:
        return _index(value, *keys) is not NO_VALUE
    except TemplateError:
        return False


def _print(*values: Any) -> str:
    """A blank stands between two values of which none is a text."""
    out = ""
    for i, value in enumerate(values):
        blank = i and not isinstance(value, str) and not isinstance(values[i - 1], str)
        out += (" " if blank else "") + shown(value)
    return out


def _slice(value: Any, *bounds: int) -> Any:
    start, stop = [*bounds, *(0, len(value))[len(bounds) :]][:2] if len(bounds) < 2 else bounds[:2]
    if not 0 <= start <= stop <= len(value):
        raise TemplateError(f"<slice>: error calling slice: index out of range: {stop}")
    return value[start:stop]


def _html(*values: Any) -> str:
    escaped = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&#34;"}
    return "".join(escaped.get(c, c) for c in _print(*values))


def _js(*values: Any) -> str:
    escaped = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}
    return "".join(escaped.get(c, c if c.isprintable() else f"\\u{ord(c):04X}") for c in _print(*values))


def _and(*values: Any) -> Any:
    return next((v for v in values if not true(v)), values[-1])


def _or(*values: Any) -> Any:
    return next((v for v in values if true(v)), values[-1])


def _decode(text: Any) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (ValueError, TypeError):
        raise TemplateError("<base64decode>: error calling base64decode: illegal base64 data") from None


FUNCTIONS: Mapping[str, Any] = {
    "index": _index,
    "len": lambda v: len(v),
    "print": _print,
    "slice": _slice,
    "html": _html,
    "js": _js,
    "urlquery": lambda *v: quote_plus(_print(*v)),
    "println": lambda *v: " ".join(map(shown, v)) + "\n",
    "printf": _printf,
    "eq": lambda a, *b: any(a == x for x in b),
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "and": _and,
    "or": _or,
    "not": lambda v: not true(v),
    "exists": _exists,
    "base64decode": _decode,
    "json": go_json,
}

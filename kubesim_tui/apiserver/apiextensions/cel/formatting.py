"""`'%s: %d'.format([a, b])`: clauses filled in with values (cel-go ext/formatting.go)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from kubesim_tui.api.fielderror import quoted
from kubesim_tui.apiserver.apiextensions.cel.conversions import TYPES, string, type_name
from kubesim_tui.apiserver.apiextensions.cel.values import CelError, Duration, Timestamp

MOST_PLACES = 1000
_CLAUSE = re.compile(r"%(?:\.([0-9]*))?(.|$)", re.DOTALL)
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_QUOTED = {
    "\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v", "\\": r"\\", '"': r"\"",
}  # fmt: skip
_ONLY = {
    "s": "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
    "and timestamps",
    "d": "decimal clause can only be used on integers",
    "f": "fixed-point clause can only be used on doubles",
    "e": "scientific clause can only be used on doubles",
    "b": "only integers and bools can be formatted as binary",
    "x": "only integers, byte buffers, and strings can be formatted as hex",
    "o": "octal clause can only be used on integers",
}
INFINITE = {"Infinity": "inf", "-Infinity": "-inf", "NaN": "nan"}


def quote(text: str) -> str:
    """`strings.quote(text)`: within double quotes, with escapes."""
    return '"' + "".join(_QUOTED.get(c, c) for c in text) + '"'


def fill(form: str, values: list[Any]) -> str:
    """A text whose clauses are filled in; CelError for one that does not fit its value."""
    at = 0

    def one(found: re.Match[str]) -> str:
        nonlocal at
        places, verb = found.groups()
        if verb == "%":
            return "%"
        if at >= len(values):
            raise CelError(f"index {at} out of range")
        if verb.lower() not in _ONLY or verb in ("S", "D", "F", "E", "B", "O"):
            raise CelError(f'could not parse formatting clause: unrecognized formatting clause "{verb}"')
        if places and int(places) > MOST_PLACES:
            raise CelError(f"could not parse formatting clause: precision {places} exceeds maximum {MOST_PLACES}")
        value = values[at]
        at += 1
        return _clause(verb, value, int(places or 0) if places is not None else 6)

    return _CLAUSE.sub(one, form)


def _clause(verb: str, value: Any, places: int) -> str:
    kind = type_name(value)
    number = kind in ("int", "uint")
    if verb == "s" and ((type(value) in TYPES and "." not in kind) or isinstance(value, Duration | Timestamp)):
        return _shown(value)
    if verb == "d" and number:
        return str(int(value))
    if verb in "fe" and (kind == "double" or (kind == "string" and value in INFINITE)):
        double = float(INFINITE.get(value, 0) if isinstance(value, str) else value)
        return _fixed(double, places) if verb == "f" else _scientific(double, places)
    if verb == "b" and (number or kind == "bool"):
        return format(int(value), "b")
    if verb in "xX" and (number or kind in ("string", "bytes")):
        made = format(int(value), "x") if number else (value.encode() if isinstance(value, str) else value).hex()
        return made.upper() if verb == "X" else made
    if verb == "o" and number:
        return format(int(value), "o")
    raise CelError(f"error during formatting: {_ONLY[verb.lower()]}, was given {kind}")


def _fixed(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace("inf", "∞").replace("nan", "NaN")


def _scientific(value: float, places: int) -> str:
    text = f"{value:.{places}e}"
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return _fixed(value, 0)
    return f"{mantissa}×10{exponent.removeprefix('+').translate(_SUPERSCRIPT)}"


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(_inner(v) for v in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(_entries(value))}}}"
    return string(value)


def _entries(value: dict[Any, Any]) -> Iterator[str]:
    for key in sorted(value, key=str):
        yield f"{_inner(key)}:{_inner(value[key])}"


def _inner(value: Any) -> str:
    """A value in a list or a map: texts are quoted there."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bytes):
        return f"b{quoted(string(value))}"
    if isinstance(value, float):
        text = _fixed(value, 6)
        return text if math.isfinite(value) else quoted(text)
    if "." in type_name(value) and not isinstance(value, Duration | Timestamp):
        raise CelError(f"error during formatting: {_ONLY['s']}, was given {type_name(value)}")
    return _shown(value)

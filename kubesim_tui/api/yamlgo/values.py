"""What a scalar means: go-yaml v2's resolver, and how Go writes numbers.

Source: go.yaml.in/yaml/v2 resolve.go; strconv and encoding/json of Go's library.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from decimal import Decimal
from functools import lru_cache

Scalar = str | int | float | bool | None

TAG = "tag:yaml.org,2002:"
STR, BOOL, INT, FLOAT, NULL = TAG + "str", TAG + "bool", TAG + "int", TAG + "float", TAG + "null"
TIMESTAMP, BINARY, MERGE = TAG + "timestamp", TAG + "binary", TAG + "merge"
_RESOLVABLE = frozenset({"", STR, BOOL, INT, FLOAT, NULL, TIMESTAMP})

MIN_INT64, MAX_INT64, MAX_UINT64 = -(2**63), 2**63 - 1, 2**64 - 1
_MAX_DIGITS = 20  # more fit no integer of Go's (and Python refuses to convert thousands of digits)

_TRUE = "y Y yes Yes YES true True TRUE on On ON"
_FALSE = "n N no No NO false False FALSE off Off OFF"
_WORDS: dict[str, tuple[str, Scalar]] = {
    **dict.fromkeys(_TRUE.split(), (BOOL, True)),
    **dict.fromkeys(_FALSE.split(), (BOOL, False)),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], (NULL, None)),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], (FLOAT, math.nan)),
    **{sign + word: (FLOAT, math.inf) for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], (FLOAT, -math.inf)),
}
# First characters of which a plain scalar may be something else than text.
_HINTS = frozenset("+-0123456789yYnNtTfFoO~.")

_FLOAT_SHAPE = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DOT_FLOAT = re.compile(r"\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?")
_BASE_INT = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_OLD_BINARY = re.compile(r"0b([-+]?[01]+)")
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_TIME = r"[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]+)?"
_TIMESTAMP = re.compile(rf"{_DATE}([Tt]{_TIME}(Z|[-+][0-9]{{2}}:[0-9]{{2}})| {_TIME})?")


class ValueProblem(Exception):
    """A scalar that its tag does not allow; the message is go-yaml's."""


def resolve(tag: str, text: str) -> tuple[str, Scalar]:
    """The tag and the value of a scalar: plain (tag "") or with a tag of its own. Raises ValueProblem."""
    if tag not in _RESOLVABLE:
        return (tag, _binary(text)) if tag == BINARY else (tag, text)
    if not tag:
        return plain(text)
    if tag == STR:
        return STR, text
    found, value = plain(text)
    if tag == TIMESTAMP and _TIMESTAMP.fullmatch(text):
        return TIMESTAMP, text
    if tag == FLOAT and found == INT and isinstance(value, int) and value <= MAX_INT64:
        return FLOAT, float(value)
    if found != tag:
        raise ValueProblem(f"cannot decode {_short(found)} `{text}` as a {_short(tag)}")
    return found, value


def plain(text: str) -> tuple[str, Scalar]:
    """What a plain scalar without a tag is. A date is text: go-yaml gives it back as it was written."""
    if text and text[0] not in _HINTS:
        return STR, text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] == ".":
        return _float(text) if _DOT_FLOAT.fullmatch(text) else (STR, text)
    return _number(text) if text[0] in "+-0123456789" else (STR, text)


@lru_cache(maxsize=4096)
def reads_as_text(text: str) -> bool:
    """Whether the text, written plainly, would be read as that text (base 60 counts as a number: old parsers)."""
    return plain(text)[0] == STR and not _TIMESTAMP.fullmatch(text) and not _BASE60.fullmatch(text)


def to_json(value: Scalar) -> Scalar:
    """The number as it comes out of Go's JSON: a whole float that fits an int64 is an int, too big an int a float."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if MIN_INT64 <= value <= MAX_INT64 else float(value)
    if math.isfinite(value) and value == int(value) and abs(value) < 1e21:
        whole = int(Decimal(repr(value)))
        return whole if MIN_INT64 <= whole <= MAX_INT64 else value
    return value


def key_text(value: Scalar) -> str | None:
    """The JSON key that a mapping's key becomes; None where go-yaml has none (null, too big a number)."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value <= MAX_INT64 else None
    return None if value is None else go_float(value, bits=32)


def go_float(value: float, *, bits: int = 64) -> str:
    """A float as Go's FormatFloat(value, 'g', -1, bits), with YAML's words for what is not finite."""
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    shortest = repr(value) if bits == 64 else _shortest32(value)
    sign, digits, exponent = Decimal(shortest).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0") or "0"
    point = 0 if text == "0" else len(digits) + exponent - 1
    return ("-" if sign else "") + _placed(text, point)


def _placed(digits: str, point: int) -> str:
    """Digits with their point after the first, times ten to the power `point`; with an e below -4 and from 6 on."""
    if point < -4 or point >= 6:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{digits[0]}{fraction}e{'-' if point < 0 else '+'}{abs(point):02}"
    if point < 0:
        return "0." + "0" * (-point - 1) + digits
    whole = digits[: point + 1].ljust(point + 1, "0")
    return whole + (f".{digits[point + 1 :]}" if len(digits) > point + 1 else "")


def _shortest32(value: float) -> str:
    """The shortest decimal text that reads back as the same 32-bit float."""
    try:
        wanted = struct.pack("<f", value)
    except OverflowError:
        return "inf" if value > 0 else "-inf"
    for precision in range(9):
        text = f"{value:.{precision}e}"
        if struct.pack("<f", float(text)) == wanted:
            break
    return text


def _number(text: str) -> tuple[str, Scalar]:
    digits = text.replace("_", "")
    whole = _integer(digits)
    if whole is not None:
        return INT, whole
    if _FLOAT_SHAPE.fullmatch(digits):
        found = _float(digits)
        return found if found[0] == FLOAT else (STR, text)
    old = _OLD_BINARY.fullmatch(digits)
    if old and MIN_INT64 <= int(old[1], 2) <= MAX_UINT64:
        return INT, int(old[1], 2)
    return STR, text


def _integer(digits: str) -> int | None:
    """An integer by Go's ParseInt with base 0, or ParseUint: 0x, 0b, 0o and a bare leading 0 for octal."""
    found = _BASE_INT.fullmatch(digits)
    if not found:
        return None
    sign, hexadecimal, binary, octal, decimal = found.groups()
    if decimal and len(decimal) > _MAX_DIGITS:
        return None
    for part, base in ((hexadecimal, 16), (binary, 2), (octal, 8), (decimal, 10)):
        if part is not None:
            value = int(part, base)
    if sign == "-":
        return -value if -value >= MIN_INT64 else None
    return value if value <= (MAX_INT64 if sign else MAX_UINT64) else None


def _float(text: str) -> tuple[str, Scalar]:
    value = float(text)
    return (STR, text) if math.isinf(value) else (FLOAT, value)


def _binary(text: str) -> str:
    try:
        data = base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True)
    except binascii.Error:
        raise ValueProblem("!!binary value contains invalid base64 data") from None
    return data.decode("utf-8", "replace")


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(TAG) if tag.startswith(TAG) else tag

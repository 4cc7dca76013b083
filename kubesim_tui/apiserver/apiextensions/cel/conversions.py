"""From one type to another."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any
from urllib.parse import ParseResult

from kubesim_tui.api.quantity import Quantity
from kubesim_tui.apiserver.apiextensions.cel.operators import HIGHEST, LOWEST, MOST_UNSIGNED, unsigned, whole
from kubesim_tui.apiserver.apiextensions.cel.values import (
    SECOND,
    CelError,
    Duration,
    Optional,
    Timestamp,
    Type,
    Uint,
    duration,
    moment,
    not_converted,
    timestamp,
)

TYPES: Mapping[type, str] = {
    bool: "bool", int: "int", Uint: "uint", float: "double", str: "string", bytes: "bytes", list: "list", dict: "map",
    type(None): "null_type", Type: "type", Optional: "optional_type", Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration", Quantity: "kubernetes.Quantity", ParseResult: "kubernetes.URL",
    IPv4Address: "net.IP", IPv6Address: "net.IP", IPv4Interface: "net.CIDR", IPv6Interface: "net.CIDR",
}  # fmt: skip
PLAIN_TYPES = frozenset(name for name in TYPES.values() if "." not in name and name != "optional_type")
"""Types that an expression names by one word."""


def type_name(value: Any) -> str:
    """The type of a value, as CEL names it."""
    return TYPES.get(type(value)) or str(getattr(value, "cel_type", "dyn"))


def string(value: Any) -> str:
    """`string(x)`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise CelError("invalid UTF-8 in bytes, cannot convert to string") from None
    if isinstance(value, Duration):
        seconds, rest = divmod(abs(value.nanos), SECOND)
        return f"{'-' if value.nanos < 0 else ''}{seconds}.{rest:09}".rstrip("0").rstrip(".") + "s"
    if isinstance(value, Timestamp):
        return _moment(value)
    if isinstance(value, Type):
        return value.name
    if isinstance(value, str | int | IPv4Address | IPv6Address):
        return str(value)
    raise CelError(f"no such overload: string({type_name(value)})")


def _moment(value: Timestamp) -> str:
    at = value.at(timezone(timedelta(minutes=value.offset)))
    fraction = f".{value.nanos % SECOND:09}".rstrip("0").rstrip(".")
    hours, minutes = divmod(abs(value.offset), 60)
    zone = f"{'-' if value.offset < 0 else '+'}{hours:02}:{minutes:02}" if value.offset else "Z"
    return f"{at.year:04}-{at:%m-%dT%H:%M:%S}{fraction}{zone}"


def shortest(value: float) -> str:
    """A double as Go's %g prints it: the fewest digits, with an exponent from 6 or -5 on."""
    if not math.isfinite(value):
        return "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
    negative, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    place = len(digits) - 1 + int(exponent)
    if -5 < place < 6:
        return f"{Decimal(repr(value)).normalize():f}"
    figures = "".join(map(str, digits))
    head = f"{figures[0]}.{figures[1:]}" if len(figures) > 1 else figures
    return f"{'-' if negative else ''}{head}e{'-' if place < 0 else '+'}{abs(place):02}"


_INTEGER = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(
    r"[+-]?(?:(?:{d}\.?(?:{d})?|\.{d})(?:[eE][+-]?{d})?|inf(?:inity)?)|nan|"
    r"[+-]?0[xX][0-9a-fA-F]+\.?[0-9a-fA-F]*[pP][+-]?[0-9]+".replace("{d}", "[0-9](?:_?[0-9])*"),
    re.IGNORECASE,
)


def _int(value: Any) -> int:
    if isinstance(value, Timestamp):
        return value.nanos // SECOND
    if isinstance(value, Duration):
        return value.nanos
    if isinstance(value, str):
        if _INTEGER.fullmatch(value) is None or not LOWEST <= int(value) <= HIGHEST:
            raise not_converted("string", "int")
        return int(value)
    if isinstance(value, float) and not float(LOWEST) < value < float(HIGHEST):
        raise CelError("integer overflow")
    if type(value) not in (int, float, Uint):
        raise CelError(f"no such overload: int({type_name(value)})")
    return whole(int(value))


def _uint(value: Any) -> Uint:
    if isinstance(value, str):
        if not (value.isascii() and value.isdecimal()) or int(value) > MOST_UNSIGNED:
            raise not_converted("string", "uint")
        return Uint(value)
    if isinstance(value, float) and not 0 <= value < float(MOST_UNSIGNED):
        raise CelError("unsigned integer overflow")
    if type(value) not in (int, float, Uint):
        raise CelError(f"no such overload: uint({type_name(value)})")
    return unsigned(int(value))


def _double(value: Any) -> float:
    if isinstance(value, str):
        if _FLOAT.fullmatch(value) is None:
            raise not_converted("string", "double")
        return float.fromhex(value) if "x" in value.lower() else float(value)
    if type(value) not in (int, float, Uint):
        raise CelError(f"no such overload: double({type_name(value)})")
    return float(value)


_WORDS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in _WORDS:
        raise not_converted("string", "bool")
    return _WORDS[value]


def _timestamp(value: Any) -> Timestamp:
    if type(value) is int:
        return moment(value * SECOND)
    return value if isinstance(value, Timestamp) else timestamp(value)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "string": string,
    "int": _int,
    "uint": _uint,
    "double": _double,
    "bool": _bool,
    "bytes": lambda value: value if isinstance(value, bytes) else value.encode(),
    "dyn": lambda value: value,
    "type": lambda value: Type(type_name(value)),
    "duration": lambda value: value if isinstance(value, Duration) else duration(value),
    "timestamp": _timestamp,
}

"""Formats of texts that a schema can name (kube-openapi pkg/validation/strfmt). Unknown ones mean nothing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_network

Check = Callable[[str], bool]


def fits(name: str, text: str) -> bool:
    """Whether a text is of a format."""
    check = FORMATS.get(name.replace("-", "") if name in ("date-time", "bsonobjectid") else name)
    return check is None or check(text)


def _matches(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def _cidr(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text


def _date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")


def _date_time(text: str) -> bool:
    if _DATE_TIME.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        return False
    return True


def _byte(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


_DURATION = r"[+-]?(\d+(\.\d*)?|\.\d+)\s*(ns|us|µs|μs|ms|s|m|h|hr|hour|min|sec|d|day|w|wk|week|milli|micro|nano)s?"
_LABEL = r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"

FORMATS: Mapping[str, Check] = {
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "cidr": _cidr,
    "date": _date,
    "datetime": _date_time,
    "byte": _byte,
    "duration": _matches(rf"0|(({_DURATION})\s*)+"),
    "uri": _matches(r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s]+|/[^\s]*"),
    "email": _matches(r"[^@\s]+@[^@\s]+"),
    "hostname": _matches(rf"{_LABEL}(\.{_LABEL})*\.?"),
    "mac": _matches(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}"),
    "uuid": _matches(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"),
    "uuid4": _matches(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?4[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}"),
    "hexcolor": _matches(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "bsonobjectid": _matches(r"[0-9a-fA-F]{24}"),
}

"""What annotations and keys of ingress-nginx's ConfigMap say, read as the controller (Go) and nginx do. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Networks = tuple[IPv4Network | IPv6Network, ...]
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")
_UNITS = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def boolean(text: str) -> bool | None:
    """As strconv.ParseBool; None: it is none."""
    return True if text in _TRUE else False if text in _FALSE else None


def integer(text: str) -> int | None:
    """As strconv.Atoi; None: it is none."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None


def size(text: str) -> int | None:
    """So many bytes, as nginx counts them (10m, 512k); None: it is no size."""
    number, factor = (text[:-1], _UNITS[text[-1].lower()]) if text[-1:].lower() in _UNITS else (text, 1)
    return int(number) * factor if number.isascii() and number.isdecimal() and len(number) < 19 else None


def networks(text: str) -> Networks | None:
    """Addresses and CIDRs with commas between; None: one of them is neither."""
    found = [_network(part.strip()) for part in text.split(",")]
    return tuple(one for one in found if one is not None) if None not in found else None


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False) if "/" not in text or text.rpartition("/")[2].isdecimal() else None
    except ValueError:
        return None


def within(ip: str, several: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether an address is in one of some networks."""
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    return any(address in one for one in several)

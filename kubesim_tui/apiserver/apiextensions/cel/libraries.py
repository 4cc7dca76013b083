"""Kubernetes' own libraries of CEL: quantities, addresses, URLs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, TypeAlias
from urllib.parse import ParseResult, parse_qs, urlparse

from kubesim_tui.api.quantity import NANO_PER_UNIT, Quantity, QuantityError, from_int, parse
from kubesim_tui.apiserver.apiextensions.cel.operators import overload
from kubesim_tui.apiserver.apiextensions.cel.values import CelError

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


def _succeeds(read: Callable[[Any], Any]) -> Callable[[Any], bool]:
    def asked(value: Any) -> bool:
        if not isinstance(value, str):
            raise overload()
        try:
            read(value)
        except (CelError, ValueError):
            return False
        return True

    return asked


# -- quantities --------------------------------------------------------------------------------------------------


def _quantity(text: str) -> Quantity:
    try:
        return parse(text)
    except QuantityError as wrong:
        raise CelError(str(wrong)) from None


def _cmp(a: Quantity, b: Quantity) -> int:
    if not isinstance(a, Quantity) or not isinstance(b, Quantity):
        raise overload()
    return a.cmp(b)


def _amount(value: Any) -> Quantity:
    return from_int(value) if type(value) is int else value


def _as_integer(value: Quantity) -> int:
    whole, rest = divmod(value.nano, NANO_PER_UNIT)
    if rest:
        raise CelError("cannot convert value to integer")
    return whole


def _sign(value: Quantity) -> int:
    return (value.nano > 0) - (value.nano < 0)


# -- addresses ---------------------------------------------------------------------------------------------------


def _ip(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError:
        raise CelError(f"IP Address {text!r} parse error during conversion from string") from None


def _cidr(text: str) -> Network:
    if "/" not in text:
        raise CelError("network address parse error during conversion from string")
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise CelError("network address parse error during conversion from string") from None


def _contains_ip(network: Network, address: Any) -> bool:
    found = _ip(address) if isinstance(address, str) else address
    return found.version == network.version and found in network


def _contains_cidr(network: Network, other: Any) -> bool:
    found = _cidr(other) if isinstance(other, str) else other
    inside = found.network_address in network and found.prefixlen >= network.prefixlen
    return bool(found.version == network.version and inside)


# -- URLs --------------------------------------------------------------------------------------------------------


def _url(text: str) -> ParseResult:
    found = urlparse(text)
    if not (found.scheme or text.startswith("/")) or any(c.isspace() for c in text):
        raise CelError(f'URL parse error during conversion from string: parse "{text}": invalid URI for request')
    return found


def _host(found: ParseResult) -> str:
    return found.netloc.rpartition("@")[2]


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "quantity": _quantity,
    "isQuantity": _succeeds(_quantity),
    "isGreaterThan": lambda a, b: _cmp(a, b) > 0,
    "isLessThan": lambda a, b: _cmp(a, b) < 0,
    "compareTo": _cmp,
    "add": lambda a, b: a.add(_amount(b)),
    "sub": lambda a, b: a.sub(_amount(b)),
    "isInteger": lambda value: not value.nano % NANO_PER_UNIT,
    "asInteger": _as_integer,
    "asApproximateFloat": lambda value: value.nano / NANO_PER_UNIT,
    "sign": _sign,
    "ip": _ip,
    "isIP": _succeeds(_ip),
    "cidr": _cidr,
    "isCIDR": _succeeds(_cidr),
    "family": lambda value: value.version,
    "isLoopback": lambda value: value.is_loopback,
    "isUnspecified": lambda value: value.is_unspecified,
    "containsIP": _contains_ip,
    "containsCIDR": _contains_cidr,
    "prefixLength": lambda value: value.prefixlen,
    "url": _url,
    "isURL": _succeeds(_url),
    "getScheme": lambda found: found.scheme,
    "getHost": _host,
    "getHostname": lambda found: found.hostname or "",
    "getPort": lambda found: str(found.port or ""),
    "getEscapedPath": lambda found: found.path,
    "getQuery": lambda found: parse_qs(found.query),
}

"""Addresses, networks and URLs (library/ip.go, cidr.go, urls.go)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_address, ip_interface
from typing import Any, TypeAlias
from urllib.parse import ParseResult, parse_qs, quote, urlparse

from kubesim_tui.api.fielderror import quoted
from kubesim_tui.apiserver.apiextensions.cel.operators import overload
from kubesim_tui.apiserver.apiextensions.cel.values import CelError

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Interface | IPv6Interface


def succeeds(read: Callable[[Any], Any]) -> Callable[[Any], bool]:
    """Whether a text can be read."""

    def asked(value: Any) -> bool:
        if not isinstance(value, str):
            raise overload()
        try:
            read(value)
        except CelError:
            return False
        return True

    return asked


# -- addresses ---------------------------------------------------------------------------------------------------


def _why(text: str) -> str:
    """What Go says of an address that is none."""
    if ":" not in text and "." in text and text.replace(".", "").isdecimal():
        fields = text.count(".") + 1
        if fields != 4:
            return f"IPv4 address too {'short' if fields < 4 else 'long'}"
        if any(int(f or 0) > 255 for f in text.split(".")):
            return "IPv4 field has value >255"
        return "IPv4 field has octet with leading zero"
    if ":::" in text:
        rest = text[text.index(":::") + 2 :]
        return f"each colon-separated field must have at least one digit (at {quoted(rest)})"
    return "unable to parse IP"


def _ip(value: Any) -> Address:
    if isinstance(value, IPv4Interface | IPv6Interface):
        return value.ip
    try:
        found = ip_address(value)
    except ValueError:
        said = f"IP Address {quoted(value)} parse error during conversion from string"
        raise CelError(f"{said}: ParseAddr({quoted(value)}): {_why(value)}") from None
    if "%" in value:
        raise CelError(f"IP address {quoted(value)} with zone value is not allowed")
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        raise CelError(f"IPv4-mapped IPv6 address {quoted(value)} is not allowed")
    return found


def _cidr(text: str) -> Network:
    address, slash, bits = text.partition("/")
    said = "network address parse error during conversion from string"
    try:
        if not slash:
            raise ValueError("no '/'")
        if not (bits.isascii() and bits.isdecimal()) or (len(bits) > 1 and bits[0] == "0"):
            raise ValueError(f"bad bits after slash: {quoted(bits)}")
        found = ip_interface(text)
    except ValueError as wrong:
        why = str(wrong) if not slash or "bad bits" in str(wrong) else _why_no_network(address)
        raise CelError(f"{said}: {said}: netip.ParsePrefix({quoted(text)}): {why}") from None
    if isinstance(found, IPv6Interface) and found.ip.ipv4_mapped is not None:
        raise CelError(f"IPv4-mapped IPv6 address {quoted(text)} is not allowed")
    return found


def _why_no_network(address: str) -> str:
    try:
        ip_address(address)
    except ValueError:
        return f"ParseAddr({quoted(address)}): {_why(address)}"
    return "prefix length out of range"


def _contains_ip(network: Network, address: Any) -> bool:
    found = _ip(address) if isinstance(address, str) else address
    return found.version == network.version and found in network.network


def _contains_cidr(network: Network, other: Any) -> bool:
    found = _cidr(other) if isinstance(other, str) else other
    if found.version != network.version:
        return False
    return found.ip in network.network and found.network.prefixlen >= network.network.prefixlen


def _masked(network: Network) -> Network:
    return ip_interface(str(network.network))


def _canonical(text: str) -> bool:
    return str(_ip(text)) == text


def _link_local_multicast(address: Address) -> bool:
    wanted = "224.0.0.0/24" if address.version == 4 else "ff02::/16"
    return address in ip_interface(wanted).network


def _global_unicast(address: Address) -> bool:
    odd = address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local
    return not odd and str(address) != "255.255.255.255"


# -- URLs --------------------------------------------------------------------------------------------------------

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_NO_HOST = re.compile(r'[ "<>\\^`{|}]')
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:\[\]]*)(:[0-9]*)?")


def request_uri(text: str) -> ParseResult:
    """A URL or an absolute path, as Go's ParseRequestURI reads it; CelError."""

    def wrong(why: str) -> CelError:
        return CelError(f"parse {quoted(text)}: {why}")

    if any(ord(c) < 0x20 or c == "\x7f" for c in text):
        raise wrong("net/url: invalid control character in URL")
    if not text:
        raise wrong("empty url")
    if not text.startswith("/") and _SCHEME.match(text) is None:
        first = text.partition("/")[0]
        raise wrong("first path segment in URL cannot contain colon" if ":" in first else "invalid URI for request")
    found = urlparse(text)
    host = found.netloc.rpartition("@")[2]
    odd = _NO_HOST.search(host)
    if odd is not None:
        raise wrong(f"invalid character {quoted(odd[0])} in host name")
    if _PORT.fullmatch(host) is None:
        raise wrong(f"invalid port {quoted(host[host.rfind(':', 0, host.rfind(':')) :])} after host")
    return found


def _url(text: str) -> ParseResult:
    try:
        return request_uri(text)
    except CelError as wrong:
        raise CelError(f"URL parse error during conversion from string: {wrong}") from None


def _host(found: ParseResult) -> str:
    return found.netloc.rpartition("@")[2]


def _hostname(found: ParseResult) -> str:
    host = _host(found)
    return host[1 : host.index("]")] if host.startswith("[") and "]" in host else host.partition(":")[0]


def _port(found: ParseResult) -> str:
    host = _host(found)
    return host.rpartition(":")[2] if ":" in host.rpartition("]")[2] else ""


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "ip": _ip,
    "isIP": succeeds(_ip),
    "ip.isCanonical": _canonical,
    "cidr": _cidr,
    "isCIDR": succeeds(_cidr),
    "family": lambda value: value.version,
    "isLoopback": lambda value: value.is_loopback,
    "isUnspecified": lambda value: value.is_unspecified,
    "isLinkLocalUnicast": lambda value: value.is_link_local,
    "isLinkLocalMulticast": _link_local_multicast,
    "isGlobalUnicast": _global_unicast,
    "containsIP": _contains_ip,
    "containsCIDR": _contains_cidr,
    "masked": _masked,
    "prefixLength": lambda value: value.network.prefixlen,
    "url": _url,
    "isURL": succeeds(_url),
    "getScheme": lambda found: found.scheme,
    "getHost": _host,
    "getHostname": _hostname,
    "getPort": _port,
    "getEscapedPath": lambda found: quote(found.path, safe="/%:@!$&'()*+,;=~-._"),
    "getQuery": lambda found: parse_qs(found.query, keep_blank_values=True),
}

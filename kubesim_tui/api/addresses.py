"""IP addresses and CIDR ranges, as strictly as the API server reads them today.

Go's old parser took IPv4 octets with leading zeros (``010.2.3.4``) and IPv4 addresses inside IPv6 (``::ffff:1.2.3.4``);
both are refused now, with a message of their own. Messages only, as in `names`. Source: apimachinery
pkg/util/validation/ip.go.
"""

from __future__ import annotations

import ipaddress
import re

IP_TEXT = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
CIDR_TEXT = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
INTERFACE_TEXT = "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)"

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ZEROS = re.compile(r"(?<![0-9a-fA-F])0+(?=[0-9a-fA-F])")


def is_valid_ip(value: str) -> list[str]:
    """An IP address in canonical form (fields of new kinds)."""
    wrong = is_valid_legacy_ip(value)
    if wrong:
        return wrong
    canonical = str(parse_ip(value))
    return [] if value == canonical else [f'must be in canonical form ("{canonical}")']


def is_valid_legacy_ip(value: str, *, strict: bool = True) -> list[str]:
    """An IP address of an old field (a Service's clusterIP): any spelling, but none that can be read in two ways."""
    address = parse_ip(value)
    if address is None:
        return [IP_TEXT]
    if not strict:
        return []
    wrong = []
    if _exact(value) is None:
        wrong.append("must not have leading 0s")
    elif _mapped(address):
        wrong.append("must not be an IPv4-mapped IPv6 address")
    return wrong


def is_valid_cidr(value: str) -> list[str]:
    """A range such as ``10.0.0.0/8``, in canonical form and with no bits set beyond the prefix (new fields)."""
    wrong = is_valid_legacy_cidr(value)
    if wrong:
        return wrong
    canonical = str(ipaddress.ip_network(value))
    return [] if value == canonical else [f'must be in canonical form ("{canonical}")']


def is_valid_legacy_cidr(value: str) -> list[str]:
    """A range of an old field (an ipBlock): any spelling, but none that can be read in two ways."""
    found = _split(value)
    if found is None:
        return [CIDR_TEXT]
    address, length, zeros = found
    if zeros or _exact(value.partition("/")[0]) is None:
        return ["must not have leading 0s in IP or prefix length"]
    if _mapped(address):
        return ["must not have an IPv4-mapped IPv6 address"]
    network = ipaddress.ip_network((address, length), strict=False)
    return [] if network.network_address == address else ["must not have bits set beyond the prefix length"]


def network_of(value: str) -> Network | None:
    """The network of a range by the old parser, which does not mind zeros before or bits behind; None if it is none."""
    found = _split(value)
    return ipaddress.ip_network(found[:2], strict=False) if found is not None else None


def is_valid_interface_address(value: str) -> list[str]:
    """An address with the length of its network, such as ``192.168.1.5/24``, in canonical form."""
    found = _split(value)
    if found is None:
        return [INTERFACE_TEXT]
    address, length, _ = found
    inner = _mapped(address)
    if inner and length >= 96:
        address, length = inner, length - 96
    canonical = f"{inner or address}/{length}"
    return [] if value == canonical else [f'must be in canonical form ("{canonical}")']


def _split(value: str) -> tuple[_Address, int, bool] | None:
    """Address, length of the prefix, and whether the length has leading zeros; None when it is no CIDR at all."""
    text, slash, digits = value.partition("/")
    address = parse_ip(text)
    if address is None or not slash or not re.fullmatch("[0-9]+", digits) or int(digits) > address.max_prefixlen:
        return None
    return address, int(digits), len(digits) > 1 and digits[0] == "0"


def _exact(value: str) -> _Address | None:
    """The address by the strict parser (no leading zeros, no zone)."""
    try:
        return None if "%" in value or "/" in value else ipaddress.ip_address(value)
    except ValueError:
        return None


def parse_ip(value: str) -> _Address | None:
    """The address by the old parser: any group may have leading zeros, and more than its digits. None if it is none."""
    return _exact(_ZEROS.sub("", value))


def _mapped(address: _Address) -> ipaddress.IPv4Address | None:
    return address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None

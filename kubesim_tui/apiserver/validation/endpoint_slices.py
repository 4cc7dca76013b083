"""EndpointSlice (pkg/apis/discovery/validation)."""

from __future__ import annotations

from ipaddress import ip_address

from kubesim_tui.api import addresses, fielderror, labels, names
from kubesim_tui.apiserver.validation.core import PROTOCOLS, meta_update, special_ip, subdomain
from kubesim_tui.apiserver.validation.report import Check, JsonMap, Report, items, part, same, text

MOST_ENDPOINTS, MOST_ADDRESSES, MOST_PORTS, MOST_HINTS, MOST_LABELS = 1000, 100, 20000, 8, 16
ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")


def endpoint_slice(r: Report, data: JsonMap, old: JsonMap | None = None) -> None:
    """Addresses of one family, and ports with different names. Endpoints that were stored are not looked at again."""
    subdomain(r, data)
    kind = text(data, "addressType")
    if not kind:
        r.declared_required("addressType")
    elif kind not in ADDRESS_TYPES:
        r.declared.append(fielderror.not_supported("addressType", kind, ADDRESS_TYPES))
    _ports(r, data)
    if old is not None and same(data.get("endpoints"), old.get("endpoints")):
        return
    found = data.get("endpoints") or []
    if len(found) > MOST_ENDPOINTS:
        r.too_many("endpoints", len(found), MOST_ENDPOINTS)
        return
    for at, endpoint in items(data, "endpoints", "endpoints"):
        _endpoint(r, endpoint, at, kind)


def _endpoint(r: Report, endpoint: JsonMap, path: str, kind: str) -> None:
    found = endpoint.get("addresses") or []
    if not found:
        r.declared_required(f"{path}.addresses")
    elif len(found) > MOST_ADDRESSES:
        r.declared.append(fielderror.too_many(f"{path}.addresses", len(found), MOST_ADDRESSES))
    for i, address in enumerate(found):
        _address(r, address, f"{path}.addresses", i, kind)
    if endpoint.get("nodeName") is not None:
        r.syntax(names.is_dns1123_subdomain, f"{path}.nodeName", endpoint["nodeName"])
    topology = part(endpoint, "deprecatedTopology")
    if len(topology) > MOST_LABELS:
        r.too_many(f"{path}.deprecatedTopology", len(topology), MOST_LABELS)
    r.add(labels.validate(topology, f"{path}.deprecatedTopology"))
    if endpoint.get("hostname") is not None:
        r.syntax(names.is_dns1123_label, f"{path}.hostname", endpoint["hostname"])
    hints, at = part(endpoint, "hints"), f"{path}.hints"
    if _hints(r, hints, "forZones", names.is_label_value, at):
        _hints(r, hints, "forNodes", names.is_dns1123_subdomain, at)


def _hints(r: Report, hints: JsonMap, field: str, rule: Check, path: str) -> bool:
    """For whom an endpoint is meant, each named once; False if there are too many."""
    given = [text(one, "name") for one in hints.get(field) or ()]
    if len(given) > MOST_HINTS:
        r.too_many(f"{path}.{field}", len(given), MOST_HINTS)
        return False
    for i, name in enumerate(given):
        if name in given[:i]:
            r.duplicate(f"{path}.{field}[{i}].name", name)
        r.syntax(rule, f"{path}.{field}[{i}].name", name)
    return True


def _address(r: Report, address: str, path: str, i: int, kind: str) -> None:
    """An address of the slice's type. (Of the wrong family: upstream names the list, not the item.)"""
    at = f"{path}[{i}]"
    if kind == "FQDN":
        r.syntax(names.is_fully_qualified_domain_name, at, address)
        return
    wrong = addresses.is_valid_ip(address) if kind == "IPv6" else addresses.is_valid_legacy_ip(address)
    for message in wrong:
        r.invalid(at, address, message)
    if wrong or kind not in ("IPv4", "IPv6"):
        return
    if ip_address(address).version != int(kind[-1]):
        r.invalid(path, address, f"must be an {kind} address")
    special_ip(r, address, at)


def _ports(r: Report, data: JsonMap) -> None:
    if len(data.get("ports") or ()) > MOST_PORTS:
        r.too_many("ports", len(data["ports"]), MOST_PORTS)
        return
    seen: set[str] = set()
    for at, port in items(data, "ports", "ports"):
        name = text(port, "name")
        if name:
            r.syntax(names.is_dns1123_label, f"{at}.name", name)
        if name in seen:
            r.duplicate(f"{at}.name", name)
        seen.add(name)
        r.one_of(f"{at}.protocol", text(port, "protocol"), PROTOCOLS)
        if port.get("appProtocol") is not None:
            r.syntax(names.is_qualified_name, f"{at}.appProtocol", port["appProtocol"])


def endpoint_slice_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A slice keeps its address type."""
    meta_update(r, new, old)
    endpoint_slice(r, new, old)
    r.declared_immutable("addressType", new.get("addressType"), old.get("addressType"))

"""IPAddress and ServiceCIDR: where the addresses of Services come from (pkg/apis/networking/validation)."""

from __future__ import annotations

from kubesim_tui.api import addresses, names
from kubesim_tui.api.fielderror import Struct
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import meta_update, subdomain
from kubesim_tui.apiserver.validation.report import IMMUTABLE, JsonMap, Report, part, text

CIDRS = "spec.cidrs"
ONE_OF_EACH = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"


def ip_address(r: Report, data: JsonMap) -> None:
    """An address is its own name, and somebody's."""
    metadata.object_meta(r, part(data, "metadata"), addresses.is_valid_ip, namespaced=False)
    path, parent = "spec.parentRef", part(data, "spec").get("parentRef")
    if parent is None:
        r.declared_required(path)
        return
    if text(parent, "group"):
        r.syntax(names.is_dns1123_subdomain, f"{path}.group", parent["group"])
    for name in ("resource", "name", "namespace"):
        if text(parent, name):
            r.syntax(names.is_path_segment_name, f"{path}.{name}", parent[name])
        elif name != "namespace":
            r.declared_required(f"{path}.{name}")


def ip_address_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """It stays with whom it is."""
    ip_address(r, new)
    meta_update(r, new, old)
    r.declared_immutable("spec.parentRef", part(new, "spec").get("parentRef"), part(old, "spec").get("parentRef"))


def service_cidr(r: Report, data: JsonMap) -> None:
    """One range, or one of each family."""
    subdomain(r, data, namespaced=False)
    _ranges(r, _cidrs(data))


def _cidrs(data: JsonMap) -> list[str]:
    return part(data, "spec").get("cidrs") or []


def _ranges(r: Report, ranges: list[str]) -> None:
    if not ranges:
        r.required(CIDRS, "at least one CIDR required")
        return
    if len(ranges) > 2:
        r.invalid(CIDRS, Struct(CIDRs=ranges), "may only hold up to 2 values")
        return
    for i, value in enumerate(ranges):
        r.syntax(addresses.is_valid_cidr, f"{CIDRS}[{i}]", value)
    families = [found.version for value in ranges if (found := addresses.network_of(value)) is not None]
    if len(families) > len(set(families)):
        r.invalid(CIDRS, ranges, ONE_OF_EACH)


def service_cidr_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Its ranges stay; one of the other family may be added."""
    meta_update(r, new, old)
    now, before = _cidrs(new), _cidrs(old)
    if len(now) != len(before) and (len(before), len(now)) != (1, 2):
        r.invalid(CIDRS, now, IMMUTABLE)
        return
    for i, value in enumerate(before):
        if now[i] != value:
            r.invalid(f"{CIDRS}[{i}]", now[i], IMMUTABLE)
    if len(now) > len(before):
        _ranges(r, now)

"""IPAddress and ServiceCIDR: where the addresses of Services come from (pkg/apis/networking/validation)."""

from __future__ import annotations

from ipaddress import ip_network

from kubesim_tui.api import addresses, names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, text

ONE_OF_EACH = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"


def ip_address(r: Report, data: JsonMap) -> None:
    """An address is its own name, and somebody's."""
    metadata.object_meta(r, part(data, "metadata"), addresses.is_valid_ip, namespaced=False)
    parent = part(data, "spec").get("parentRef")
    if parent is None:
        r.required("spec.parentRef")
        return
    if text(parent, "group"):
        r.syntax(names.is_dns1123_subdomain, "spec.parentRef.group", parent["group"])
    for name in ("resource", "name"):
        if not text(parent, name):
            r.required(f"spec.parentRef.{name}")
    for name in ("resource", "name", "namespace"):
        if text(parent, name):
            r.syntax(names.is_path_segment_name, f"spec.parentRef.{name}", parent[name])


def ip_address_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """It stays with whom it is."""
    meta_update(r, new, old)
    r.immutable("spec.parentRef", part(new, "spec").get("parentRef"), part(old, "spec").get("parentRef"))


def service_cidr(r: Report, data: JsonMap) -> None:
    """One range, or one of each family."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=False)
    spec, path = part(data, "spec"), "spec.cidrs"
    ranges = spec.get("cidrs") or []
    if not ranges:
        r.required(path, "at least one CIDR required")
    elif len(ranges) > 2:
        r.invalid(path, spec, "may only hold up to 2 values")
    elif len(ranges) == 2 and not _two_families(ranges):
        r.invalid(path, spec, ONE_OF_EACH)
    else:
        for i, value in enumerate(ranges):
            r.syntax(addresses.is_valid_cidr, f"{path}[{i}]", value)


def _two_families(ranges: list[str]) -> bool:
    try:
        return len({ip_network(value, strict=False).version for value in ranges}) == 2
    except ValueError:
        return False


def service_cidr_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Its ranges stay."""
    meta_update(r, new, old)
    r.immutable("spec.cidrs", part(new, "spec").get("cidrs"), part(old, "spec").get("cidrs"))

"""NetworkPolicy (pkg/apis/networking/validation)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kubesim_tui.api import addresses, labels, names
from kubesim_tui.apiserver.validation.core import PROTOCOLS, meta_update, subdomain
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

DIRECTIONS = (("ingress", "from"), ("egress", "to"))


@frozen
class Tolerated:
    """What an update need not mend, the stored policy being wrong in this already."""

    selector_values: bool = False
    ranges: frozenset[str] = frozenset()


NOTHING_TOLERATED = Tolerated()


def network_policy(r: Report, data: JsonMap) -> None:
    """Whom it chooses, and what they may speak with."""
    subdomain(r, data)
    _spec(r, part(data, "spec"), NOTHING_TOLERATED)


def _spec(r: Report, spec: JsonMap, tolerated: Tolerated) -> None:
    r.add(labels.validate_object(spec.get("podSelector"), "spec.podSelector", any_value=tolerated.selector_values))
    for direction, peers in DIRECTIONS:
        for at, rule in items(spec, direction, f"spec.{direction}"):
            for port_at, port in items(rule, "ports", f"{at}.ports"):
                _policy_port(r, port, port_at)
            for peer_at, peer in items(rule, peers, f"{at}.{peers}"):
                _peer(r, peer, peer_at, tolerated)
    types = spec.get("policyTypes") or []
    if len(types) > 2:
        r.invalid("spec.policyTypes", types, "may not specify more than two policyTypes")
        return
    for i, kind in enumerate(types):
        if kind not in ("Ingress", "Egress"):
            r.not_supported(f"spec.policyTypes[{i}]", kind, ("Ingress", "Egress"))


def _policy_port(r: Report, port: JsonMap, path: str) -> None:
    if port.get("protocol") is not None and port["protocol"] not in PROTOCOLS:
        r.not_supported(f"{path}.protocol", port["protocol"], ("TCP", "UDP", "SCTP"))
    value, end = port.get("port"), port.get("endPort")
    if value is None:
        if end is not None:
            r.invalid(f"{path}.endPort", end, "may not be specified when `port` is not specified")
    elif isinstance(value, str):
        if end is not None:
            r.invalid(f"{path}.endPort", end, "may not be specified when `port` is non-numeric")
        r.syntax(names.is_valid_port_name, f"{path}.port", value)
    else:
        for message in names.is_valid_port_num(value):
            r.invalid(f"{path}.port", value, message)
        if end is not None and end < value:
            r.invalid(f"{path}.endPort", end, "must be greater than or equal to `port`")
        for message in names.is_valid_port_num(end) if end is not None else ():
            r.invalid(f"{path}.endPort", end, message)


def _peer(r: Report, peer: JsonMap, path: str, tolerated: Tolerated) -> None:
    given = [n for n in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(n) is not None]
    for name in given:
        if name == "ipBlock":
            _ip_block(r, peer[name], f"{path}.{name}", tolerated.ranges)
        else:
            r.add(labels.validate_object(peer[name], f"{path}.{name}", any_value=tolerated.selector_values))
    if not given:
        r.required(path, "must specify a peer")
    elif len(given) > 1 and "ipBlock" in given:
        r.forbidden(path, "may not specify both ipBlock and another peer")


def _ip_block(r: Report, block: JsonMap, path: str, known: frozenset[str]) -> None:
    cidr = text(block, "cidr")
    if not cidr:
        r.declared_required(f"{path}.cidr")
        return
    _range(r, cidr, f"{path}.cidr", known)
    large = addresses.network_of(cidr)
    if large is None:
        return
    for i, inner in enumerate(block.get("except") or ()):
        at, small = f"{path}.except[{i}]", addresses.network_of(inner)
        _range(r, inner, at, known)
        if small is not None and not _strictly_within(small, large):
            r.invalid(at, inner, "must be a strict subset of `cidr`")


def _range(r: Report, cidr: str, path: str, known: frozenset[str]) -> None:
    if cidr not in known:
        r.syntax(addresses.is_valid_legacy_cidr, path, cidr)


def _strictly_within(small: addresses.Network, large: addresses.Network) -> bool:
    if small.version != large.version or small.prefixlen <= large.prefixlen:
        return False
    return int(large.network_address) <= int(small.network_address) <= int(large.broadcast_address)


def network_policy_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed NetworkPolicy: ranges and selectors that were wrong before may stay."""
    meta_update(r, new, old)
    before = part(old, "spec")
    wrong = bool(labels.validate_object(before.get("podSelector"), ""))
    _spec(r, part(new, "spec"), Tolerated(wrong, frozenset(_ranges(before))))


def _ranges(spec: JsonMap) -> Iterator[str]:
    """Every range that a policy names."""
    for direction, peers in DIRECTIONS:
        for rule in spec.get(direction) or ():
            for peer in rule.get(peers) or ():
                block = peer.get("ipBlock") or {}
                yield from (text(block, "cidr"), *(block.get("except") or ()))

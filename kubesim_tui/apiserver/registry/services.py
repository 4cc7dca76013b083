"""A Service on its way in: addresses and node ports, as pkg/registry/core/service/storage does it, on JSON.

The cluster has one family, IPv4. What an update leaves out is taken over from the old Service; what no longer applies
to the new type is dropped if it was not changed.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import fielderror
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.errors import Cause, StatusError
from kubesim_tui.apiserver.registry.allocators import AllocationError, Allocators
from kubesim_tui.apiserver.registry.context import Context

JsonMap = dict[str, Any]
NONE = "None"


def prepare(data: JsonMap, old: JsonMap | None, context: Context) -> None:
    """Fill in families, policy, cluster IPs, node ports and the health check's node port; 422 if they cannot be had."""
    spec = data["spec"]
    before = old["spec"] if old is not None else None
    if before is None:
        data["status"] = {"loadBalancer": {}}
    if before is not None:
        _drop_what_no_longer_applies(spec, before)
        _normalize_update(spec, before)
        _take_over(spec, before)
    elif spec.get("clusterIP") and not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    if spec.get("type") not in ("ClusterIP", "NodePort", "LoadBalancer"):
        return
    owner = (data["metadata"].get("namespace", ""), data["metadata"].get("name", ""))
    _families(data, spec)
    _addresses(data, spec, owner, context.allocators)
    _node_ports(data, spec, owner, context.allocators)


def _invalid(data: JsonMap, path: str, value: object, detail: str) -> StatusError:
    found = fielderror.invalid(path, value, detail)
    return errors.invalid(
        "", "Service", data["metadata"].get("name", ""), [Cause(found.reason, found.message, found.field)]
    )


# -- what an update takes over ---------------------------------------------------------------------------------------


def _needs_cluster_ip(spec: JsonMap) -> bool:
    return spec.get("type") in ("ClusterIP", "NodePort", "LoadBalancer")


def _needs_node_port(spec: JsonMap) -> bool:
    kind = spec.get("type")
    return kind == "NodePort" or (kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is not False)


def _needs_health_check(spec: JsonMap) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _is_external(spec: JsonMap) -> bool:
    kind = spec.get("type")
    return kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))


def _drop(spec: JsonMap, before: JsonMap, *names: str) -> None:
    if all(spec.get(name) == before.get(name) for name in names):
        for name in names:
            spec.pop(name, None)


def _drop_what_no_longer_applies(spec: JsonMap, before: JsonMap) -> None:
    if _needs_cluster_ip(before) and not _needs_cluster_ip(spec):
        _drop(spec, before, "clusterIP", "clusterIPs")
        _drop(spec, before, "ipFamilies")
        _drop(spec, before, "ipFamilyPolicy")
    ports = spec.get("ports") or []
    if _needs_node_port(before) and not _needs_node_port(spec):
        had = [p.get("nodePort") for p in before.get("ports") or []]
        if had == [p.get("nodePort") for p in ports]:
            for port in ports:
                port.pop("nodePort", None)
    if _needs_health_check(before) and not _needs_health_check(spec):
        _drop(spec, before, "healthCheckNodePort")
    if before.get("type") == "LoadBalancer" and spec.get("type") != "LoadBalancer":
        _drop(spec, before, "allocateLoadBalancerNodePorts")
        _drop(spec, before, "loadBalancerClass")
    if _is_external(before) and not _is_external(spec):
        _drop(spec, before, "externalTrafficPolicy")


def _normalize_update(spec: JsonMap, before: JsonMap) -> None:
    """clusterIP and clusterIPs[0] are one: a client that knows only the first still changes both."""
    same = (spec.get("clusterIPs") or []) == (before.get("clusterIPs") or [])
    now, was = spec.get("clusterIP") or "", before.get("clusterIP") or ""
    if now != was and same:
        spec.pop("clusterIPs", None)
        if now:
            spec["clusterIPs"] = [now]
    elif now and not spec.get("clusterIPs") and now != was:
        spec["clusterIPs"] = [now]


def _take_over(spec: JsonMap, before: JsonMap) -> None:
    if _needs_cluster_ip(spec) and _needs_cluster_ip(before):
        if not spec.get("clusterIP") and before.get("clusterIP"):
            spec["clusterIP"] = before["clusterIP"]
        if not spec.get("clusterIPs") and spec.get("clusterIP") == before.get("clusterIP") and before.get("clusterIPs"):
            spec["clusterIPs"] = list(before["clusterIPs"])
    if _needs_node_port(spec) and _needs_node_port(before):
        _take_over_ports(spec, before)
    if _needs_health_check(spec) and _needs_health_check(before) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = before.get("healthCheckNodePort")
    for name in ("ipFamilyPolicy", "ipFamilies"):
        if not spec.get(name) and before.get(name) and _needs_cluster_ip(spec):
            spec[name] = before[name]


def _take_over_ports(spec: JsonMap, before: JsonMap) -> None:
    had = {p.get("name", ""): p.get("nodePort") for p in before.get("ports") or []}
    used = {p.get("nodePort") for p in spec.get("ports") or []}
    for port in spec.get("ports") or []:
        known = had.get(port.get("name", ""))
        if not port.get("nodePort") and known and known not in used:
            port["nodePort"] = known


# -- what is given out ---------------------------------------------------------------------------------------------


def _families(data: JsonMap, spec: JsonMap) -> None:
    headless = spec.get("clusterIP") == NONE
    if not spec.get("ipFamilyPolicy"):
        spec["ipFamilyPolicy"] = "RequireDualStack" if headless and not spec.get("selector") else "SingleStack"
    if headless and not spec.get("selector"):
        families = spec.setdefault("ipFamilies", ["IPv4"])
        if len(families) < 2 and spec["ipFamilyPolicy"] != "SingleStack":
            families.append("IPv6" if families[0] == "IPv4" else "IPv4")
        return
    if spec["ipFamilyPolicy"] == "RequireDualStack":
        text = "this cluster is not configured for dual-stack services"
        raise _invalid(data, "spec.ipFamilyPolicy", spec["ipFamilyPolicy"], text)
    for i, family in enumerate(spec.get("ipFamilies") or ()):
        if family != "IPv4":
            raise _invalid(data, f"spec.ipFamilies[{i}]", family, "not configured on this cluster")
    if not spec.get("ipFamilies"):
        spec["ipFamilies"] = ["IPv4"]


def _addresses(data: JsonMap, spec: JsonMap, owner: tuple[str, str], allocators: Allocators) -> None:
    given = spec.get("clusterIPs") or []
    if given and given[0] == NONE:
        return
    if not given or not given[0]:
        try:
            spec["clusterIP"] = allocators.next_address(owner)
        except AllocationError as failure:
            raise errors.internal(f"failed to allocate a serviceIP: {failure}") from failure
        spec["clusterIPs"] = [spec["clusterIP"]]
        return
    try:
        allocators.claim_address(given[0], owner)
    except AllocationError as failure:
        text = f"failed to allocate IP {given[0]}: {failure}"
        raise _invalid(data, "spec.clusterIPs", given, text) from failure
    except ValueError:
        return  # no address at all: validation says so


def _node_ports(data: JsonMap, spec: JsonMap, owner: tuple[str, str], allocators: Allocators) -> None:
    taken: set[int] = set()
    if spec["type"] in ("NodePort", "LoadBalancer"):
        given: dict[int, int] = {}
        for i, port in enumerate(spec.get("ports") or ()):
            if port.get("nodePort") or _needs_node_port(spec):
                _node_port(data, i, port, spec["ports"], given, taken, owner, allocators)
    if _needs_health_check(spec):
        _health_check_port(spec, taken, owner, allocators)


def _node_port(
    data: JsonMap,
    index: int,
    port: JsonMap,
    ports: list[JsonMap],
    given: dict[int, int],
    taken: set[int],
    owner: tuple[str, str],
    allocators: Allocators,
) -> None:
    """Ports with the same number but another protocol share a node port."""
    number = port.get("port") or 0
    wanted = port.get("nodePort") or given.get(number) or _requested(number, ports)
    if wanted and given.get(number) == wanted:
        port["nodePort"] = wanted
        return
    try:
        if wanted:
            allocators.claim_port(wanted, owner, taken)
        else:
            wanted = allocators.next_port(owner, taken)
    except AllocationError as failure:
        raise _invalid(data, f"spec.ports[{index}].nodePort", wanted, str(failure)) from failure
    port["nodePort"] = wanted
    taken.add(wanted)
    given.setdefault(number, wanted)


def _requested(number: int, ports: list[JsonMap]) -> int:
    for port in ports:
        if port.get("port") == number and port.get("nodePort"):
            return int(port["nodePort"])
    return 0


def _health_check_port(spec: JsonMap, taken: set[int], owner: tuple[str, str], allocators: Allocators) -> None:
    wanted = spec.get("healthCheckNodePort")
    try:
        if wanted:
            allocators.claim_port(wanted, owner, taken)
        else:
            spec["healthCheckNodePort"] = allocators.next_port(owner, taken)
    except AllocationError as failure:
        text = f"failed to allocate requested HealthCheck NodePort {wanted}: {failure}"
        raise errors.internal(text) from failure

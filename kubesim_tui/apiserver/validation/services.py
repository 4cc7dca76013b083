"""Services (pkg/apis/core/validation, ValidateService)."""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.api import addresses, labels, names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import PROTOCOLS, legacy_ip, special_ip
from kubesim_tui.apiserver.validation.probes import port as target_port
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
FAMILIES = ("IPv4", "IPv6")
POLICIES = ("Cluster", "Local")
IP_MODES = ("Proxy", "VIP")
DISTRIBUTIONS = ("PreferClose", "PreferSameNode", "PreferSameZone")
ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'"
CHANGED = "may not change once set"
TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints"
TOPOLOGY_MODE = "service.kubernetes.io/topology-mode"
SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"


def service(r: Report, data: JsonMap) -> None:
    """A new Service."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_label, namespaced=True)
    _service(r, data, {})


def _service(r: Report, data: JsonMap, old: JsonMap) -> None:
    """Addresses and ranges that were stored wrong may stay."""
    meta, spec, before = part(data, "metadata"), part(data, "spec"), part(old, "spec")
    _topology(r, part(meta, "annotations"))
    headless, kind = is_headless(spec), text(spec, "type")
    if not spec.get("ports") and not headless and kind != "ExternalName":
        r.required("spec.ports")
    if kind in ("LoadBalancer", "NodePort") and headless:
        r.invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")
    if kind == "ExternalName":
        _external_name(r, spec)
    _ports(r, spec)
    if spec.get("selector") is not None:
        r.add(labels.validate(spec["selector"], "spec.selector"))
    _affinity(r, spec)
    _cluster_ips(r, spec, before.get("clusterIPs") or ())
    for i, ip in enumerate(spec.get("externalIPs") or ()):
        if legacy_ip(r, ip, f"spec.externalIPs[{i}]", before.get("externalIPs") or ()):
            special_ip(r, ip, f"spec.externalIPs[{i}]")
    r.one_of("spec.type", kind, TYPES)
    _node_ports(r, spec, kind)
    _source_ranges(r, data, old, kind)
    _load_balancer(r, spec, kind)
    _traffic(r, spec, kind)


def _topology(r: Report, annotations: JsonMap) -> None:
    """The annotation for topology aware routing, under its old and its new name."""
    old, new = annotations.get(TOPOLOGY_HINTS), annotations.get(TOPOLOGY_MODE)
    if old is not None and new is not None and old != new:
        said = f"must match annotations[{TOPOLOGY_HINTS}] when both are specified"
        r.invalid(f"metadata.annotations[{TOPOLOGY_MODE}]", new, said)


def is_headless(spec: JsonMap) -> bool:
    """Whether a Service has no address of its own."""
    return spec.get("clusterIPs") == ["None"]


def _external_name(r: Report, spec: JsonMap) -> None:
    for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(name):
            r.forbidden(f"spec.{name}", "may not be set for ExternalName services")
    name = text(spec, "externalName").removesuffix(".")
    if name:
        r.syntax(names.is_dns1123_subdomain, "spec.externalName", name)
    else:
        r.required("spec.externalName")


def _ports(r: Report, spec: JsonMap) -> None:
    several = len(spec.get("ports") or ()) > 1
    seen: set[str] = set()
    for at, port in items(spec, "ports", "spec.ports"):
        name = text(port, "name")
        if name:
            r.syntax(names.is_dns1123_label, f"{at}.name", name)
            if name in seen:
                r.duplicate(f"{at}.name", name)
            seen.add(name)
        elif several:
            r.required(f"{at}.name")
        for message in names.is_valid_port_num(number(port, "port")):
            r.invalid(f"{at}.port", number(port, "port"), message)
        r.one_of(f"{at}.protocol", text(port, "protocol"), PROTOCOLS)
        target_port(r, port.get("targetPort"), f"{at}.targetPort")
        if port.get("appProtocol") is not None:
            r.syntax(names.is_qualified_name, f"{at}.appProtocol", port["appProtocol"])


def _affinity(r: Report, spec: JsonMap) -> None:
    kind, config = text(spec, "sessionAffinity"), spec.get("sessionAffinityConfig")
    r.one_of("spec.sessionAffinity", kind, ("ClientIP", "None"))
    path = "spec.sessionAffinityConfig"
    if kind == "None" and config is not None:
        r.forbidden(path, "must not be set when session affinity is None")
    if kind != "ClientIP":
        return
    seconds = part(config or {}, "clientIP").get("timeoutSeconds")
    if config is None:
        r.required(path, "when session affinity type is ClientIP")
    elif config.get("clientIP") is None:
        r.required(f"{path}.clientIP", "when session affinity type is ClientIP")
    elif seconds is None:
        r.required(f"{path}.clientIP.timeoutSeconds", "when session affinity type is ClientIP")
    elif not 0 < seconds <= 86400:
        r.invalid(f"{path}.clientIP.timeoutSeconds", seconds, "must be greater than 0 and less than 86400")


def _cluster_ips(r: Report, spec: JsonMap, known: Sequence[str]) -> None:
    if text(spec, "type") == "ExternalName":
        return
    one, all_ = text(spec, "clusterIP"), spec.get("clusterIPs") or []
    if one:
        if not all_:
            r.required("spec.clusterIPs")
        elif all_[0] != one:
            r.invalid("spec.clusterIPs", all_, "first value must match `clusterIP`")
    elif all_:
        r.invalid("spec.clusterIPs", all_, "must be empty when `clusterIP` is not specified")
    _families(r, spec)
    good = _addresses(r, all_, known)
    if len(all_) > 2:
        r.invalid("spec.clusterIPs", all_, "may only hold up to 2 values")
    if good and not is_headless(spec):
        _stacks(r, all_, spec.get("ipFamilies") or [])


def _addresses(r: Report, all_: list[str], known: Sequence[str]) -> bool:
    """Each an address, or None alone; False if not."""
    before = len(r.errors)
    for i, ip in enumerate(all_):
        if i or ip != "None":
            legacy_ip(r, ip, f"spec.clusterIPs[{i}]", known)
        elif len(all_) > 1:
            r.invalid("spec.clusterIPs", all_, "'None' must be the first and only value")
    return len(r.errors) == before


def _stacks(r: Report, all_: list[str], families: list[str]) -> None:
    """One address a family, in the families' order."""
    found = [_family(ip) for ip in all_]
    if len(all_) > 1 and len(set(found)) < 2:
        r.invalid("spec.clusterIPs", all_, "may specify no more than one IP for each IP family")
    for i, (ip, family) in enumerate(zip(all_, families, strict=False)):
        if family in FAMILIES and family != found[i]:
            r.invalid(f"spec.clusterIPs[{i}]", ip, f"expected an {family} value as indicated by `ipFamilies[{i}]`")


def _family(ip: str) -> str:
    return "IPv6" if ":" in ip else "IPv4"


def _families(r: Report, spec: JsonMap) -> None:
    seen: set[str] = set()
    for i, family in enumerate(spec.get("ipFamilies") or ()):
        if family not in FAMILIES:
            r.not_supported(f"spec.ipFamilies[{i}]", family, FAMILIES)
        if family in seen:
            r.duplicate(f"spec.ipFamilies[{i}]", family)
        seen.add(family)
    policies = ("PreferDualStack", "RequireDualStack", "SingleStack")
    if spec.get("ipFamilyPolicy") and spec["ipFamilyPolicy"] not in policies:
        r.not_supported("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], policies)


def _node_ports(r: Report, spec: JsonMap, kind: str) -> None:
    seen: set[tuple[str, int]] = set()
    seen_ports: set[tuple[str, int]] = set()
    for at, port in items(spec, "ports", "spec.ports"):
        if kind == "ClusterIP" and number(port, "nodePort"):
            r.forbidden(f"{at}.nodePort", "may not be used when `type` is 'ClusterIP'")
    for at, port in items(spec, "ports", "spec.ports"):
        key = (text(port, "protocol"), number(port, "nodePort"))
        if key[1] and key in seen:
            r.duplicate(f"{at}.nodePort", key[1])
        seen.add(key)
    for at, port in items(spec, "ports", "spec.ports"):
        pair = (text(port, "protocol"), number(port, "port"))
        if pair in seen_ports:
            r.duplicate(at, {"port": pair[1], "protocol": pair[0]})
        seen_ports.add(pair)


def _source_ranges(r: Report, data: JsonMap, old: JsonMap, kind: str) -> None:
    """Who may call: a field, or an annotation that is older. Spaces around a range do not matter."""
    given = part(data, "spec").get("loadBalancerSourceRanges") or []
    annotation: str | None = part(part(data, "metadata"), "annotations").get(SOURCE_RANGES)
    path = "spec.LoadBalancerSourceRanges" if given else f"metadata.annotations[{SOURCE_RANGES}]"
    if not given and annotation is None:
        return
    if kind != "LoadBalancer":
        r.forbidden(path, ONLY_LOAD_BALANCER)
    if given:
        known = {value.strip() for value in part(old, "spec").get("loadBalancerSourceRanges") or ()}
        for i, value in enumerate(given):
            if value.strip() not in known:
                r.syntax(addresses.is_valid_legacy_cidr, f"{path}[{i}]", value.strip())
    elif (
        annotation
        and annotation.strip()
        and annotation != part(part(old, "metadata"), "annotations").get(SOURCE_RANGES)
    ):
        for value in annotation.split(","):
            r.syntax(addresses.is_valid_legacy_cidr, path, value.strip())


def _load_balancer(r: Report, spec: JsonMap, kind: str) -> None:
    if kind != "LoadBalancer":
        for name in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
            if spec.get(name) is not None:
                r.forbidden(f"spec.{name}", ONLY_LOAD_BALANCER)
    elif spec.get("loadBalancerClass") is not None:
        r.syntax(names.is_qualified_name, "spec.loadBalancerClass", spec["loadBalancerClass"])


def _traffic(r: Report, spec: JsonMap, kind: str) -> None:
    policy = text(spec, "externalTrafficPolicy")
    external = kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))
    if external:
        r.one_of("spec.externalTrafficPolicy", policy, POLICIES)
    elif policy:
        r.invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services")
    health = number(spec, "healthCheckNodePort")
    if kind == "LoadBalancer" and policy == "Local":
        if not health:
            r.required("spec.healthCheckNodePort")
        else:
            for message in names.is_valid_port_num(health):
                r.invalid("spec.healthCheckNodePort", health, message)
    elif health:
        said = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        r.invalid("spec.healthCheckNodePort", health, said)
    internal = spec.get("internalTrafficPolicy")
    if internal is None and kind in ("ClusterIP", "NodePort", "LoadBalancer"):
        r.required("spec.internalTrafficPolicy")
    elif internal is not None and internal not in POLICIES:
        r.not_supported("spec.internalTrafficPolicy", internal, POLICIES)
    distribution = spec.get("trafficDistribution")
    if distribution is not None and distribution not in DISTRIBUTIONS:
        r.not_supported("spec.trafficDistribution", distribution, DISTRIBUTIONS)


def service_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A Service keeps its address."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    spec, before = part(new, "spec"), part(old, "spec")
    if "ExternalName" not in (text(spec, "type"), text(before, "type")):
        _kept_addresses(r, spec, before)
    both = text(spec, "type") == text(before, "type") == "LoadBalancer"
    if both and spec.get("loadBalancerClass") != before.get("loadBalancerClass"):
        r.invalid("spec.loadBalancerClass", spec.get("loadBalancerClass"), CHANGED)
    local = text(spec, "externalTrafficPolicy") == text(before, "externalTrafficPolicy") == "Local"
    if both and local and spec.get("healthCheckNodePort") != before.get("healthCheckNodePort"):
        r.forbidden("spec.healthCheckNodePort", "field is immutable")
    _service(r, new, old)


def _kept_addresses(r: Report, spec: JsonMap, before: JsonMap) -> None:
    """The first address and family stay; the second may come, and go if the policy says so."""
    if is_headless(spec) and is_headless(before):
        return
    now, was = spec.get("clusterIPs") or [], before.get("clusterIPs") or []
    if was and not now:
        r.invalid("spec.clusterIPs[0]", now or None, "primary clusterIP can not be unset")
    for i, (ip, old_ip) in enumerate(zip(now, was, strict=False)):
        if ip != old_ip and (i == 0 or len(now) == len(was)):
            r.invalid(f"spec.clusterIPs[{i}]", now, CHANGED)
    if len(was) > len(now) == 1:
        _released(r, spec, "clusterIP")
    if is_headless(spec) == is_headless(before):
        _kept_families(r, spec, before)


def _kept_families(r: Report, spec: JsonMap, before: JsonMap) -> None:
    """Upstream blames the first family whichever changed, and of unequal lists shows the addresses."""
    now, was = spec.get("ipFamilies") or [], before.get("ipFamilies") or []
    addresses_now = spec.get("clusterIPs") or []
    path = "spec.ipFamilies[0]"
    if len(now) == len(was):
        for family, old_family in zip(now, was, strict=True):
            if family != old_family:
                r.invalid(path, now, CHANGED)
        return
    if len(was) > len(now) and not addresses_now:
        r.invalid(path, now or None, "primary ipFamily can not be unset")
    if now and was and now[0] != was[0]:
        r.invalid(path, addresses_now or None, CHANGED)
    if len(was) > len(now) == 1:
        _released(r, spec, "ipFamily")


def _released(r: Report, spec: JsonMap, what: str) -> None:
    policy = spec.get("ipFamilyPolicy")
    if policy != "SingleStack":
        r.invalid("spec.ipFamilyPolicy", policy, f"must be set to 'SingleStack' when releasing the secondary {what}")


def service_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Addresses of the load balancer."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    kind = text(part(new, "spec"), "type")
    found = part(part(new, "status"), "loadBalancer")
    path = "status.loadBalancer.ingress"
    if found.get("ingress") and kind != "LoadBalancer":
        r.forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")
        return
    known = {text(one, "ip") for one in part(part(old, "status"), "loadBalancer").get("ingress") or ()}
    for at, one in items(found, "ingress", path):
        if text(one, "ip"):
            legacy_ip(r, one["ip"], f"{at}.ip", known)
            _ip_mode(r, one.get("ipMode"), f"{at}.ipMode")
        elif one.get("ipMode") is not None:
            r.forbidden(f"{at}.ipMode", "may not be specified when `ip` is not set")
        if text(one, "hostname"):
            r.syntax(names.is_dns1123_subdomain, f"{at}.hostname", one["hostname"])
            if addresses.parse_ip(one["hostname"]) is not None:
                r.invalid(f"{at}.hostname", one["hostname"], "must be a DNS name, not an IP address")


def _ip_mode(r: Report, mode: str | None, path: str) -> None:
    if mode is None:
        r.required(path, "must be specified when `ip` is set")
    elif mode not in IP_MODES:
        r.not_supported(path, mode, IP_MODES)

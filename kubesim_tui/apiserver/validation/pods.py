"""Pods, Pod specs and Pod templates (pkg/apis/core/validation)."""

from __future__ import annotations

import re

from kubesim_tui.api import addresses, labels, names
from kubesim_tui.api.helpers.static_pods import CONFIG_MIRROR
from kubesim_tui.apiserver.validation import (
    affinity,
    containers,
    environment,
    metadata,
    profiles,
    resources,
    security,
    volumes,
    windows,
)
from kubesim_tui.apiserver.validation.containers import Around
from kubesim_tui.apiserver.validation.pod_resources import pod_resources
from kubesim_tui.apiserver.validation.report import Check, JsonMap, Report, items, number, part, text

MOST = 2**31 - 1
MOST_HOSTNAME = 64
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
RESTART_POLICIES = ("Always", "OnFailure", "Never")
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"


def pod(r: Report, data: JsonMap) -> None:
    """A new Pod."""
    meta_and_spec(r, data)
    spec = part(data, "spec")
    if spec.get("ephemeralContainers"):
        r.forbidden("spec.ephemeralContainers", "cannot be set on create")
    if text(spec, "nodeName") and spec.get("schedulingGates"):
        r.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")
    profiles.agreement(r, part(part(data, "metadata"), "annotations"), spec, "spec")


def meta_and_spec(r: Report, data: JsonMap) -> None:
    """What holds for a Pod whenever it is written."""
    meta, spec = part(data, "metadata"), part(data, "spec")
    metadata.object_meta(r, meta, names.is_dns1123_subdomain, namespaced=True)
    _annotations(r, part(meta, "annotations"), spec, "metadata.annotations")
    pod_spec(r, spec, "spec", meta)
    if not text(spec, "serviceAccountName"):
        for at, volume in items(spec, "volumes", "spec.volumes"):
            for source_at, source in items(part(volume, "projected"), "sources", f"{at}.projected.sources"):
                if source.get("serviceAccountToken") is not None:
                    said = "must not be specified when serviceAccountName is not set"
                    r.forbidden(f"{source_at}.serviceAccountToken", said)
    r.not_negative("spec.terminationGracePeriodSeconds", spec.get("terminationGracePeriodSeconds"))
    for kind in ("containers", "initContainers"):
        for at, one in items(spec, kind, f"spec.{kind}"):
            containers.image_spaces(r, one, at)


def _annotations(r: Report, annotations: JsonMap, spec: JsonMap, path: str) -> None:
    if CONFIG_MIRROR in annotations and not text(spec, "nodeName"):
        said = "must set spec.nodeName if mirror pod annotation is set"
        r.invalid(f"{path}[{CONFIG_MIRROR}]", annotations[CONFIG_MIRROR], said)
    cost = annotations.get(DELETION_COST)
    if cost is not None and not (re.fullmatch(r"0|-?[1-9][0-9]*", cost) and -MOST - 1 <= int(cost) <= MOST):
        r.invalid(f"{path}[{DELETION_COST}]", cost, "must be a 32bit integer")
    profiles.annotated(r, annotations, spec, path)


def template(r: Report, data: JsonMap, path: str) -> None:
    """The template of a workload. (Upstream says `template.labels`, without metadata.)"""
    meta, spec = part(data, "metadata"), part(data, "spec")
    r.add(labels.validate(part(meta, "labels"), f"{path}.labels"))
    r.add(labels.validate_annotations(part(meta, "annotations"), f"{path}.annotations"))
    _annotations(r, part(meta, "annotations"), spec, f"{path}.annotations")
    pod_spec(r, spec, f"{path}.spec")
    profiles.agreement(r, part(meta, "annotations"), spec, f"{path}.spec")
    if spec.get("ephemeralContainers"):
        r.forbidden(f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")


def pod_spec(r: Report, spec: JsonMap, path: str, meta: JsonMap | None = None) -> None:
    """A Pod's spec, in a Pod (of which the metadata are given) or in a template."""
    is_pod, name = meta is not None, text(meta or {}, "name")
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is None and is_pod:
        r.required(f"{path}.terminationGracePeriodSeconds")
    found = volumes.volumes(r, spec, f"{path}.volumes", name)
    static = CONFIG_MIRROR in part(meta or {}, "annotations")
    claims = _resource_claims(r, spec, f"{path}.resourceClaims", static)
    host_users = spec.get("hostUsers") is not False
    around = Around(found, claims, grace, text(spec, "restartPolicy"), host_users, is_pod)
    containers.containers(r, spec, f"{path}.containers", around)
    containers.init_containers(r, spec, f"{path}.initContainers", around)
    containers.ephemeral_containers(r, spec, f"{path}.ephemeralContainers", around)
    pod_resources(r, spec, f"{path}.resources", claims)
    _host_network(r, spec, path, is_pod)
    r.one_of(f"{path}.restartPolicy", text(spec, "restartPolicy"), RESTART_POLICIES)
    r.one_of(f"{path}.dnsPolicy", text(spec, "dnsPolicy"), DNS_POLICIES)
    r.add(labels.validate(part(spec, "nodeSelector"), f"{path}.nodeSelector"))
    security.pod_security_context(r, spec, path)
    affinity.affinity(r, spec.get("affinity"), f"{path}.affinity")
    _dns_config(r, spec, f"{path}.dnsConfig")
    for at, gate in items(spec, "readinessGates", f"{path}.readinessGates"):
        r.syntax(names.is_qualified_name, f"{at}.conditionType", text(gate, "conditionType"))
    _scheduling_gates(r, spec, f"{path}.schedulingGates")
    affinity.spread(r, spec, f"{path}.topologySpreadConstraints")
    windows.host_process(r, spec, path)
    security.host_users(r, spec, path)
    _hostname_override(r, spec, path)
    _names(r, spec, path)
    _rest(r, spec, path)
    environment.file_volumes(r, spec, path)


def _resource_claims(r: Report, spec: JsonMap, path: str, static: bool) -> frozenset[str]:
    seen: set[str] = set()
    for at, claim in items(spec, "resourceClaims", path):
        if static:
            r.forbidden("", "static pods do not support resource claims")
            continue
        name = text(claim, "name")
        if not name:
            r.required(f"{at}.name")
        elif name in seen:
            r.duplicate(f"{at}.name", name)
        else:
            r.syntax(names.is_dns1123_label, f"{at}.name", name)
        seen.add(name)
        _claim_source(r, claim, at)
    return frozenset(text(c, "name") for c in spec.get("resourceClaims") or ()) - {""}


def _claim_source(r: Report, claim: JsonMap, path: str) -> None:
    given = [n for n in ("resourceClaimName", "resourceClaimTemplateName") if claim.get(n) is not None]
    if not given:
        r.invalid(path, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
    elif len(given) > 1:
        said = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
        r.invalid(path, claim, said)
    for name in given:
        r.syntax(names.is_dns1123_subdomain, f"{path}.{name}", claim[name])


def _hostname_override(r: Report, spec: JsonMap, path: str) -> None:
    name, at = spec.get("hostnameOverride"), f"{path}.hostnameOverride"
    if name is None:
        return
    for other in ("setHostnameAsFQDN", "hostNetwork"):
        if spec.get(other):
            r.forbidden(at, f"may not be specified when {other} is true")
    if len(name.encode()) > MOST_HOSTNAME:
        r.too_long(at, MOST_HOSTNAME)
    r.syntax(names.is_dns1123_subdomain, at, name)


def _host_network(r: Report, spec: JsonMap, path: str, is_pod: bool) -> None:
    if not spec.get("hostNetwork"):
        return
    for at, one in items(spec, "containers", f"{path}.containers"):
        for port_at, port in items(one, "ports", f"{at}.ports"):
            host, own = number(port, "hostPort"), number(port, "containerPort")
            if (is_pod or host) and host != own:
                r.invalid(f"{port_at}.hostPort", host, "must match `containerPort` when `hostNetwork` is true")


def _dns_config(r: Report, spec: JsonMap, path: str) -> None:
    config, policy = spec.get("dnsConfig"), text(spec, "dnsPolicy")
    if policy == "None" and config is None:
        r.required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
        return
    if config is None:
        return
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    if policy == "None" and not servers:
        r.required(f"{path}.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None")
        return
    if len(servers) > 3:
        r.invalid(f"{path}.nameservers", servers, "must not have more than 3 nameservers")
    for i, server in enumerate(servers):
        r.syntax(addresses.is_valid_legacy_ip, f"{path}.nameservers[{i}]", server)
    if len(searches) > 32:
        r.invalid(f"{path}.searches", searches, "must not have more than 32 search paths")
    if len(" ".join(searches)) > 2048:
        said = "must not have more than 2048 characters (including spaces) in the search list"
        r.invalid(f"{path}.searches", searches, said)
    for i, search in enumerate(searches):
        if search != ".":
            r.syntax(names.is_dns1123_subdomain_with_underscore, f"{path}.searches[{i}]", search.removesuffix("."))
    for at, option in items(config, "options", f"{path}.options"):
        if not text(option, "name"):
            r.required(at, "must not be empty")


def _scheduling_gates(r: Report, spec: JsonMap, path: str) -> None:
    seen: set[str] = set()
    for at, gate in items(spec, "schedulingGates", path):
        name = text(gate, "name")
        r.syntax(names.is_qualified_name, at, name)
        if name in seen:
            r.duplicate(at, name)
        seen.add(name)


def _names(r: Report, spec: JsonMap, path: str) -> None:
    for field in ("serviceAccountName", "nodeName"):
        _name(r, names.is_dns1123_subdomain, spec, field, path)
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= MOST:
        r.invalid(f"{path}.activeDeadlineSeconds", deadline, f"must be between 1 and {MOST}, inclusive")
    for field in ("hostname", "subdomain"):
        _name(r, names.is_dns1123_label, spec, field, path)


def _name(r: Report, check: Check, spec: JsonMap, field: str, path: str) -> None:
    if text(spec, field):
        r.syntax(check, f"{path}.{field}", spec[field])


def _rest(r: Report, spec: JsonMap, path: str) -> None:
    affinity.tolerations(r, spec, f"{path}.tolerations")
    for at, alias in items(spec, "hostAliases", f"{path}.hostAliases"):
        r.syntax(addresses.is_valid_legacy_ip, f"{at}.ip", text(alias, "ip"))
        for i, host in enumerate(alias.get("hostnames") or ()):
            r.syntax(names.is_dns1123_subdomain, f"{at}.hostnames[{i}]", host)
    _name(r, names.is_dns1123_subdomain, spec, "priorityClassName", path)
    if spec.get("runtimeClassName") is not None:
        r.syntax(names.is_dns1123_subdomain, f"{path}.runtimeClassName", spec["runtimeClassName"])
    if spec.get("preemptionPolicy") is not None:
        r.one_of(f"{path}.preemptionPolicy", spec["preemptionPolicy"], ("PreemptLowerPriority", "Never"))
    if spec.get("overhead"):
        resources.container_requirements(r, {"limits": spec["overhead"]}, f"{path}.overhead")
    windows.operating_system(r, spec, path)

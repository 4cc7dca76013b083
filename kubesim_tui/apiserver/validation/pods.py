"""Pods, Pod specs and Pod templates (pkg/apis/core/validation)."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.api import addresses, labels, names
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
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, same, text

MOST = 2**31 - 1
MOST_HOSTNAME = 64
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
RESTART_POLICIES = ("Always", "OnFailure", "Never")
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
MIRROR = "kubernetes.io/config.mirror"
UPDATABLE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def pod(r: Report, data: JsonMap) -> None:
    """A new Pod."""
    _meta_and_spec(r, data)
    spec = part(data, "spec")
    if spec.get("ephemeralContainers"):
        r.forbidden("spec.ephemeralContainers", "cannot be set on create")
    if text(spec, "nodeName") and spec.get("schedulingGates"):
        r.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")
    profiles.agreement(r, part(part(data, "metadata"), "annotations"), spec, "spec")


def _meta_and_spec(r: Report, data: JsonMap) -> None:
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
    if MIRROR in annotations and not text(spec, "nodeName"):
        said = "must set spec.nodeName if mirror pod annotation is set"
        r.invalid(f"{path}[{MIRROR}]", annotations[MIRROR], said)
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
    if spec.get("ephemeralContainers"):
        r.forbidden(f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")


def pod_spec(r: Report, spec: JsonMap, path: str, meta: JsonMap | None = None) -> None:
    """A Pod's spec, in a Pod (of which the metadata are given) or in a template."""
    is_pod, name = meta is not None, text(meta or {}, "name")
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is None and is_pod:
        r.required(f"{path}.terminationGracePeriodSeconds")
    found = volumes.volumes(r, spec, f"{path}.volumes", name)
    static = MIRROR in part(meta or {}, "annotations")
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
    for field, check in (
        ("serviceAccountName", names.is_dns1123_subdomain),
        ("nodeName", names.is_dns1123_subdomain),
        ("hostname", names.is_dns1123_label),
        ("subdomain", names.is_dns1123_label),
        ("priorityClassName", names.is_dns1123_subdomain),
    ):
        if text(spec, field):
            r.syntax(check, f"{path}.{field}", spec[field])
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= MOST:
        r.invalid(f"{path}.activeDeadlineSeconds", deadline, f"must be between 1 and {MOST}, inclusive")


def _rest(r: Report, spec: JsonMap, path: str) -> None:
    affinity.tolerations(r, spec, f"{path}.tolerations")
    for at, alias in items(spec, "hostAliases", f"{path}.hostAliases"):
        r.syntax(addresses.is_valid_legacy_ip, f"{at}.ip", text(alias, "ip"))
        for i, host in enumerate(alias.get("hostnames") or ()):
            r.syntax(names.is_dns1123_subdomain, f"{at}.hostnames[{i}]", host)
    if spec.get("runtimeClassName") is not None:
        r.syntax(names.is_dns1123_subdomain, f"{path}.runtimeClassName", spec["runtimeClassName"])
    if spec.get("preemptionPolicy") is not None:
        r.one_of(f"{path}.preemptionPolicy", spec["preemptionPolicy"], ("PreemptLowerPriority", "Never"))
    if spec.get("overhead"):
        resources.container_requirements(r, {"limits": spec["overhead"]}, f"{path}.overhead")
    windows.operating_system(r, spec, path)


# -- updates ---------------------------------------------------------------------------------------------------------


def pod_update(r: Report, new: JsonMap, old: JsonMap, subresource: str) -> None:
    """What a running Pod may change: images, deadlines, more tolerations, fewer gates."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    _meta_and_spec(r, new)
    spec, before = part(new, "spec"), part(old, "spec")
    if subresource == "ephemeralcontainers":
        _ephemeral_update(r, spec, before)
        return
    for kind in ("containers", "initContainers"):
        if len(spec.get(kind) or ()) != len(before.get(kind) or ()):
            r.forbidden(f"spec.{kind}", "pod updates may not add or remove containers")
            return
    _deadline_update(r, spec, before)
    _only_added_tolerations(r, spec, before)
    _only_deleted_gates(r, spec, before)
    if not same(_masked(spec, before, subresource), before):
        r.forbidden("spec", UPDATABLE if subresource != "resize" else "only cpu and memory resources are mutable")


def _ephemeral_update(r: Report, spec: JsonMap, before: JsonMap) -> None:
    now = {text(c, "name"): c for c in spec.get("ephemeralContainers") or ()}
    for one in before.get("ephemeralContainers") or ():
        name = text(one, "name")
        if name not in now:
            r.forbidden("spec.ephemeralContainers", f'existing ephemeral containers "{name}" may not be removed\n')
        elif not same(now[name], one):
            r.forbidden("spec.ephemeralContainers", f'existing ephemeral containers "{name}" may not be changed\n')


def _deadline_update(r: Report, spec: JsonMap, before: JsonMap) -> None:
    now, was = spec.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds")
    path = "spec.activeDeadlineSeconds"
    if now is None:
        if was is not None:
            r.invalid(path, None, "must not update from a positive integer to nil value")
    elif was is not None and was < now:
        r.invalid(path, now, "must be less than or equal to previous value")


def _only_added_tolerations(r: Report, spec: JsonMap, before: JsonMap) -> None:
    now = [_without_seconds(t) for t in spec.get("tolerations") or ()]
    for one in before.get("tolerations") or ():
        if _without_seconds(one) not in now:
            said = "existing toleration can not be modified except its tolerationSeconds"
            r.forbidden("spec.tolerations", said)
            return


def _without_seconds(toleration: JsonMap) -> JsonMap:
    return {k: v for k, v in toleration.items() if k != "tolerationSeconds"}


def _only_deleted_gates(r: Report, spec: JsonMap, before: JsonMap) -> None:
    had = {text(g, "name") for g in before.get("schedulingGates") or ()}
    for at, gate in items(spec, "schedulingGates", "spec.schedulingGates"):
        if text(gate, "name") not in had:
            said = f"only deletion is allowed, but found new scheduling gate '{text(gate, 'name')}'"
            r.forbidden(f"{at}.name", said)


def _masked(spec: JsonMap, before: JsonMap, subresource: str) -> JsonMap:
    """The new spec with everything that may change set back."""
    masked: dict[str, Any] = dict(spec)
    fields = ("image",) if subresource != "resize" else ("resources", "resizePolicy")
    for kind in ("containers", "initContainers"):
        pairs = zip(spec.get(kind) or (), before.get(kind) or (), strict=False)
        masked[kind] = [{**now, **{f: was.get(f) for f in fields}} for now, was in pairs]
    for name in ("activeDeadlineSeconds", "schedulingGates", "tolerations"):
        masked[name] = before.get(name)
    was = before.get("terminationGracePeriodSeconds")
    if was is not None and was < 0 and spec.get("terminationGracePeriodSeconds") == 1:
        masked["terminationGracePeriodSeconds"] = was
    if before.get("schedulingGates"):
        _mask_gated(masked, before)
    return masked


def _mask_gated(masked: JsonMap, before: JsonMap) -> None:
    """A Pod behind gates may be given more node selectors and node affinity."""
    now, was = part(masked, "nodeSelector"), part(before, "nodeSelector")
    if all(now.get(k) == v for k, v in was.items()):
        masked["nodeSelector"] = before.get("nodeSelector")
    affinity_now, affinity_was = dict(part(masked, "affinity")), part(before, "affinity")
    if affinity_was.get("nodeAffinity") is None:
        affinity_now.pop("nodeAffinity", None)
        masked["affinity"] = affinity_now or None

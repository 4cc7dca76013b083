"""Pods, Pod specs and Pod templates (pkg/apis/core/validation)."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.api import addresses, labels, names
from kubesim_tui.api.helpers.resources import aggregate
from kubesim_tui.apiserver.validation import affinity, containers, metadata, resources, security, volumes
from kubesim_tui.apiserver.validation.containers import Around
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, same, text

MOST = 2**31 - 1
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


def _meta_and_spec(r: Report, data: JsonMap) -> None:
    meta, spec = part(data, "metadata"), part(data, "spec")
    metadata.object_meta(r, meta, names.is_dns1123_subdomain, namespaced=True)
    _annotations(r, part(meta, "annotations"), spec, "metadata.annotations")
    pod_spec(r, spec, "spec", is_pod=True, name=text(meta, "name"))
    if not text(spec, "serviceAccountName"):
        for at, volume in items(spec, "volumes", "spec.volumes"):
            for source_at, source in items(part(volume, "projected"), "sources", f"{at}.projected.sources"):
                if source.get("serviceAccountToken") is not None:
                    said = "must not be specified when serviceAccountName is not set"
                    r.forbidden(f"{source_at}.serviceAccountToken", said)
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


def template(r: Report, data: JsonMap, path: str) -> None:
    """The template of a workload. (Upstream says `template.labels`, without metadata.)"""
    meta, spec = part(data, "metadata"), part(data, "spec")
    r.add(labels.validate(part(meta, "labels"), f"{path}.labels"))
    r.add(labels.validate_annotations(part(meta, "annotations"), f"{path}.annotations"))
    _annotations(r, part(meta, "annotations"), spec, f"{path}.annotations")
    pod_spec(r, spec, f"{path}.spec")
    if spec.get("ephemeralContainers"):
        r.forbidden(f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")


def pod_spec(r: Report, spec: JsonMap, path: str, *, is_pod: bool = False, name: str = "") -> None:
    """A Pod's spec, in a Pod or in a template."""
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is None and is_pod:
        r.required(f"{path}.terminationGracePeriodSeconds")
    found = volumes.volumes(r, spec, f"{path}.volumes", name)
    claims = _resource_claims(r, spec, f"{path}.resourceClaims")
    host_users = spec.get("hostUsers") is not False
    around = Around(found, claims, grace, text(spec, "restartPolicy"), host_users, is_pod)
    containers.containers(r, spec, f"{path}.containers", around)
    containers.init_containers(r, spec, f"{path}.initContainers", around)
    containers.ephemeral_containers(r, spec, f"{path}.ephemeralContainers", around)
    _pod_resources(r, spec, f"{path}.resources", claims)
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
    security.host_users(r, spec, path)
    _names(r, spec, path)
    _rest(r, spec, path)


def _resource_claims(r: Report, spec: JsonMap, path: str) -> frozenset[str]:
    seen: set[str] = set()
    for at, claim in items(spec, "resourceClaims", path):
        name = text(claim, "name")
        if not name:
            r.required(f"{at}.name")
        elif name in seen:
            r.duplicate(f"{at}.name", name)
        else:
            r.syntax(names.is_dns1123_label, f"{at}.name", name)
        seen.add(name)
        given = [n for n in ("resourceClaimName", "resourceClaimTemplateName") if claim.get(n) is not None]
        if len(given) != 1:
            said = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            r.invalid(at, claim, said if not given else "at most one of the fields may be specified")
    return frozenset(seen - {""})


def _pod_resources(r: Report, spec: JsonMap, path: str, claims: frozenset[str]) -> None:
    own = spec.get("resources")
    if own is None:
        return
    if own.get("claims"):
        r.forbidden(f"{path}.claims", "claims cannot be set for Resources at pod-level")
    before = len(r.errors)
    resources.requirements(r, own, path, resources.pod_resource_name, claims)
    if len(r.errors) > before:
        return
    asked = {c: part(part(c_data, "resources"), "requests") for c, c_data in _indexed(spec, "containers")}
    inits = [
        (part(part(c, "resources"), "requests"), c.get("restartPolicy") == "Always")
        for c in spec.get("initContainers") or ()
    ]
    total = aggregate([_texts(a) for a in asked.values()], [(_texts(a), s) for a, s in inits])
    for name, amount in sorted(total.items()):
        given = resources.quantity(part(own, "requests").get(name) or "0")
        if given is not None and amount.nano > given.nano and name in part(own, "requests"):
            said = f"must be greater than or equal to aggregate container requests of {amount}"
            r.invalid(f"{path}.requests[{name}]", str(given), said)


def _indexed(spec: JsonMap, name: str) -> list[tuple[int, JsonMap]]:
    return list(enumerate(spec.get(name) or ()))


def _texts(amounts: JsonMap) -> dict[str, str]:
    return {k: str(v) for k, v in amounts.items() if resources.quantity(v) is not None}


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
    security.operating_system(r, spec, path)


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


def pod_status_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A status may not lose the Pod's class, nor bring finished containers back to life."""
    status, before = part(new, "status"), part(old, "status")
    policy = text(part(old, "spec"), "restartPolicy")
    for i, condition in enumerate(status.get("conditions") or ()):
        kind = text(condition, "type")
        if kind not in ("PodScheduled", "Ready", "Initialized"):
            r.syntax(names.is_qualified_name, f"metadata.conditions[{i}].Type", kind)
    if text(status, "qosClass") and text(status, "qosClass") != text(before, "qosClass"):
        r.invalid("status.qosClass", status["qosClass"], "field is immutable")
    if policy != "Always":
        _transitions(r, status, before, "containerStatuses", policy)
        _transitions(r, status, before, "initContainerStatuses", policy)
    _transitions(r, status, before, "ephemeralContainerStatuses", "Never")


def _transitions(r: Report, status: JsonMap, before: JsonMap, name: str, policy: str) -> None:
    now = {text(s, "name"): s for s in status.get(name) or ()}
    for at, was in items(before, name, f"status.{name}"):
        ended = part(was, "state").get("terminated")
        if ended is None or (number(ended, "exitCode") and policy == "OnFailure"):
            continue
        found = now.get(text(was, "name"))
        if found is not None and part(found, "state").get("terminated") is None:
            r.forbidden(f"{at}.state", "may not be transitioned to non-terminated state")

"""The workloads of apps/v1, ReplicationController and PodTemplate (pkg/apis/apps/validation)."""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.api.fielderror import Struct
from kubesim_tui.apiserver.validation import claims, metadata, pods
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text
from kubesim_tui.apiserver.validation.shares import amount, at_most_100_percent, positive_int_or_percent

MISMATCH = "`selector` does not match template `labels`"
STATEFUL_KEPT = ("selector", "volumeClaimTemplates", "serviceName", "podManagementPolicy")
"""What never changes in the spec of a StatefulSet."""


def _name(r: Report, data: JsonMap) -> None:
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)


def _meta_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))


def _matches(selector: JsonMap | None, found: JsonMap) -> bool:
    try:
        return labels.from_object(selector).matches(found)
    except labels.SelectorError:
        return True  # the selector has been complained about


def template_labels(r: Report, spec: JsonMap, path: str) -> None:
    """The selector must choose the Pods that are made from the template."""
    found = part(part(spec, "template"), "metadata").get("labels")
    if not _matches(spec.get("selector"), found or {}):
        r.invalid(f"{path}.template.metadata.labels", found, MISMATCH)


def _selector(r: Report, spec: JsonMap, empty: str, unreadable: str = "invalid label selector") -> bool:
    """A selector that is there and not empty. False if it is none at all: the template is not looked at then."""
    selector = spec.get("selector")
    if selector is None:
        r.required("spec.selector")
        return True
    r.add(labels.validate_object(selector, "spec.selector"))
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        r.invalid("spec.selector", selector, empty)
    try:
        labels.from_object(selector)
    except labels.SelectorError:
        r.invalid("spec.selector", selector, unreadable)
        return False
    return True


def _always(r: Report, spec: JsonMap, kind: str) -> None:
    """Pods of a controller restart their containers for ever."""
    inner = part(part(spec, "template"), "spec")
    if text(inner, "restartPolicy") != "Always":
        r.not_supported("spec.template.spec.restartPolicy", text(inner, "restartPolicy"), ("Always",))
    if inner.get("activeDeadlineSeconds") is not None:
        said = f"activeDeadlineSeconds in {kind} is not Supported"
        r.forbidden("spec.template.spec.activeDeadlineSeconds", said)


# -- Deployment, ReplicaSet ------------------------------------------------------------------------------------------


def deployment(r: Report, data: JsonMap) -> None:
    """A new Deployment."""
    _name(r, data)
    _deployment_spec(r, part(data, "spec"))


def _deployment_spec(r: Report, spec: JsonMap) -> None:
    r.not_negative("spec.replicas", spec.get("replicas"))
    _replica_set_template(r, spec)
    _deployment_strategy(r, part(spec, "strategy"))
    r.not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    r.not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    deadline = spec.get("progressDeadlineSeconds")
    r.not_negative("spec.progressDeadlineSeconds", deadline)
    if deadline is not None and deadline <= number(spec, "minReadySeconds"):
        r.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _replica_set_template(r: Report, spec: JsonMap) -> None:
    if _selector(r, spec, "empty selector is invalid for deployment"):
        template_labels(r, spec, "spec")
        pods.template(r, part(spec, "template"), "spec.template")
        _always(r, spec, "ReplicaSet")


def _strategy(strategy: JsonMap, **silent: int | None) -> Struct:
    """A strategy as it is shown: in Go's names, with what the fields are that were left out."""
    rolling = strategy.get("rollingUpdate")
    return Struct(Type=text(strategy, "type"), RollingUpdate=None if rolling is None else _rolling(rolling, **silent))


def _rolling(rolling: JsonMap, **silent: int | None) -> Struct:
    return Struct({name[0].upper() + name[1:]: rolling.get(name, value) for name, value in silent.items()})


def _deployment_strategy(r: Report, strategy: JsonMap) -> None:
    kind, rolling = text(strategy, "type"), strategy.get("rollingUpdate")
    path = "spec.strategy.rollingUpdate"
    if kind == "Recreate":
        if rolling is not None:
            r.forbidden(path, "may not be specified when strategy `type` is 'Recreate'")
    elif kind == "RollingUpdate":
        if rolling is None:
            r.required(path, "this should be defaulted and never be nil")
        else:
            _rolling_update(r, rolling, path)
    else:
        shown = _strategy(strategy, maxUnavailable=0, maxSurge=0)
        r.not_supported("spec.strategy", shown, ("Recreate", "RollingUpdate"))


def _rolling_update(r: Report, rolling: JsonMap, path: str) -> None:
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    positive_int_or_percent(r, unavailable, f"{path}.maxUnavailable")
    positive_int_or_percent(r, surge, f"{path}.maxSurge")
    if amount(unavailable) == 0 and amount(surge) == 0:
        r.invalid(f"{path}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0")
    at_most_100_percent(r, unavailable, f"{path}.maxUnavailable")


def deployment_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A Deployment keeps its selector."""
    _meta_update(r, new, old)
    _deployment_spec(r, part(new, "spec"))
    _selector_kept(r, new, old)


def _selector_kept(r: Report, new: JsonMap, old: JsonMap) -> None:
    r.immutable("spec.selector", part(new, "spec").get("selector"), part(old, "spec").get("selector"))


def replica_set(r: Report, data: JsonMap) -> None:
    """A new ReplicaSet."""
    _name(r, data)
    _replica_set_spec(r, part(data, "spec"))


def _replica_set_spec(r: Report, spec: JsonMap) -> None:
    r.not_negative("spec.replicas", spec.get("replicas"))
    r.not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    _replica_set_template(r, spec)


def replica_set_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A ReplicaSet keeps its selector."""
    _meta_update(r, new, old)
    _replica_set_spec(r, part(new, "spec"))
    _selector_kept(r, new, old)


# -- StatefulSet -----------------------------------------------------------------------------------------------------


def stateful_set(r: Report, data: JsonMap) -> None:
    """A new StatefulSet. (Its name becomes a part of its Pods' host names.)"""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_label, namespaced=True)
    _stateful_spec(r, part(data, "spec"))


def _stateful_spec(r: Report, spec: JsonMap) -> None:
    _stateful_policies(r, spec)
    for at, claim in items(spec, "volumeClaimTemplates", "spec.volumeClaimTemplates"):
        claims.claim_spec(r, part(claim, "spec"), f"{at}.spec")
    _stateful_numbers(r, spec)
    if text(spec, "serviceName"):
        r.syntax(names.is_dns1123_label, "spec.serviceName", spec["serviceName"])
    _stateful_template(r, spec, whole=True)


def _stateful_spec_update(r: Report, spec: JsonMap, before: JsonMap) -> None:
    """Claim templates and serviceName are kept and not looked at again; nor is the template if it was wrong before."""
    found = Report()
    _stateful_policies(found, before)
    _stateful_numbers(found, before)
    _stateful_template(found, before, whole=True)
    _stateful_policies(r, spec)
    _stateful_numbers(r, spec)
    _stateful_template(r, spec, whole=not found.errors)


def _stateful_policies(r: Report, spec: JsonMap) -> None:
    policy = text(spec, "podManagementPolicy")
    if not policy:
        r.required("spec.podManagementPolicy")
    elif policy not in ("OrderedReady", "Parallel"):
        r.invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    _stateful_strategy(r, part(spec, "updateStrategy"))
    _retention(r, spec.get("persistentVolumeClaimRetentionPolicy"))


def _stateful_numbers(r: Report, spec: JsonMap) -> None:
    r.not_negative("spec.replicas", spec.get("replicas"))
    r.not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    r.not_negative("spec.ordinals.start", part(spec, "ordinals").get("start"))


def _stateful_template(r: Report, spec: JsonMap, *, whole: bool) -> None:
    if _selector(r, spec, "empty selector is invalid for statefulset", ""):
        template_labels(r, spec, "spec")
        template = part(spec, "template")
        if whole:
            pods.template(r, _as_made(template, spec), "spec.template")
        meta = part(template, "metadata")
        r.add(labels.validate(part(meta, "labels"), "spec.template.labels"))
        r.add(labels.validate_annotations(part(meta, "annotations"), "spec.template.annotations"))
    _always(r, spec, "StatefulSet")


def _as_made(template: JsonMap, spec: JsonMap) -> JsonMap:
    """The template as the controller uses it: with its own host name, and a volume for every claim template."""
    claimed = [text(part(claim, "metadata"), "name") for claim in spec.get("volumeClaimTemplates") or ()]
    given = part(template, "spec")
    made = {k: v for k, v in given.items() if k not in ("hostname", "subdomain")}
    if claimed:
        own = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in dict.fromkeys(claimed)]
        made["volumes"] = own + [v for v in given.get("volumes") or () if text(v, "name") not in claimed]
    return {**template, "spec": made}


def _stateful_strategy(r: Report, strategy: JsonMap) -> None:
    kind, rolling = text(strategy, "type"), strategy.get("rollingUpdate")
    path = "spec.updateStrategy"
    if not kind:
        r.required(path)
    elif kind == "OnDelete":
        if rolling is not None:
            shown = _rolling(rolling, partition=0, maxUnavailable=None)
            r.invalid(f"{path}.rollingUpdate", shown, "only allowed for updateStrategy 'RollingUpdate'")
    elif kind != "RollingUpdate":
        shown = _strategy(strategy, partition=0, maxUnavailable=None)
        r.invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'")
    elif rolling is not None:
        r.not_negative(f"{path}.rollingUpdate.partition", rolling.get("partition"))
        unavailable = rolling.get("maxUnavailable")
        if unavailable is not None:
            at = f"{path}.rollingUpdate.maxUnavailable"
            positive_int_or_percent(r, unavailable, at)
            if amount(unavailable) == 0:
                r.invalid(at, unavailable, "cannot be 0")
            at_most_100_percent(r, unavailable, at)


def _retention(r: Report, policy: JsonMap | None) -> None:
    for name in ("whenDeleted", "whenScaled"):
        if policy is not None and text(policy, name) not in ("Retain", "Delete"):
            path = f"spec.persistentVolumeClaimRetentionPolicy.{name}"
            r.not_supported(path, text(policy, name), ("Retain", "Delete"))


def stateful_set_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Some fields of a StatefulSet never change."""
    _meta_update(r, new, old)
    spec, before = part(new, "spec"), part(old, "spec")
    _stateful_spec_update(r, spec, before)
    for name in STATEFUL_KEPT:
        r.immutable(f"spec.{name}", spec.get(name), before.get(name))


# -- DaemonSet -------------------------------------------------------------------------------------------------------


def daemon_set(r: Report, data: JsonMap) -> None:
    """A new DaemonSet."""
    _name(r, data)
    _daemon_spec(r, part(data, "spec"))


def _daemon_spec(r: Report, spec: JsonMap) -> None:
    selector = spec.get("selector")
    r.add(labels.validate_object(selector, "spec.selector"))
    template_labels(r, spec, "spec")
    if selector is not None and not selector.get("matchLabels") and not selector.get("matchExpressions"):
        r.invalid("spec.selector", selector, "empty selector is invalid for daemonset")
    pods.template(r, part(spec, "template"), "spec.template")
    _always(r, spec, "DaemonSet")
    r.not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    _daemon_strategy(r, part(spec, "updateStrategy"))
    r.not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))


def _daemon_strategy(r: Report, strategy: JsonMap) -> None:
    kind, rolling = text(strategy, "type"), strategy.get("rollingUpdate")
    path = "spec.updateStrategy"
    if kind == "RollingUpdate":
        if rolling is None:
            r.required(f"{path}.rollingUpdate")
        else:
            _daemon_rolling(r, rolling, f"{path}.rollingUpdate")
    elif kind != "OnDelete":
        r.not_supported(path, _strategy(strategy, maxUnavailable=0, maxSurge=0), ("RollingUpdate", "OnDelete"))


def _daemon_rolling(r: Report, rolling: JsonMap, path: str) -> None:
    for name in ("maxUnavailable", "maxSurge"):
        positive_int_or_percent(r, rolling.get(name), f"{path}.{name}")
    for name in ("maxUnavailable", "maxSurge"):
        at_most_100_percent(r, rolling.get(name), f"{path}.{name}")
    unavailable, surge = amount(rolling.get("maxUnavailable")), amount(rolling.get("maxSurge"))
    if unavailable and surge:
        r.invalid(f"{path}.maxSurge", rolling["maxSurge"], "may not be set when maxUnavailable is non-zero")
    elif not unavailable and not surge:
        r.required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0")


def daemon_set_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A DaemonSet keeps its selector."""
    _meta_update(r, new, old)
    _selector_kept(r, new, old)
    _daemon_spec(r, part(new, "spec"))


# -- ReplicationController, PodTemplate, ControllerRevision ------------------------------------------------------------


def replication_controller(r: Report, data: JsonMap) -> None:
    """A new ReplicationController."""
    _name(r, data)
    _controller_spec(r, part(data, "spec"))


def _controller_spec(r: Report, spec: JsonMap) -> None:
    selector, template = part(spec, "selector"), spec.get("template")
    if not selector:
        r.required("spec.selector")
    for name in ("replicas", "minReadySeconds"):
        r.declared_not_negative(f"spec.{name}", spec.get(name))
    if template is None:
        r.required("spec.template")
        return
    found = part(template, "metadata").get("labels")
    if selector and not all((found or {}).get(k) == v for k, v in selector.items()):
        r.invalid("spec.template.metadata.labels", found, MISMATCH)
    pods.template(r, template, "spec.template")
    _always(r, spec, "ReplicationController")


def replication_controller_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed ReplicationController."""
    _meta_update(r, new, old)
    _controller_spec(r, part(new, "spec"))


def pod_template(r: Report, data: JsonMap) -> None:
    """A PodTemplate."""
    _name(r, data)
    pods.template(r, part(data, "template"), "template")


def pod_template_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed PodTemplate."""
    _meta_update(r, new, old)
    pods.template(r, part(new, "template"), "template")


def _revision(r: Report, data: JsonMap) -> None:
    _name(r, data)
    r.not_negative("revision", data.get("revision"))


def controller_revision(r: Report, data: JsonMap) -> None:
    """A revision of a StatefulSet's or DaemonSet's template."""
    _revision(r, data)
    if data.get("data") is None:
        r.required("data", "data is mandatory")
    elif not isinstance(data["data"], dict):
        r.required("data", "data must be a valid JSON object")


def controller_revision_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A revision's data never change."""
    _meta_update(r, new, old)
    _revision(r, new)
    r.immutable("data", new.get("data"), old.get("data"))

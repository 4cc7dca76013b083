"""What is set, reset or generated on the JSON of single kinds before they are validated."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.helpers.qos import qos_of_json
from kubesim_tui.apiserver.registry.context import Context

JsonMap = dict[str, Any]
CONTROLLER_UID, JOB_NAME = "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"
OLD_CONTROLLER_UID, OLD_JOB_NAME = "controller-uid", "job-name"


def namespace(data: JsonMap, old: JsonMap | None, _context: Context) -> None:
    """A namespace begins with the finalizer of the namespace controller, which only `finalize` changes."""
    if old is None:
        finalizers = data.setdefault("spec", {}).setdefault("finalizers", [])
        if "kubernetes" not in finalizers:
            finalizers.append("kubernetes")
        data["status"] = {"phase": "Active"}
    else:
        data["spec"] = {**(data.get("spec") or {}), "finalizers": (old.get("spec") or {}).get("finalizers") or []}


def pod(data: JsonMap, old: JsonMap | None, _context: Context) -> None:
    """A new Pod is Pending and has its class of service; one with scheduling gates says so.

    A client that does not know a Pod's own resources does not take them away.
    """
    spec = data["spec"]
    if old is not None:
        own = (old.get("spec") or {}).get("resources")
        if own is not None and spec.get("resources") is None:
            spec["resources"] = own
        return
    data["status"] = {"phase": "Pending", "qosClass": qos_of_json(spec)}
    if spec.get("schedulingGates"):
        gated = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}
        gated["message"] = "Scheduling is blocked due to non-empty scheduling gates"
        data["status"]["conditions"] = [gated]
    label_keys(data, spec)


def label_keys(data: JsonMap, spec: JsonMap) -> None:
    """matchLabelKeys and mismatchLabelKeys become requirements on the Pod's own values of these labels."""
    labels = data["metadata"].get("labels") or {}
    affinity = spec.get("affinity") or {}
    for kind in ("podAffinity", "podAntiAffinity"):
        part = affinity.get(kind) or {}
        terms = list(part.get("requiredDuringSchedulingIgnoredDuringExecution") or ())
        preferred = part.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [t["podAffinityTerm"] for t in preferred if t.get("podAffinityTerm")]
        for term in terms:
            _require(term, term.get("matchLabelKeys") or (), "In", labels)
            _require(term, term.get("mismatchLabelKeys") or (), "NotIn", labels)
    for constraint in spec.get("topologySpreadConstraints") or ():
        _require(constraint, constraint.get("matchLabelKeys") or (), "In", labels)


def _require(term: JsonMap, keys: Any, operator: str, labels: JsonMap) -> None:
    if term.get("labelSelector") is None:
        return
    for key in keys:
        if key in labels:
            found = {"key": key, "operator": operator, "values": [labels[key]]}
            term["labelSelector"].setdefault("matchExpressions", []).append(found)


def job(data: JsonMap, old: JsonMap | None, _context: Context) -> None:
    """A Job's selector and its template's labels are made from its uid, unless manualSelector says otherwise.

    The feature WorkloadWithJob is off: no Job says how its Pods are scheduled together.
    """
    spec, meta = data["spec"], data["metadata"]
    spec.pop("scheduling", None)
    if old is not None:
        return
    template = spec.setdefault("template", {})
    labels = (template.get("metadata") or {}).get("labels") or {}
    if not spec.get("manualSelector"):
        uid, name = meta["uid"], meta.get("name", "")
        ours = {CONTROLLER_UID: uid, OLD_CONTROLLER_UID: uid, JOB_NAME: name, OLD_JOB_NAME: name}
        labels = {**labels, **{k: v for k, v in ours.items() if k not in labels}}
        template.setdefault("metadata", {})["labels"] = labels
        selector = spec.get("selector") or {}
        matched = dict(selector.get("matchLabels") or {})
        matched.setdefault(CONTROLLER_UID, uid)
        spec["selector"] = {**selector, "matchLabels": matched}


def cron_job(data: JsonMap, _old: JsonMap | None, _context: Context) -> None:
    """The feature WorkloadWithJob is off."""
    data["spec"]["jobTemplate"]["spec"].pop("scheduling", None)


def claim(data: JsonMap, old: JsonMap | None, _context: Context) -> None:
    """A new claim is Pending; dataSource and dataSourceRef say the same."""
    if old is None:
        data["status"] = {"phase": "Pending"}
    spec = data["spec"]
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None and reference is None:
        spec["dataSourceRef"] = dict(source)
    elif source is None and reference is not None and not reference.get("namespace"):
        spec["dataSource"] = dict(reference)


def volume(data: JsonMap, old: JsonMap | None, context: Context) -> None:
    """A new volume is Pending."""
    if old is None:
        data["status"] = {"phase": "Pending", "lastPhaseTransitionTime": context.now()}


def ingress(data: JsonMap, old: JsonMap | None, _context: Context) -> None:
    """A new Ingress has no address yet."""
    if old is None:
        data["status"] = {"loadBalancer": {}}


def autoscaler(data: JsonMap, old: JsonMap | None, _context: Context) -> None:
    """A new autoscaler wants nothing yet."""
    if old is None:
        data["status"] = {"currentReplicas": 0, "desiredReplicas": 0}


def priority_class(data: JsonMap, _old: JsonMap | None, _context: Context) -> None:
    """The value is written even when it is 0."""
    data.setdefault("value", 0)

"""kubectl describe replicaset and replicationcontroller."""

from __future__ import annotations

from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.table.model import selector as shown
from kubesim_tui.kubectl.describe import template
from kubesim_tui.kubectl.describe.workload import pod_counts, selector_text
from kubesim_tui.kubectl.describe.writer import Data, Writer, flat, owner


def describe(w: Writer, o: Data) -> None:
    """One ReplicaSet or ReplicationController."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    is_set = o.get("kind") == "ReplicaSet"
    w.name(o)
    w(0, f"Selector:\t{shown(spec.get('selector')) if is_set else flat(spec.get('selector'))}")
    w.about(o)
    if is_set and owner(o):
        w(0, f"Controlled By:\t{owner(o)}")
    w(0, f"Replicas:\t{status.get('replicas') or 0} current / {spec.get('replicas') or 0} desired")
    text = selector_text(spec.get("selector")) if is_set else ",".join(f"{k}={v}" for k, v in spec["selector"].items())
    try:
        counts = pod_counts(w, o, text)
    except ApiError as failure:
        counts = f"error in fetching pods: {failure}"
    w(0, f"Pods Status:\t{counts}")
    template.describe(w, spec.get("template"))
    w.conditions(o)
    w.events(o)

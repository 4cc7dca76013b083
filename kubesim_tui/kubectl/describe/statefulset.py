"""kubectl describe statefulset."""

from __future__ import annotations

from kubesim_tui.apiserver.table.storage import storage_class
from kubesim_tui.kubectl.describe import template
from kubesim_tui.kubectl.describe.workload import pod_counts, selector_text
from kubesim_tui.kubectl.describe.writer import NONE, Data, Writer, at, go_list, meta


def describe(w: Writer, o: Data) -> None:
    """One StatefulSet."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    selector = selector_text(spec.get("selector"))
    w.name(o)
    w.created(o)
    w(0, f"Selector:\t{selector}")
    w.about(o)
    if spec.get("serviceName"):
        w(0, f"Service Name:\t{spec.get('serviceName', '')}")
    w(0, f"Pod Management Policy:\t{spec.get('podManagementPolicy', '')}")
    w(0, f"Replicas:\t{spec.get('replicas') or 0} desired | {status.get('replicas') or 0} total")
    strategy = spec.get("updateStrategy") or {}
    w(0, f"Update Strategy:\t{strategy.get('type', '')}")
    rolling = strategy.get("rollingUpdate") or {}
    if rolling.get("partition") is not None:
        w(1, f"Partition:\t{rolling['partition']}")
        if rolling.get("maxUnavailable") is not None:
            w(1, f"MaxUnavailable:\t{rolling['maxUnavailable']}")
    if retention := spec.get("persistentVolumeClaimRetentionPolicy"):
        w(0, "Persistent Volume Claim Retention Policy:")
        w(1, f"WhenDeleted:\t{retention.get('whenDeleted', '')}")
        w(1, f"WhenScaled:\t{retention.get('whenScaled', '')}")
    w(0, f"Pods Status:\t{pod_counts(w, o, selector)}")
    template.describe(w, spec.get("template"))
    _claims(w, spec.get("volumeClaimTemplates") or [])
    w.events(o)


def _claims(w: Writer, templates: list[Data]) -> None:
    if not templates:
        w(0, f"Volume Claims:\t{NONE}")
        return
    w(0, "Volume Claims:")
    for claim in templates:
        w(1, f"Name:\t{meta(claim).get('name', '')}")
        w(1, f"StorageClass:\t{storage_class(claim)}")
        w.labels("Labels", meta(claim).get("labels"), "  ")
        w.labels("Annotations", meta(claim).get("annotations"), "  ")
        w(1, f"Capacity:\t{at(claim, 'spec', 'resources', 'requests', 'storage') or '<default>'}")
        w(1, f"Access Modes:\t{go_list(at(claim, 'spec', 'accessModes'))}")

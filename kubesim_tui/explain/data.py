"""Why acknowledged records are not found any more."""

from __future__ import annotations

from collections.abc import Iterable

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence


def lost_records(evidence: Evidence, store: str, lost: int, keepers: Iterable[Subject]) -> Chain:
    """The chain behind lost records; `keepers`: the Pods (or systems outside) that took them, latest first."""
    head = Link(f"{lost} acknowledged records of {store} are not found", "users", evidence.tick)
    last: Subject | None = None
    for keeper in keepers:
        last = last or keeper
        if keeper[0] != "Pod":
            continue
        template, owner = _template(evidence, keeper)
        if template is None:
            continue
        return _by_volume(template, owner or keeper, keeper).after(head).seen_at(evidence.tick)
    return Chain((head,), "data-elsewhere", last)


def _template(evidence: Evidence, keeper: Subject) -> tuple[types.PodSpec | None, Subject | None]:
    """The spec of a Pod that kept records, or that of the workload that made it when it is gone."""
    pod = evidence.pod(keeper[1], keeper[2])
    if pod is not None:
        return pod.spec, subject(evidence.workload(pod))
    for resource in ("deployments.apps", "statefulsets.apps"):
        for obj in evidence.etcd.table(resource).in_namespace(keeper[1]):
            if keeper[2].startswith(obj.metadata.name + "-"):
                template = getattr(getattr(obj, "spec", None), "template", None)
                return (template.spec if template else None), subject(obj)
    return None, None


def _by_volume(spec: types.PodSpec, owner: Subject, keeper: Subject) -> Chain:
    claims = any(v.persistent_volume_claim is not None for v in spec.volumes)
    empty = next((v.name for v in spec.volumes if v.empty_dir is not None), "")
    templates = owner[0] == "StatefulSet" and any(m.name not in {v.name for v in spec.volumes}
                                                  for c in spec.containers for m in c.volume_mounts)  # fmt: skip
    if claims or templates:
        return Chain((Link(f"Pod {keeper[2]} kept them on a claim", "kubelet", None, keeper),), "data-elsewhere", owner)
    if empty:
        text = f"Pod {keeper[2]} kept them in emptyDir {empty}"
        return Chain((Link(text, "kubelet", None, keeper),), "data-on-emptydir", owner)
    text = f"Pod {keeper[2]} kept them in its container's own files"
    return Chain((Link(text, "kubelet", None, keeper),), "data-in-container", owner)

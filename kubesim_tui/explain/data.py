"""Why acknowledged records are not found any more."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence


def lost_records(evidence: Evidence, store: str, lost: int, keepers: Iterable[Subject]) -> Chain:
    """The chain behind lost records; `keepers`: the Pods (or systems outside) that took them, latest first."""
    took = list(keepers)
    first = took[0] if took else None
    text = f"{lost} acknowledged records of {store} are not found"
    for keeper in took:
        apart = evidence.world.discarded(keeper[1], keeper[2])
        if apart is not None:
            return _apart(evidence, keeper, text, *apart)
        template, owner = _template(evidence, keeper)
        if template is not None:
            head = Link(text, "users", evidence.tick, keeper)
            chain = _by_volume(template, owner, keeper)
            taken = _what_took_it(evidence, template, keeper) if chain.cause in DIES else ()
            return evolve(chain, links=(head, *chain.links, *taken)).seen_at(evidence.tick)
    return Chain((Link(text, "users", evidence.tick, first),), "data-elsewhere", first)


def _apart(evidence: Evidence, keeper: Subject, text: str, count: int, followed: str) -> Chain:
    """It took writes that the member which it follows now never had."""
    links = (
        Link(text, "users", evidence.tick, keeper),
        Link(f"Pod {keeper[2]} took writes while another was a primary, too", "kubelet", None, keeper),
        Link(f"it follows {followed} now, and gave up {count} records for that", "kubelet", None, keeper),
    )
    return Chain(links, "split-brain", evidence.workload_of(keeper) or keeper).seen_at(evidence.tick)


DIES = ("data-on-emptydir", "data-in-container")
"""Causes of data that go with their Pod."""


def _what_took_it(evidence: Evidence, spec: types.PodSpec, keeper: Subject) -> tuple[Link, ...]:
    """Why a place that lives and dies with its Pod is gone: the Pod was deleted, or its machine started anew."""
    deleted = evidence.deletion("pods", keeper[1], keeper[2])
    if deleted is not None:
        text = f"Pod {keeper[2]} was deleted by {deleted.user}"
        return (Link(text, "kube-apiserver", deleted.tick, keeper),)
    about: Subject = ("Node", "", spec.node_name)
    told = evidence.event(about, "Rebooted") if spec.node_name else None
    if told is None:
        return ()
    return (Link(told.message, "kubelet", evidence.tick_of(told.last_timestamp), about, "Rebooted"),)


def _template(evidence: Evidence, keeper: Subject) -> tuple[types.PodSpec | None, Subject]:
    """The spec of a Pod that kept records, or that of the workload that made it when it is gone; and the workload."""
    pod = evidence.pod(keeper[1], keeper[2]) if keeper[0] == "Pod" else None
    if pod is not None:
        return pod.spec, subject(evidence.workload(pod))
    owner = evidence.workload_of(keeper) or keeper
    for obj in evidence.tops(keeper[1]):
        if subject(obj) == owner:
            template = getattr(getattr(obj, "spec", None), "template", None)
            return (template.spec if template else None), owner
    return None, owner


def _by_volume(spec: types.PodSpec, owner: Subject, keeper: Subject) -> Chain:
    where, cause = _place(spec, owner)
    return Chain((Link(f"Pod {keeper[2]} kept them {where}", "kubelet", None, keeper),), cause, owner)


def _place(spec: types.PodSpec, owner: Subject) -> tuple[str, str]:
    """(where a Pod keeps its data, what became of that)."""
    volumes = {v.name for v in spec.volumes}
    mounts = [m.name for c in spec.containers for m in c.volume_mounts]
    templates = owner[0] == "StatefulSet" and any(name not in volumes for name in mounts)
    if templates or any(v.persistent_volume_claim is not None for v in spec.volumes):
        return "on a claim", "data-elsewhere"
    if any(v.host_path is not None and v.name in mounts for v in spec.volumes):
        return "on the disk of its node", "data-elsewhere"
    empty = next((v.name for v in spec.volumes if v.empty_dir is not None and v.name in mounts), "")
    if empty:
        return f"in emptyDir {empty}", "data-on-emptydir"
    return "in its container's own files", "data-in-container"

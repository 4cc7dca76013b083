"""Why all copies of a workload are away at once, or only just back: what ended them, or that none were asked for."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.api import types
from kubesim_tui.apiserver.etcd import Change
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.container import of_end
from kubesim_tui.explain.evidence import WORKLOADS, Evidence, chosen, replicas
from kubesim_tui.explain.node import came_back

YOUNG = 30
"""Ticks after which what runs on a machine that was off runs again."""
LATELY = 60
"""Ticks for which what was asked for before may still be why nobody is there."""


def started_anew(evidence: Evidence, owner: types.Object, pods: list[types.Pod]) -> Chain | None:
    """The chain behind copies that are all starting, or known to nobody yet; None if nothing ended them."""
    ended = next((found for pod in pods if (found := of_end(evidence, pod) or with_its_machine(evidence, pod))), None)
    return ended or _none_before(evidence, owner)


def with_its_machine(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a Pod whose machine has just been switched on; None if it has not."""
    node = pod.spec.node_name if pod.spec is not None else ""
    return came_back(evidence, node, YOUNG) if node else None


def _none_before(evidence: Evidence, owner: types.Object) -> Chain | None:
    """It was scaled to zero until lately."""
    about = subject(owner)
    for change in _changes(evidence, WORKLOADS.get(owner.kind, ""), about):
        if change.previous is not None and replicas(change.previous) == 0 and replicas(change.object):
            text = f"{owner.kind} {about[2]} asked for 0 replicas until {change.tick}s"
            return Chain((Link(text, "kube-apiserver", change.tick, about),), "scaled-to-zero", about)
    return None


def selected_others(evidence: Evidence, service: types.Service) -> Chain | None:
    """The chain behind a Service that selected something else until lately; None if it did not."""
    about = subject(service)
    for change in _changes(evidence, "services", about):
        if change.previous is not None and chosen(change.previous) != chosen(change.object):
            text = f"Service {about[2]} selected {chosen(change.previous)} until {change.tick}s"
            return Chain((Link(text, "kube-apiserver", change.tick, about),), "selector-mismatch", about)
    return None


def _changes(evidence: Evidence, resource: str, about: Subject) -> Iterator[Change]:
    """What was lately changed of an object, the latest first."""
    for change in reversed(evidence.etcd.journal):
        if evidence.tick - change.tick > LATELY:
            return
        if change.resource == resource and change.key == about[1:]:
            yield change

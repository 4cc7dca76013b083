"""Why all copies of a workload are away at once, or only just back: what ended them, or that none were asked for."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.apiserver.etcd import Change
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.container import of_end
from kubesim_tui.explain.evidence import WORKLOADS, Evidence, chosen, replicas
from kubesim_tui.explain.node import came_back

SOON = 3
"""Ticks in which those who send to a Pod hear that it is Ready again."""
YOUNG = 30
"""Ticks after which what runs on a machine that was off runs again."""
LATELY = 60
"""Ticks for which what was asked for before may still be why nobody is there."""


def started_anew(evidence: Evidence, owner: types.Object, pods: list[types.Pod]) -> Chain | None:
    """The chain behind copies that are all starting, or known to nobody yet; None if nothing ended them."""
    found = (of_end(evidence, pod) or with_its_machine(evidence, pod) or _with_its_node(evidence, pod) for pod in pods)
    return next(filter(None, found), None) or _none_before(evidence, owner)


def with_its_machine(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a Pod whose machine has just been switched on; None if it has not."""
    node = pod.spec.node_name if pod.spec is not None else ""
    return came_back(evidence, node, YOUNG) if node else None


def _with_its_node(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a Pod that its node's silence has made not Ready, and whose kubelet reports again since now."""
    about, node = subject(pod), pod.spec.node_name if pod.spec is not None else ""
    told = evidence.event(about, "NodeNotReady")
    at = evidence.tick_of(told.last_timestamp) if told is not None else None
    ready = find(pod.status.conditions, "Ready") if pod.status is not None else None
    well = evidence.tick_of(ready.last_transition_time) if ready is not None and ready.status == "True" else None
    if told is None or at is None or evidence.tick - at > LATELY:
        return None
    if well is not None and well > at and evidence.tick - well > SOON:  # by the kubelet's own clock
        return None
    head = Link(f"Pod {about[2]} was not Ready any more: {told.message}", "node-controller", at, about, told.reason)
    whose: Subject = ("Node", "", node)
    known = evidence.memory.lately(evidence, whose, at) if evidence.memory is not None else None
    return known[1].after(head) if known is not None else Chain((head,), "kubelet-stopped", whose)


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

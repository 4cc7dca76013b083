"""Why a Pod has no node."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.explain.chain import Chain, Link, subject
from kubesim_tui.explain.cloud import no_machine, waits_for_the_cloud
from kubesim_tui.explain.disk import keeps_away
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.plane import idle, slow
from kubesim_tui.explain.volume import unbound_claim

LATELY = 180
"""Ticks for which a Pod that was preempted may still be without room, though who took its place is gone."""


def not_scheduled(evidence: Evidence, pod: types.Pod) -> Chain:
    """The chain behind a Pod that is Pending without a node."""
    about, name = subject(pod), pod.metadata.name
    condition = find(pod.status.conditions, "PodScheduled") if pod.status else None
    if condition is None or condition.status != "False":
        if evidence.stopped("kube-scheduler"):
            link = Link(f"Pod {name} is Pending, and nobody says why", "kube-scheduler", None, about)
            process = evidence.component("kube-scheduler")
            return Chain((link, *idle(evidence, "kube-scheduler")), "scheduler-down", process)
        link = Link(f"Pod {name} is Pending: no scheduler has looked at it yet", "kube-scheduler", None, about)
        return slow(evidence, "kube-scheduler", Chain((link,), "starting", about))
    at = evidence.tick_of(condition.last_transition_time)
    link = Link(f"Pod {name} is Pending: {condition.message}", "kube-scheduler", at, about, "FailedScheduling")
    claim = unbound_claim(evidence, pod) if "ersistentvolumeclaim" in condition.message.lower() else None
    if claim is not None:
        return claim.after(link)
    pressed = keeps_away(evidence, condition.message)
    if pressed is not None:
        return pressed.after(link)
    preempted = _preempted(evidence, pod) if "Insufficient" in condition.message else None
    if preempted is not None:
        return preempted.after(link)
    behind = waits_for_the_cloud(evidence) or no_machine(evidence, pod)
    if behind is not None:
        return behind.after(link)
    held = _cordoned(evidence) if "node(s) were unschedulable" in condition.message else None
    if held is not None:
        return held.after(link)
    lost = evidence.lost_nodes()
    if not lost:
        return Chain((link,), "unschedulable", about)
    more = Link(f"node {lost[0]} is not there", "node-controller", None, ("Node", "", lost[0]))
    return Chain((link, more), "no-free-node", about)


def _cordoned(evidence: Evidence) -> Chain | None:
    """The first node that takes no new Pod since somebody has said so; None if none is."""
    for node in sorted(evidence.etcd.table("nodes"), key=lambda node: node.metadata.name):
        if isinstance(node, types.Node) and node.spec is not None and node.spec.unschedulable:
            about = subject(node)
            link = Link(f"node {about[2]} is cordoned", "kube-scheduler", None, about)
            return Chain((link,), "cordoned", about)
    return None


def _preempted(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """That a copy of it had to make room for one that is still there, or was until lately."""
    told = evidence.event_of_copy(evidence.workload(pod), "Preempted")
    if told is None or told.involved_object is None:
        return None
    words = told.message.split()
    taker = next((other for other in evidence.etcd.table("pods") if other.metadata.uid in words), None)
    at, about = evidence.tick_of(told.last_timestamp), ("Pod", pod.metadata.namespace, told.involved_object.name)
    if taker is None and evidence.tick - (at or 0) > LATELY:
        return None
    link = Link(told.message, "kube-scheduler", at, about, "Preempted")
    return Chain((link,), "preempted", subject(evidence.workload(taker)) if taker is not None else about)

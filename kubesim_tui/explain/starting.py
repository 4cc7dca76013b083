"""Why all copies of a workload are away at once, or only just back: what ended them, or that none were asked for."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, subject
from kubesim_tui.explain.container import of_end
from kubesim_tui.explain.evidence import WORKLOADS, Evidence, replicas

LATELY = 60
"""Ticks for which what was asked for before may still be why nobody is there."""


def started_anew(evidence: Evidence, owner: types.Object, pods: list[types.Pod]) -> Chain | None:
    """The chain behind copies that are all starting, or known to nobody yet; None if nothing ended them."""
    ended = next((found for pod in pods if (found := of_end(evidence, pod)) is not None), None)
    return ended or _none_before(evidence, owner)


def _none_before(evidence: Evidence, owner: types.Object) -> Chain | None:
    """It was scaled to zero until lately."""
    resource, about = WORKLOADS.get(owner.kind, ""), subject(owner)
    for change in reversed(evidence.etcd.journal):
        if evidence.tick - change.tick > LATELY:
            return None
        mine = change.resource == resource and change.key == about[1:]
        if mine and change.previous is not None and replicas(change.previous) == 0 and replicas(change.object):
            text = f"{owner.kind} {about[2]} asked for 0 replicas until {change.tick}s"
            return Chain((Link(text, "kube-apiserver", change.tick, about),), "scaled-to-zero", about)
    return None

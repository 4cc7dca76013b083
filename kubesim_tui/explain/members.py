"""Why a member of a database does not take a write: too few hear one another, nobody leads, or it is a replica."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, last
from kubesim_tui.explain.pod import pod_not_ready


def refused(evidence: Evidence, failed: Failed) -> Chain:
    """The member's own reason, then what is wrong with the others."""
    hop = last(failed, "Pod")
    link = Link(failed.detail, "kubelet", None, hop)
    others = _others(evidence, hop) if failed.code != "not-primary" else ()
    return Chain((link, *others), failed.code, evidence.workload_of(hop) or hop)


def _others(evidence: Evidence, hop: Subject | None) -> tuple[Link, ...]:
    """Of the other Pods of its workload the first that is not well: why."""
    pod = evidence.pod(hop[1], hop[2]) if hop is not None else None
    if pod is None:
        return ()
    for other in evidence.owned(evidence.workload(pod)):
        if isinstance(other, types.Pod) and subject(other) != hop:
            broken = pod_not_ready(evidence, other)
            if broken is not None:
                return broken.links
    return ()

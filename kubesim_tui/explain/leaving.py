"""Why something that was there goes, or is gone: who deleted it, its namespace, what pushed a Pod out."""

from __future__ import annotations

from collections.abc import Callable

from kubesim_tui.api import types
from kubesim_tui.apiserver.etcd import DELETED
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.disk import evicted
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.node import node_not_ready

LATELY = 60
"""Ticks for which what has happened may still be why a Pod is away."""


def with_namespace(evidence: Evidence, namespace: str) -> Chain | None:
    """All that is in a namespace goes when it is deleted; None if it is not."""
    if not namespace or not evidence.leaving(namespace):
        return None
    about: Subject = ("Namespace", "", namespace)
    by = evidence.deletion("namespaces", "", namespace)
    if by is None:
        return Chain(
            (Link(f"Namespace {namespace} is being deleted", "namespace-controller", None, about),), SPACE, about
        )
    return Chain(
        (Link(f"Namespace {namespace} was deleted by {by.user}", "kube-apiserver", by.tick, about),), SPACE, about
    )


SPACE = "namespace-deleted"


def deleted(evidence: Evidence, resource: str, about: Subject) -> tuple[Link, ...]:
    """That somebody deleted an object; nothing if that is not known."""
    by = evidence.deletion(resource, about[1], about[2])
    if by is None:
        return ()
    return (Link(f"{about[0]} {about[2]} was deleted by {by.user}", "kube-apiserver", by.tick, about),)


def former(evidence: Evidence, resource: str, fits: Callable[[types.Object], bool]) -> types.Object | None:
    """The latest object of a resource that was deleted lately and fits; None if etcd knows of none."""
    gone = (c.object for c in reversed(evidence.etcd.journal) if c.type == DELETED and c.resource == resource)
    return next((obj for obj in gone if fits(obj)), None)


SAYS = {
    "Preempted": "kube-scheduler",
    "TaintManagerEviction": "taint-eviction-controller",
    "Evicted": "kubelet",
}
"""Reason of an Event that tells that a Pod has to go → who says so."""


def pushed_out(evidence: Evidence, about: Subject) -> Chain | None:
    """The chain behind a Pod that had to make room, or whose node was given up; None if neither."""
    for told in evidence.events(about, *SAYS):
        at = evidence.tick_of(told.last_timestamp)
        link = Link(told.message, SAYS[told.reason], at, about, told.reason)
        if told.reason == "Preempted":
            taker = next((p for p in evidence.etcd.table("pods") if p.metadata.uid in told.message.split()), None)
            return Chain((link,), "preempted", subject(evidence.workload(taker)) if taker is not None else about)
        if told.reason == "Evicted":
            at_node = told.source.host if told.source is not None else ""
            return evicted(evidence, about, at_node, told.message).after(link)
        pod = evidence.pod(about[1], about[2])
        node = pod.spec.node_name if pod is not None and pod.spec is not None else ""
        if told.reason == "TaintManagerEviction" and node and evidence.node_ready(node) is not True:
            return node_not_ready(evidence, node).after(link)
        return None
    return None

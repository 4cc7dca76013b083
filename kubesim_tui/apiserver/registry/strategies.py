"""The table of strategies: one row a kind that has something of its own."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.api import types
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.registry.strategy import Strategy
from kubesim_tui.kernel.chance import Chance


@frozen
class Context:
    """What strategies may look at."""

    etcd: Etcd
    chance: Chance


def pod_grace(pod: Object, asked: int | None) -> int | None:
    """Seconds of graceful deletion of a Pod; None when it can go at once (never bound, or finished)."""
    assert isinstance(pod, types.Pod)
    if pod.spec is None or not pod.spec.node_name or (pod.status and pod.status.phase in ("Succeeded", "Failed")):
        return None
    seconds = asked if asked is not None else pod.spec.termination_grace_period_seconds
    return (30 if seconds is None else seconds) or None


def new_pod(pod: Object, _context: object) -> Object:
    """A new Pod is Pending."""
    return pod.evolve(status=types.PodStatus(phase="Pending"))


STRATEGIES: dict[str, Strategy] = {
    "pods": Strategy(create=new_pod, grace=pod_grace),
    "events": Strategy(has_status=False, generation=False),
    "configmaps": Strategy(has_status=False, generation=False),
    "secrets": Strategy(has_status=False, generation=False),
    "leases.coordination.k8s.io": Strategy(has_status=False, generation=False),
    "endpointslices.discovery.k8s.io": Strategy(has_status=False),
}

"""Why a Pod has no network of its own."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence

FAILED, EXHAUSTED = "FailedCreatePodSandBox", "no IP addresses available"


def without_network(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a Pod for which its node has no address; None if that is not it."""
    about = subject(pod)
    told = evidence.event(about, FAILED)
    if told is None or EXHAUSTED not in told.message or (pod.status is not None and pod.status.pod_ip):
        return None
    node = pod.spec.node_name if pod.spec is not None else ""
    at: Subject = ("Node", "", node)
    head = Link(told.message, "kubelet", evidence.tick_of(told.last_timestamp), about, FAILED)
    use = evidence.world.addresses(node)
    if use is None:
        return Chain((head,), "no-addresses", at)
    text = f"node {node} has {use.size} addresses for Pods, and {use.used} are taken"
    strays = f", {use.strays} of them by nobody who is still there" if use.strays else ""
    return Chain((head, Link(text + strays, "network-plugin", None, at)), "no-addresses", at)

"""Why a Pod is not Ready (or not there): from its status, its containers, its node, down to the cause."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.explain.chain import Chain, Link, subject
from kubesim_tui.explain.container import of_containers, of_end, started_at
from kubesim_tui.explain.disk import put_out
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.links import own_network
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.pending import not_scheduled
from kubesim_tui.explain.plane import slow
from kubesim_tui.explain.sandbox import without_network
from kubesim_tui.explain.stalled import stalled
from kubesim_tui.explain.volume import not_mounted

YOUNG = 30
"""Ticks of a container's life in which it is no wonder that nobody listens yet."""
LONG = 15
"""Ticks from which on a pull counts as slow."""
SOON = 5
"""Ticks in which whoever has stopped may still be there: a kubelet cleans up, and then tells."""
SHUT_DOWN = ("Terminated", "NodeShutdown")
NOBODY_LISTENS, TOO_LATE = ("connection refused", "no response", "failed to connect service"), "deadline exceeded"
"""Words of probes that nobody has answered, or not in time."""


def pod_not_ready(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a Pod that is not Ready; None if it is fine (or has done its work)."""
    status = pod.status or types.PodStatus()
    if status.phase == "Succeeded":
        return None
    if status.phase == "Failed" and status.reason:
        return _put_out(evidence, pod, status)
    if pod.spec is None or not pod.spec.node_name:
        return not_scheduled(evidence, pod)
    node = pod.spec.node_name
    if not evidence.world.powered(node) or evidence.node_ready(node) is False:
        head = Link(f"Pod {pod.metadata.name} is on node {node}", "kubelet", None, subject(pod))
        return node_not_ready(evidence, node).after(head)
    stuck = _stuck(evidence, pod)
    if stuck is not None:
        return stuck
    found = of_containers(evidence, pod) or without_network(evidence, pod) or not_mounted(evidence, pod)
    if found is not None:
        return found
    ready = find(status.conditions, "Ready")
    return None if ready is not None and ready.status == "True" else _not_ready(evidence, pod)


def _put_out(evidence: Evidence, pod: types.Pod, status: types.PodStatus) -> Chain:
    """A kubelet did not want it, or not any more."""
    about, name = subject(pod), pod.metadata.name
    head = Link(f"Pod {name} has failed: {status.reason}: {status.message}", "kubelet", None, about, status.reason)
    if status.reason in SHUT_DOWN and pod.spec is not None:
        return Chain((head,), "node-shutdown", ("Node", "", pod.spec.node_name))
    return put_out(evidence, pod, head) if status.reason == "Evicted" else Chain((head,), "unschedulable", about)


def _not_ready(evidence: Evidence, pod: types.Pod) -> Chain:
    about, name = subject(pod), pod.metadata.name
    if pod.metadata.deletion_timestamp is not None:
        at = evidence.tick_of(pod.metadata.deletion_timestamp)
        return Chain((Link(f"Pod {name} is being deleted", "kubelet", at, about, "Killing"),), "starting", about)
    if not evidence.world.process_runs(pod.spec.node_name if pod.spec else "", "kubelet"):
        node = pod.spec.node_name if pod.spec else ""
        return node_not_ready(evidence, node).after(Link(f"Pod {name} is on node {node}", "kubelet", None, about))
    ended = of_end(evidence, pod)
    if ended is not None:
        return ended
    probe = next((told for told in evidence.events(about, "Unhealthy") if _of_this(pod, told)), None)
    at = evidence.tick_of(probe.last_timestamp) if probe is not None else None
    if probe is not None and at is not None and not _too_early(evidence, pod, probe.message, at):
        head = Link(f"Pod {name} is not Ready", "kubelet", at, about)
        told = Link(probe.message, "kubelet", at, about, "Unhealthy")
        own = own_network(evidence, pod)
        if own is not None:
            return Chain((head, told, own), "pod-network", about)
        if evidence.world.hangs(about[1], name):
            text = f"the program of Pod {name} lives, and answers nobody"
            return Chain((head, told, Link(text, "kubelet", None, about)), "hangs", about)
        held = stalled(evidence, pod) if TOO_LATE in probe.message else None
        return (held or Chain((), "not-ready", about)).after(head, told)
    starting = Chain((Link(f"Pod {name} is starting", "kubelet", None, about),), "starting", about)
    node = pod.spec.node_name if pod.spec is not None else ""
    return _pulling(evidence, pod) or slow(evidence, "kubelet", starting, node)


def _of_this(pod: types.Pod, told: types.Event) -> bool:
    """Whether an Event is about this Pod, and not about one that had its name before."""
    return told.involved_object is not None and told.involved_object.uid in ("", pod.metadata.uid)


def _too_early(evidence: Evidence, pod: types.Pod, message: str, at: int) -> bool:
    """Whether a probe failed before the container that runs now, or when it cannot be expected to listen yet."""
    since = started_at(evidence, pod)
    if since is None:
        since = evidence.tick_of(pod.metadata.creation_timestamp) or 0
    return at < since or (evidence.tick - since <= YOUNG and any(words in message for words in NOBODY_LISTENS))


def _pulling(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """Its image has been on its way for long."""
    about = subject(pod)
    told = evidence.event(about, "Pulling")
    at = evidence.tick_of(told.last_timestamp) if told is not None else None
    if told is None or at is None or evidence.tick - at < LONG or evidence.event(about, "Pulled", "Failed") is not None:
        return None
    return Chain(
        (Link(f"{told.message}, and it has not come yet", "kubelet", at, about, "Pulling"),), "pull-slow", about
    )


def _stuck(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """It should have stopped long ago."""
    about, name = subject(pod), pod.metadata.name
    at = evidence.tick_of(pod.metadata.deletion_timestamp)
    if at is None or at + SOON >= evidence.tick:
        return None
    held = f", held by {', '.join(pod.metadata.finalizers)}" if pod.metadata.finalizers else ""
    return Chain((Link(f"Pod {name} should be gone{held}", "kubelet", at, about),), "pod-stuck", about)

"""Why requests are too many, too slow, or die on their way."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.container import of_end
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, caller, last
from kubesim_tui.explain.leaving import deleted
from kubesim_tui.explain.links import late
from kubesim_tui.explain.pod import pod_not_ready
from kubesim_tui.explain.stalled import stalled
from kubesim_tui.explain.world import Squeeze

DNS: Subject = ("Service", "kube-system", "kube-dns")


def overload(evidence: Evidence, failed: Failed) -> Chain:
    """A queue is full."""
    return _busy(evidence, failed, "overload")


def slow(evidence: Evidence, failed: Failed) -> Chain:
    """An answer has come too late."""
    return late(evidence, failed, _asked(evidence, failed)) or _busy(evidence, failed, "slow")


def _busy(evidence: Evidence, failed: Failed, cause: str) -> Chain:
    hop, service, pods = _server(failed), last(failed, "Service"), _asked(evidence, failed)
    about = evidence.workload_of(hop) or (subject(evidence.workload(pods[0])) if pods else service)
    where = hop or service or (failed.way[-1] if failed.way else None)
    link = Link(failed.detail or cause, "kubelet" if hop else "kube-proxy", None, where)
    for pod in pods:
        held = limited(evidence, pod)
        if held is None and last(failed, "Service") == DNS:
            held = _asked_for_names(failed, pod, about)
        if held is not None:
            return held.after(link)
        disk = stalled(evidence, pod)
        if disk is not None:
            return disk.after(link)
        squeeze = evidence.world.squeezed(pod.metadata.namespace, pod.metadata.name)
        if squeeze is not None:
            return _noisy(evidence, pod, squeeze).after(link)
    return Chain((link,), cause, about)


def limited(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """That a Pod has used up what its limit grants; None if it has not."""
    if not evidence.world.throttled(pod.metadata.namespace, pod.metadata.name):
        return None
    text = f"Pod {pod.metadata.name} uses all the processor time that its limit grants"
    return Chain((Link(text, "kubelet", None, subject(pod)),), "cpu-limit", subject(evidence.workload(pod)))


def _asked_for_names(failed: Failed, pod: types.Pod, about: Subject | None) -> Chain:
    """Cluster DNS has more questions than it can answer."""
    asked = caller(failed)
    who = f"Pod {asked[2]} and others look names up" if asked is not None else "names are looked up"
    text = f"{who} with each connection, and Pod {pod.metadata.name} cannot answer as fast"
    return Chain((Link(text, "coredns", None, subject(pod)),), "dns-overload", about)


def _noisy(evidence: Evidence, pod: types.Pod, squeeze: Squeeze) -> Chain:
    """The processors of its machine do not suffice, and a neighbour uses most of them."""
    neighbour: Subject = ("Pod", *squeeze.neighbour)
    text = f"Pod {pod.metadata.name} gets {squeeze.milli} millicores of node {squeeze.machine}, and needs more"
    other = f"Pod {neighbour[2]} there uses {squeeze.used} millicores, and has requested {squeeze.requested}"
    links = (Link(text, "kubelet", None, subject(pod)), Link(other, "machine", None, neighbour))
    return Chain(links, "noisy-neighbour", evidence.workload_of(neighbour))


def _server(failed: Failed) -> Subject | None:
    """The Pod that should have answered; None if it is only known that it is one of a Service's."""
    hop = last(failed, "Pod")
    return hop if hop != caller(failed) else None


def _asked(evidence: Evidence, failed: Failed) -> list[types.Pod]:
    """The Pod that should have answered, or all of which one should."""
    hop, service = _server(failed), last(failed, "Service")
    if hop is not None:
        pod = evidence.pod(hop[1], hop[2])
        return [pod] if pod is not None else []
    found = evidence.service(service[1], service[2]) if service is not None else None
    return evidence.selected(found) if found is not None else []


def died(evidence: Evidence, failed: Failed) -> Chain:
    """A container has ended with requests inside."""
    hop = last(failed, "Pod")
    link = Link(failed.detail, "kubelet", None, hop)
    about = evidence.workload_of(hop)
    pod = evidence.pod(hop[1], hop[2]) if hop is not None else None
    if pod is None or pod.metadata.deletion_timestamp is not None:
        return Chain((link, *(deleted(evidence, "pods", hop) if hop is not None else ())), "pod-died", about)
    broken = pod_not_ready(evidence, pod)
    if broken is not None and broken.cause not in ("starting", "not-ready"):
        return broken.after(link)
    ended = of_end(evidence, pod)
    return ended.after(link) if ended is not None else Chain((link,), "pod-died", about)


def disk_full(evidence: Evidence, failed: Failed) -> Chain:
    """A record finds no room."""
    hop = last(failed, "Pod") or (failed.way[-1] if failed.way else None)
    return Chain((Link(failed.detail, "kubelet", None, hop),), "disk-full", evidence.workload_of(hop))


def queue_full(evidence: Evidence, failed: Failed) -> Chain:
    """A broker takes no more messages."""
    hop = last(failed, "Pod") or (failed.way[-1] if failed.way else None)
    return Chain((Link(failed.detail, "broker", None, hop),), "queue-limit", evidence.workload_of(hop))

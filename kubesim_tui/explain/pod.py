"""Why a Pod is not Ready (or not there): from its status, its containers, its node, down to the cause."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.explain.chain import Chain, Link, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.node import node_not_ready

PULLS = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")


def pod_not_ready(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a Pod that is not Ready; None if it is fine."""
    status = pod.status or types.PodStatus()
    about = subject(pod)
    if pod.spec is None or not pod.spec.node_name:
        return _unscheduled(evidence, pod)
    if not evidence.world.powered(pod.spec.node_name):
        head = Link(f"Pod {pod.metadata.name} is on node {pod.spec.node_name}", "kubelet", None, about)
        return node_not_ready(evidence, pod.spec.node_name).after(head)
    for container in (*status.init_container_statuses, *status.container_statuses):
        found = _of_container(evidence, pod, container)
        if found is not None:
            return found
    if _not_mounted(evidence, pod) is not None:
        return _not_mounted(evidence, pod)
    ready = find(status.conditions, "Ready")
    if ready is not None and ready.status == "True":
        return None
    return _not_ready(evidence, pod)


def _unscheduled(evidence: Evidence, pod: types.Pod) -> Chain:
    about = subject(pod)
    condition = find(pod.status.conditions, "PodScheduled") if pod.status else None
    name = pod.metadata.name
    if condition is None or condition.status != "False":
        link = Link(f"Pod {name} is Pending: no scheduler has looked at it yet", "kube-scheduler", None, about)
        return Chain((link,), "starting", about)
    at = evidence.tick_of(condition.last_transition_time)
    link = Link(f"Pod {name} is Pending: {condition.message}", "kube-scheduler", at, about, "FailedScheduling")
    cause = "claim-unbound" if "PersistentVolumeClaim" in condition.message else "unschedulable"
    return Chain((link,), cause, about)


def _of_container(evidence: Evidence, pod: types.Pod, container: types.ContainerStatus) -> Chain | None:
    state, about = container.state, subject(pod)
    waiting = state.waiting if state else None
    last = container.last_state.terminated if container.last_state else None
    ended = (state.terminated if state else None) or last
    what = f"container {container.name} of Pod {pod.metadata.name}"
    if waiting is not None and waiting.reason in PULLS:
        link = Link(f"{what}: {waiting.reason}: {waiting.message}", "kubelet", None, about, "Failed")
        return Chain((link,), "image-pull", about)
    if waiting is not None and waiting.reason == "CreateContainerConfigError":
        link = Link(f"{what}: {waiting.message}", "kubelet", None, about, "Failed")
        return Chain((link,), "config-missing", about)
    bad = waiting is not None and waiting.reason == "CrashLoopBackOff"
    if ended is not None and (bad or (state and state.terminated and ended.exit_code)):
        return _ended(evidence, pod, what, ended)
    return None


def _ended(evidence: Evidence, pod: types.Pod, what: str, ended: types.ContainerStateTerminated) -> Chain:
    about = subject(pod)
    at = evidence.tick_of(ended.finished_at)
    link = Link(f"{what} ended: {ended.reason}, exit code {ended.exit_code}", "kubelet", at, about, "BackOff")
    if ended.reason == "OOMKilled":
        return Chain((link,), "oom-killed", about)
    probe = evidence.event(about, "Unhealthy")
    if probe is not None and probe.message.startswith("Liveness"):
        told = Link(probe.message, "kubelet", evidence.tick_of(probe.last_timestamp), about, "Unhealthy")
        return Chain((link, told), "liveness", about)
    return Chain((link,), "crash-loop", about)


def _not_mounted(evidence: Evidence, pod: types.Pod) -> Chain | None:
    about = subject(pod)
    failed = evidence.event(about, "FailedMount", "FailedAttachVolume")
    running = any(c.state and c.state.running for c in (pod.status.container_statuses if pod.status else ()))
    if failed is None or running:
        return None
    link = Link(failed.message, "kubelet", evidence.tick_of(failed.last_timestamp), about, failed.reason)
    missing = "not found" in failed.message
    return Chain((link,), "config-missing" if missing else "volume-not-mounted", about)


def _not_ready(evidence: Evidence, pod: types.Pod) -> Chain:
    about, name = subject(pod), pod.metadata.name
    if pod.metadata.deletion_timestamp is not None:
        at = evidence.tick_of(pod.metadata.deletion_timestamp)
        return Chain((Link(f"Pod {name} is being deleted", "kubelet", at, about, "Killing"),), "starting", about)
    probe = evidence.event(about, "Unhealthy")
    if probe is not None:
        at = evidence.tick_of(probe.last_timestamp)
        head = Link(f"Pod {name} is not Ready", "kubelet", at, about)
        return Chain((head, Link(probe.message, "kubelet", at, about, "Unhealthy")), "not-ready", about)
    return Chain((Link(f"Pod {name} is starting", "kubelet", None, about),), "starting", about)

"""Pods: their glyph and the line behind it."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.apiserver.table.pods import summary
from kubesim_tui.cluster.view import Face, PodView, Ref

OOM = "OOMKilled"
CRASHED = ("CrashLoopBackOff", "Error", "ErrImagePull", "ImagePullBackOff", "CreateContainerConfigError",
           "InvalidImageName", "RunContainerError", "CreateContainerError", "ErrImageNeverPull", "StartError",
           "Evicted", "Failed", "NodeAffinity", "ContainerStatusUnknown", "DeadlineExceeded", "OutOfcpu",
           "OutOfmemory", "OutOfpods", "UnexpectedAdmissionError", "NodeLost")  # fmt: skip
NO_SPEC = types.PodSpec()


def face(pod: types.Pod, status: str, *, ready: bool, lost: bool) -> Face:
    """The glyph of a Pod, from its STATUS. `lost`: its node has not been heard of."""
    if lost:
        return Face.UNKNOWN
    if pod.metadata.deletion_timestamp is not None:
        return Face.STOPPING
    bare = status.removeprefix("Init:")
    if bare == OOM:
        return Face.OOM
    if bare in CRASHED or bare.startswith(("ExitCode:", "Signal:")):
        return Face.CRASH
    if status in ("Completed", "Succeeded"):
        return Face.DONE
    if pod.spec is None or not pod.spec.node_name:
        return Face.PENDING
    if status == "Running":
        return Face.RUNNING if ready else Face.NOT_READY
    return Face.CREATING


def why(pod: types.Pod) -> str:
    """The message behind a status that is not fine."""
    status = pod.status
    if status is None:
        return ""
    for container in (*status.init_container_statuses, *status.container_statuses):
        state = container.state
        if state and state.waiting and state.waiting.message:
            return state.waiting.message
    for condition in status.conditions:
        if condition.status == "False" and condition.type in ("PodScheduled", "Ready") and condition.message:
            return condition.message
    return status.message


def pod_view(pod: types.Pod, name: Ref, owner: Ref | None, usage: tuple[int, int], now: int, *, lost: bool) -> PodView:
    """One Pod as the board shows it."""
    found = summary(pod)
    spec, meta = pod.spec or NO_SPEC, pod.metadata
    ready = found.ready == found.containers
    labels = meta.labels
    return PodView(
        name,
        face(pod, found.status, ready=ready, lost=lost),
        found.status,
        found.ready,
        found.containers,
        found.restarts,
        spec.node_name,
        pod.status.pod_ip if pod.status else "",
        now - (meta.creation_timestamp or now),
        owner,
        spec.containers[0].image if spec.containers else "",
        labels.get("pod-template-hash") or labels.get("controller-revision-hash", ""),
        *usage,
        "" if ready and found.status == "Running" else why(pod),
    )

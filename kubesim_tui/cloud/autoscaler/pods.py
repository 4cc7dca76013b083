"""What cluster-autoscaler asks of Pods: whether one waits for room, and whether one may be moved.

The rules of the second are those of simulator/drainability, in their order: the first that has something to say
decides. Flags have their defaults: Pods of kube-system without a budget, Pods with local storage, and Pods that nobody
makes anew hold their node.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.api.helpers.conditions import find, is_pod_terminal
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.helpers.static_pods import is_mirror
from kubesim_tui.api.types import Pod, PodSpec, Volume

SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict"
SAFE_VOLUMES = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"
SYSTEM = "kube-system"
LONG_TERMINATING = 30
_REMADE = frozenset({"ReplicationController", "ReplicaSet", "Job", "StatefulSet", "DaemonSet"})


def is_unschedulable(pod: Pod, expendable_priority: int) -> bool:
    """Whether the scheduler found no room for a Pod that matters."""
    spec = pod.spec or PodSpec()
    if spec.node_name or pod.metadata.deletion_timestamp is not None or is_pod_terminal(pod):
        return False
    if (spec.priority or 0) < expendable_priority:
        return False
    condition = find(pod.status.conditions, "PodScheduled") if pod.status is not None else None
    return condition is not None and condition.status == "False" and condition.reason == "Unschedulable"


def is_daemon(pod: Pod) -> bool:
    """Whether a DaemonSet made it."""
    owner = controller_of(pod)
    return owner is not None and owner.kind == "DaemonSet"


def stays(pod: Pod, now: int) -> bool:
    """Whether it goes down with its node, and nobody minds: it is not moved. `now`: Unix seconds."""
    if is_mirror(pod) or is_daemon(pod) or is_pod_terminal(pod):
        return True
    deleted = pod.metadata.deletion_timestamp
    return deleted is not None and deleted + LONG_TERMINATING < now


def blocks(pod: Pod, *, budgeted: bool) -> str:
    """Why a Pod that is to be moved must not be; "" if it may. `budgeted`: a PodDisruptionBudget speaks of it."""
    meta = pod.metadata
    if meta.annotations.get(SAFE) == "true":
        return ""
    owner = controller_of(pod)
    if owner is None or owner.kind not in _REMADE:
        return "NotReplicated"
    if meta.namespace == SYSTEM and not budgeted:
        return "UnmovableKubeSystemPod"
    if meta.annotations.get(SAFE) == "false":
        return "NotSafeToEvictAnnotation"
    if has_local_storage(pod):
        return "LocalStorageRequested"
    return ""


def has_local_storage(pod: Pod) -> bool:
    """Whether it has files on its machine that nobody calls expendable."""
    safe = {name.strip() for name in pod.metadata.annotations.get(SAFE_VOLUMES, "").split(",")}
    return any(_is_local(volume) and volume.name not in safe for volume in (pod.spec or PodSpec()).volumes)


def _is_local(volume: Volume) -> bool:
    if volume.host_path is not None:
        return True
    return volume.empty_dir is not None and volume.empty_dir.medium != "Memory"


def groups_of_equals(pods: Sequence[Pod]) -> list[list[Pod]]:
    """Pods that one controller made of one template, together; in the order in which they were given."""
    found: list[list[Pod]] = []
    known: dict[str, list[list[Pod]]] = {}
    for pod in pods:
        owner = controller_of(pod)
        alike = known.setdefault(owner.uid, []) if owner is not None else []
        same = next((group for group in alike if _equal(group[0], pod)), None)
        if same is not None:
            same.append(pod)
            continue
        group = [pod]
        alike.append(group)
        found.append(group)
    return found


def _equal(one: Pod, other: Pod) -> bool:
    return one.metadata.labels == other.metadata.labels and one.spec == other.spec

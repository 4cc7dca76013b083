"""Which Pod has to go first, and in which order shortages are seen to (upstream: pkg/kubelet/eviction/helpers.go).

Memory and disk: Pods that use more than they requested first, then by priority, then by how much they use above their
request. inodes and pids: by priority, then by usage. All sorts are stable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen


@frozen
class Ranked:
    """A Pod with what counts: its priority, and request and usage of the resource that is short."""

    uid: str
    priority: int = 0
    request: int = 0
    usage: int = 0


def exceeds_requests(pod: Ranked) -> int:
    """Those above their request first."""
    return 0 if pod.usage > pod.request else 1


def priority(pod: Ranked) -> int:
    """The least important first."""
    return pod.priority


def usage_above_request(pod: Ranked) -> int:
    """The greediest first."""
    return pod.request - pod.usage


def usage(pod: Ranked) -> int:
    """The largest first."""
    return -pod.usage


Key = Callable[[Ranked], int]
MEMORY: tuple[Key, ...] = (exceeds_requests, priority, usage_above_request)


def rank(pods: Sequence[Ranked], by: Sequence[Key]) -> list[Ranked]:
    """The Pods in the order of their eviction."""
    return sorted(pods, key=lambda pod: tuple(key(pod) for key in by))


@frozen
class Signal:
    """One shortage that a kubelet watches: the node condition it causes, and the resource that it is about."""

    name: str
    condition: str
    resource: str
    percent: int = 0  # of the capacity
    amount: int = 0  # or bytes


MEMORY_AVAILABLE = Signal("memory.available", "MemoryPressure", "memory", amount=100 << 20)
NODEFS_AVAILABLE = Signal("nodefs.available", "DiskPressure", "ephemeral-storage", percent=10)
IMAGEFS_AVAILABLE = Signal("imagefs.available", "DiskPressure", "ephemeral-storage", percent=15)
HARD = (MEMORY_AVAILABLE, NODEFS_AVAILABLE, IMAGEFS_AVAILABLE)
"""The hard thresholds that a kubelet has by default."""

_FIRST = ("memory.available", "allocatableMemory.available")


def signal_order(names: Sequence[str]) -> list[str]:
    """Memory is seen to first; what has no resource to reclaim comes last, as it is."""
    return sorted(names, key=lambda name: name not in _FIRST)

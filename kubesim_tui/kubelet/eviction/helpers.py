"""Which Pod has to go first (upstream: the ranking half of pkg/kubelet/eviction/helpers.go).

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
REQUESTED: tuple[Key, ...] = (exceeds_requests, priority, usage_above_request)
"""The order for what Pods can request: memory and disk."""
COUNTED: tuple[Key, ...] = (priority, usage)
"""The order for what they cannot: inodes and pids."""


def rank(pods: Sequence[Ranked], by: Sequence[Key]) -> list[Ranked]:
    """The Pods in the order of their eviction."""
    return sorted(pods, key=lambda pod: tuple(key(pod) for key in by))

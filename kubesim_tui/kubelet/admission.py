"""Whether there is room on the node for a Pod that was bound to it (upstream: lifecycle/predicate.go).

The scheduler has looked already; a Pod bound by hand, or by a late scheduler, is refused here: it fails for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kubesim_tui.kubelet.pod_status import Eviction

ORDER = ("cpu", "memory", "ephemeral-storage")


def admit(
    wanted: Mapping[str, int], others: Iterable[Mapping[str, int]], room: Mapping[str, int], pods: int
) -> Eviction | None:
    """None if it fits; amounts are millicores of cpu and whole units of anything else."""
    used: dict[str, int] = {}
    count = 0
    for other in others:
        count += 1
        for name, amount in other.items():
            used[name] = used.get(name, 0) + amount
    if count + 1 > pods:
        return _refused("pods", 1, count, pods)
    for name in (*ORDER, *sorted(set(wanted) - set(ORDER))):
        amount, have = wanted.get(name, 0), room.get(name, 0)
        if amount and used.get(name, 0) + amount > have:
            return _refused(name, amount, used.get(name, 0), have)
    return None


def _refused(name: str, requested: int, used: int, capacity: int) -> Eviction:
    amounts = f"requested: {requested}, used: {used}, capacity: {capacity}"
    text = f"Node didn't have enough resource: {name}, {amounts}"
    return Eviction(f"OutOf{name}", f"Pod was rejected: {text}")

"""The processors of a machine, shared out among its containers as the kernel does (CFS, cgroup cpu.shares).

While there is enough for all, each container gets what it wants. When there is not, each may use its weight's part of
the whole, and what some leave over goes to the others, again by weight. The weight comes from what was requested, so a
container that requested nothing hardly gets anything then: such a neighbour is noisy only while others are idle.

Only a machine whose containers want more than it has is looked at closely. What they want is known from the last
second; one that has used all that it could is taken to want more.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.world.container import Container, State
from kubesim_tui.world.schedule import Schedule

SYSTEM_MILLI = 60
"""What the system and the kubelet themselves take."""
LEAST_SHARES, SHARES_A_CORE = 2, 1024
NO_END = 1 << 30
_ALL = 97
"""Per cent of its ceiling from which on a container is taken to want more."""


def shares(request_milli: int) -> int:
    """The weight of a container that requests so much (MilliCPUToShares)."""
    return max(LEAST_SHARES, request_milli * SHARES_A_CORE // 1000)


def share_out(capacity: int, wishes: Sequence[tuple[int, int]]) -> list[int] | None:
    """How much each of (weight, wish) may use at most; None if there is enough for all."""
    if sum(wish for _, wish in wishes) <= capacity:
        return None
    left, weights = capacity, sum(weight for weight, _ in wishes)
    order = sorted(range(len(wishes)), key=lambda i: (wishes[i][1] * SHARES_A_CORE // wishes[i][0], i))
    for i in order:
        weight, wish = wishes[i]
        if wish * weights > left * weight:
            break
        left, weights = left - wish, weights - weight
    return [max(1, left * weight // weights) for weight, _ in wishes]


def background_us(container: Container) -> int:
    """What a container uses in a second without any request."""
    if container.state is not State.RUNNING:
        return 0
    script = 1_000_000 if container.tasks is not None and container.tasks.busy else 0
    return sum(program.idle_us for program in container.programs) + script


def settle(runtime: Schedule, now: int) -> bool:
    """Find the ceilings anew by what was used in this second; whether they have changed."""
    running = [c for c in runtime.containers.values() if c.state is State.RUNNING]
    wishes = [(c.config.limits.shares, _wish(c, runtime.ceilings.get(c.id), now)) for c in running]
    found = share_out(max(1, runtime.cpu_milli - SYSTEM_MILLI), wishes)
    ceilings = dict(zip((c.id for c in running), found, strict=True)) if found is not None else {}
    changed = ceilings != runtime.ceilings
    runtime.ceilings = ceilings
    return changed


def _wish(container: Container, ceiling: int | None, now: int) -> int:
    load, background = container.load, background_us(container) // 1000
    used = load.cpu_us // 1000 if load is not None and load.tick == now else 0
    if ceiling is not None and used * 100 >= max(1, ceiling - background) * _ALL:
        used = NO_END
    limit = container.config.limits.cpu_milli
    return used + background if limit is None else min(limit, used + background)

"""The kernel's out-of-memory killer, on a machine whose containers together need more than there is.

It knows no Kubernetes but the `oom_score_adj` that the kubelet has given each container: BestEffort first, then those
that use more than they requested; Guaranteed and critical ones last (oom_badness in the kernel). Processes beside the
containers have none: they count by what they hold.
"""

from __future__ import annotations

from kubesim_tui.kernel.numeric import ceil_div
from kubesim_tui.world.container import Container, State
from kubesim_tui.world.machine import Machine

SYSTEM_BYTES = 350 << 20
"""What the system, containerd and the kubelet take of a machine's memory."""
NEAR = 85
"""From this share of its memory on a machine is watched every second."""


def used_bytes(machine: Machine, now: int) -> int:
    """All that is in use."""
    return SYSTEM_BYTES + machine.memory_used_bytes(now)


def badness(container: Container, machine: Machine, now: int) -> int:
    """The kernel's points."""
    return container.memory_bytes(now) + container.config.oom_score_adj * machine.memory_bytes // 1000


def kill_until_it_fits(machine: Machine, now: int) -> tuple[tuple[str, ...], int]:
    """Kill containers and outsiders until the rest fits; the outsiders that had to go, and what is in use then."""
    gone: list[str] = []
    while (used := used_bytes(machine, now)) > machine.memory_bytes:
        running = [c for c in machine.runtime.containers.values() if c.state is State.RUNNING]
        worst = max(running, key=lambda c: (badness(c, machine, now), c.number), default=None)
        greedy = max(machine.outsiders.values(), key=lambda o: (o.held_bytes(now), o.name), default=None)
        if greedy is not None and (worst is None or greedy.held_bytes(now) > badness(worst, machine, now)):
            machine.dismiss(greedy.name)
            gone.append(greedy.name)
        elif worst is not None:
            machine.runtime.kill(worst.id, now, "OOMKilled")
        else:
            break
    return tuple(gone), used


def is_victim(container: Container) -> bool:
    """Whether the kernel has killed it because the machine had no memory left, and not for its own limit."""
    limit = container.config.limits.memory_bytes
    return container.state is State.EXITED and container.reason == "OOMKilled" and limit is None


def watch_in(machine: Machine, used: int, most: int) -> int:
    """In how many seconds to look again, at most `most`; 0 if memory does not grow by itself (nothing leaks)."""
    lost = sum(c.leak[0] for c in machine.runtime.containers.values() if c.leak is not None)
    lost += sum(outsider.growth for outsider in machine.outsiders.values())
    if lost <= 0:
        return 0
    room = near_bytes(machine) - used
    return max(1, min(most, room // lost))


def near_bytes(machine: Machine) -> int:
    """From so much in use on the machine has to be watched closely."""
    return ceil_div(machine.memory_bytes * NEAR, 100)

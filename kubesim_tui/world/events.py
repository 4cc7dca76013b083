"""What happens to a container when a timer is due, and the turns of the scripts in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kubesim_tui.world import lifecycle
from kubesim_tui.world.container import Container, State
from kubesim_tui.world.inside import Inside
from kubesim_tui.world.lifecycle import clear_timer, finish, kill, set_timer
from kubesim_tui.world.shell import scheduler
from kubesim_tui.world.shell.scheduler import STEP_US
from kubesim_tui.world.shell.tasks import Tasks

_MOST_AT_ONCE = 100


def advance(container: Container, now: int) -> None:
    """Do all that is due, in the order of its time."""
    for _ in range(_MOST_AT_ONCE):
        timers = container.timers
        if not timers:
            return
        due = [(tick, _ORDER.index(event), number) for (event, number), tick in timers.items() if tick <= now]
        if not due:
            return
        _, order, number = min(due)
        clear_timer(container, _ORDER[order], number)
        _EVENTS[_ORDER[order]](container, number, now)
    for key, tick in list((container.timers or {}).items()):  # a script and a program that wake each other for ever
        set_timer(container, key[0], max(tick, now + 1), key[1])


def _begin(container: Container, _number: int, now: int) -> None:
    lifecycle.begin(container, now)


def _memory(container: Container, _number: int, now: int) -> None:
    lifecycle.check_memory(container, now)


def _flood(container: Container, _number: int, now: int) -> None:
    lifecycle.write_flood(container, now)


def _kill(container: Container, _number: int, now: int) -> None:
    kill(container, now)


def _script(container: Container, _number: int, now: int) -> None:
    """Give the container's own script and all that is executed in it their turn."""
    wakes = []
    for session, tasks in [("", container.tasks), *(container.sessions or {}).items()]:
        if tasks is None or tasks.exit_code is not None:
            continue
        wake = _turn(container, tasks, session, now)
        if container.state is not State.RUNNING:
            return
        if wake is not None:
            wakes.append(wake)
    if container.tasks is not None and container.tasks.exit_code is not None:
        finish(container, container.tasks.exit_code, now)
    elif wakes:
        earlier = (container.timers or {}).get(("script", 0))
        wake = max(min(wakes), now + 1)
        set_timer(container, "script", wake if earlier is None or earlier <= now else min(earlier, wake))


def _turn(container: Container, tasks: Tasks, session: str, now: int) -> int | None:
    before, was_busy = tasks.steps, bool(tasks.busy)
    wake = scheduler.advance(tasks, Inside(container, now, session), now)
    container.meter.add(now, (tasks.steps - before) * STEP_US if not tasks.busy else 1_000_000)
    if bool(tasks.busy) is not was_busy:
        container.changed()
    return wake


_EVENTS: Mapping[str, Callable[[Container, int, int], None]] = {
    "begin": _begin,
    "retry": lifecycle.retry,
    "ready": lifecycle.ready,
    "turn": lifecycle.turn,
    "look": lifecycle.look,
    "exit": lifecycle.exit_by_itself,
    "gone": lifecycle.gone,
    "memory": _memory,
    "script": _script,
    "flood": _flood,
    "kill": _kill,
}
_ORDER = tuple(_EVENTS)

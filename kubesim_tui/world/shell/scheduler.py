"""Gives the tasks of a script their turns.

Time inside is exact to the microsecond: a task that sleeps 100 ms wakes ten times a second, in the right order among
the others. `advance` runs what happens within one tick and says in which tick the next task wakes (None: none will by
itself). A script gets a bounded number of steps a tick; one that hardly rests gets fewer and fewer if it goes on like
that.
"""

from __future__ import annotations

from kubesim_tui.world.shell.streams import Pipe
from kubesim_tui.world.shell.system import System
from kubesim_tui.world.shell.tasks import CHILD, FILE, INPUT, OUTPUT, READY, Task, Tasks, end_task, signal_number
from kubesim_tui.world.units import SECOND_US

STEPS_A_TICK = 4_000
FEWEST_STEPS = 100
STEP_US = 20
"""The processor time of one step."""
LITTLE_REST_US = 100_000
"""Who has rested no longer when his steps are used up goes round and round."""


def advance(tasks: Tasks, system: System, now: int) -> int | None:
    """Run what happens in tick `now`; the tick in which the next task wakes by itself, None if none does."""
    steps = max(FEWEST_STEPS, STEPS_A_TICK >> min(tasks.busy, 6))
    tasks.rested_us = 0
    left = _run(tasks, system, (now + 1) * SECOND_US, steps, now)
    tasks.busy = tasks.busy + 1 if left <= 0 and tasks.rested_us <= LITTLE_REST_US else 0
    if tasks.exit_code is not None:
        return None
    if any(task.wait == READY and task.exit_code is None for task in tasks.tasks.values()):
        return now + 1
    wakes = [task.wake_us for task in tasks.tasks.values() if task.wake_us and task.exit_code is None]
    return min(wakes) // SECOND_US if wakes else None


def run_ahead(tasks: Tasks, system: System, now: int, limit_us: int) -> int:
    """Run in its own time, however far it goes, up to a limit; returns how long it took (the limit, if not done)."""
    start = now * SECOND_US
    _run(tasks, system, start + limit_us, STEPS_A_TICK * 8, now)
    return min(tasks.first.clock_us - start, limit_us) if tasks.exit_code is not None else limit_us


def signal(tasks: Tasks, name: str) -> None:
    """A signal to the first task. As the first process of a container it ignores all that it does not trap."""
    _signal(tasks, tasks.first, name)


def kill(tasks: Tasks, pid: int, name: str) -> bool:
    """A signal to any task (`0` only asks); False if there is none of that number."""
    task = tasks.tasks.get(pid)
    if task is None or task.exit_code is not None:
        return False
    if name != "0":
        _signal(tasks, task, name)
    return True


def file_changed(tasks: Tasks) -> bool:
    """A file has changed: wake those that follow one; whether there were any."""
    found = False
    for task in tasks.tasks.values():
        if task.wait == FILE and task.exit_code is None:
            _wake(task)
            found = True
    return found


def _signal(tasks: Tasks, task: Task, name: str) -> None:
    first = task is tasks.first and not tasks.session
    if name in task.traps and name != "KILL":
        if task.traps[name]:
            task.signals.append(name)
            if task.tool is not None and task.tool.argv[:1] == ["wait"]:  # the builtin `wait` is interrupted
                _wake(task)
    elif not first and name not in ("CHLD", "CONT", "WINCH", "URG"):
        end_task(task, 128 + signal_number(name))
        _settle(tasks)


def _run(tasks: Tasks, system: System, end_us: int, steps: int, now: int) -> int:
    from kubesim_tui.world.shell.machine import run_task  # the shell is loaded when the first script runs

    tasks.clock_us = max(tasks.clock_us, now * SECOND_US)
    tasks.running = True
    _settle(tasks)
    while steps > 0 and tasks.exit_code is None:
        task = _next(tasks, end_us)
        if task is None:
            break
        used = run_task(tasks, task, system, steps)
        steps -= used
        tasks.steps += used
        _settle(tasks)
    tasks.running = False
    return steps


def _next(tasks: Tasks, end_us: int) -> Task | None:
    """The task whose turn it is; time moves to when it wakes."""
    sleeper: Task | None = None
    for task in tasks.tasks.values():
        if task.exit_code is not None:
            continue
        if task.wait == READY:
            task.clock_us = max(task.clock_us, tasks.clock_us)
            return task
        if task.wake_us and task.wake_us < end_us and (sleeper is None or task.wake_us < sleeper.wake_us):
            sleeper = task
    if sleeper is not None:
        tasks.rested_us += max(0, sleeper.wake_us - tasks.clock_us)
        tasks.clock_us = sleeper.clock_us = max(tasks.clock_us, sleeper.wake_us)
        _wake(sleeper)
    return sleeper


def _wake(task: Task) -> None:
    task.wait = READY
    task.wake_us = 0


def _settle(tasks: Tasks) -> None:
    """Let those that waited for something that has come look again."""
    if len(tasks.tasks) == 1 and tasks.first.wait not in (INPUT, OUTPUT, CHILD):
        return
    for task in tasks.tasks.values():
        come = (
            (task.wait == INPUT and _readable(tasks, task))
            or (task.wait == OUTPUT and not _blocked(tasks, task))
            or (task.wait == CHILD and _child_ended(tasks, task))
        )
        if come:
            _wake(task)


def _child_ended(tasks: Tasks, task: Task) -> bool:
    if task.waiting_for:
        child = tasks.tasks.get(task.waiting_for)
        return child is None or child.exit_code is not None
    return not any(t.parent == task.pid and t.exit_code is None for t in tasks.tasks.values())


def _readable(tasks: Tasks, task: Task) -> bool:
    source = task.fds.get(0)
    return not isinstance(source, Pipe) or bool(source.text) or not tasks.has_writer(source)


def _blocked(tasks: Tasks, task: Task) -> bool:
    sink = task.fds.get(1)
    return isinstance(sink, Pipe) and sink.full and tasks.has_reader(sink)

"""Runs one task: instruction by instruction, until it waits, ends, or has had its share of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.shell import expansion as words
from kubesim_tui.world.shell import parameters, redirects
from kubesim_tui.world.shell.arith import ArithError
from kubesim_tui.world.shell.call import BROKEN_PIPE, BrokenPipeError_, Call, flush
from kubesim_tui.world.shell.code import Code
from kubesim_tui.world.shell.compiler import compile_text
from kubesim_tui.world.shell.machine_words import WORDS, Step, again, jump, pop
from kubesim_tui.world.shell.parameters import ShellError
from kubesim_tui.world.shell.reading import read_command
from kubesim_tui.world.shell.redirects import RedirectError
from kubesim_tui.world.shell.run import leave_tool, resume_tool, run_command
from kubesim_tui.world.shell.streams import Null, Pipe, Stream
from kubesim_tui.world.shell.system import System
from kubesim_tui.world.shell.tasks import PIPEFAIL, READY, Frame, Task, Tasks, Tool, end_task
from kubesim_tui.world.shell.test_command import condition
from kubesim_tui.world.shell.tree import ShellSyntaxError


def run_task(tasks: Tasks, task: Task, system: System, steps: int) -> int:
    """Run a task; returns how many steps it took."""
    step = Step(tasks, task, system)
    used = 0
    while used < steps and task.exit_code is None and task.wait == READY:
        used += 1
        try:
            _one(step)
        except BrokenPipeError_:
            end_task(task, BROKEN_PIPE)
        except (ShellError, ArithError) as error:
            _complain(step, str(error))
            _abandon(step, 2)
        except ShellSyntaxError as error:
            _complain(step, f"syntax error: {error}")
            _abandon(step, 2)
        except RedirectError as error:
            _complain(step, str(error))
            _failed_redirect(task)
        except FileError as error:
            _complain(step, f"write error: {error}")
            _failed_redirect(task)
    if task.exit_code is not None:
        for stream in task.fds.values():
            flush(system, stream)
        task.fds = {}
    return used


def _complain(step: Step, text: str) -> None:
    try:
        Call(step.tasks, step.task, step.system, Tool([step.task.name])).err(f"{step.task.name}: {text}")
    except (FileError, BrokenPipeError_):
        return


def _abandon(step: Step, code: int) -> None:
    """An error that ends a shell."""
    leave_tool(step.task)
    step.task.status = code
    step.task.frames.clear()
    if step.task.reads:  # whoever types tries again
        step.task.stack.clear()
        return
    step.task.traps.pop("EXIT", None)
    end_task(step.task, code)


def _failed_redirect(task: Task) -> None:
    task.pending.clear()
    task.redirects.clear()
    leave_tool(task)
    task.status = 1


def _one(step: Step) -> None:
    """One step: of a command that takes its time, of a trap, or of the code."""
    task = step.task
    if task.tool is not None:
        resume_tool(step.tasks, task, step.system)
        return
    if task.signals:
        trap = task.traps.get(task.signals.pop(0), "")
        if trap:
            task.enter(Frame(compile_text(trap), "trap", saved=task.status))
        return
    if not task.frames:
        if not task.reads or not read_command(step.tasks, task, step.system):
            _finish(step)
        return
    frame = task.frames[-1]
    if frame.at >= len(frame.code.steps):
        _leave_frame(task)
        return
    instruction = frame.code.steps[frame.at]
    frame.at += 1
    _OPERATIONS[instruction[0]](step, *instruction[1:])


def _finish(step: Step) -> None:
    trap = step.task.traps.pop("EXIT", "")
    if trap:
        step.task.enter(Frame(compile_text(trap), "trap", saved=step.task.status))
    else:
        end_task(step.task, step.task.status)


def _leave_frame(task: Task) -> None:
    frame = task.frames.pop()
    task.leave(frame)
    if frame.kind == "trap":
        task.status = frame.saved
    if frame.restore:
        redirects.restore(task, frame.restore)


# -- commands


def _assign(step: Step, name: str, append: bool) -> None:
    text = pop(step)
    if append:
        text = (parameters.value(step.tasks, step.task, step.system, name) or "") + text
    step.task.pending.append((name, text))


def _assign_array(step: Step, name: str) -> None:
    step.task.arrays[name] = pop(step)


def _redirect(step: Step, fd: int, op: str) -> None:
    step.task.redirects.append((fd, op, pop(step)))


def _run(step: Step) -> None:
    run_command(step.tasks, step.task, step.system, pop(step))


def _condition(step: Step) -> None:
    arguments = pop(step)
    call = Call(step.tasks, step.task, step.system, Tool(["[[", *arguments]))
    step.task.status = condition(call, arguments)


def _check(step: Step) -> None:
    """`set -e`: a command that nobody looks at has failed."""
    task = step.task
    if task.status and "e" in task.flags:
        task.frames.clear()
        task.stack.clear()
        task.reads = False


def _enter(step: Step) -> None:
    task = step.task
    task.held.append(redirects.apply(step.tasks, task, step.system, task.redirects))
    task.redirects = []


def _leave(step: Step) -> None:
    redirects.restore(step.task, step.task.held.pop())


def _subshell(step: Step, code: Code) -> None:
    """Start a child on the first visit; take its exit code on the second."""
    task = step.task
    if not task.waiting_for:
        child = step.tasks.spawn(task, code, dict(task.fds))
        if child is None:
            raise ShellError("can't fork: Resource temporarily unavailable")
        task.waiting_for = child.pid
        again(step)
    else:
        task.status = step.tasks.reap(task.waiting_for)
        task.waiting_for = 0


def _pipe(step: Step, codes: tuple[Code, ...]) -> None:
    task = step.task
    if not task.waiting_for:
        source: Stream = task.fds.get(0, Null())
        for number, code in enumerate(codes):
            last = number == len(codes) - 1
            sink: Stream = task.fds.get(1, Null()) if last else Pipe()
            child = step.tasks.spawn(task, code, {**task.fds, 0: source, 1: sink})
            if child is None:
                raise ShellError("can't fork: Resource temporarily unavailable")
            source = sink
            if PIPEFAIL in task.flags and not last:
                task.pipeline.append(child.pid)
            task.waiting_for = child.pid
        again(step)
    else:
        _piped(step)


def _piped(step: Step) -> None:
    """The last member has ended; with pipefail all have to, and the last that failed counts."""
    task = step.task
    task.pipeline.append(task.waiting_for)
    alive = [pid for pid in task.pipeline if pid in step.tasks.tasks and step.tasks.tasks[pid].exit_code is None]
    if alive:
        task.waiting_for = alive[0]
        task.pipeline.remove(alive[0])
        again(step)
        return
    codes = [step.tasks.reap(pid) for pid in sorted(task.pipeline)]
    task.status = next((code for code in reversed(codes) if code), 0)
    task.pipeline, task.waiting_for = [], 0


def _background(step: Step, code: Code) -> None:
    task = step.task
    child = step.tasks.spawn(task, code, {**task.fds, 0: Null()})
    if child is None:
        raise ShellError("can't fork: Resource temporarily unavailable")
    task.last_background = child.pid
    task.status = 0


def _define(step: Step, name: str, code: Code) -> None:
    step.task.functions[name] = code
    step.task.status = 0


# -- control


def _jump_ok(step: Step, target: int) -> None:
    if step.task.status == 0:
        jump(step, target)


def _jump_fail(step: Step, target: int) -> None:
    if step.task.status != 0:
        jump(step, target)


def _not(step: Step) -> None:
    step.task.status = int(not step.task.status)


def _status(step: Step, code: int) -> None:
    step.task.status = code


def _loop(step: Step, out: int, again: int, extra: int) -> None:
    step.task.frames[-1].loops.append([out, again, len(step.task.stack), 0, extra, len(step.task.held)])


def _unloop(step: Step) -> None:
    step.task.frames[-1].loops.pop()


def _body_done(step: Step) -> None:
    step.task.frames[-1].loops[-1][3] = step.task.status


def _loop_status(step: Step) -> None:
    step.task.status = step.task.frames[-1].loops[-1][3]


def _for_start(step: Step) -> None:
    step.task.stack.append([pop(step), 0])
    step.task.status = 0


def _for_next(step: Step, name: str, out: int) -> None:
    top: Any = step.task.stack[-1]
    values, at = top
    if at >= len(values):
        step.task.stack.pop()
        jump(step, out)
        return
    top[1] = at + 1
    parameters.assign(step.task, name, values[at])


def _case_hit(step: Step, target: int) -> None:
    pattern = pop(step)
    word: Any = step.task.stack[-1]
    if words.matches(pattern, word):
        jump(step, target)


_OPERATIONS: Mapping[str, Callable[..., None]] = {
    **WORDS,
    "assign": _assign,
    "assign_array": _assign_array,
    "redirect": _redirect,
    "run": _run,
    "condition": _condition,
    "check": _check,
    "enter": _enter,
    "leave": _leave,
    "subshell": _subshell,
    "pipe": _pipe,
    "background": _background,
    "define": _define,
    "jump": jump,
    "jump_ok": _jump_ok,
    "jump_fail": _jump_fail,
    "not": _not,
    "status": _status,
    "loop": _loop,
    "unloop": _unloop,
    "body_done": _body_done,
    "loop_status": _loop_status,
    "for_start": _for_start,
    "for_next": _for_next,
    "case_hit": _case_hit,
}

"""Instructions that build words: literals, parameters, substitutions, arithmetic; and the step they all work on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.shell import braces, parameters
from kubesim_tui.world.shell import expansion as words
from kubesim_tui.world.shell.arith import evaluate
from kubesim_tui.world.shell.compiler import compile_text
from kubesim_tui.world.shell.parameters import ShellError
from kubesim_tui.world.shell.streams import Pipe
from kubesim_tui.world.shell.system import System
from kubesim_tui.world.shell.tasks import BRACES, CHILD, Task, Tasks, arguments_of


class Step:
    """What an instruction works on."""

    __slots__ = ("system", "task", "tasks")

    def __init__(self, tasks: Tasks, task: Task, system: System) -> None:
        self.tasks = tasks
        self.task = task
        self.system = system


def jump(step: Step, target: int) -> None:
    """Go on at a place in the code."""
    step.task.frames[-1].at = target


def _begin(step: Step) -> None:
    step.task.stack.append([])


def _literal(step: Step, text: str, kind: int) -> None:
    _segments(step).append((text, kind))


def _segments(step: Step) -> list[words.Segment]:
    top: Any = step.task.stack[-1]
    segments: list[words.Segment] = top
    return segments


def pop(step: Step) -> Any:
    """What lies on top of the stack, taken off."""
    return step.task.stack.pop()


def _kind(quoted: bool) -> int:
    return words.QUOTED if quoted else words.SPLIT


def _param(step: Step, name: str, quoted: bool) -> None:
    task = step.task
    if name in ("@", "*") or name.endswith(("[@]", "[*]")):
        _all_arguments(step, name, quoted)
        return
    value = parameters.value(step.tasks, task, step.system, name)
    if value is None and "u" in task.flags:
        raise ShellError(f"{name}: parameter not set")
    if value or quoted:
        _segments(step).append((value or "", _kind(quoted)))


def _all_arguments(step: Step, name: str, quoted: bool) -> None:
    task = step.task
    values = arguments_of(task) if name in ("@", "*") else task.arrays.get(name[:-3], [])
    if name.endswith(("*", "[*]")) and quoted:
        ifs = task.vars.get("IFS", " \t\n")
        _segments(step).append((ifs[:1].join(values), words.QUOTED))
        return
    _several(step, values, quoted)


def _several(step: Step, values: list[str], quoted: bool) -> None:
    """Values that are words of their own."""
    for number, value in enumerate(values):
        if number:
            _segments(step).append(("", words.BREAK))
        _segments(step).append((value, _kind(quoted)))


def _length(step: Step, name: str, quoted: bool) -> None:
    task = step.task
    if name in ("@", "*"):
        count = len(arguments_of(task))
    elif name.endswith(("[@]", "[*]")):
        count = len(task.arrays.get(name[:-3], []))
    else:
        count = len(parameters.value(step.tasks, task, step.system, name) or "")
    _segments(step).append((str(count), _kind(quoted)))


def _if_set(step: Step, name: str, colon: bool, target: int) -> None:
    if name in ("@", "*"):
        value: str | None = " ".join(arguments_of(step.task)) or None
    else:
        value = parameters.value(step.tasks, step.task, step.system, name)
    if value is not None and (value or not colon):
        jump(step, target)


def _keep(step: Step, name: str) -> None:
    parameters.assign(step.task, name, pop(step))


def _unset_error(step: Step, name: str) -> None:
    raise ShellError(f"{name}: {pop(step) or 'parameter not set'}")


def _trim(step: Step, name: str, op: str, quoted: bool) -> None:
    pattern = pop(step)
    value = parameters.value(step.tasks, step.task, step.system, name) or ""
    _segments(step).append((words.trim(value, op, pattern), _kind(quoted)))


def _replace(step: Step, name: str, every: bool, quoted: bool) -> None:
    other, pattern = pop(step), pop(step)
    value = parameters.value(step.tasks, step.task, step.system, name) or ""
    _segments(step).append((words.replace(value, pattern, other, every=every), _kind(quoted)))


def _cased(step: Step, name: str, op: str, quoted: bool) -> None:
    value = parameters.value(step.tasks, step.task, step.system, name) or ""
    _segments(step).append((words.cased(value, op), _kind(quoted)))


def _indirect(step: Step, name: str, quoted: bool) -> None:
    """`${!name}`: the parameter that it names; `${!array[@]}`: the indices."""
    if name.endswith(("[@]", "[*]")):
        count = len(step.task.arrays.get(name[:-3], []))
        _several(step, [str(number) for number in range(count)], quoted)
        return
    other = parameters.value(step.tasks, step.task, step.system, name)
    if not other or not re.fullmatch(r"\w+(\[.*\])?", other):
        raise ShellError(f"{other or name}: invalid variable name")
    _param(step, other, quoted)


def _slice(step: Step, name: str, quoted: bool) -> None:
    length, offset = pop(step), pop(step)
    value = parameters.value(step.tasks, step.task, step.system, name) or ""
    variables = parameters.Variables(step.tasks, step.task, step.system)
    start = evaluate(offset, variables)
    start = max(0, len(value) + start) if start < 0 else start
    end = len(value) if not length.strip() else start + evaluate(length, variables)
    _segments(step).append((value[start:end], _kind(quoted)))


def _arith(step: Step, quoted: bool) -> None:
    number = evaluate(pop(step), parameters.Variables(step.tasks, step.task, step.system))
    _segments(step).append((str(number), _kind(quoted)))


def _arith_status(step: Step) -> None:
    number = evaluate(pop(step), parameters.Variables(step.tasks, step.task, step.system))
    step.task.status = int(number == 0)


def _substitute(step: Step, script: str, quoted: bool) -> None:
    """Start a child on the first visit; take its output on the second, when it has ended."""
    task = step.task
    if task.capture is None:
        task.capture = Pipe(capture=True)
        child = step.tasks.spawn(task, compile_text(script), {**task.fds, 1: task.capture})
        if child is None:
            raise ShellError("can't fork: Resource temporarily unavailable")
        task.waiting_for = child.pid
        again(step)
        return
    task.status = step.tasks.reap(task.waiting_for)
    task.substituted = True
    task.waiting_for = 0
    text, task.capture = task.capture.text, None
    _segments(step).append((text.rstrip("\n"), _kind(quoted)))


def _process(step: Step, script: str) -> None:
    """`<(script)`: the name of a file with what it writes. The script has ended before anybody reads."""
    task, pid = step.task, step.task.waiting_for
    ended = task.capture is not None
    _substitute(step, script, True)
    if not ended:
        return
    text, _ = _segments(step).pop()
    path = f"/dev/fd/{pid}"
    try:
        step.system.files().make_directory("/dev/fd", parents=True)
        step.system.files().write(path, text + "\n" if text else "")
    except FileError as error:
        raise ShellError(f"{path}: {error}") from None
    _segments(step).append((path, words.QUOTED))


def again(step: Step) -> None:
    """Do this instruction once more when the child has ended."""
    step.task.frames[-1].at -= 1
    step.task.wait = CHILD


def _field(step: Step) -> None:
    task = step.task
    segments: list[words.Segment] = pop(step)
    arguments: Any = task.stack[-1]
    if len(segments) == 1 and segments[0][1] == words.LITERAL and not re.search(r"[*?\[~{]", segments[0][0]):
        arguments.append(segments[0][0])
        return
    ifs = task.vars.get("IFS", " \t\n")
    for word in braces.expand(segments) if BRACES in task.flags and _braced(segments) else [segments]:
        found = words.fields(_tilde(task, word), ifs, task.cwd, step.system.files(), glob="f" not in task.flags)
        arguments.extend(found)


def _braced(segments: list[words.Segment]) -> bool:
    return any(kind == words.LITERAL and "{" in text for text, kind in segments)


def _tilde(task: Task, segments: list[words.Segment]) -> list[words.Segment]:
    if segments and segments[0][1] == words.LITERAL and re.match(r"~(/|$)", segments[0][0]):
        return [(task.vars.get("HOME", "/root") + segments[0][0][1:], words.LITERAL), *segments[1:]]
    return segments


def _text(step: Step) -> None:
    step.task.stack.append(words.text_of(_tilde(step.task, pop(step))))


def _pattern(step: Step) -> None:
    step.task.stack.append(words.pattern_of(pop(step)))


def _push(step: Step) -> None:
    """Add the text on top of the stack to the arguments below it."""
    text = pop(step)
    top: Any = step.task.stack[-1]
    top.append(text)


WORDS: Mapping[str, Callable[..., None]] = {
    "begin": _begin,
    "word": _begin,
    "lit": _literal,
    "param": _param,
    "length": _length,
    "if_set": _if_set,
    "keep": _keep,
    "unset_error": _unset_error,
    "trim": _trim,
    "replace": _replace,
    "cased": _cased,
    "indirect": _indirect,
    "process": _process,
    "slice": _slice,
    "arith": _arith,
    "arith_status": _arith_status,
    "substitute": _substitute,
    "field": _field,
    "text": _text,
    "pattern": _pattern,
    "push": _push,
    "drop": pop,
}

"""Redirections: opening files for a command, and putting the descriptors back after it."""

from __future__ import annotations

import re

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import ABSENT, absolute
from kubesim_tui.world.shell.streams import FileOut, LogOut, Null, Stream, TextIn
from kubesim_tui.world.shell.system import System
from kubesim_tui.world.shell.tasks import Task, Tasks

_SOCKET = re.compile(r"/dev/(?:tcp|udp)/([^/]+)/(\d+)")
_PATIENCE_US = 30_000_000
Saved = list[tuple[int, Stream | None]]


class RedirectError(Exception):
    """A file cannot be opened; the command is not run."""


def apply(tasks: Tasks, task: Task, system: System, wanted: list[tuple[int, str, str]]) -> Saved:
    """Redirect; returns what `restore` needs. Raises RedirectError, with everything put back."""
    saved: Saved = []
    for fd, op, target in wanted:
        try:
            stream = _open(tasks, task, system, op, target)
        except RedirectError:
            restore(task, saved)
            raise
        for number in (1, 2) if op in ("&>", "&>>") else (fd,):
            saved.append((number, task.fds.get(number)))
            if stream is None:
                task.fds.pop(number, None)
            else:
                task.fds[number] = stream
    return saved


def restore(task: Task, saved: Saved) -> None:
    """Put the descriptors back as they were."""
    for fd, stream in reversed(saved):
        if stream is None:
            task.fds.pop(fd, None)
        else:
            task.fds[fd] = stream


def _open(tasks: Tasks, task: Task, system: System, op: str, target: str) -> Stream | None:
    if op in (">&", "<&"):
        return _duplicate(task, target)
    if op in ("<<", "<<<"):
        return TextIn(target + ("\n" if op == "<<<" else ""))
    path = absolute(target, task.cwd)
    if path in ("/dev/null", "/dev/zero"):
        return Null()
    socket = _SOCKET.fullmatch(path)
    if socket is not None:
        return _connected(system, target, socket[1], socket[2])
    if op == "<":
        return _read(task, system, target, path)
    return _special(task, path) or _write(tasks, system, op, target, path)


def _connected(system: System, target: str, host: str, port: str) -> Stream:
    """bash's `/dev/tcp/host/port`: whether somebody listens there is all that can be learnt."""
    error = system.fetch(f"tcp://{host}:{port}", "PING", "", _PATIENCE_US).error
    if error:
        raise RedirectError(f"connect: {error[:1].upper()}{error[1:]}\n{target}: {error[:1].upper()}{error[1:]}")
    return Null()


def _duplicate(task: Task, target: str) -> Stream | None:
    if target == "-":
        return None
    if not target.isdecimal() or int(target) not in task.fds:
        raise RedirectError(f"{target}: Bad file descriptor")
    return task.fds[int(target)]


def _special(task: Task, path: str) -> Stream | None:
    """The descriptors of the task itself, or those of the container's first process: its log."""
    if path in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        return task.fds.get(1)
    if path in ("/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"):
        return task.fds.get(2)
    return {"/proc/1/fd/1": LogOut("stdout"), "/proc/1/fd/2": LogOut("stderr")}.get(path)


def _read(task: Task, system: System, target: str, path: str) -> Stream:
    if path in ("/dev/stdin", "/proc/self/fd/0") and 0 in task.fds:
        return task.fds[0]
    try:
        return TextIn(system.files().read(path))
    except FileError as error:
        raise RedirectError(f"can't open {target}: {'no such file' if str(error) == ABSENT else error}") from None


def _write(tasks: Tasks, system: System, op: str, target: str, path: str) -> Stream:
    tasks.steady = False
    files = system.files()
    try:
        if op in (">>", "&>>", "<>") and files.is_file(path):
            files.append(path, "")
        else:
            files.write(path, "")
    except FileError as error:
        raise RedirectError(
            f"can't create {target}: {'nonexistent directory' if str(error) == ABSENT else error}"
        ) from None
    return FileOut(path)

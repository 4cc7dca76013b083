"""find: looks through directories, and runs commands for what it finds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import ABSENT
from kubesim_tui.world.shell.call import WAIT_CHILD, Call, Command, Outcome
from kubesim_tui.world.shell.expansion import matches
from kubesim_tui.world.shell.tools.filesystem import walk

_ACTIONS = ("-print", "-print0", "-delete")
_TESTS = ("-name", "-iname", "-path", "-type", "-maxdepth", "-mindepth", "-size", "-mtime", "-mmin", "-newer")
_IGNORED = ("-a", "-and", "-follow", "-xdev", "-mount", "-depth", "-L", "-H")


def find(call: Call) -> Outcome:
    """find [paths] [-name p] [-type f|d] [-maxdepth n] [-empty] [-print0] [-delete] [-exec command {} ;]"""
    if "todo" in call.state:
        return _run(call)
    words = list(call.arguments)
    paths = []
    while words and (not words[0].startswith("-") or words[0] in _IGNORED):
        paths.append(words.pop(0))
    command, many = _command(words)
    tests, flags, strange = _tests(words)
    if strange:
        return call.fail(f"unrecognized: {strange}" if not call.system.gnu else f"unknown predicate `{strange}'")
    found: list[str] = []
    for name in [path for path in paths if path not in _IGNORED] or ["."]:
        if call.files.exists(call.path(name)):
            every = walk(call.files, call.path(name), name)
            found += [path for path in every if _fits(call, tests, flags, path, name)]
        else:
            call.state["code"] = call.fail(f"{name}: {ABSENT}")
    if command:
        groups = [found] if many and found else [[path] for path in found]
        call.state["todo"] = [_filled(command, group) for group in groups]
        return _run(call)
    if "-delete" in flags:
        return _delete(call, found)
    end = "\0" if "-print0" in flags else "\n"
    call.out("".join(path + end for path in found))
    return int(str(call.state.get("code", 0)))


def _command(words: list[str]) -> tuple[list[str], bool]:
    """The command of -exec, taken out of the words; whether it gets all names at once (`+`)."""
    if "-exec" not in words:
        return [], False
    start = words.index("-exec")
    end = next((at for at in range(start, len(words)) if words[at] in (";", "+")), len(words))
    command, many = words[start + 1 : end], words[end : end + 1] == ["+"]
    del words[start : end + 1]
    return command, many


def _filled(command: list[str], paths: list[str]) -> list[str]:
    found: list[str] = []
    for word in command:
        found += paths if word == "{}" else [word.replace("{}", paths[0])]
    return found


def _tests(words: list[str]) -> tuple[list[tuple[str, str, bool]], set[str], str]:
    """((test, value, negated) …, what to do, the first word that is not known)."""
    tests: list[tuple[str, str, bool]] = []
    flags: set[str] = set()
    negated = False
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in ("!", "-not"):
            negated = not negated
        elif word in _TESTS:
            tests.append((word, rest.pop(0) if rest else "", negated))
            negated = False
        elif word in _ACTIONS or word == "-empty":
            flags.add(word)
        elif word not in _IGNORED:
            return tests, flags, word
    return tests, flags, ""


def _fits(call: Call, tests: list[tuple[str, str, bool]], flags: set[str], path: str, top: str) -> bool:
    if "-empty" in flags and not _empty(call, path):
        return False
    return all(_test(call, test, value, path, top) != negated for test, value, negated in tests)


def _empty(call: Call, path: str) -> bool:
    at = call.path(path)
    return not call.files.names(at) if call.files.is_directory(at) else call.files.read(at) == ""


def _test(call: Call, test: str, value: str, path: str, top: str) -> bool:
    base = path.rstrip("/").rpartition("/")[2] or path
    depth = len([part for part in path.removeprefix(top).split("/") if part])
    match test:
        case "-name":
            return matches(value, base)
        case "-iname":
            return matches(value.lower(), base.lower())
        case "-path":
            return matches(value, path)
        case "-type":
            return ("d" if call.files.is_directory(call.path(path)) else "f") in value
        case "-maxdepth":
            return depth <= int(value)
        case "-mindepth":
            return depth >= int(value)
        case "-size":
            return _sized(call, value, path)
    return not value.startswith("+")  # there are no times of files: nothing is old


def _sized(call: Call, value: str, path: str) -> bool:
    found = re.fullmatch(r"([-+]?)(\d+)([ckMG]?)", value)
    if found is None or call.files.is_directory(call.path(path)):
        return False
    unit = {"c": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(found[3], 512)
    size, wanted = -(-call.files.size(call.path(path)) // unit), int(found[2])
    return size > wanted if found[1] == "+" else size < wanted if found[1] == "-" else size == wanted


def _delete(call: Call, found: list[str]) -> int:
    for path in reversed(found):
        try:
            call.files.remove(call.path(path))
            call.unsteady()
        except FileError as error:
            call.state["code"] = call.fail(f"{path}: {error}")
    return int(str(call.state.get("code", 0)))


def _run(call: Call) -> Outcome:
    """One command after the other, each in a child."""
    pid = call.state.get("child")
    if isinstance(pid, int):
        call.task.waiting_for = 0
        call.tasks.reap(pid)
    todo = call.state["todo"]
    if not isinstance(todo, list) or not todo:
        return int(str(call.state.get("code", 0)))
    made = call.tasks.child(call.task, todo.pop(0), dict(call.task.fds))
    if made is None:
        return call.fail("can't fork")
    call.state["child"] = call.task.waiting_for = made.pid
    return WAIT_CHILD


TOOLS: Mapping[str, Command] = {"find": find}

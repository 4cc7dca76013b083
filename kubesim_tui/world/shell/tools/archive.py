"""tar: what `kubectl cp` runs at the container's end."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import ABSENT, absolute
from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import Options, read
from kubesim_tui.world.tar import Member, TarError, pack, unpack

ACTIONS = "cxt"
STRIPPED = ("removing leading '/' from member names", "Removing leading `/' from member names")
"""As busybox and as GNU say it."""


def tar(call: Call) -> Outcome:
    """tar [-]cxt [-f archive] [-C directory] [names]"""
    words = list(call.arguments)
    if words and not words[0].startswith("-"):
        words[0] = f"-{words[0]}"
    options = read(words, "fC")
    action = next((letter for letter in ACTIONS if letter in options), "")
    if not action:
        return call.fail("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options", 2)
    directory = options.values.get("C", ".")
    place = call.path(directory)
    if not call.files.is_directory(place):
        return call.fail(f"{directory}: Cannot open: {ABSENT}", 2)
    return _create(call, options, place) if action == "c" else _read(call, options, place, extract=action == "x")


# -- c


def _create(call: Call, options: Options, place: str) -> Outcome:
    code, members = 0, list[Member]()
    for name in options.rest:
        path = absolute(name, place)
        if not call.files.exists(path):
            code = call.fail(f"{name}: Cannot stat: {ABSENT}" if call.system.gnu else f"{name}: {ABSENT}", 2)
            continue
        if name.startswith("/"):
            call.fail(STRIPPED[call.system.gnu])
        members += _members(call, path, name.strip("/") or ".")
    if code and call.system.gnu:
        call.fail("Exiting with failure status due to previous errors")
    elif code:
        code = call.fail("error exit delayed from previous errors", 1)
    target = options.values.get("f", "-")
    if target == "-":
        call.out(pack(members))
    else:
        call.files.write(call.path(target), pack(members))
        call.unsteady()
    return code


def _members(call: Call, path: str, name: str) -> list[Member]:
    """A file, or a directory with all that is in it."""
    if call.files.is_file(path):
        return [Member(name, call.files.read(path))]
    found = [Member(name, None)]
    for inside in call.files.names(path):
        found += _members(call, f"{path.rstrip('/')}/{inside}", f"{name}/{inside}")
    return found


# -- x, t


def _read(call: Call, options: Options, place: str, *, extract: bool) -> Outcome:
    source = options.values.get("f", "-")
    if source == "-":
        given = call.all()
        if given is None:
            return WAIT_INPUT
        archive = given
    elif call.files.is_file(call.path(source)):
        archive = call.files.read(call.path(source))
    else:
        return call.fail(f"{source}: Cannot open: {ABSENT}", 2)
    try:
        members = unpack(archive)
    except TarError as error:
        return call.fail(str(error), 2)
    code = 0
    for member in members:
        if not extract:
            call.out(f"{member.name}{'/' if member.text is None else ''}\n")
        elif problem := _extract(call, absolute(member.name.lstrip("/"), place), member):
            code = call.fail(f"{member.name}: {problem}", 2)
    return code


def _extract(call: Call, path: str, member: Member) -> str:
    """Write a member; what went wrong, or ""."""
    try:
        if member.text is None:
            call.files.make_directory(path, parents=True)
        else:
            call.files.make_directory(path.rpartition("/")[0] or "/", parents=True)
            call.files.write(path, member.text)
        call.unsteady()
    except FileError as error:
        return f"Cannot open: {error}"
    return ""


TOOLS: Mapping[str, Command] = {"tar": tar}

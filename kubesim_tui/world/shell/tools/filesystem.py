"""Tools for files: ls, touch, mkdir, rm, cp, mv, ln, chmod, stat, find, df, du, mktemp …"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import ABSENT, Files
from kubesim_tui.world.shell.call import Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import read


def ls(call: Call) -> Outcome:
    """ls [-la1] [paths]"""
    options = read(call.arguments)
    code = 0
    for number, name in enumerate(options.rest or ["."]):
        path = call.path(name)
        if call.files.is_directory(path) and "d" not in options:
            if len(options.rest) > 1:
                call.out(f"{chr(10) if number else ''}{name}:\n")
            names = [n for n in call.files.names(path) if "a" in options or "A" in options or not n.startswith(".")]
            _list(call, path, names, long="l" in options)
        elif call.files.exists(path):
            _list(call, "", [name], long="l" in options)
        else:
            code = _absent(call, name)
    return code


def _absent(call: Call, name: str) -> int:
    what = f"cannot access '{name}'" if call.system.gnu and call.name == "ls" else name
    return call.fail(f"{what}: {ABSENT}", 2 if call.system.gnu else 1)


def _list(call: Call, directory: str, names: list[str], *, long: bool) -> None:
    if long and directory:
        call.out(f"total {4 * len(names)}\n")
    for name in names:
        path = call.path(f"{directory}/{name}" if directory else name)
        if not long:
            call.out(f"{name}\n")
            continue
        inside = call.files.is_directory(path)
        size = 4096 if inside else call.files.size(path)
        call.out(f"{'drwxr-xr-x' if inside else '-rw-r--r--'}    1 root     root     {size:9} Jan  1 09:00 {name}\n")


def touch(call: Call) -> Outcome:
    """touch files"""
    return _each(call, read(call.arguments, "dtr").rest, _touch)


def _touch(call: Call, path: str) -> None:
    if not call.files.exists(path):
        call.files.write(path, "")
        call.unsteady()


def mkdir(call: Call) -> Outcome:
    """mkdir [-p] directories"""
    options = read(call.arguments, "m")
    code = 0
    call.unsteady()
    for name in options.rest:
        try:
            call.files.make_directory(call.path(name), parents="p" in options)
        except FileError as error:
            said = f"cannot create directory ‘{name}’" if call.system.gnu else f"can't create directory '{name}'"
            code = call.fail(f"{said}: {error}")
    return code


def rm(call: Call) -> Outcome:
    """rm [-rf] paths"""
    options = read(call.arguments)
    recursive = "r" in options or "R" in options
    code = 0
    call.unsteady()
    for name in options.rest:
        path = call.path(name)
        try:
            if call.files.is_directory(path) and not recursive:
                raise FileError("Is a directory" if call.system.gnu else "is a directory")
            if path == "/":
                raise FileError("it is dangerous to operate recursively on '/'")
            call.files.remove(path)
        except FileError as error:
            if not ("f" in options and str(error) == ABSENT):
                said = f"cannot remove '{name}'" if call.system.gnu else f"can't remove '{name}'"
                code = call.fail(f"{said}: {error}")
    return code


def rmdir(call: Call) -> Outcome:
    """rmdir directories"""
    return _each(call, read(call.arguments).rest, _rmdir)


def _rmdir(call: Call, path: str) -> None:
    if not call.files.is_directory(path):
        raise FileError("Not a directory" if call.files.exists(path) else ABSENT)
    if call.files.names(path):
        raise FileError("Directory not empty")
    call.files.remove(path)
    call.unsteady()


def _each(call: Call, names: list[str], act: Callable[[Call, str], None]) -> int:
    code = 0
    for name in names:
        try:
            act(call, call.path(name))
        except FileError as error:
            code = call.fail(f"{name}: {error}")
    return code


def cp(call: Call) -> Outcome:
    """cp [-rf] sources target"""
    return _copy(call, remove=False)


def mv(call: Call) -> Outcome:
    """mv sources target"""
    return _copy(call, remove=True)


def _copy(call: Call, *, remove: bool) -> int:
    options = read(call.arguments)
    if len(options.rest) < 2:
        return call.fail("missing file operand")
    *sources, target = options.rest
    code = 0
    call.unsteady()
    into = call.path(target)
    for source in sources:
        path = call.path(source)
        place = f"{into.rstrip('/')}/{path.rpartition('/')[2]}" if call.files.is_directory(into) else into
        try:
            if call.files.is_directory(path) and not (remove or {"r", "R", "a"} & options.flags):
                raise FileError("omitting directory")
            if place == path or place.startswith(path.rstrip("/") + "/"):
                raise FileError("cannot copy a directory into itself")
            _copy_tree(call.files, path, place)
            if remove:
                call.files.remove(path)
        except FileError as error:
            said = f"cannot stat '{source}'" if call.system.gnu else f"can't stat '{source}'"
            code = call.fail(f"{said}: {error}" if str(error) == ABSENT else f"{source}: {error}")
    return code


def _copy_tree(files: Files, source: str, target: str) -> None:
    if not files.is_directory(source):
        files.write(target, files.read(source))
        return
    files.make_directory(target, parents=True)
    for name in files.names(source):
        _copy_tree(files, f"{source.rstrip('/')}/{name}", f"{target.rstrip('/')}/{name}")


def ln(call: Call) -> Outcome:
    """ln -s target name: a copy of the file as it is now (FIDELITY: there are no links)"""
    options = read(call.arguments)
    if len(options.rest) != 2:
        return call.fail("missing file operand")
    target, name = options.rest
    path = call.path(target)
    try:
        if call.files.is_file(path):
            _copy_tree(call.files, path, call.path(name))
        call.unsteady()
    except FileError as error:
        return call.fail(f"{name}: {error}")
    return 0


def chmod(call: Call) -> Outcome:
    """chmod, chown, chgrp: the paths must be there; modes and owners are not kept"""
    words = [word for word in call.arguments if not word.startswith("-")][1:]
    code = 0
    for name in words:
        if not call.files.exists(call.path(name)):
            code = call.fail(f"{name}: {ABSENT}")
    return code


def stat(call: Call) -> Outcome:
    """stat paths"""
    options = read(call.arguments, "c")
    code = 0
    for name in options.rest:
        path = call.path(name)
        if not call.files.exists(path):
            code = call.fail(f"cannot stat '{name}': {ABSENT}")
            continue
        size = 4096 if call.files.is_directory(path) else call.files.size(path)
        if "c" in options:
            call.out(options.values["c"].replace("%s", str(size)).replace("%n", name) + "\n")
        else:
            kind = "directory" if call.files.is_directory(path) else "regular file"
            call.out(f"  File: {name}\n  Size: {size}\tBlocks: 8\tIO Block: 4096\t{kind}\n")
    return code


def walk(files: Files, path: str, shown: str) -> list[str]:
    """A path and all below it, named as `shown` begins."""
    found = [shown]
    if files.is_directory(path):
        for name in files.names(path):
            found.extend(walk(files, f"{path.rstrip('/')}/{name}", f"{shown.rstrip('/')}/{name}"))
    return found


def df(call: Call) -> Outcome:
    """df [-h] [paths]: the volumes that are mounted"""
    call.unsteady()
    options = read(call.arguments)
    call.out("Filesystem           1K-blocks      Used Available Use% Mounted on\n")
    for name in options.rest or ["/"]:
        volume, _ = call.files.volume(call.path(name))
        disk = volume.disk
        total = volume.capacity_bytes or (disk.capacity_bytes if disk is not None else volume.used_bytes)
        free = min(volume.free_bytes, total)
        used = total - free
        call.out(
            f"{'overlay':<20} {total >> 10:9} {used >> 10:9} {free >> 10:9} {used * 100 // max(total, 1):3}% {name}\n"
        )
    return 0


def du(call: Call) -> Outcome:
    """du [-s] [paths]"""
    options = read(call.arguments, "d")
    for name in options.rest or ["."]:
        paths = walk(call.files, call.path(name), name) if call.files.exists(call.path(name)) else []
        size = sum(call.files.size(call.path(path)) for path in paths if call.files.is_file(call.path(path)))
        call.out(f"{(size + 1023) >> 10}\t{name}\n")
    return 0


def dd(call: Call) -> Outcome:
    """dd if=/dev/zero of=file bs=1M count=n"""
    words = dict(word.partition("=")[::2] for word in call.arguments)
    block, count = _bytes(words.get("bs", "512")), _bytes(words.get("count", "1"))
    return _grown(call, words.get("of", ""), block * count, f"{words.get('count', '1')}+0 records out")


def fallocate(call: Call) -> Outcome:
    """fallocate -l size file, truncate -s size file"""
    options = read(call.arguments, "lso")
    size = options.values.get("l") or options.values.get("s", "0")
    return _grown(call, options.rest[0] if options.rest else "", _bytes(size), "")


def _bytes(text: str) -> int:
    units = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    digits = text.rstrip("kKmMgGiBbT")
    return int(digits) * units.get(text[len(digits) : len(digits) + 1].lower(), 1) if digits.isdecimal() else 0


def _grown(call: Call, name: str, size: int, said: str) -> int:
    if not name or name == "/dev/null":
        return 0
    call.unsteady()
    try:
        written = call.files.grow(call.path(name), size)
    except FileError as error:
        return call.fail(f"can't open '{name}': {error}")
    if written < size:
        return call.fail(f"error writing '{name}': No space left on device")
    if said:
        call.err(f"{said.replace('out', 'in')}\n{said}")
    return 0


def mktemp(call: Call) -> Outcome:
    """mktemp [-d]"""
    call.unsteady()
    options = read(call.arguments, "pt")
    number = 1
    while call.files.exists(f"/tmp/tmp.{number:06}"):
        number += 1
    path = f"/tmp/tmp.{number:06}"
    try:
        if "d" in options:
            call.files.make_directory(path)
        else:
            call.files.write(path, "")
    except FileError as error:
        return call.fail(f"(null): {error}")
    call.out(path + "\n")
    return 0


def readlink(call: Call) -> Outcome:
    """readlink -f, realpath"""
    for name in read(call.arguments).rest:
        call.out(call.path(name) + "\n")
    return 0


TOOLS: Mapping[str, Command] = {
    "dd": dd,
    "fallocate": fallocate,
    "truncate": fallocate,
    "ls": ls,
    "touch": touch,
    "mkdir": mkdir,
    "rm": rm,
    "rmdir": rmdir,
    "cp": cp,
    "mv": mv,
    "ln": ln,
    "chmod": chmod,
    "chown": chmod,
    "chgrp": chmod,
    "stat": stat,
    "df": df,
    "du": du,
    "mktemp": mktemp,
    "readlink": readlink,
    "realpath": readlink,
}

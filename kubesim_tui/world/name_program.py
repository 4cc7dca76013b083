"""A CoreDNS as a program of a container: it starts by its Corefile, or not at all, and looks for another now and then.

What is wrong with the first Corefile ends it; a later one that is wrong is told in the log, and the old one stays. Who
says `reload` looks every 30 s, so nothing has to be done until a file changes: then the next look is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from attrs import evolve

from kubesim_tui.world.container import Container
from kubesim_tui.world.corefile import Corefile, Server
from kubesim_tui.world.corefile_parse import CorefileError
from kubesim_tui.world.corefile_read import read
from kubesim_tui.world.errors import FileError
from kubesim_tui.world.logs import STDERR, STDOUT
from kubesim_tui.world.program import Listen, Program
from kubesim_tui.world.template import expand
from kubesim_tui.world.units import SECOND_US

DEFAULT = ".:53 {\n    whoami\n    log\n}\n"
"""Without a file it says who asks."""


def start(container: Container, program: Program, now: int) -> int | None:
    """Read the Corefile; the exit code if it cannot begin with it."""
    path, text = _path(container, program, now), _text(container, program, now)
    try:
        if text is None and path:
            raise CorefileError(f"loading Caddyfile via flag: open {path}: no such file or directory")
        corefile = _corefile(container, path, text if text is not None else DEFAULT)
    except CorefileError as wrong:
        container.write_log(str(wrong), now, STDERR)
        return 1
    if corefile.loops is not None:
        container.write_log(_looping(container, corefile.loops), now, STDOUT)
        return 1
    program.corefile, program.directives = corefile, {"banner": _banner(corefile)}
    return None


def reload(container: Container, program: Program, now: int) -> bool:
    """Take a Corefile over that has changed; whether it did (and ends, if it loops). A wrong one is not tried twice."""
    before, text = program.corefile, _text(container, program, now)
    if before is None or text is None or text == before.text:
        return False
    try:
        corefile = _corefile(container, _path(container, program, now), text)
    except CorefileError as wrong:
        for line in _refused(wrong):
            container.write_log(line, now, STDOUT)
        program.corefile = evolve(before, text=text)
        return False
    if corefile.checksum == before.checksum:
        program.corefile = corefile
        return False
    program.corefile = corefile
    running = [_running(corefile)] if corefile.reload_us is not None else []
    looping = [_looping(container, corefile.loops)] if corefile.loops is not None else []
    for line in ("[INFO] Reloading", *running, "[INFO] Reloading complete", *looping):
        container.write_log(line, now, STDOUT)
    return True


def _refused(wrong: CorefileError) -> tuple[str, ...]:
    return (
        "[INFO] Reloading",
        f"[ERROR] Restart failed: starting with listener file descriptors: {wrong}",
        f"[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: {wrong}",
    )


def next_look(container: Container, program: Program, now: int) -> int | None:
    """The tick of its next look for a Corefile, now or later, if it looks and there is another one."""
    known = program.corefile
    if known is None or known.reload_us is None or _text(container, program, now) == known.text:
        return None
    period_us, jitter_us = known.reload_us
    period = max(1, (period_us + (_number(container, jitter_us) - jitter_us // 2 if jitter_us else 0)) // SECOND_US)
    return now + (program.since - now) % period


def listens(corefile: Corefile) -> tuple[Listen, ...]:
    """The ports that it opens."""
    found = dict.fromkeys(one.port for one in corefile.servers)
    dns = [Listen(int(port), protocol, "dns") for port in found for protocol in ("dns", "tcp")]
    return (*dns, *(Listen(int(port), "http", name) for name, port in corefile.ports if port.isdecimal()))


def _path(container: Container, program: Program, now: int) -> str:
    config = program.spec.config
    assert config is not None
    return expand(config.file, program.scope(container, now, {}))


def _text(container: Container, program: Program, now: int) -> str | None:
    """What the file says now; None if it cannot be read."""
    path, files = _path(container, program, now), container.files()
    try:
        return files.read(path) if path else None
    except FileError:
        return None


def _corefile(container: Container, path: str, text: str) -> Corefile:
    env = container.environment() if "{$" in text or "{%" in text else {}
    try:
        beside = _beside(container, path) if "import" in text else {}
    except FileError as error:
        raise CorefileError(f"Could not import: {str(error).lower()}") from error
    return read(path or "Corefile", text, env, beside)


def _beside(container: Container, path: str) -> Mapping[str, str]:
    """The files that a Corefile may import: those of its directory and of the directories in and beside that."""
    files, found = container.files(), {}
    here = path.rpartition("/")[0]
    for directory in dict.fromkeys((here, here.rpartition("/")[0] or "/")):
        for name in files.names(directory) if files.is_directory(directory) else ():
            at = f"{directory.rstrip('/')}/{name}"
            inside = files.names(at) if files.is_directory(at) else [""]
            for one in (f"{at}/{name}".rstrip("/") for name in inside):
                if files.is_file(one):
                    found[one] = files.read(one)
    return found


def _looping(container: Container, server: Server) -> str:
    zone, port = f"{server.zone}.", 32_768 + _number(container, 28_232)
    query = f"{_number(container, 1 << 62)}.{_number(container, 1 << 61)}.{zone}"
    said = f'Loop (127.0.0.1:{port} -> :{server.port}) detected for zone "{zone}"'
    return f'[FATAL] plugin/loop: {said}, see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO {query}"'


def _banner(corefile: Corefile) -> str:
    lines = [f"{one.zone}.:{one.port}" for one in corefile.servers]
    return "\n".join((*lines, *([_running(corefile)] if corefile.reload_us is not None else ())))


def _running(corefile: Corefile) -> str:
    return f"[INFO] plugin/reload: Running configuration SHA512 = {corefile.checksum}"


def _number(container: Container, below: int) -> int:
    """One that is the container's own."""
    return int.from_bytes(blake2b(container.id.encode(), digest_size=8).digest()) % below

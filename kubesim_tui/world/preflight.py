"""What a program checks before it serves: settings, files, its data directory, what it waits for.

Each check that fails writes the real program's last words into the log and gives its exit code.
"""

from __future__ import annotations

import posixpath
from functools import lru_cache

from attrs import frozen

from kubesim_tui.world import name_program, nginx_conf
from kubesim_tui.world.container import Container
from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import Files, absolute
from kubesim_tui.world.ills import READ_ONLY
from kubesim_tui.world.image_calls import CallTo
from kubesim_tui.world.images import Answer, Data, Forbidden, Requirement, Wait
from kubesim_tui.world.logs import STDERR, STDOUT
from kubesim_tui.world.persistence import load_remembered, load_snapshot
from kubesim_tui.world.planning import address
from kubesim_tui.world.program import Listen, Program
from kubesim_tui.world.queues import lags, listed
from kubesim_tui.world.replication import names
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.template import Names, expand
from kubesim_tui.world.units import SECOND_US, size_bytes


@frozen(eq=False, repr=False)
class Outcome(Shared):
    """Whether it exits (`code`), and how much longer it takes to come up (or to exit)."""

    code: int | None = None
    delay_us: int = 0


FINE = Outcome()


def check(container: Container, program: Program, now: int) -> Outcome:
    """All checks, in the order in which programs make them; start lines are logged on the way."""
    answered = _answers(container, program, now)
    if answered is not None:
        return answered
    scope = program.scope(container, now, {})
    for code in (
        _settings(container, program, scope, now),
        _files(container, program, now),
        _config(container, program, now),
    ):
        if code is not None:
            return Outcome(code)
    data = program.spec.data
    outcome = _data(container, program, data, scope, now) if data is not None else FINE
    if outcome.code is None:
        _costs(program, scope)
        _creates(container, program)
        container.logged().add_lines(now, STDOUT, program.spec.log.start, program)
    return outcome


def _creates(container: Container, program: Program) -> None:
    """The files that it writes for itself, as far as it may. A line with %h stands there once a member (number %n)."""
    files, spec = container.files(), program.spec.replication
    for path, text in program.spec.creates.items():
        scope = names.scope_of(container, program)
        hosts = [at.rpartition(":")[0] for at in names.addresses(container, program, spec)] if spec is not None else []
        lines: list[str] = []
        for line in expand(text, scope).splitlines():
            lines += (
                [line.replace("%h", host).replace("%n", str(n)) for n, host in enumerate(hosts, 1)]
                if "%h" in line
                else [line]
            )
        place = expand(path, scope)
        if not files.refusal(place):
            files.make_directory(posixpath.dirname(place), parents=True)
            files.write(place, "\n".join(lines) + "\n")


def _costs(program: Program, scope: Names) -> None:
    """What it was told to use of memory and processor (stress and the like)."""
    spec = program.spec
    try:
        program.extra_bytes = size_bytes(expand(spec.extra_memory, scope).rstrip("Bb") or "0")
    except ValueError:
        program.extra_bytes = 0
    cores = expand(spec.busy, scope)
    program.busy_us = int(cores) * SECOND_US if cores.isdecimal() else 0


@lru_cache(maxsize=1024)
def _interned(listens: tuple[Listen, ...]) -> tuple[Listen, ...]:
    """Equal ones as one: replicas share it."""
    return listens


def ports(container: Container, program: Program) -> tuple[Listen, ...]:
    """Where it is going to listen."""
    return _interned(_ports(container, program))


def _ports(container: Container, program: Program) -> tuple[Listen, ...]:
    if program.site is not None:
        found = {port: ssl for server in program.site.servers for port, ssl in server.ports}
        return tuple(Listen(port, "https" if ssl else "http") for port, ssl in found.items())
    if program.corefile is not None:
        return name_program.listens(program.corefile)
    listens: list[Listen] = []
    scope = program.scope(container, 0, {})
    for port in program.spec.ports:
        if port.port == "${expected}":
            listens.extend(Listen(number, port.protocol) for number in container.config.expected_ports)
            continue
        text = expand(port.port, scope).rpartition(":")[2]
        if text.isdecimal() and int(text):
            listens.append(Listen(int(text), port.protocol, port.name))
    return tuple(listens)


def reached(container: Container, program: Program, wait: Wait, now: int) -> bool:
    """Try what a program waits for; log the failure. Who was told nobody waits for nobody."""
    scope = program.scope(container, now, {})
    if not expand(wait.to, scope):
        return True
    call, _ = address(CallTo(to=wait.to, port=wait.port, protocol=wait.protocol or "tcp"), scope)
    host = container.host
    if call is not None and host.net is not None:
        url = f"tcp://{call.host}:{call.port}"
        if not host.net.fetch(host.machine, container.id, url, "PING", "", 1_000_000).error:
            if wait.found:
                container.write_log(expand(wait.found, scope), now, STDOUT)
            return True
    if wait.log:
        container.write_log(expand(wait.log, scope), now, STDERR)
    return False


def reload(container: Container, program: Program, now: int) -> bool:
    """Read the configuration anew; with a broken one go on as before. Whether anything changed."""
    if program.corefile is not None and name_program.reload(container, program, now):
        program.listens = ports(container, program)
        return True
    if program.site is None:
        return False
    before = program.site
    if _config(container, program, now) is not None:
        program.site = before
        return False
    program.listens = ports(container, program)
    return True


def daemonizes(program: Program) -> bool:
    """Whether it goes into the background (nginx does, unless told `daemon off;`)."""
    unless = program.spec.daemon_unless
    if not unless or any(unless in argument for argument in program.argv):
        return False
    return program.site is None or program.site.daemon


def _answers(container: Container, program: Program, now: int) -> Outcome | None:
    found = _answer(program)
    if found is None:
        return None
    for line in () if program.task else said(container, program, now):  # a shell has heard it already
        container.write_log(line, now, STDERR if found[0].code else STDOUT)
    return Outcome(found[0].code, found[0].after_us)


def _answer(program: Program) -> tuple[Answer, tuple[str, ...]] | None:
    """What it prints and exits with, and the arguments behind those by which that is known."""
    arguments = program.argv[len(program.spec.name.split()) :]
    for answer in program.spec.answers:
        if arguments[: len(answer.args)] == answer.args and answer.args:
            return answer, arguments[len(answer.args) :]
    return None


def said(container: Container, program: Program, now: int) -> list[str]:
    """The lines that a program prints which has nothing else to do."""
    found = _answer(program)
    if found is None:
        return []
    answer, rest = found
    text = expand(answer.output.removesuffix("\n"), program.scope(container, now, {}))
    lines = text.split("\n") if answer.output else []
    return lines + (_listed(container, answer.lists, rest) if answer.lists else [])


def _listed(container: Container, what: str, words: tuple[str, ...]) -> list[str]:
    """What is in the queues of a broker in the same container."""
    memories = [program.memory for program in container.programs if program.memory is not None]
    kept = [queue for memory in memories for queue in memory.queues.values()]
    if what == "queues":
        return listed(kept, [word for word in words if not word.startswith("-")])
    group = next((words[at + 1] for at, word in enumerate(words[:-1]) if word == "--group"), "workers")
    return lags(kept, group)


def _settings(container: Container, program: Program, scope: Names, now: int) -> int | None:
    for need in program.spec.requires:
        if not _holds(container, program, need, scope):
            container.logged().add_lines(now, STDERR, need.log, program)
            return need.code
    for never in program.spec.forbids:
        found = _forbidden(never, scope)
        if found is not None:
            said = never.log if not never.lists else tuple(line.replace("${found}", found) for line in never.log)
            container.logged().add_lines(now, STDERR, said, program)
            return never.code
    return None


def _holds(container: Container, program: Program, need: Requirement, scope: Names) -> bool:
    for text in need.any_of:
        name, equals, value = text.partition("=")
        found = scope.get(name)
        if found and (not equals or found == value):
            return True
    files = container.files()
    cwd = container.config.working_dir or container.spec.workdir
    if any(files.exists(absolute(expand(path, scope), cwd)) for path in need.files):
        return True
    data = program.spec.data
    return need.unless_data and data is not None and files.is_file(_marker(data, scope))


def _forbidden(never: Forbidden, scope: Names) -> str | None:
    """What is forbidden of a value; None if nothing is."""
    value = scope.get(never.env) or ""
    if never.lists:
        named = (part.partition("=")[0].strip() for part in value.split(","))
        return next((name for name in named if name in never.lists), None)
    return value if (value == never.equals if never.equals else value) else None


def _files(container: Container, program: Program, now: int) -> int | None:
    files = container.files()
    plain = program.scope(container, now, {})
    for need in program.spec.writes:
        path = expand(need.path, plain)
        refused = files.refusal(path)
        if refused:
            number = 30 if refused == READ_ONLY else 13
            scope = program.scope(container, now, {"error": f"{number}: {refused}", "path": path})
            for line in need.log:
                container.write_log(expand(line, scope), now, STDERR)
            return need.code
    return None


def _config(container: Container, program: Program, now: int) -> int | None:
    config = program.spec.config
    if config is None:
        return None
    scope = program.scope(container, now, {})
    path = expand(config.file, scope)
    files = container.files()
    if config.format == "nginx":
        return _nginx(container, program, path, now)
    if config.format == "corefile":
        return name_program.start(container, program, now)
    if config.format == "ini":
        program.directives = _ini(files, path, program.spec.name)
        return None
    if path and not files.is_file(path) and config.missing:
        container.logged().add_lines(now, STDERR, config.log, program)
        return config.missing
    if path and files.is_file(path):
        program.directives = _directives(files.read(path))
    return None


def _nginx(container: Container, program: Program, path: str, now: int) -> int | None:
    try:
        program.site = nginx_conf.read(path, container.files())
        missing = _unresolved(container, program.site)
        if missing:
            raise nginx_conf.ConfigError(f'host not found in upstream "{missing}" in {path}')
    except nginx_conf.ConfigError as error:
        scope = program.scope(container, now, {})
        stamp = expand("${time:%Y/%m/%d %H:%M:%S}", scope)
        container.write_log(f"{stamp} [emerg] 1#1: {error}", now, STDERR)
        container.write_log(f"nginx: [emerg] {error}", now, STDERR)
        return 1
    return None


def _unresolved(container: Container, site: nginx_conf.Site) -> str:
    """nginx looks the hosts that it proxies to up at its start, and does not start without them."""
    net = container.host.net
    if net is None:
        return ""
    hosts: dict[str, None] = {}
    for server in site.servers:
        for location in server.locations:
            if location.proxy and "$" not in location.proxy:
                host = location.proxy.partition("://")[2].partition("/")[0].partition(":")[0]
                members = site.upstreams.get(host, (host,))
                hosts.update(dict.fromkeys(member.partition(":")[0] for member in members))
    for host in hosts:
        if host and not host[0].isdecimal() and not net.resolve(container.host.machine, container.id, host).addresses:
            return host
    return ""


def _directives(text: str) -> dict[str, str]:
    """`name value` a line, with # comments; the last of equal names counts."""
    pairs = (line.split(None, 1) for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return {pair[0].lower(): (pair[1].strip().strip('"') if len(pair) > 1 else "") for pair in pairs}


def _ini(files: Files, directory: str, section: str) -> dict[str, str]:
    """What the files `*.cnf` of a directory say in a section, the last of equal names; a name alone is switched on."""
    found: dict[str, str] = {}
    for name in files.names(directory) if files.is_directory(directory) else ():
        within = ""
        for line in files.read(f"{directory}/{name}").splitlines() if name.endswith(".cnf") else ():
            text = line.partition("#")[0].strip()
            if text.startswith("["):
                within = text.strip("[] ")
            elif text and within == section:
                key, equals, value = text.partition("=")
                found[key.strip().lower().replace("_", "-")] = value.strip() if equals else "on"
    return found


def _marker(data: Data, scope: Names) -> str:
    return f"{expand(data.directory, scope)}/{data.marker}"


def _data(container: Container, program: Program, data: Data, scope: Names, now: int) -> Outcome:
    """Use the data directory, or fill it; refuse one that holds something else."""
    directory = expand(data.directory, scope)
    files = container.files()
    if data.snapshot:
        load_snapshot(container, program, directory)
        return FINE
    if files.is_file(_marker(data, scope)):
        container.logged().add_lines(now, STDOUT, data.again, program)
        load_remembered(container, program, _marker(data, scope))
        return FINE
    if data.dirty is not None and not files.is_empty(directory, data.ignores):
        container.logged().add_lines(now, STDERR, data.dirty.log, program)
        return Outcome(data.dirty.code)
    try:
        _initialise(container, program, data, directory, scope)
    except FileError as error:
        container.write_log(f"{program.spec.name}: could not create directory {directory}: {error}", now, STDERR)
        return Outcome(1)
    container.logged().add_lines(now, STDOUT, data.log, program)
    return Outcome(delay_us=data.init_us)


def _initialise(container: Container, program: Program, data: Data, directory: str, scope: Names) -> None:
    """Fill an empty data directory; what the environment says now (the password) is remembered there for ever."""
    remembered = {name: expand(text, scope) for name, text in data.remembers.items()}
    text = "".join(f"{name}={value}\n" for name, value in remembered.items())
    files = container.files()
    marker = f"{directory}/{data.marker}"
    files.make_directory(posixpath.dirname(marker), parents=True)
    files.write(marker, text or "\n")
    program.remembered().values.update(remembered)

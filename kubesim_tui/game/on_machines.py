"""Tools that run on a machine of the cluster: `kubeadm …` on the first of the control plane, `ssh MACHINE …` on any.

A machine is reached from outside, over its links, whether there is an API server or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from kubesim_tui.apiserver import audit
from kubesim_tui.cluster.kubeadm import main as kubeadm
from kubesim_tui.cluster.kubeadm import packages
from kubesim_tui.cluster.kubeadm.running import Run
from kubesim_tui.cluster.kubeadm.watching import Watching
from kubesim_tui.cluster.plane import ETCD
from kubesim_tui.game.game import Game
from kubesim_tui.kubectl.result import Reply
from kubesim_tui.world.links import OUTSIDE
from kubesim_tui.world.machine import Machine

TOOLS = ("kubeadm", "ssh")
NOT_REACHED, NOT_FOUND = 255, 127


def run(game: Game, words: Sequence[str]) -> Reply:
    """Run a line whose first word is one of the tools."""
    world = game.cluster.world
    if words[0] == "ssh":
        host, command = words[1:2], list(words[2:])
        if not host:
            return _failed("usage: ssh destination [command [argument ...]]", NOT_REACHED)
        name = host[0].rpartition("@")[2]
    else:
        name, command = game.cluster.plane.names[0], list(words)
    machine = world.machines.get(name)
    if machine is None:
        return _failed(f"ssh: Could not resolve hostname {name}: Name or service not known", NOT_REACHED)
    if not machine.powered or not world.links.reachable(OUTSIDE, name):
        return _failed(f"ssh: connect to host {name} port 22: Connection timed out", NOT_REACHED)
    if command[:1] == ["sudo"]:
        command = command[1:]
    act = COMMANDS.get(command[0]) if command else None
    if act is None:
        return _failed(f"bash: line 1: {command[0]}: command not found" if command else "", NOT_FOUND)
    return act(game, machine, command[1:])


def _failed(text: str, code: int) -> Reply:
    return Reply((), (text,) if text else (), code)


def _kubeadm(game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    answer = kubeadm.run(game.cluster, machine, words)
    if not isinstance(answer, Run):
        return Reply(*answer)
    job = Watching(answer)
    first = job.poll(game.client, game.tick)
    return Reply(first.out, first.err, first.code, None if first.done else job)


def _date(game: Game, machine: Machine, _words: Sequence[str]) -> Reply:
    now = game.cluster.trust.now(machine.name)
    return Reply((datetime.fromtimestamp(now, UTC).strftime("%a %b %e %H:%M:%S UTC %Y"),), (), 0)


def _systemctl(game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    """systemctl start|stop|restart|is-active UNIT"""
    if len(words) != 2:
        return _failed("Too few arguments.", 1)
    verb, unit = words[0], words[1].removesuffix(".service")
    if unit not in (machine.runtime.brand.process, "kubelet"):
        return _failed(f"Unit {unit}.service could not be found.", 4)
    if verb == "is-active":
        runs = machine.runs(unit)
        return Reply(("active" if runs else "inactive",), (), 0 if runs else 3)
    if verb not in ("start", "stop", "restart"):
        return _failed(f"Unknown command verb '{verb}'.", 1)
    if verb != "start":
        game.cluster.hand.stop_process(machine.name, unit)
    if verb != "stop":
        game.cluster.hand.start_process(machine.name, unit)
    return Reply((), (), 0)


def _etcdctl(game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    """etcdctl …, where a member of etcd runs"""
    runtime = machine.runtime
    member = next((c for c in runtime.containers.values() if c.config.name == ETCD and c.exit_code is None), None)
    if member is None:
        return _failed("bash: line 1: etcdctl: command not found", NOT_FOUND)
    result = runtime.exec(member.id, ("etcdctl", *words), game.tick)
    return Reply(tuple(result.stdout.splitlines()), tuple(result.stderr.splitlines()), result.exit_code)


def _files(game: Game, machine: Machine) -> dict[str, list[str]]:
    """The files of a machine that are kept: the audit log of its API server."""
    cluster = game.cluster
    if machine.name not in cluster.plane.names:
        return {}
    clock, trace = cluster.etcd.clock, cluster.server.trace
    return {audit.PATH: list(audit.lines(trace, clock.now, clock.tick, trace.dropped))}


def _read(game: Game, machine: Machine, tool: str, path: str) -> list[str] | Reply:
    found = _files(game, machine).get(path)
    return found if found is not None else _failed(f"{tool}: {path}: No such file or directory", 1)


def _cat(game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    """cat FILE"""
    lines = _read(game, machine, "cat", words[0] if words else "-")
    return lines if isinstance(lines, Reply) else Reply(tuple(lines), (), 0)


def _tail(game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    """tail [-n N] FILE"""
    many, rest = "10", list(words)
    if rest[:1] == ["-n"]:
        many, rest = (rest[1] if len(rest) > 1 else ""), rest[2:]
    elif rest and rest[0][:1] == "-" and rest[0][1:].isdecimal():
        many, rest = rest[0][1:], rest[1:]
    if not many.isdecimal():
        return _failed(f"tail: invalid number of lines: ‘{many}’", 1)
    lines = _read(game, machine, "tail", rest[0] if rest else "-")
    return lines if isinstance(lines, Reply) else Reply(tuple(lines[max(0, len(lines) - int(many)) :]), (), 0)


def _grep(game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    """grep TEXT FILE: the lines that hold a text as it is."""
    if len(words) != 2:
        return _failed("Usage: grep [OPTION]... PATTERNS [FILE]...", 2)
    lines = _read(game, machine, "grep", words[1])
    if isinstance(lines, Reply):
        return Reply((), lines.err, 2)
    found = tuple([line for line in lines if words[0] in line])
    return Reply(found, (), 0 if found else 1)


def _apt_get(_game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    return Reply(*packages.apt_get(machine, words))


def _apt_cache(_game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    return Reply(*packages.apt_cache(machine, words))


COMMANDS: Mapping[str, Callable[[Game, Machine, Sequence[str]], Reply]] = {
    "kubeadm": _kubeadm,
    "apt-get": _apt_get,
    "apt-cache": _apt_cache,
    "date": _date,
    "systemctl": _systemctl,
    "etcdctl": _etcdctl,
    "cat": _cat,
    "tail": _tail,
    "grep": _grep,
}
"""What a machine knows besides its containers."""


def next_words(game: Game, before: Sequence[str]) -> tuple[str, ...]:
    """What could stand behind these words."""
    if list(before) == ["ssh"]:
        return tuple(game.cluster.world.machines)
    words = list(before[2:] if before[0] == "ssh" else before)
    if words[:1] == ["sudo"]:
        words = words[1:]
    if words[:1] == ["kubeadm"]:
        return kubeadm.next_words(words[1:])
    if words[:1] in (["cat"], ["tail"], ["grep"]):
        return (audit.PATH,)
    return () if words else tuple(COMMANDS)

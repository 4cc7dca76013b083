"""Tools that run on a machine of the cluster: `kubeadm …` on the first of the control plane, `ssh MACHINE …` on any.

A machine is reached from outside, over its links, whether there is an API server or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from kubesim_tui.apiserver import audit
from kubesim_tui.cluster.crictl import main as crictl
from kubesim_tui.cluster.journalctl import main as journalctl
from kubesim_tui.cluster.kubeadm import main as kubeadm
from kubesim_tui.cluster.kubeadm import packages
from kubesim_tui.cluster.kubeadm.running import Run
from kubesim_tui.cluster.kubeadm.watching import Watching
from kubesim_tui.cluster.plane import ETCD
from kubesim_tui.game.game import Game
from kubesim_tui.kubectl.result import Reply
from kubesim_tui.world.links import OUTSIDE
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.machine_files import MachineFiles
from kubesim_tui.world.shell import scheduler
from kubesim_tui.world.shell.plain import Plain
from kubesim_tui.world.shell.streams import Null, Pipe
from kubesim_tui.world.shell.tasks import Tasks

TOOLS = ("kubeadm", "ssh")
NOT_REACHED, NOT_FOUND = 255, 127
PATIENCE_US, TOO_LATE = 60_000_000, 124
_SHELL = (
    "awk basename bash cat cp cut diff dirname echo false find grep head hostname ls mkdir mv printf rm rmdir sed sh "
    "sort tail tee test touch tr true uniq wc"
)
FILE_TOOLS = tuple(_SHELL.split())
"""Tools of a machine's shell."""


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
    if not "".join(command).strip():
        return _failed("", NOT_FOUND)
    act = COMMANDS.get(command[0])
    if act is not None:
        return act(game, machine, command[1:])
    line = " ".join(command)
    if line.split()[0] not in FILE_TOOLS:
        return _failed(f"bash: line 1: {line.split()[0]}: command not found", NOT_FOUND)
    return _shell(game, machine, line)


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
        state = "active" if machine.runs(unit) else "activating" if machine.process(unit).gone else "inactive"
        return Reply((state,), (), 0 if state == "active" else 3)
    if verb not in ("start", "stop", "restart"):
        return _failed(f"Unknown command verb '{verb}'.", 1)
    if verb != "start":
        game.cluster.hand.stop_process(machine.name, unit)
    if verb != "stop":
        game.cluster.hand.start_process(machine.name, unit)
    return Reply((), (), 0)


def _crictl(game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    return Reply(*crictl.run(machine, words, game.tick, game.cluster.trust.now(machine.name)))


def _journalctl(game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    addresses = game.cluster.plane.addresses
    server = f"{addresses.get(machine.name) or next(iter(addresses.values()))}:6443"
    return Reply(*journalctl.run(machine, words, game.tick, game.cluster.trust.now(machine.name), server))


def _etcdctl(game: Game, machine: Machine, words: Sequence[str]) -> Reply:
    """etcdctl …, where a member of etcd runs"""
    runtime = machine.runtime
    member = next((c for c in runtime.containers.values() if c.config.name == ETCD and c.exit_code is None), None)
    if member is None:
        return _failed("bash: line 1: etcdctl: command not found", NOT_FOUND)
    result = runtime.exec(member.id, ("etcdctl", *words), game.tick)
    return Reply(tuple(result.stdout.splitlines()), tuple(result.stderr.splitlines()), result.exit_code)


def _shell(game: Game, machine: Machine, line: str) -> Reply:
    """Whatever else is typed is for the machine's shell, which has tools for files."""
    cluster = game.cluster
    clock, trace = cluster.etcd.clock, cluster.server.trace
    own = machine.name in cluster.plane.names
    made = (
        {audit.PATH: lambda: "\n".join(audit.lines(trace, clock.now, clock.tick, trace.dropped)) + "\n"} if own else {}
    )
    before, files = dict(machine.files), MachineFiles(machine.files, made)
    ip = cluster.plane.addresses.get(machine.name, "127.0.0.1")
    system = Plain(machine.name, ip, FILE_TOOLS, files, clock.epoch, clock.tick)
    out, err = Pipe(capture=True), Pipe(capture=True)
    tasks = Tasks.make(("bash", "-c", line), {}, clock.tick, "/root", "ssh", (Null(), out, err))
    scheduler.run_ahead(tasks, system, clock.tick, PATIENCE_US)
    if machine.files != before:
        cluster.look()
    code = TOO_LATE if tasks.exit_code is None else tasks.exit_code
    return Reply(tuple(out.text.splitlines()), tuple(err.text.splitlines()), code)


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
    "crictl": _crictl,
    "journalctl": _journalctl,
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
    if words == ["crictl"]:
        return tuple(crictl.COMMANDS)
    if words[:1] == ["journalctl"] and words[-1:] in (["-u"], ["--unit"]):
        return ("kubelet", "containerd")
    if words[:1] in (["cat"], ["tail"], ["head"], ["grep"], ["sed"], ["cp"], ["mv"], ["ls"]):
        return (audit.PATH, *_paths(game, before))
    return () if words else (*COMMANDS, *FILE_TOOLS)


def _paths(game: Game, before: Sequence[str]) -> tuple[str, ...]:
    machine = game.cluster.world.machines.get(before[1]) if before[0] == "ssh" and len(before) > 1 else None
    return tuple(sorted(machine.files)) if machine is not None else ()

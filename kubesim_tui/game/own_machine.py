"""The player's own machine, outside the cluster: `curl` and `wget` at the prompt, and `ssh` to others (on_machines).

`localhost` is what `kubectl port-forward` holds open there; other names are asked as users ask them. The tools are
those of the world's shell; a request is done when the line is, whatever time it would have taken.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from kubesim_tui.cluster.net import SingleRequests
from kubesim_tui.cluster.view import Ref
from kubesim_tui.game import on_machines
from kubesim_tui.game.game import Game
from kubesim_tui.game.state import Tap
from kubesim_tui.kubectl import pipes, redirect
from kubesim_tui.kubectl import run as kubectl
from kubesim_tui.kubectl.fail import Fail
from kubesim_tui.kubectl.port_forward import NO_REPLY, Forward
from kubesim_tui.kubectl.result import Reply, save
from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import ABSENT, Files
from kubesim_tui.world.inside import LOCAL
from kubesim_tui.world.net import REFUSED, RESET, Fetched, Headers, Resolved
from kubesim_tui.world.shell import scheduler
from kubesim_tui.world.shell.plain import Plain
from kubesim_tui.world.shell.streams import Null, Pipe
from kubesim_tui.world.shell.tasks import Tasks
from kubesim_tui.world.urls import PORTS, split, target

TOOLS = ("curl", "wget", *on_machines.TOOLS)
HERE = "/here"
"""Where relative paths begin; the terminal knows what that is."""
PATIENCE_US, TOO_LATE = 300_000_000, 28
"""For how long a request is waited for, and curl's exit code then."""
Answer = tuple[tuple[str, ...], tuple[str, ...], int, int | None]


def run(game: Game, line: str, terminal: Any) -> Answer:
    """Run a line whose first word is one of the tools, with its redirections and pipes: as `prompt.run` answers."""

    def again(words: list[str], text: str) -> Reply:
        return kubectl(words, game.client, redirect.Fed(terminal, text), game.cluster.etcd.clock.now, game.config)

    try:
        given = redirect.take(line)
        first, *stages = [shlex.split(part) for part in pipes.split(given.command)]
        reply = redirect.deliver(pipes.through(_command(game, first, terminal), stages, again), given, terminal)
    except ValueError as wrong:
        return (), (f"error: {wrong}",), 2, None
    except Fail as failure:
        return (), tuple(failure.text.splitlines()), failure.code, None
    return reply.out, reply.err, reply.code, game.keep(line, reply.job) if reply.job is not None else None


def _command(game: Game, words: list[str], terminal: Any) -> Reply:
    if words[0] in on_machines.TOOLS:
        return on_machines.run(game, words)
    out, err, now = Pipe(capture=True), Pipe(capture=True), game.tick
    tasks = Tasks.make(tuple(words), {}, now, HERE, "own", (Null(), out, err))
    scheduler.run_ahead(tasks, OwnMachine(game, terminal), now, PATIENCE_US)
    code = TOO_LATE if tasks.exit_code is None else tasks.exit_code
    return Reply(tuple(out.text.splitlines()), tuple(err.text.splitlines()), code)


def forwards(game: Game) -> Iterator[Forward]:
    """The forwardings that are open, the newest first."""
    for running in reversed(game.jobs.values()):
        if isinstance(running.job, Forward) and not running.done:
            yield running.job


def taps(game: Game) -> tuple[Tap, ...]:
    """What stands open, the oldest first."""
    found = [f for f in forwards(game) if f.ports and not f.lost]
    return tuple(
        Tap(", ".join(f"{p.local}→{p.remote}" for p in f.ports), Ref("Pod", f.namespace, f.pod), f.handled, f.last)
        for f in reversed(found)
    )


def listen(game: Game, new: Forward) -> tuple[list[str], list[str]]:
    """Open the ports of a new forwarding: (what is refused, of which its lines are). A taken port stays whose it is."""
    taken = {p.local for f in forwards(game) if f is not new and not f.lost for p in f.ports}
    refused = [p for p in new.ports if p.local in taken]
    new.ports = tuple(p for p in new.ports if p.local not in taken)
    said = [
        f"Unable to listen on port {p.local}: Listeners failed to create with the following errors: [unable to create "
        f"listener: Error listen tcp4 127.0.0.1:{p.local}: bind: address already in use unable to create listener: "
        f"Error listen tcp6 [::1]:{p.local}: bind: address already in use]"
        for p in refused
    ]
    if refused and not new.ports:
        wanted = " ".join(f"{{{p.local} {p.remote}}}" for p in refused)
        said.append(f"error: unable to listen on any of the requested ports: [{wanted}]")
    return said, [f":{p.local} -> " for p in refused]


class PlayersFiles(Files):
    """The player's disk."""

    __slots__ = ("_terminal",)

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal

    def _place(self, path: str) -> str:
        return path.removeprefix(f"{HERE}/")

    def read(self, path: str) -> str:
        """Its text."""
        try:
            return str(self._terminal.read(self._place(path)))
        except OSError as failure:
            raise FileError(failure.strerror or ABSENT) from None

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        if path.startswith("/dev/"):
            return
        try:
            save(self._terminal, self._place(path), text)
        except OSError as failure:
            raise FileError(failure.strerror or str(failure)) from None

    def is_file(self, path: str) -> bool:
        """Whether it can be read."""
        try:
            self.read(path)
        except FileError:
            return False
        return True

    def is_directory(self, path: str) -> bool:
        """Whether it is one."""
        return path == HERE


class OwnMachine(Plain):
    """What the tools of the player's machine run on."""

    def __init__(self, game: Game, terminal: Any) -> None:
        clock = game.cluster.etcd.clock
        super().__init__("localhost", "127.0.0.1", TOOLS, PlayersFiles(terminal), clock.epoch, game.tick)
        self._game = game

    def fetch(self, url: str, method: str, body: str, timeout_us: int, headers: Headers = ()) -> Fetched:
        """Through a forwarding, or as users ask."""
        address, game = split(url), self._game
        if address.host not in LOCAL:
            return SingleRequests(game.cluster.fabric).from_outside(url, method, body, timeout_us, headers)
        port = address.port or PORTS.get(address.scheme, 80)
        for forward in forwards(game):
            behind = forward.leads(port)
            if behind is not None:
                now = game.cluster.etcd.clock.now
                found = forward.ask(game.client, now, behind, method, target(address) or "/", body)
                return Fetched(error=RESET) if found.error == NO_REPLY else found
        return Fetched(error=REFUSED)

    def resolve(self, name: str) -> Resolved:
        """Only itself."""
        return Resolved(name, ("127.0.0.1",) if name in LOCAL else (), "127.0.0.53")

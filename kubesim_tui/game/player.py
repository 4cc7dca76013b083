"""Plays a script against a session: what a player would do who sees what the script waits for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from attrs import define, field

from kubesim_tui.api.codec import encode_object
from kubesim_tui.game.board import GameBoard, walk
from kubesim_tui.game.game import Game
from kubesim_tui.game.objectives import COMPARE
from kubesim_tui.game.protocol import Reply, Talk, Terminal
from kubesim_tui.game.script import Play, Step, Until

WORDS = {"true": True, "false": False}


class Played(Protocol):
    """What a script needs of a session."""

    game: Game

    def go(self) -> None:
        """Start the clock."""
        ...

    def advance(self) -> bool:
        """Run one tick; False if time stands."""
        ...

    def run(self, line: str, terminal: Terminal) -> Reply:
        """Run a line."""
        ...

    def talk(self) -> Talk | None:
        """The shell that takes what is typed."""
        ...

    def type(self, text: str | None) -> None:
        """Type a line into it."""
        ...


@define(eq=False)
class ScriptTerminal:
    """Files lie beside the script; there is no editor."""

    folder: Path
    width: int = 120
    typing: bool = True

    def read(self, path: str) -> str:
        """Text of a file beside the script."""
        return (self.folder / path).read_text("utf-8")

    def list(self, path: str) -> Sequence[str]:
        """Names of the files in a folder beside the script."""
        return sorted(file.name for file in (self.folder / path).iterdir())

    def write(self, path: str, text: str) -> None:
        """Write a file beside the script."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def edit(self, text: str) -> str | None:  # noqa: ARG002
        """Nobody is there to edit."""
        return None


@define(eq=False)
class Log:
    """What a played script did: each line, when, its output; and the line whose wait ran out, if one did."""

    lines: list[tuple[int, str, tuple[str, ...], int]] = field(factory=list)
    gave_up: int = 0  # number of the line whose `until` ran out of time
    failed: list[str] = field(factory=list)  # lines that answered with an error


def play(session: Played, script: Play, folder: Path, *, strict: bool) -> Log:
    """Play to the end of the level. With `strict`, stop at a wait that runs out."""
    terminal = ScriptTerminal(folder)
    log = Log()
    variables: dict[str, str] = {}
    for step in script.steps:
        if session.game.over:
            break
        if not _do(session, step, terminal, variables, log) and strict:
            log.gave_up = step.line
            break
    session.go()
    while session.advance():
        pass
    return log


def _do(session: Played, step: Step, terminal: Terminal, variables: dict[str, str], log: Log) -> bool:
    game = session.game
    if step.kind == "go":
        session.go()
    elif step.kind == "wait":
        _advance(session, step.ticks)
    elif step.kind == "at":
        session.go()
        _advance(session, max(0, step.ticks - game.since_go))
    elif step.kind == "until":
        assert step.until is not None
        return _await(session, step.until)
    else:
        line = step.text
        for name, value in sorted(variables.items(), key=lambda e: -len(e[0])):
            line = line.replace(f"${name}", value)
        if step.kind == "type":
            _type(session, line, log)
            return True
        reply = session.run(line, terminal)
        log.lines.append((game.tick, line, (*reply.out, *reply.err), reply.code))
        if reply.code:
            log.failed.append(f"{line}: {' '.join(reply.err)}")
        if step.kind == "set":
            variables[step.variable] = "\n".join(reply.out).strip()
        _finish_job(session, reply)
    return True


def _type(session: Played, line: str, log: Log) -> None:
    """A line for a shell in a container: what it says in the next second is its answer."""
    talk = session.talk()
    if talk is None:
        log.failed.append(f"{line}: there is no shell to type it into")
        return
    running = session.game.jobs[talk.job]
    before = len(running.out)
    session.type(line)
    if not running.done:
        session.advance()
    log.lines.append((session.game.tick, line, tuple(running.out[before:]), running.code))


def _finish_job(session: Played, reply: Reply) -> None:
    """A command that waits (delete, rollout status) is waited for, as a player would at the prompt, for a minute."""
    running = session.game.jobs.get(reply.job) if reply.job is not None else None
    for _ in range(60):
        if running is None or running.done or session.talk() is not None or not session.advance():
            return


def _advance(session: Played, ticks: int) -> None:
    for _ in range(ticks):
        if not session.advance():
            return


def _await(session: Played, until: Until) -> bool:
    if until.kind == "end":
        while session.advance():
            pass
        return True
    holds = _CHECKS[until.kind]
    for _ in range(until.within + 1):
        if holds(session.game, until):
            return True
        if not session.advance():
            return False
    return False


def met(game: Game, until: Until) -> bool:
    """Whether what an `until` waits for is so now."""
    if until.kind == "end":
        return game.over
    try:
        return _CHECKS[until.kind](game, until)
    except KeyError:  # a kind that there is not
        return False


def _served(game: Game, until: Until) -> bool:
    sample = game.board.sample(until.subject)
    if sample is None or sample.ok_pm < 0:
        return False
    return COMPARE[until.compare](sample.ok_pm, int(until.value))


def _objects(board: GameBoard, until: Until) -> list[dict[str, object]]:
    return [encode_object(o) for o in board.objects({"object": until.subject})]


def _condition(game: Game, until: Until) -> bool:
    found = [walk(o, f"status.conditions.{until.path}") for o in _objects(game.board, until)]
    return bool(found) and all(COMPARE[until.compare](v, until.value) for v in found)


def _state(game: Game, until: Until) -> bool:
    wanted: object = int(until.value) if until.value.lstrip("-").isdigit() else WORDS.get(until.value, until.value)
    found = [walk(o, until.path) for o in _objects(game.board, until)]
    return bool(found) and all(COMPARE[until.compare](v, wanted) for v in found)


_CHECKS: dict[str, Callable[[Game, Until], bool]] = {"served": _served, "condition": _condition, "state": _state}

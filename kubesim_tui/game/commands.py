"""Commands of the game at the prompt, beside kubectl: hint, why, chaos. Each answers (out, err, code)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from kubesim_tui.cluster.view import Ref
from kubesim_tui.faults.catalogue import FAULTS, FaultError
from kubesim_tui.game.board import resource_of
from kubesim_tui.game.game import Game
from kubesim_tui.game.replay import chaos as strike_now
from kubesim_tui.game.state import Why

Answer = tuple[tuple[str, ...], tuple[str, ...], int]


class Asked(Protocol):
    """What a command needs of a session."""

    game: Game
    language: str

    def hint(self) -> str:
        """The next hint."""
        ...

    def why(self, ref: Ref | None, objective: str | None = None) -> Why | None:
        """The chain behind an object or objective."""
        ...

    def record_chaos(self, line: str) -> None:
        """A fault by hand is an input like any other."""
        ...


def hint(session: Asked, _words: Sequence[str]) -> Answer:
    """`hint`: the next of three."""
    return tuple(session.hint().splitlines()), (), 0


def why(session: Asked, words: Sequence[str]) -> Answer:
    """`why [OBJECTIVE | KIND/NAME]`: the chain of causes."""
    if not words:
        found = session.why(None)
    elif "/" in words[0]:
        word, name = words[0].split("/", 1)
        try:
            resource = resource_of(word)
        except KeyError:
            return (), (f'error: the server doesn\'t have a resource type "{word}"',), 1
        namespace = session.game.config.namespace if resource.namespaced else ""
        found = session.why(Ref(resource.kind, namespace, name))
    else:
        found = session.why(None, words[0])
    if found is None:
        return ("all is well",) if session.language != "zh" else ("一切正常",), (), 0
    lines = [f"{'' if not i else '← '}{link.text}" for i, link in enumerate(found.chain)]
    target = f" {found.object.kind.lower()}/{found.object.name}" if found.object is not None else ""
    return (*lines, f"= {found.cause}{target}: {found.gloss}"), (), 0


def chaos(session: Asked, words: Sequence[str]) -> Answer:
    """`chaos NAME[:TARGET]`: strike now; without a name, what there is."""
    if not words:
        return tuple(f"{name:16} {row.about}" for name, row in sorted(FAULTS.items())), (), 0
    try:
        told = strike_now(session.game, words[0])
    except FaultError as error:
        return (), (f"error: {error}",), 1
    session.record_chaos(words[0])
    return (tuple(told), (), 0) if told else ((), (f"error: nothing to strike for {words[0]}",), 1)


GAME_COMMANDS: Mapping[str, Callable[[Asked, Sequence[str]], Answer]] = {"hint": hint, "why": why, "chaos": chaos}
"""Name → command. Whatever else stands at the prompt is kubectl's."""

"""Commands of the game at the prompt, beside kubectl: hint, why, why-here, chaos. Each answers (out, err, code), in the
player's language; what Kubernetes would say stays English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import attrs

from kubesim_tui.api import types
from kubesim_tui.cluster.placement import Placement
from kubesim_tui.cluster.view import Ref
from kubesim_tui.explain.chain import name_of
from kubesim_tui.faults.catalogue import FAULTS, FaultError
from kubesim_tui.game import chaos_words, menus, on_machines, own_machine, placement
from kubesim_tui.game.board import resource_of
from kubesim_tui.game.game import Game
from kubesim_tui.game.menu_texts import SAID, say
from kubesim_tui.game.replay import chaos as strike_now
from kubesim_tui.game.state import Why
from kubesim_tui.game.strikes import about

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

    def placement(self, ref: Ref) -> Placement | None:
        """The scheduler's decision about a Pod."""
        ...

    def record_chaos(self, line: str) -> None:
        """A fault by hand is an input like any other."""
        ...


def hint(session: Asked, _words: Sequence[str]) -> Answer:
    """`hint`: the next of three."""
    return tuple(session.hint().splitlines()), (), 0


def why(session: Asked, words: Sequence[str]) -> Answer:
    """`why [OBJECTIVE | KIND/NAME]`: the chain of causes; of a Pod without a node or a cause also the decision."""
    if words and "/" in words[0]:
        ref, error = named(session.game, words[0])
        if ref is None:
            return (), (error,), 1
        found = session.why(ref)
        if ref.kind == "Pod" and (found is None or not _has_node(session.game, ref)):
            return (*_told(session, found), *_decision(session, ref)), (), 0
    else:
        known = [f.spec.id for f in (*session.game.objectives.followers, *session.game.objectives.bonus)]
        if words and words[0] not in known:
            return (), (_say(session, "objective", name=words[0], known=", ".join(known)),), 1
        found = session.why(None, words[0] if words else None)
    return _told(session, found), (), 0


def _told(session: Asked, found: Why | None) -> tuple[str, ...]:
    if found is None:
        return (_say(session, "well"),)
    lines = [f"{'' if not i else '← '}{link.text}" for i, link in enumerate(found.chain)]
    target = f" {name_of(attrs.astuple(found.object))}" if found.object is not None else ""
    return (*lines, f"= {found.cause}{target}: {found.gloss}")


def why_here(session: Asked, words: Sequence[str]) -> Answer:
    """`why-here POD`: the scheduler's last decision about a Pod, node by node."""
    if len(words) != 1:
        return (), (_say(session, "which-pod"),), 1
    ref, error = named(session.game, words[0] if "/" in words[0] else f"pod/{words[0]}")
    if ref is None or ref.kind != "Pod":
        return (), (error or _say(session, "which-pod"),), 1
    return _decision(session, ref), (), 0


def _decision(session: Asked, ref: Ref) -> tuple[str, ...]:
    found = session.placement(ref)
    if found is None:
        return (placement.told("unknown", session.language, pod=menus.short(ref)),)
    return placement.lines(found, session.language)


def _has_node(game: Game, ref: Ref) -> bool:
    pod = menus.find(game, ref)
    return isinstance(pod, types.Pod) and pod.spec is not None and bool(pod.spec.node_name)


def named(game: Game, text: str) -> tuple[Ref | None, str]:
    """The thing that `deploy/web` names; or kubectl's words for what is not there."""
    word, name = text.split("/", 1)
    try:
        resource = resource_of(word)
    except KeyError:
        return None, f'error: the server doesn\'t have a resource type "{word}"'
    ref = Ref(resource.kind, game.config.namespace if resource.namespaced else "", name)
    if menus.find(game, ref) is None:
        return None, f'Error from server (NotFound): {resource.group_resource} "{name}" not found'
    return ref, ""


def chaos(session: Asked, words: Sequence[str]) -> Answer:
    """`chaos NAME [TARGET] [OPTION=VALUE …]`: strike now; without a name, what there is."""
    if not words:
        width = max(map(len, FAULTS))
        return tuple(f"{name:{width}} {about(name, session.language)}" for name in sorted(FAULTS)), (), 0
    fault = chaos_words.meant(session.game, words)
    try:
        told = strike_now(session.game, fault)
    except FaultError as error:
        return (), (f"error: {error}",), 1
    session.record_chaos(fault)
    return (tuple(told), (), 0) if told else ((), (_say(session, "nothing", name=fault),), 1)


def _say(session: Asked, word: str, **args: object) -> str:
    return say(SAID, word, session.language, **args)


def complete(session: Asked, line: str, cursor: int) -> tuple[str, ...]:
    """Words of the game that could stand at the cursor: its commands, and what they take."""
    *before, begun = line[:cursor].split(" ")
    namespace = session.game.config.namespace
    if not before:
        words: list[str] = [name for name in (*GAME_COMMANDS, *own_machine.TOOLS) if begun]
    elif before[0] in on_machines.TOOLS:
        words = list(on_machines.next_words(session.game, before))
    elif before[0] in own_machine.TOOLS:
        words = [f"localhost:{port.local}" for open_ in own_machine.forwards(session.game) for port in open_.ports]
    elif before == ["chaos"]:
        words = sorted(FAULTS)
    elif before[:1] == ["chaos"] and len(before) == 2:
        words = list(chaos_words.targets(session.game, before[1]))
    elif before == ["why"]:
        words = [follower.spec.id for follower in session.game.objectives.followers]
    elif before == ["why-here"]:
        words = sorted(key[1] for key in session.game.cluster.etcd.table("pods").by_namespace.get(namespace, {}))
    else:
        return ()
    return tuple(word for word in words if word.startswith(begun) and word != begun)


GAME_COMMANDS: Mapping[str, Callable[[Asked, Sequence[str]], Answer]] = {
    "hint": hint,
    "why": why,
    "why-here": why_here,
    "chaos": chaos,
}
"""Name → command. Whatever else stands at the prompt is kubectl's."""

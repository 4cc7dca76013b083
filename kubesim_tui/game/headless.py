"""Games without a screen: a script played to the end, and everything about it as JSON.

The shapes are the interface of `kubesim run`, `why` and `replay --json`; docs/cli.md describes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attrs import frozen

from kubesim_tui.cluster.view import Ref
from kubesim_tui.explain.thing import thing_not_well
from kubesim_tui.game.commands import named
from kubesim_tui.game.game import Game
from kubesim_tui.game.judging import score_of
from kubesim_tui.game.level import Level
from kubesim_tui.game.player import Log, play
from kubesim_tui.game.proof import Proof, result_of
from kubesim_tui.game.recording import Recording
from kubesim_tui.game.script import Play
from kubesim_tui.game.session import Session
from kubesim_tui.game.state import Link, Verdict, Why
from kubesim_tui.game.whys import hindsight, through, to_why, told, why_missed


@frozen(eq=False)
class Played:
    """A script that was played."""

    game: Game
    verdict: Verdict
    recording: Recording
    log: Log


def run(level: Level, script: Play, folder: Path, seed: str = "1", language: str = "en") -> Played:
    """Play a script to the end of a level. A wait that runs out ends a solution's script, but not a trap's."""
    session = Session(level, seed, language)
    log = play(session, script, folder, strict="loses" not in script.head)
    verdict = told(session.finish(), language)
    assert verdict is not None  # a level ends by itself
    return Played(session.game, verdict, session.recording(), log)


def outcome(game: Game, verdict: Verdict) -> dict[str, Any]:
    """`{"result", "tick", "stars", "score", "digest", "why"}`."""
    return {
        "result": result_of(verdict),
        "tick": game.tick,
        "stars": verdict.stars,
        "score": score_json(game),
        "digest": game.digest,
        "why": [why_json(why) for why in verdict.whys],
    }


def score_json(game: Game) -> dict[str, Any]:
    """The figures of the three medals (requests served, node- and replica-hours, objects changed), cost by requests."""
    score = score_of(game)
    each = score.cost_milli * 1_000_000 // score.served / 1000 if score.served else None
    return {
        "served": score.served,
        "cost": score.cost_milli / 1000,
        "changes": score.changes,
        "costPerMillion": each,
    }


def why_json(why: Why) -> dict[str, Any]:
    """`{"objective", "cause", "object", "chain", "prevented"}`."""
    chain = [link_json(link) for link in why.chain]
    found = {"objective": why.subject, "cause": why.cause, "object": name_of(why.object), "chain": chain}
    return found | {"prevented": why.remedy}


def link_json(link: Link) -> dict[str, Any]:
    """One link of a chain."""
    found = {"text": link.text, "component": link.component, "tick": link.tick, "object": name_of(link.object)}
    return found | {"event": link.event}


def name_of(ref: Ref | None) -> str:
    """`configmap/api-config`; a system outside by its bare name, as traps have it; "" if there is none."""
    if ref is None or not ref.name:
        return ""
    return ref.name if ref.kind == "Outside" else f"{ref.kind.lower()}/{ref.name}"


def whys(played: Played, objective: str = "", language: str = "en") -> tuple[Why, ...]:
    """The chains behind what was missed; of one objective only, whether it was missed or not yet asked about."""
    if not objective:
        return played.verdict.whys
    for why in played.verdict.whys:
        if why.subject == objective:
            return (why,)
    followers = (*played.game.objectives.followers, *played.game.objectives.bonus)
    missed = [f for f in followers if f.spec.id == objective and f.state != "met"]
    return tuple(hindsight(why_missed(played.game, follower, language), language) for follower in missed)


def why_thing(played: Played, text: str, language: str = "en") -> tuple[tuple[Why, ...], str]:
    """The chain behind a thing (`deployment/web`) that is not well at the end; or what is wrong with its name."""
    ref, error = named(played.game, text)
    if ref is None:
        return (), error
    chain = thing_not_well(played.game.evidence(), (ref.kind, ref.namespace, ref.name)) or through(played.game, ref)
    return ((hindsight(to_why(text, chain, language), language),) if chain is not None else ()), ""


def lines_of(all_whys: Iterable[Why]) -> list[str]:
    """Chains as text: the objective, each link below the one that it explains, the cause, what prevents it."""
    lines = []
    for why in all_whys:
        lines.append(f"{why.subject}:")
        lines += [f"  {'  ' * bool(i)}{'← ' if i else ''}{link.text}" for i, link in enumerate(why.chain)]
        lines.append(f"  = {why.cause} {name_of(why.object)}".rstrip() + (f": {why.gloss}" if why.gloss else ""))
        lines += [f"  → {why.remedy}"] if why.remedy else []
    return lines


def proof_json(proof: Proof) -> dict[str, Any]:
    """`{"level", "seed", "proven", "differs", …}` and, where it was played to an end, what `run --json` prints."""
    recording, game = proof.recording, proof.game
    found: dict[str, Any] = {
        "level": recording.level,
        "seed": recording.seed,
        "proven": proof.proven,
        "differs": proof.differs,
        "recorded": {"result": recording.result, "tick": recording.ticks, "digest": recording.digest},
    }
    if game is None:
        return found
    if proof.verdict is not None:
        return found | outcome(game, proof.verdict)
    rest = {"result": "left", "tick": game.tick, "stars": 0, "score": score_json(game), "digest": game.digest}
    return found | rest | {"why": []}

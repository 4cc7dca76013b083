"""Why an objective was missed: the chain that its failures have left, or one made now."""

from __future__ import annotations

from attrs import evolve

from kubesim_tui.cluster.diagnoses import Diagnosis, Told, weighed
from kubesim_tui.cluster.view import Ref
from kubesim_tui.explain import causes, phrases, remedies
from kubesim_tui.explain.chain import Chain, Subject
from kubesim_tui.explain.chain import Link as ChainLink
from kubesim_tui.explain.data import lost_records
from kubesim_tui.explain.thing import thing_not_well
from kubesim_tui.game.follower import FAILED, Follower
from kubesim_tui.game.game import Game
from kubesim_tui.game.objectives import Data, Limit, Queued, Served
from kubesim_tui.game.state import Link, Verdict, Why

LATELY = 15  # ticks: what was looked into since then is thought to be so still


def ref_of(about: Subject | None) -> Ref | None:
    """A chain's object as a front end names it."""
    return Ref(*about) if about is not None else None


def why_missed(game: Game, follower: Follower, language: str) -> Why:
    """The explanation of a missed objective."""
    return to_why(follower.spec.id, chain_of(game, follower), language)


def to_why(name: str, chain: Chain, language: str) -> Why:
    """A chain for a front end."""
    links = tuple(Link(x.text, x.component, x.tick, ref_of(x.object), x.event) for x in chain.links)
    return Why(name, chain.cause, ref_of(chain.object), links, causes.gloss(chain.cause, language))


def told(verdict: Verdict | None, language: str) -> Verdict | None:
    """A verdict in the language of now; its explanations end with what would have prevented it."""
    return None if verdict is None else evolve(verdict, whys=tuple(hindsight(why, language) for why in verdict.whys))


def hindsight(why: Why, language: str) -> Why:
    """An explanation for one whose level is over."""
    return evolve(spoken(why, language), remedy=remedies.remedy(why.cause, language))


def spoken(why: Why, language: str) -> Why:
    """An explanation in a language: it is made and kept in English."""
    links = tuple(evolve(link, text=phrases.told(link.text, language)) for link in why.chain)
    return evolve(why, chain=links, gloss=causes.gloss(why.cause, language))


def chain_of(game: Game, follower: Follower) -> Chain:
    """The chain behind a missed objective."""
    if isinstance(follower, Served):
        return worst(game, follower.spec.options["traffic"]) or _plain(
            "too-late", "it was served too late or too little"
        )
    if isinstance(follower, Data):
        return _data(game, follower)
    if isinstance(follower, Queued):
        return _queued(game, follower) or _plain("too-late", "messages waited too long, or were lost")
    if isinstance(follower, Limit):
        return _plain("over-limit", f"{follower.value()} of what was allowed")
    return _plain("not-done", f"objective {follower.spec.id} was not reached")


def _plain(cause: str, text: str) -> Chain:
    return Chain((ChainLink(text),), cause, None)


def in_trouble(game: Game, follower: Follower) -> bool:
    """Whether there is anything to explain: it is missed, or something of it has failed so far."""
    if isinstance(follower, Served):
        return follower.state == FAILED or bool(game.diagnoses.of(follower.spec.options["traffic"]))
    if isinstance(follower, Data):
        return follower.state == FAILED or follower.lost > 0
    if isinstance(follower, Queued):
        return follower.state == FAILED or _queued(game, follower) is not None
    return follower.state == FAILED


def through(game: Game, ref: Ref) -> Chain | None:
    """The chain of requests that fail now and pass a thing on their way; None if none does."""
    found = []
    for known in game.diagnoses.by_stream.values():
        for diagnosis in known.values():
            passed = any(ref_of(link.object) == ref for link in diagnosis.chain.links)
            if passed and game.tick - diagnosis.looked <= LATELY:
                found.append((diagnosis.count, diagnosis.chain.cause, diagnosis.chain))
    return max(found, key=lambda one: one[:2])[2] if found else None


def worst(game: Game, stream: str) -> Chain | None:
    """The cause behind most of a stream's failures; those with the same cause count together."""
    found = weighed(told for diagnosis in game.diagnoses.of(stream).values() for told in _told(game, stream, diagnosis))
    return found[0][1] if found else None


def _told(game: Game, stream: str, diagnosis: Diagnosis) -> list[Told]:
    """What was found out of failures that are alike; of those of the last tick what is so now."""
    *earlier, (count, _) = diagnosis.told
    return [*earlier, (count, game.chain_of_now(stream, diagnosis))]


def _data(game: Game, follower: Data) -> Chain:
    store = follower.spec.options["store"]
    keepers: dict[Subject, int] = {}
    for streaming in game.cluster.traffic.streams.values():
        if streaming.users.store == store:
            keepers |= streaming.kept_by
    latest = sorted(keepers, key=lambda k: (-keepers[k], k))
    return lost_records(game.evidence(), store, follower.lost, latest)


def _queued(game: Game, follower: Queued) -> Chain | None:
    """Why messages wait, or are lost; None if all is well with their broker now."""
    options = follower.spec.options
    about = ("Service", options.get("namespace", game.level.namespace), options["service"])
    return thing_not_well(game.evidence(), about)

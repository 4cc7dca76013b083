"""Levels lost as newcomers lose them: what the end of the game tells of it."""

from functools import cache

import pytest

from kubesim_tui.explain.causes import CAUSES
from kubesim_tui.explain.remedies import REMEDIES
from kubesim_tui.game import folders, loader
from kubesim_tui.game.inspection import Quiet
from kubesim_tui.game.session import Session


def session_of(level: str) -> Session:
    return Session(loader.load(folders.catalogue()[level]))


@cache
def untouched(level: str) -> Session:
    session = session_of(level)
    session.go()
    while session.advance():
        pass
    return session


LOST = [
    ("0-1", "single-replica", "was deleted by somebody"),
    ("0-2", "node-down", "all 3 Pods of Deployment web are on node node-a"),
    ("0-3", "bad-release", "Deployment web rolled out shop/web:2.0"),
    ("3-1", "answer-404", "Ingress web took it in by its rule / (Prefix), which leads to Service web"),
    ("7-1", "data-on-emptydir", "has been rebooted"),
]


@pytest.mark.parametrize("level, cause, told", LOST, ids=[row[0] for row in LOST])
def test_an_untouched_level_ends_with_its_cause_what_led_there_and_what_would_have_prevented_it(level, cause, told):
    session = untouched(level)
    (why,) = session.state().verdict.whys
    assert (why.cause, why.remedy) == (cause, REMEDIES[cause][0])
    assert [link.text for link in why.chain if told in link.text] != []


def test_the_verdict_is_told_in_the_language_of_now():
    session = untouched("0-1")
    session.language = "zh"
    (why,) = session.state().verdict.whys
    session.language = "en"
    assert (why.gloss, why.remedy) == (CAUSES["single-replica"][1], REMEDIES["single-replica"][1])


def test_while_the_game_goes_on_nothing_is_said_of_what_would_help():
    session = session_of("3-1")
    session.go()
    session.step(3, 10_000)
    assert session.why(None).remedy == ""


def test_what_was_written_since_the_last_failure_is_seen_at_once():
    session = session_of("4-1")
    session.go()
    while not session.game.pause_because:
        session.advance()
    assert session.why(None).cause == "outside-down"
    patch = '{"data":{"db_url":"postgres://db-new.example.com:5432/shop"}}'
    session.run(f"kubectl patch cm api-config -p '{patch}'", Quiet())
    found = session.why(None)
    assert (found.cause, found.object.name) == ("stale-env", "api-config")


def test_a_deleted_deployment_is_called_deleted_and_it_is_said_by_whom():
    session = session_of("0-3")
    session.go()
    session.run("kubectl delete deployment web", Quiet())
    while not session.game.pause_because:
        session.advance()
    for _ in range(12):
        session.advance()
    chains = [d.chain for d in session.game.diagnoses.of("web").values() if d.chain.cause == "workload-deleted"]
    assert [chain.links[-1].text for chain in chains] == ["Deployment web was deleted by kubernetes-admin"]

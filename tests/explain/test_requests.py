"""Every way to fail, made for real, and what the explanation ends at."""

import pytest

from kubesim_tui.explain.causes import CAUSES, document, gloss
from kubesim_tui.explain.chain import Chain, name_of
from kubesim_tui.explain.remedies import REMEDIES
from kubesim_tui.explain.rules import RULES
from tests.explain import scenes_of_returns, scenes_of_the_cloud  # noqa: F401 (they add to SCENES)
from tests.explain.scenes import SCENES, Scene

OF_THE_GAME = {"too-late", "not-done", "over-limit", "unknown"}
"""Causes that objectives end at when no request has failed; and what no rule explains."""
OF_DATA = {"data-on-emptydir", "data-in-container", "data-elsewhere", "split-brain"}
"""See test_data."""
OF_THINGS = {"rollout-paused", "suspended", "job-failed", "budget", "no-metrics", "cordoned"}
"""No request fails of these alone; see test_every_thing."""
OF_QUEUES = {"no-consumers", "too-few-consumers", "lost-with-worker", "lost-with-broker"}
"""No request fails of these: messages wait, or are lost; see test_queues."""


def whole(chain: Chain) -> None:
    """Each link says who tells it, since when, and about what; the cause is one that is documented."""
    assert chain.cause in CAUSES
    assert chain.links
    for link in chain.links:
        assert (link.text != "", link.component != "", link.tick is not None, link.object is not None) == (
            True, True, True, True,
        ), link  # fmt: skip


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.make.__name__)
def test_a_failed_request_is_explained(scene: Scene):
    board = scene.make()
    chain = board.why()
    failures = board.cluster.traffic.streams["web"].stream.failures.values()
    latest = max(f.last for f in failures)
    assert scene.code in {f.fail.code for f in failures if f.last == latest}
    assert (chain.cause, name_of(chain.object)) == (scene.cause, scene.object), chain.links
    whole(chain)


def test_every_code_has_a_scene():
    assert set(RULES) - {s.code for s in SCENES} == set()


def test_every_cause_has_a_scene():
    assert set(CAUSES) - {s.cause for s in SCENES} == OF_THE_GAME | OF_DATA | OF_THINGS | OF_QUEUES


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_every_cause_is_told_in_both_languages(cause):
    english, chinese = CAUSES[cause]
    assert (english[-1], chinese[-1]) == (".", "。")
    assert (gloss(cause, "en"), gloss(cause, "zh")) == (english, chinese)
    assert f"`{cause}`" in document()


def test_a_cause_that_nobody_knows_is_glossed_as_unknown():
    assert gloss("aliens", "en") == CAUSES["unknown"][0]


def test_every_cause_but_those_of_the_game_has_a_remedy_in_both_languages():
    assert set(CAUSES) - set(REMEDIES) == OF_THE_GAME
    assert [code for code, (en, zh) in REMEDIES.items() if not (en.endswith(".") and zh.endswith("。"))] == []

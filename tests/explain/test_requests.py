"""Every way to fail, made for real, and what the explanation ends at."""

import re

import pytest

from kubesim_tui.api.types import Pod
from kubesim_tui.explain.causes import CAUSES, document, gloss
from kubesim_tui.explain.chain import Chain, Link, name_of
from kubesim_tui.explain.failed import Failing
from kubesim_tui.explain.phrases import PHRASES, told
from kubesim_tui.explain.phrases.parts import PARTS
from kubesim_tui.explain.remedies import REMEDIES
from kubesim_tui.explain.rules import RULES, rule
from tests.boards import Board
from tests.explain import scenes_of_ingress, scenes_of_returns, scenes_of_the_cloud  # noqa: F401 (they add to SCENES)
from tests.explain.scenes import SCENES, Scene

OF_THE_GAME = {"too-late", "not-done", "over-limit", "unknown"}
"""Causes that objectives end at when no request has failed; and what no rule explains."""
OF_DATA = {"data-on-emptydir", "data-in-container", "data-elsewhere", "split-brain"}
"""See test_data."""
OF_THINGS = {"rollout-paused", "suspended", "job-failed", "budget", "no-metrics", "cordoned"}
"""No request fails of these alone; see test_every_thing."""
OF_QUEUES = {"no-consumers", "too-few-consumers", "lost-with-worker", "lost-with-broker"}
"""No request fails of these: messages wait, or are lost; see test_queues."""


NOT_OURS = re.compile(
    r"web: \d{3}|x509: .*|No space left on device|system:serviceaccount:[\w:-]+: .*"
    r"|(Liveness|Readiness) probe failed: .*|.* is forbidden: .*",
    re.DOTALL,
)
"""What Kubernetes, or a program, says itself, without an Event."""


def spoken(link: Link) -> bool:
    """Whether a link is in Chinese for whom that is wanted, if it is in our words."""
    return told(link.text, "zh") != link.text or link.event != "" or NOT_OURS.fullmatch(link.text) is not None


def whole(chain: Chain) -> None:
    """Each link says who tells it, since when, and about what, in both languages; the cause is documented."""
    assert chain.cause in CAUSES
    assert chain.links
    for link in chain.links:
        assert (link.text != "", link.component != "", link.tick is not None, link.object is not None) == (
            True, True, True, True,
        ), link  # fmt: skip
    assert [link.text for link in chain.links if not spoken(link)] == []


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.make.__name__)
def test_a_failed_request_is_explained(scene: Scene):
    board = scene.make()
    chain = board.why()
    failures = board.cluster.traffic.streams["web"].stream.failures.values()
    latest = max(f.last for f in failures)
    assert scene.code in {f.fail.code for f in failures if f.last == latest}
    assert (chain.cause, name_of(chain.object)) == (scene.cause, scene.object), chain.links
    whole(chain)


def meant(board: Board, pod: str) -> tuple[str, str]:
    """What is found of a request to Service db that came to a Pod with an address that was another's."""
    way = (("Service", "default", "db"), ("Pod", "default", pod))
    chain = rule("no-such-pod")(board.evidence(), Failing("refused", "no-such-pod", way, "address 10.244.9.9 is gone"))
    return chain.cause, name_of(chain.object)


def test_an_address_that_another_pod_has_by_now_was_that_of_a_copy_that_is_away():
    board = Board(nodes=2)
    container = {"name": "db", "image": "test/app"}
    template = {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [container]}}
    spec = {"serviceName": "db", "replicas": 1, "selector": {"matchLabels": {"app": "db"}}, "template": template}
    board.create({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"}, "spec": spec})
    board.app("web")
    board.service("db")
    board.settle()
    web = next(pod.metadata.name for pod in board.list(Pod) if pod.metadata.name.startswith("web"))
    assert {meant(board, pod) for pod in ("db-0", web)} == {("single-replica", "statefulset/db")}


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


@pytest.mark.parametrize("english", [*PHRASES, *PARTS])
def test_a_translation_says_all_that_stands_in_its_sentence(english):
    chinese = PHRASES.get(english) or PARTS[english]
    assert sorted(re.findall(r"{\w+}", chinese)) == sorted(re.findall(r"{\w+}", english))


def test_what_stands_in_a_sentence_is_put_into_words_in_turn():
    text = "Pod web-0 refuses the connection: nothing listens on port 80"
    assert (told(text, "zh"), told(text, "en")) == ("Pod web-0 拒绝连接：没有进程监听端口 80", text)


def test_what_kubernetes_says_stays_as_it_is():
    assert told("Back-off restarting failed container", "zh") == "Back-off restarting failed container"

"""Completion of the game's own commands, beside kubectl's."""

import pytest

from kubesim_tui.game.inspection import Quiet
from kubesim_tui.game.session import Session
from tests.game.builders import small


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return Session(small(tmp_path_factory.mktemp("level")))


@pytest.mark.parametrize(
    "line, words",
    [
        ("hi", ("hint",)),
        ("cur", ("curl",)),
        ("why ", ("web",)),
        ("chaos node-s", ("node-shutdown", "node-slow-nic")),
        ("why web ", ()),
    ],
)
def test_words_of_the_game_are_completed(session, line, words):
    assert session.complete(line, len(line)) == words


def test_curl_knows_what_is_forwarded(tmp_path):
    session = Session(small(tmp_path))
    for _ in range(5):
        session.advance()
    session.run("kubectl port-forward deploy/web 8080:80", Quiet())
    assert session.complete("curl -s loc", 11) == ("localhost:8080",)


def test_nothing_is_offered_for_an_empty_line_but_kubectl(session):
    assert not {"hint", "why", "chaos"} & set(session.complete("", 0))

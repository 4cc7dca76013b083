"""What takes long is done in slices: the verdict on other seeds, the board of an earlier tick."""

import pytest

from kubesim_tui.game.player import ScriptTerminal, play
from kubesim_tui.game.replay import replay
from kubesim_tui.game.script import parse
from kubesim_tui.game.session import Session
from tests.game.builders import WIN, small


@pytest.fixture(scope="module")
def level(tmp_path_factory):
    return small(tmp_path_factory.mktemp("level"))


@pytest.fixture
def over(level, tmp_path):
    session = Session(level)
    play(session, parse(WIN, "test"), tmp_path, strict=False)
    assert session.game.won
    return session


def test_a_won_game_is_being_judged_before_it_has_a_verdict(over):
    state = over.state()
    assert (state.verdict, state.judging, state.running) == (None, 0, False)


def test_judging_goes_on_slice_by_slice_to_the_verdict_that_it_would_have_at_once(over, level, tmp_path):
    at_once = Session(level)
    play(at_once, parse(WIN, "test"), tmp_path, strict=False)
    seen = [over.state().judging]
    while over.state().verdict is None:
        assert over.step(1, 1) == 0
        seen.append(over.state().judging)
    assert seen[-1] == -1
    assert seen[:-1] == sorted(seen[:-1])
    assert len(set(seen)) > 4
    assert over.state().verdict == at_once.finish()


def test_a_lost_game_has_its_verdict_at_once(level):
    session = Session(level)
    session.run("kubectl delete deployment web", ScriptTerminal(level.folder))
    session.go()
    while session.advance():
        pass
    assert (session.state().verdict.won, session.state().judging) == (False, -1)


def test_the_past_shows_the_board_as_it_was(over, level):
    go = over.game.go_tick
    shown = None
    while shown is None:
        shown = over.past(go + 10, 1)
    then = replay(level, over.seed, over.inputs, go + 10)
    assert shown.view.tick == go + 10
    assert shown.view == then.cluster.picture(go, level.ends, then.slos())
    assert shown.objectives[0].state == "holding"


def test_the_past_of_a_tick_between_is_the_last_one_that_is_kept(over):
    go = over.game.go_tick
    assert over.past(go + 13, 10_000) is over.past(go + 10, 0)


def test_the_past_grows_with_the_game(level, tmp_path):
    session = Session(level)
    session.go()
    session.step(4, 10_000)
    first = session.past(session.game.tick, 10_000)
    session.run("kubectl scale deployment web --replicas=3", ScriptTerminal(tmp_path))
    session.step(2, 10_000)
    later = session.past(session.game.tick, 10_000)
    assert [w.want for w in first.view.workloads if w.ref.name == "web"] == [1]
    assert [w.want for w in later.view.workloads if w.ref.name == "web"] == [3]


def test_there_is_no_past_before_go(level):
    assert Session(level).past(0, 10) is None

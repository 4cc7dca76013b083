"""Stars and medals."""

import pytest

from kubesim_tui.game import folders, loader
from kubesim_tui.game.follower import FAILED, HOLDING, MET
from kubesim_tui.game.inspection import Quiet
from kubesim_tui.game.level import ObjectiveSpec
from kubesim_tui.game.objectives import Objectives, follow
from kubesim_tui.game.scoring import medals, stars
from kubesim_tui.game.session import Session

PAR = {"served": 20, "cost": 180, "changes": 2}


def objectives(*bonus):
    spec = ObjectiveSpec("b", "limit", {}, bonus=True, options={"changes": 1})
    made = [follow(spec, 10) for _ in bonus]
    for follower, state in zip(made, bonus, strict=True):
        follower.state = state
    return Objectives([], made)


@pytest.mark.parametrize(
    ("won", "bonus", "held", "expected"),
    [
        (False, (MET,), True, 0),
        (True, (FAILED,), False, 1),
        (True, (MET,), False, 2),
        (True, (FAILED,), True, 2),
        (True, (MET,), True, 3),
        (True, (MET, FAILED), True, 2),
        (True, (HOLDING,), True, 2),
        (True, (), True, 2),
    ],
)
def test_a_star_each_for_winning_for_the_bonus_and_for_holding(won, bonus, held, expected):
    assert stars(objectives(*bonus), won=won, held=held) == expected


@pytest.mark.parametrize(
    ("failed", "cost", "changes", "expected"),
    [
        (20, 180, 2, ("served", "cost", "changes")),
        (21, 180, 2, ("cost", "changes")),
        (20, 181, 2, ("served", "changes")),
        (20, 180, 3, ("served", "cost")),
        (99, 999, 9, ()),
    ],
)
def test_each_medal_has_its_own_par(failed, cost, changes, expected):
    assert medals(PAR, failed=failed, cost_milli=cost, changes=changes, clean=True) == expected


def test_after_the_third_hint_or_a_rewind_there_are_no_medals():
    assert medals(PAR, failed=0, cost_milli=0, changes=0, clean=False) == ()


def test_a_level_without_a_par_has_no_such_medal():
    assert medals({"served": 5}, failed=0, cost_milli=0, changes=0, clean=True) == ("served",)


def won(*before, hints=0, rewind=False):
    session = Session(loader.load(folders.find("3-1")))
    for line in before:
        assert session.run(line, Quiet()).code == 0
    for _ in range(5):
        session.advance()
    for _ in range(hints):
        session.hint()
    session.go()
    if rewind:
        session.advance()
        session.rewind(session.game.tick)
    while session.advance():
        pass
    return session.finish()


ROUTE = '{"path":"/api","pathType":"Prefix","backend":{"service":{"name":"api","port":{"number":80}}}}'
FIX = (
    f'kubectl patch ingress web --type=json -p \'[{{"op":"add","path":"/spec/rules/0/http/paths/-","value":{ROUTE}}}]\''
)


def test_a_clean_win_gets_all_stars_and_medals():
    verdict = won(FIX)
    assert (verdict.won, verdict.stars, verdict.medals) == (True, 3, ("served", "cost", "changes"))


def test_looking_is_free():
    assert won("kubectl get pods", "kubectl describe ingress web", FIX).medals == ("served", "cost", "changes")


def test_two_hints_are_free_the_third_costs_the_medals():
    assert [won(FIX, hints=n).medals != () for n in (2, 3)] == [True, False]


def test_a_win_after_a_rewind_is_a_win_without_medals():
    verdict = won(FIX, rewind=True)
    assert (verdict.won, verdict.medals) == (True, ())


def test_a_change_too_many_costs_that_medal():
    assert won("kubectl label ingress web a=b", FIX).medals == ("served", "cost")

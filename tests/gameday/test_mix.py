"""Random mixes of faults, and whether why is told rightly. The whole of it: `kubesim mix`."""

import json

import pytest

from kubesim_tui.cli import main
from kubesim_tui.faults.catalogue import FAULTS, check
from kubesim_tui.gameday import verdict
from kubesim_tui.gameday.inquest import Answer, Inquest, Task, hold, inquest
from kubesim_tui.gameday.mix import EARLIEST, LATEST, draw, drawable
from kubesim_tui.gameday.shop import shop

RUNS = 8


@pytest.fixture(scope="module")
def board():
    return shop()


@pytest.fixture(scope="module")
def held():
    return list(hold([Task(str(seed), 3, tuple(drawable())) for seed in range(1, RUNS + 1)], 1))


# mixes


def test_every_fault_of_the_catalogue_may_be_drawn():
    assert drawable() == list(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_finds_somebody_in_the_shop_and_may_be_meant_so(board, name):
    for seed in "12345":
        (planned,) = draw(board, seed, 1, [name]).faults
        check(name, planned.target, planned.options)
        assert EARLIEST <= planned.tick <= LATEST


def test_a_mix_has_different_faults_in_the_order_of_their_time(board):
    faults = draw(board, "7", 3, drawable()).faults
    assert len({planned.do for planned in faults}) == 3
    assert sorted(planned.tick for planned in faults) == [planned.tick for planned in faults]


def test_the_seed_decides_what_is_drawn(board):
    assert draw(board, "1", 3, drawable()) == draw(board, "1", 3, drawable())
    assert draw(board, "1", 3, drawable()) != draw(board, "2", 3, drawable())


# inquests


def test_nothing_fails_in_the_shop_while_nothing_strikes(board):
    found = inquest(Task("1", 0, ()))
    assert (found.failed, found.struck, found.sent > 10_000) == (0, (), True)


def test_the_same_seed_gives_the_same_inquest(held):
    assert inquest(Task("1", 3, tuple(drawable()))) == held[0]


def test_of_every_failed_request_it_is_asked(held):
    for one in held:
        assert one.failed <= one.sent
        assert one.failed == sum(answer.count for answer in one.answers)
        assert all(answer.count > 0 for answer in one.answers)


def test_a_service_that_is_deleted_is_named_every_time():
    found = inquest(Task("3", 1, ("service-deleted",)))
    assert (found.faults, found.failed > 0, found.right) == (("service-deleted",), True, found.failed)


# what they show


def answer(count: int, *, right: bool, cause: str = "slow") -> Answer:
    return Answer("home", "slow", cause, "deployment/web", right, 9, ("home: timed out", "late"), count)


ONE = Inquest("1", ("5s dns-down all",), ("dns-down", "errors"), 100, (answer(30, right=True), answer(10, right=False)))
TWO = Inquest("2", ("6s errors web",), ("errors",), 100, (answer(20, right=False, cause="app-error"),))


def test_shares_are_of_requests():
    found = [verdict.whole([ONE, TWO]), *verdict.by_fault([ONE, TWO])]
    assert [(share.name, share.failed, share.right, share.percent) for share in found] == [
        ("", 60, 30, 50.0),
        ("errors", 60, 30, 50.0),
        ("dns-down", 40, 30, 75.0),
    ]  # fmt: skip


def test_the_wrong_answers_of_most_requests_are_told_first():
    assert list(verdict.lines([ONE, TWO], 1)) == [
        "seed 2: 6s errors web",
        "  at 9s, ×20: slow = app-error deployment/web",
        "    home: timed out",
        "    ← late",
        "",
    ]


def test_the_command_is_content_with_what_it_was_asked_for(capsys):
    code = main(
        ["mix", "--runs", "2", "--first", "3", "--faults", "1", "--only", "service-deleted", "--jobs", "1", "--json"]
    )
    found = json.loads(capsys.readouterr().out)
    assert (code, found["ok"], found["runs"], [one["seed"] for one in found["inquests"]]) == (0, True, 2, ["3", "4"])


def test_the_command_counts_and_shows(capsys):
    assert main(["mix", "--runs", "1", "--faults", "1", "--only", "service-deleted"]) == 0
    assert "1 mixes of 1 faults, seeds 1 to 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options, message",
    [
        (["--only", "meteor"], "kubesim: there is no fault 'meteor'; there are "),
        (["--only", "errors"], "kubesim: --only: 3 different faults are wanted of 1"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(capsys, options, message):
    assert (main(["mix", *options]), capsys.readouterr().err[: len(message)]) == (2, message)

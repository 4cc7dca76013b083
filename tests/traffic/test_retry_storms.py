"""War story: an outage of ten seconds that does not end, since everybody tries again, and what ends it.

A metastable failure (Bronson et al. 2021): while the queue is longer than anybody's patience, the servers work for
users who have gone, and each of those who have gone asks three times more. Nothing is broken any more; the load of the
retries alone keeps it so.
"""

import pytest

from kubesim_tui.api.types import Pod
from kubesim_tui.traffic.profile import Batch, Profile
from kubesim_tui.traffic.retries import Backoff
from kubesim_tui.traffic.streaming import Streaming
from tests.boards import APP, Board, image

SECOND = 1_000_000
OUTAGE = 10
SHOP = image(
    "shop",
    text=APP.replace("concurrency: 16", "concurrency: 4")
    .replace("queue: 64", "queue: 200")
    .replace("service: 5ms, scv: 500, cpu: 1ms", "service: 100ms, scv: 500, cpu: 0ms"),
)
"""Forty requests a second, and five seconds of them may wait."""
RATE = 56  # seven tenths of what two replicas can do
IMPATIENT = {"retries": 3, "backoff": Backoff(0), "timeout_us": 2 * SECOND}


def shop() -> Board:
    board = Board(images=[SHOP])
    board.app("web", 2, "test/shop", probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    return board


def after_an_outage(ticks: int = 300, **more) -> tuple[Board, Streaming]:
    """Both replicas hang for ten seconds; then everything is well again, and so much time passes."""
    board = shop()
    users = board.users(**{"rate": RATE, **IMPATIENT, **more})
    board.tick(30)
    assert users.stream.failed == 0
    ail(board, hangs=True)
    board.tick(OUTAGE)
    ail(board, hangs=False)
    board.tick(ticks)
    return board, users


def ail(board: Board, *, hangs: bool) -> None:
    for pod in board.list(Pod):
        board.cluster.hand.ail("default", pod.metadata.name, hangs=hangs, errors_pm=0, spare_probes=False)


def well(users: Streaming, ticks: int = 20) -> bool:
    """Whether nobody has failed of late."""
    return not any(sample.failed for sample in list(users.stream.samples)[-ticks:])


def test_it_ends_by_itself_where_nobody_tries_again():
    _, users = after_an_outage(60, retries=0)
    assert well(users)


@pytest.mark.parametrize("seed", "123")
def test_it_never_ends_where_everybody_tries_again_at_once(seed):
    _, users = after_an_outage(900)
    last = list(users.stream.samples)[-60:]
    assert sum(s.served for s in last) < sum(s.sent for s in last) // 10
    assert sum(s.sent for s in last) > 3 * 60 * RATE


def test_the_servers_work_all_the_time_for_nobody():
    board, users = after_an_outage()
    stations = [station for station in board.cluster.traffic.stations.values() if station.door is None]
    assert [station.work.outcome.served > 30 for station in stations] == [True, True]
    assert users.stream.last.served < 10


def test_it_ends_when_the_users_are_sent_away_for_a_while():
    board, users = after_an_outage()
    users.paused = True
    board.tick(20)
    users.paused = False
    board.tick(40)
    assert well(users)


def test_a_budget_of_a_tenth_ends_it():
    _, users = after_an_outage(60, budget_pm=100)
    assert well(users)


def test_back_off_with_jitter_ends_it():
    _, users = after_an_outage(200, backoff=Backoff(20 * SECOND, 2, 120 * SECOND, "full"))
    assert well(users)


def test_the_same_back_off_without_jitter_brings_the_outage_back_again_and_again():
    _, users = after_an_outage(400, backoff=Backoff(20 * SECOND, 2, 120 * SECOND))
    assert not well(users, 100)


def test_it_ends_by_itself_where_the_loop_is_closed():
    """The same load, but who tries again does not ask for anything else meanwhile."""
    _, users = after_an_outage(60, rate=0, population=RATE * 5, think_us=5 * SECOND)
    assert well(users)


@pytest.mark.parametrize("jitter, least, most", [("none", 600, 1500), ("full", 100, 250)])
def test_a_crowd_that_falls_together_comes_back_together_unless_there_is_jitter(jitter, least, most):
    """Thundering herd: what finds the queues full in one second comes again in one second."""
    board = shop()
    backoff = Backoff(10 * SECOND, jitter=jitter)
    users = board.users(rate=20, retries=5, backoff=backoff, profile=Profile(batches=(Batch(5, 1500),)))
    board.tick(6)
    assert users.stream.last.sent > 1500
    board.tick(10)
    again = max(sample.sent for sample in list(users.stream.samples)[-10:])
    assert least < again < most

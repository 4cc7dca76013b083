"""A population of users who wait for their answer before they think and ask again."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubesim_tui.traffic.histogram import EDGES
from kubesim_tui.traffic.profile import Profile, Spike
from kubesim_tui.traffic.retries import Backoff
from tests.boards import APP, Board, image, in_flight

SECOND = 1_000_000
THINK = 5

PATIENT = image("patient", text=APP.replace("queue: 64", "queue: 4000").replace("queue: 4,", "queue: 4000,"))
"""It lets everybody wait; a slow one serves two and a half requests a second, one after the other."""


def shop(tag: str = "", replicas: int = 4, **more):
    board = Board(images=[PATIENT])
    board.app("web", replicas, f"test/patient{tag}", probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    return board, board.users(**{"rate": 0, "think_us": THINK * SECOND, "timeout_us": 60 * SECOND, **more})


def measured(board: Board, users, ticks: int) -> tuple[float, float]:
    """(requests served a second, users who wait on average) over so many ticks."""
    before, waiting = users.stream.served, 0
    for _ in range(ticks):
        board.tick()
        waiting += users.waiting
    return (users.stream.served - before) / ticks, waiting / ticks


@pytest.mark.parametrize("population", [1, 50, 2000])
def test_as_long_as_there_is_room_everybody_asks_once_in_his_thinking_time_and_his_answer(population):
    board, users = shop(population=population)
    board.tick(20)
    served, _ = measured(board, users, 400)
    wanted = population / (THINK + 0.006)
    assert abs(served - wanted) < 4 * (wanted / 400) ** 0.5


@pytest.mark.parametrize("population", [20, 40, 100, 200])
def test_littles_law_holds(population):
    """N = X · (R + Z), with the R that users have seen."""
    board, users = shop(":slow", population=population)
    board.tick(120)
    board.cluster.traffic.reset()
    served, _ = measured(board, users, 400)
    seen = mean_s(users.stream.histogram)
    assert abs(served * (seen + THINK) - population) < 0.05 * population


@pytest.mark.parametrize("population", [80, 150, 400])
def test_in_an_overload_throughput_is_flat_and_the_rest_waits(population):
    board, users = shop(":slow", population=population, timeout_us=600 * SECOND)
    board.tick(120)
    served, waiting = measured(board, users, 200)
    assert (served, round(waiting)) == (pytest.approx(10, abs=0.1), pytest.approx(population - 10 * THINK, abs=2))


def test_an_open_loop_of_the_same_load_queues_without_end():
    board, users = shop(":slow", rate=12)
    waiting = []
    for _ in range(4):
        board.tick(50)
        waiting.append(users.stream.in_flight)
    assert all(later > before + 50 for before, later in pairwise(waiting))


@given(
    st.integers(0, 60), st.integers(1, 30), st.integers(0, 3), st.sampled_from(["", ":slow", ":bad"]), st.integers(1, 9)
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nobody_has_two_requests_under_way(population, think, retries, tag, timeout):
    profile = Profile((Spike(10, 5, 3000), Spike(18, 4, 0)))
    more = {"think_us": think * SECOND, "retries": retries, "timeout_us": timeout * SECOND, "profile": profile}
    board, users = shop(tag, 1, population=population, backoff=Backoff(2 * SECOND, 2, 0, "full"), **more)
    most = 0
    for t in range(40):
        most = max(users.waiting, population * (3 if 10 <= t < 15 else 0 if 18 <= t < 22 else 1))
        board.tick()
        assert users.waiting == in_flight(board) + sum(n for lane in users.lanes for n in due(lane)) <= most


def due(lane) -> list[int]:
    return [n for tries in lane.again.values() for n in tries.values()]


def test_a_herd_is_everybody_who_thinks():
    board, users = shop(population=300)
    board.tick(10)
    thinking = 300 - users.waiting
    users.pent_up = 10
    board.tick(1)
    assert users.stream.last.sent == thinking


def test_what_is_expected_of_a_closed_loop_is_the_most_that_can_come():
    _, users = shop(population=50)
    assert users.expected(0, 100) == 1000


def mean_s(histogram: list[int]) -> float:
    """The mean of a histogram, by the middles of its buckets."""
    edges = (0, *EDGES)
    middles = [(a + b) / 2 for a, b in pairwise(edges)]
    return sum(n * middle for n, middle in zip(histogram, middles, strict=False)) / sum(histogram) / SECOND

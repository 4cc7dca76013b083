"""What spares calls: circuit breakers and caches, in whole clusters."""

import copy
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubesim_tui.api.types import Pod
from tests.boards import APP, Board, image, in_flight

BREAKER = {"failures": 50, "least": 10, "window": "5s", "opens": "10s"}


def calling(name: str, to: str, **call: Any) -> tuple[str, str]:
    """An image of 8 servers that makes one call."""
    made = yaml.safe_dump([{"to": to, "timeout": "1s", **call}], default_flow_style=True, width=10_000).strip()
    return image(name, text=APP.replace("CALLS", made).replace("concurrency: 16", "concurrency: 8"))


def shop(rate: int = 40, back: str = "test/app", **call: Any) -> Board:
    """front, which calls back."""
    board = Board(images=[calling("front", "http://back/", **call)])
    board.app("web", 2, "test/front")
    board.app("back", 2, back)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=rate, timeout_us=3_000_000)
    return board


def stream(board: Board) -> Any:
    return board.cluster.traffic.streams["web"].stream


def after(board: Board, ticks: int) -> dict[str, int]:
    """What became of the requests of so many ticks."""
    before, served = dict(stream(board).reasons), stream(board).served
    board.tick(ticks)
    found = {reason: n - before.get(reason, 0) for reason, n in stream(board).reasons.items()}
    return {"served": stream(board).served - served, **{reason: n for reason, n in found.items() if n}}


def asked(board: Board, name: str, ticks: int) -> int:
    """How many requests the Pods of an application got in so many ticks: of a millisecond of a processor each."""
    stations = [s for s in board.cluster.traffic.stations.values() if s.pod[2].startswith(name)]
    before = sum(s.container.meter.cpu_us for s in stations)
    board.tick(ticks)
    return (sum(s.container.meter.cpu_us for s in stations) - before) // 1000


def ail(board: Board, *, hangs: bool = False, percent: int = 0) -> None:
    """The Pods of back answer nothing, or so many errors; their probes see nothing of it."""
    for name in pods(board, "back"):
        board.cluster.hand.ail("default", name, hangs=hangs, errors_pm=percent * 10, spare_probes=True)


def pods(board: Board, name: str) -> list[str]:
    """Those of an application that are there to stay."""
    found = [pod.metadata for pod in board.list(Pod)]
    return [one.name for one in found if one.name.startswith(name) and not one.deletion_timestamp]


# circuit breakers


def test_an_open_breaker_fails_at_once_where_each_call_would_wait_for_its_time_out():
    found = {}
    for name, more in (("without", {}), ("with", {"breaker": BREAKER})):
        board = shop(failure=502, **more)
        ail(board, hangs=True)
        board.tick(10)
        stream(board).histogram[:] = [0] * len(stream(board).histogram)
        found[name] = after(board, 30)
    assert found["without"]["served"] == found["with"]["served"] == 0
    assert {"503", "timed out"} <= set(found["without"])  # all servers wait, and the queue is full
    assert set(found["with"]) == {"served", "502"}


def test_with_a_fallback_an_open_breaker_serves_what_does_not_need_the_call():
    board = shop(failure=0, breaker=BREAKER)
    ail(board, hangs=True)
    board.tick(10)
    assert list(after(board, 30)) == ["served"]


def test_it_tries_again_and_closes_when_answers_are_back():
    board = shop(failure=502, breaker=BREAKER)
    for percent in (100, 0):
        ail(board, percent=percent)
        board.tick(15)
        found = after(board, 20)
        assert (found["served"] > 700) == (percent == 0)
        assert ("502" in found) == (percent == 100)


def test_why_a_breaker_is_open_is_told_to_the_end():
    board = shop(failure=502, breaker=BREAKER)
    ail(board, hangs=True)
    board.tick(20)
    chain = board.why()
    assert (chain.cause, chain.object) == ("hangs", ("Deployment", "default", "back"))


# caches


def test_a_cache_of_its_own_spares_a_caller_what_it_knows():
    board = shop(cache={"keys": 50, "ttl": "60s"})
    board.tick(20)
    assert after(board, 5)["served"] > 150
    assert asked(board, "back", 10) < 20


def cached(keys: int = 200) -> Board:
    """front, which looks into redis before it asks back, of which 20 requests a second are all that it can."""
    slow = image("far", text=APP.replace("CALLS", "[]").replace("service: 5ms, scv: 500", "service: 400ms, scv: 500"))
    front = calling(
        "front", "http://back/", failure=502, cache={"keys": keys, "ttl": "300s", "at": "redis://cache:6379"}
    )
    board = Board(images=[front, (slow[0], slow[1].replace("concurrency: 16", "concurrency: 8"))])
    board.app("web", 4, "test/front")
    board.app("back", 1, "test/far")
    board.app("cache", 1, "redis:7", port=6379, target=6379, probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    return board


def test_answers_that_are_kept_in_redis_spare_the_system_behind_it():
    board = cached()
    board.users(rate=10, timeout_us=3_000_000)
    board.tick(60)
    stream_of = board.users("more", "http://shop.example.com/", rate=60, timeout_us=3_000_000)
    board.tick(30)
    assert stream_of.stream.failed == 0
    assert asked(board, "back", 10) < 60


def test_a_cache_that_was_lost_takes_the_system_behind_it_along():
    board = cached(keys=1000)
    board.users(rate=15, timeout_us=3_000_000)
    board.tick(300)
    board.users("more", "http://shop.example.com/", rate=45, timeout_us=3_000_000)
    board.tick(30)
    board.cluster.traffic.reset()
    board.tick(20)
    well = board.cluster.traffic.streams["more"].stream
    assert well.failed < well.sent // 50
    board.delete(Pod, *pods(board, "cache"))
    board.tick(10)
    board.cluster.traffic.reset()
    board.tick(20)
    assert board.cluster.traffic.streams["more"].stream.failed > 20 * 45 // 4


# laws

SPARED = {
    "breaker": {"breaker": BREAKER},
    "cache": {"cache": {"keys": 80}},
    "both": {"breaker": BREAKER, "cache": {"keys": 80}},
}
SETTLED = {(how, failure): shop(failure=failure, **SPARED[how]) for how in SPARED for failure in (0, 502)}
ACTS = {
    "errors": lambda board: ail(board, percent=60),
    "heals": ail,
    "hangs": lambda board: ail(board, hangs=True),
    "callee goes": lambda board: board.delete(Pod, pods(board, "back")[0]),
    "caller goes": lambda board: board.delete(Pod, pods(board, "web")[0]),
}


def struck(how: str, failure: int, script: list[tuple[str, int]]) -> Board:
    board = copy.deepcopy(SETTLED[how, failure])
    for act, ticks in script:
        ACTS[act](board)
        for _ in range(ticks):
            board.tick()
            assert stream(board).sent == stream(board).served + stream(board).failed + in_flight(board)
    return board


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(SPARED)),
    st.sampled_from([0, 502]),
    st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 12)), max_size=5),
)
def test_what_was_sent_is_served_has_failed_or_is_under_way(how, failure, script):
    struck(how, failure, script)


def test_a_copy_of_the_cluster_goes_on_as_the_original():
    board = struck("both", 502, [("errors", 8), ("heals", 5), ("caller goes", 3)])
    twin = copy.deepcopy(board)
    for one in (board, twin):
        one.tick(30)
    assert twin.cluster.digest == board.cluster.digest
    assert stream(twin).reasons == stream(board).reasons

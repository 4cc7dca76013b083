"""The ingress controller asks the next Pod where one does not take a connection, and waits for none for ever."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api.types import ConfigMap, Deployment, Pod, Service
from kubesim_tui.traffic.next_upstream import GOES_ON, STAYS, WAITS, revolution
from tests.boards import APP, Board, image

SECOND = 1_000_000


def shop(replicas: int = 4, image: str = "test/app", images=(), nodes: int = 4, **notes: str) -> Board:
    """web behind an Ingress with such annotations (`_` for `-`), Ready."""
    board = Board(nodes=nodes, images=images)
    board.app("web", replicas, image)
    board.route("shop.example.com", "web", notes={key.replace("_", "-"): value for key, value in notes.items()})
    board.settle()
    return board


def refusing(board: Board, count: int = 1) -> Board:
    """The programs of some Pods have ended; nobody can write that they are not Ready."""
    pods = board.list(Pod)
    board.cluster.hand.stop_process("control-plane", "kube-apiserver")
    for pod in pods[:count]:
        board.cluster.hand.stop_process(pod.spec.node_name, "kubelet")
        board.cluster.hand.exit_container("default", pod.metadata.name, 1)
    return board


def asked(board: Board, ticks: int = 5, **more):
    users = board.users(**({"rate": 60} | more))
    board.tick(ticks)
    return users


def reasons(users) -> dict[str, str]:
    return {f.fail.reason: f.fail.code for f in users.stream.failures.values()}


def taken(board: Board) -> list[int]:
    """How many requests each container was asked for in the last tick that had any."""
    stations = board.cluster.traffic.stations.values()
    return [station.work.outcome.served for station in stations if station.work is not None and station.door is None]


# who refuses


def test_where_one_of_four_refuses_nobody_notices():
    assert reasons(asked(refusing(shop()))) == {}


def test_those_that_answer_share_evenly_what_the_others_refuse():
    board = refusing(shop(), count=2)
    asked(board, rate=3000)
    first, second = taken(board)
    assert abs(first - second) < (first + second) // 20


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_was_refused_had_not_been_sent_whatever_the_method(method):
    assert reasons(asked(refusing(shop()), method=method)) == {}


def test_the_only_pod_is_tried_three_times_and_then_it_is_a_502():
    users = asked(refusing(shop(1)))
    assert (reasons(users), users.stream.served) == ({"502": "refused"}, 0)


def test_three_refusals_in_a_row_are_a_502_and_the_fourth_pod_gets_the_rest():
    """Of each two that go round four Pods one meets the three in a row that refuse, and the other the fourth."""
    users = asked(refusing(shop(), count=3), rate=1000)
    assert reasons(users) == {"502": "refused"}
    assert abs(users.stream.failed * 2 - users.stream.sent) < users.stream.sent // 10


@pytest.mark.parametrize("notes", [{"proxy_next_upstream": "off"}, {"proxy_next_upstream_tries": "1"}])
def test_an_ingress_may_forbid_it(notes):
    users = asked(refusing(shop(**notes)), rate=400)
    assert reasons(users) == {"502": "refused"}
    assert abs(users.stream.failed * 4 - users.stream.sent) < users.stream.sent // 5


def test_the_controllers_config_map_says_it_for_all_who_do_not_say_otherwise():
    board = shop()
    data = {"proxy-next-upstream": "http_502", "proxy-connect-timeout": "nonsense"}
    board.client.patch(ConfigMap, "ingress-nginx", "ingress-nginx-controller", {"data": data})
    board.tick(3)
    assert reasons(asked(refusing(board))) == {"502": "refused"}


# who is silent


def dark(patience_s: int, method: str = "GET", **notes: str):
    """The machine of one of two Pods goes dark; users come for half a minute."""
    board = shop(2, nodes=2, **notes)
    board.cluster.hand.isolate(board.list(Pod)[0].spec.node_name)
    return asked(board, 30, rate=200, timeout_us=patience_s * SECOND, method=method)


def share(n: int, users, ticks: int) -> float:
    """A number as a share of what was sent until so many ticks ago."""
    return n / sum(s.sent for s in list(users.stream.samples)[:-ticks])


def test_a_connection_that_nobody_answers_is_tried_again_after_five_seconds():
    """Half meet it, half of these meet it again, and again: an eighth has a 504 after 15 s."""
    users = dark(20)
    first = next(s.tick for s in users.stream.samples if s.failed)
    assert (reasons(users), first - next(iter(users.stream.samples)).tick) == ({"504": "black-hole"}, 15)
    assert share(users.stream.failed, users, 15) == pytest.approx(1 / 8, abs=0.02)


def test_a_short_connect_timeout_lets_most_be_served_before_users_give_up():
    """An eighth fails after 3 s, a half is served within 5."""
    users = dark(5, proxy_connect_timeout="1")
    assert reasons(users) == {"504": "black-hole"}
    assert share(users.stream.failed, users, 3) == pytest.approx(1 / 8, abs=0.02)
    assert list(users.stream.samples)[-1].percentile(700) > SECOND


def test_no_more_is_tried_when_the_time_for_it_is_over():
    users = dark(5, proxy_connect_timeout="2", proxy_next_upstream_timeout="1")
    assert share(users.stream.failed, users, 2) == pytest.approx(1 / 2, abs=0.05)


# who is slow


LATE = image("late", text=APP.replace("service: 5ms, scv: 500", "service: 3s, scv: 0"))


@pytest.mark.parametrize("seconds, found", [("2", {"504": "slow"}), ("4", {})])
def test_an_answer_that_comes_after_the_read_timeout_is_a_504(seconds, found):
    users = asked(shop(images=[LATE], image="test/late", proxy_read_timeout=seconds), 12, rate=8, timeout_us=8 * SECOND)
    assert reasons(users) == found


def test_who_was_given_up_by_the_controller_is_worked_on_to_the_end():
    board = shop(images=[LATE], image="test/late", proxy_read_timeout="1")
    users = asked(board, 12, rate=8)
    users.paused = True
    board.tick(2)
    assert users.stream.failed == users.stream.sent
    assert any(station.backlog.total for station in board.cluster.traffic.stations.values())


def test_a_single_request_is_tried_again_as_users_are():
    board = refusing(shop())
    net = board.cluster.world.machines["node-a"].runtime.net
    assert [net.from_outside("http://shop.example.com/").status for _ in range(8)] == [200] * 8


# who answers that it cannot


def half_wrong(**notes: str) -> Board:
    """Two Pods of web answer, two say 500."""
    board = shop(2, nodes=2, **notes)
    board.app("worse", 2, "test/app:bad", probe=False, labels={"tier": "web"})
    board.client.patch(Deployment, "default", "web", {"spec": {"template": {"metadata": {"labels": {"tier": "web"}}}}})
    board.client.patch(Service, "default", "web", {"spec": {"selector": {"tier": "web", "app": None}}})
    board.settle(20)
    return board


@pytest.mark.parametrize(
    "notes, method, found",
    [
        ({}, "GET", 0.5),
        ({"proxy_next_upstream": "error timeout http_500"}, "GET", 0),
        ({"proxy_next_upstream": "error timeout http_503"}, "GET", 0.5),
        ({"proxy_next_upstream": "error timeout http_500"}, "POST", 0.5),
        ({"proxy_next_upstream": "error timeout http_500 non_idempotent"}, "POST", 0),
        ({"proxy_next_upstream": "error http_500", "proxy_next_upstream_tries": "1"}, "GET", 0.5),
    ],
)
def test_an_answer_sends_a_request_on_where_the_ingress_says_so(notes, method, found):
    users = asked(half_wrong(**notes), 10, rate=200, method=method)
    exact_account(users)
    assert users.stream.failed / users.stream.sent == pytest.approx(found, abs=0.03)


def test_who_gave_the_answer_has_worked_for_it():
    board = half_wrong(proxy_next_upstream="error http_500")
    users = asked(board, 6, rate=400)
    stations = [one for one in board.cluster.traffic.stations.values() if one.door is None]
    wrong = sum(one.work.outcome.served for one in stations if one.container.config.image.endswith("bad"))
    assert wrong == pytest.approx(users.stream.last.sent, rel=0.05)  # all four are asked as often, two of them in vain


def exact_account(users) -> None:
    stream = users.stream
    assert stream.sent == stream.served + stream.failed + stream.in_flight


# the ring


@pytest.mark.parametrize(
    "kinds, tries, expected",
    [
        ((STAYS, STAYS), 3, [[0], [1]]),
        ((GOES_ON, STAYS, STAYS), 3, [[0, 1], [2]]),
        ((STAYS, GOES_ON, GOES_ON), 3, [[1, 2, 0]]),
        ((STAYS, GOES_ON, GOES_ON), 2, [[1, 2], [0]]),
        ((GOES_ON,), 3, [[0, 0, 0]]),
        ((WAITS, GOES_ON), 3, [[1, 0]]),
    ],
)
def test_a_turn_round_the_endpoints(kinds, tries, expected):
    assert revolution(kinds, tries) == expected


@given(st.lists(st.sampled_from([STAYS, GOES_ON, WAITS]), min_size=1, max_size=12), st.integers(1, 5))
def test_every_endpoint_that_answers_is_the_end_of_one_request_of_a_turn(kinds, tries):
    ends = [run[-1] for run in revolution(kinds, tries)]
    settled = [at for at, kind in enumerate(kinds) if kind != GOES_ON]
    assert sorted(end for end in ends if kinds[end] != GOES_ON) == settled
    assert all(len(run) <= tries for run in revolution(kinds, tries))
    assert sum(Fraction(1, len(ends)) for _ in ends) == 1

"""Canaries of the ingress controller: who gets what part, by weight, header and cookie."""

import pytest

from kubesim_tui.api.types import Deployment
from kubesim_tui.network.ingress_canary import Canary
from kubesim_tui.traffic.routing import Router
from kubesim_tui.traffic.spec import Users
from tests.boards import Board

KEY = ("default", "next", 80)


@pytest.fixture(scope="module")
def settled() -> Board:
    board = Board(nodes=3)
    board.app("web", 3)
    board.app("next", 1, "test/app:next")
    board.route("shop.example.com", "web")
    board.settle()
    return board


def canary(board: Board, host: str = "shop.example.com", path: str = "/", name: str = "canary", **notes: str) -> None:
    """An Ingress that is one, with such further annotations (`_` for `-`)."""
    given = {f"canary-{key.replace('_', '-')}": value for key, value in notes.items()}
    board.route(host, "next", path, name=name, notes={"canary": "true"} | given)


def part(board: Board, ticks: int = 20) -> float:
    """The share of the requests that the canary answers."""
    board.tick(3)
    users = board.users(rate=200)
    board.tick(ticks)
    answered: dict[str, int] = {}
    for sample in users.stream.samples:
        for image, n in sample.images:
            answered[image] = answered.get(image, 0) + n
    assert users.stream.failed == 0
    return answered.get("test/app:next", 0) / sum(answered.values())


@pytest.mark.parametrize(
    "notes, share",
    [
        ({"weight": "0"}, 0),
        ({"weight": "10"}, 0.1),
        ({"weight": "100"}, 1),
        ({"weight": "10", "weight_total": "1000"}, 0.01),
        ({"weight": "5", "weight_total": "10"}, 0.05),  # less than 100 is no total
        ({"weight": "half"}, 0),
        ({"by_header": "canary"}, 0),  # users have none
    ],
)
def test_users_come_to_it_by_its_weight(board, notes, share):
    canary(board, **notes)
    assert part(board) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("where", [{"host": "other.example.com"}, {"path": "/other"}])
def test_without_an_ordinary_ingress_of_the_same_place_it_gets_nothing(board, where):
    canary(board, weight="50", **where)
    assert part(board, 5) == 0


def test_a_canary_alone_makes_no_host():
    board = Board()
    board.app("next")
    canary(board, weight="100")
    board.settle()
    users = board.users()
    board.tick(3)
    assert set(users.stream.reasons) == {"404"}


def test_of_two_the_older_one_counts(board):
    canary(board, weight="100")
    board.tick(2)
    canary(board, name="younger", weight="0")
    assert part(board, 5) == 1


def test_one_whose_pods_are_not_ready_gets_nothing(board):
    canary(board, weight="50")
    board.patch(Deployment, "next", {"spec": {"replicas": 0}})
    board.tick(5)
    assert part(board, 5) == 0


@pytest.mark.parametrize(
    "notes, headers, served_by",
    [
        ({"by_header": "X-Canary"}, {"x-canary": "always"}, "next"),
        ({"by_header": "X-Canary", "weight": "100"}, {"x-canary": "never"}, "web"),
        ({"by_header": "X-Canary", "by_header_value": "me"}, {"x-canary": "me"}, "next"),
        ({"by_header": "X-Canary", "by_header_value": "me"}, {"x-canary": "always"}, "web"),
        ({"by_header": "X-Canary", "by_header_pattern": "^v2"}, {"x-canary": "v2.1"}, "next"),
        ({"by_cookie": "beta"}, {"cookie": "a=b; beta=always"}, "next"),
        ({"by_cookie": "beta", "weight": "100"}, {"cookie": "beta=never"}, "web"),
    ],
)
def test_a_single_request_chooses_by_header_or_cookie(board, notes, headers, served_by):
    canary(board, **notes)
    board.tick(3)
    users = Users("", "http://shop.example.com/", 0)
    root = Router(board.cluster.fabric, users, headers=tuple(headers.items())).root()
    assert {leg.way[-2][2] for leg in root.legs} == {served_by}


def test_what_the_header_does_not_decide_the_cookie_does_and_then_the_weight():
    one = Canary(("default", "canary"), KEY, header="h", cookie="c")
    assert one.chosen({"h": "always", "cookie": "c=never"}) is True
    assert one.chosen({"h": "what?", "cookie": "c=never"}) is False
    assert one.chosen({"h": "what?"}) is None

"""What the board says of what is not well, or not the player's."""

import pytest

from kubesim_tui.cluster.spec import OutsideSystem
from kubesim_tui.cluster.view import Ref
from tests.boards import Board, image

AWAY = "api.example.com"


@pytest.fixture
def board():
    found = Board(
        1,
        [image("front", f"http://{AWAY}:5678/")],
        outside=[OutsideSystem(AWAY, "hashicorp/http-echo:1.0", env={"ECHO_TEXT": "hi"})],
    )
    found.app("web", 1, "test/front")
    found.route("shop.example.com", "web")
    found.settle()
    found.users(rate=20, timeout_us=1_000_000)
    return found


def share(board):
    return next(s.ok_pm for s in board.cluster.picture().services if s.ref.name == "web")


def test_static_pods_stand_on_the_board_as_pods_that_nobody_owns(board):
    refs = {work.ref for work in board.cluster.picture().workloads}
    assert {Ref("Pod", "kube-system", f"{part}-control-plane") for part in ("etcd", "kube-apiserver")} <= refs


def test_a_service_whose_requests_hang_is_not_said_to_be_well(board):
    board.tick(5)
    assert share(board) == 1000
    board.cluster.hand.outside(AWAY, up=False)
    seen = []
    for _ in range(6):
        board.tick()
        seen.append(share(board))
    assert 1000 not in seen[1:], seen

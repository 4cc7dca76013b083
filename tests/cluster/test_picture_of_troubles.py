"""What the board says of what is not well, or not the player's."""

import pytest

from kubesim_tui.cluster.view import Ref
from tests.boards import Board


@pytest.fixture
def board():
    found = Board(nodes=1)
    found.app("web", 1)
    found.route("shop.example.com", "web")
    found.settle()
    return found


def test_static_pods_stand_on_the_board_as_pods_that_nobody_owns(board):
    refs = {work.ref for work in board.cluster.picture().workloads}
    assert {Ref("Pod", "kube-system", f"{part}-control-plane") for part in ("etcd", "kube-apiserver")} <= refs


def test_the_share_of_a_service_is_of_the_requests_that_ended(board):
    board.app("slow", 1, "test/app:slow")
    board.route("slow.example.com", "slow")
    board.settle()
    board.users("slow", "http://slow.example.com/", rate=1)
    board.tick(1)
    flows = {s.ref.name: (s.rate, s.ok_pm) for s in board.cluster.picture().services if s.rate}
    assert flows["slow"] in ((1, -1), (2, -1), (1, 1000), (2, 1000))
    board.tick(20)
    assert all(s.ok_pm in (-1, 1000) for s in board.cluster.picture().services if s.ref.name == "slow")

"""A cluster is one object of plain data: a copy goes on as the original would, two never see each other."""

import copy

import pytest

from kubesim_tui.api.types import Deployment, Pod
from tests.boards import Board, image


def busy(seed: str = "1") -> Board:
    """Applications that call each other, users, a rollout on its way, a node that has just been lost."""
    board = Board(nodes=3, images=[image("front", "http://back/")], seed=seed)
    board.app("web", 4, "test/front")
    board.app("back", 3)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=40, retries=1, timeout_us=2_000_000)
    board.tick(5)
    board.cluster.hand.crash("node-b")
    template = {"spec": {"containers": [{"name": "back", "image": "test/app:next"}]}}
    board.patch(Deployment, "back", {"spec": {"template": template}})
    return board


def figures(board: Board) -> tuple[object, ...]:
    return (
        board.cluster.digest,
        board.cluster.etcd.revision,
        [(s.sent, s.served, s.failed) for s in board.cluster.traffic.streams["web"].stream.samples],
        board.cluster.picture(),
    )


@pytest.mark.parametrize("ticks", [0, 1, 7, 60])
def test_a_copy_goes_on_as_the_original_would(ticks):
    board = busy()
    board.tick(ticks)
    other = copy.deepcopy(board)
    assert figures(other) == figures(board)
    board.tick(90)
    other.tick(90)
    assert figures(other) == figures(board)


def test_what_is_done_to_a_copy_is_not_done_to_the_original():
    board = busy()
    before = figures(board)
    other = copy.deepcopy(board)
    other.delete(Pod, other.list(Pod)[0].metadata.name)
    other.cluster.hand.isolate("node-a")
    other.tick(30)
    assert figures(board) == before


def test_a_copy_of_a_copy_made_on_the_way_ends_where_the_first_does():
    board = busy()
    first = copy.deepcopy(board)
    first.tick(40)
    for _ in range(4):
        board = copy.deepcopy(board)
        board.tick(10)
    assert figures(board) == figures(first)


def test_two_clusters_in_one_process_run_by_turns_as_each_would_alone():
    alone = busy()
    alone.tick(50)
    one, other = busy(), busy(seed="2")
    for _ in range(50):
        one.tick()
        other.tick()
    assert figures(one) == figures(alone) != figures(other)


def test_the_seed_decides():
    assert figures(busy("1")) != figures(busy("2"))


def test_users_are_in_the_digest_though_they_write_nothing():
    one, other = busy(), busy()
    other.cluster.traffic.streams["web"].factor_pm = 1001
    one.tick(30)
    other.tick(30)
    assert one.cluster.digest != other.cluster.digest


def test_looking_changes_nothing():
    one, other = busy(), busy()
    for _ in range(20):
        one.tick()
        other.tick()
        other.cluster.picture()
        other.evidence()
    assert figures(one) == figures(other)

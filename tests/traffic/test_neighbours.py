"""Neighbours on one machine, when its processors do not suffice."""

import pytest

from kubesim_tui.metrics.usage import container_usage
from tests.boards import Board

HEAVY = """
repositories: [docker.io/test/heavy]
size: 30Mi
entrypoint: [app]
programs:
  app:
    ports: [{port: 8080, protocol: http}]
    concurrency: 64
    queue: 256
    routes:
      - {path: /, body: ok, service: 20ms, cpu: 20ms}
"""
"""Each request needs 20 ms of a processor: four of them work off 200 requests a second."""


def neighbours(*requests: str, rates: tuple[int, ...]) -> Board:
    """Applications a, b … on one machine of four processors, each asked so often a second."""
    board = Board(nodes=1, images=[("heavy.yaml", HEAVY)])
    for name, request in zip("abc", requests, strict=False):
        resources = {"resources": {"requests": {"cpu": request}}} if request else {}
        board.app(name, 1, "test/heavy", container=resources, probe=False)
        board.route(f"{name}.example.com", name)
    board.settle()
    for name, rate in zip("abc", rates, strict=False):
        board.users(name=name, url=f"http://{name}.example.com/", rate=rate, timeout_us=60_000_000)
    board.tick(30)
    return board


def millicores(board: Board) -> list[int]:
    """What each application uses now."""
    containers = board.cluster.world.machines["node-a"].runtime.containers.values()
    used = {c.config.name: container_usage(c, board.now - 1)[0] for c in containers}
    return [used[name] for name in "ab"]


def test_with_enough_for_both_neither_notices_the_other():
    board = neighbours("", "", rates=(60, 60))
    runtime = board.cluster.world.machines["node-a"].runtime
    assert (runtime.ceilings, board.cluster.traffic.streams["a"].stream.failed) == ({}, 0)


@pytest.mark.parametrize("requests, parts", [(("", ""), (50, 50)), (("1", "3"), (25, 75)), (("", "1"), (0, 99))])
def test_who_requested_more_gets_more_when_both_want_all(requests, parts):
    a, b = millicores(neighbours(*requests, rates=(400, 400)))
    assert [round(100 * one / (a + b)) for one in (a, b)] == pytest.approx(parts, abs=2)
    assert a + b <= 4000


def test_one_within_its_request_is_not_slowed_down_by_a_greedy_neighbour():
    board = neighbours("1", "", rates=(40, 2000))
    modest, greedy = (board.cluster.traffic.streams[name].stream for name in "ab")
    assert (modest.failed, greedy.failed > 0) == (0, True)


def test_when_the_neighbour_is_quiet_again_all_of_the_machine_is_there():
    board = neighbours("", "1", rates=(150, 400))
    squeezed = millicores(board)[0]
    board.cluster.traffic.streams["b"].paused = True
    board.tick(30)
    assert squeezed < 100 < 2000 < millicores(board)[0]
    assert board.cluster.world.machines["node-a"].runtime.ceilings == {}

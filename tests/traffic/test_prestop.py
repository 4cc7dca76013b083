"""Rule 1 of the design: a deleted Pod stops answering before every kube-proxy has heard of it, unless it waits.

Users come by a node port. The ingress controller asks the next Pod, as long as there is one: see test_next_upstream.
"""

import pytest

from kubesim_tui.api.types import Deployment, Pod
from tests.boards import Board

SLEEP = {"lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}}}


def served(seed: str, image: str = "test/app", **container):
    """Four replicas and 100 requests a second through a Service, ten seconds before the test begins."""
    board = Board(nodes=3, seed=seed)
    board.app("web", 4, image, container=container, type="NodePort")
    board.settle(40)
    users = board.users(url=board.door("web"), rate=100)
    board.tick(10)
    return board, users


def failed(users) -> list[int]:
    """How many failed, tick by tick, where any did."""
    return [sample.failed for sample in users.stream.samples if sample.failed]


@pytest.mark.parametrize("seed", "12345")
def test_one_pod_of_four_replaced_costs_one_second_of_its_share(seed):
    board, users = served(seed)
    board.delete(Pod, board.list(Pod)[0].metadata.name)
    board.tick(30)
    (lost,) = failed(users)
    assert 15 <= lost <= 35  # a quarter of a Poisson draw of 100
    assert users.stream.reasons.pop("connection reset", 0) <= 3  # those that it had in hand
    assert list(users.stream.reasons) == ["connection refused"]


@pytest.mark.parametrize("seed", "12345")
def test_with_a_pre_stop_sleep_it_costs_nothing(seed):
    board, users = served(seed, **SLEEP)
    board.delete(Pod, board.list(Pod)[0].metadata.name)
    board.tick(30)
    assert failed(users) == []


def test_an_image_that_drains_needs_no_sleep():
    board, users = served("1", "test/app:drain")
    board.delete(Pod, board.list(Pod)[0].metadata.name)
    board.tick(30)
    assert failed(users) == []


@pytest.mark.parametrize("container, least, most", [({}, 60, 140), (SLEEP, 0, 0)])
def test_a_rollout_costs_it_once_a_replica(container, least, most):
    board, users = served("1", **container)
    image = [{"name": "web", "image": "test/app:next"}]
    board.patch(Deployment, "web", {"spec": {"template": {"spec": {"containers": image}}}})
    board.tick(120)
    images = {c.image for pod in board.list(Pod) for c in pod.spec.containers}
    assert images == {"test/app:next"}
    assert least <= users.stream.failed <= most

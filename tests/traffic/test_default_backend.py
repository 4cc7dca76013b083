"""The annotation `default-backend`: who answers while the Service of an Ingress has nobody who is ready."""

import pytest

from kubesim_tui.api.types import Deployment
from tests.boards import Board
from tests.traffic.test_conservation import exact


def found(notes: dict[str, str], replicas: int) -> tuple[dict[str, int], set[str]]:
    """What requests fail with, and the images that answer, where web has so many Pods."""
    board = Board()
    board.app("web")
    board.app("sorry", 1, "test/app:sorry")
    board.route("shop.example.com", "web", notes=notes)
    board.settle()
    board.patch(Deployment, "web", {"spec": {"replicas": replicas}})
    board.tick(5)
    users = board.users()
    board.tick(5)
    return users.stream.reasons, {image for sample in users.stream.samples for image, _ in sample.images}


@pytest.mark.parametrize(
    "notes, replicas, answers",
    [
        ({"default-backend": "sorry"}, 1, {"test/app"}),
        ({"default-backend": "sorry"}, 0, {"test/app:sorry"}),
    ],
)
def test_it_answers_only_while_nobody_else_is_ready(notes, replicas, answers):
    assert found(notes, replicas) == ({}, answers)


@pytest.mark.parametrize("notes", [{}, {"default-backend": "missing"}])
def test_without_one_that_is_there_it_is_a_503(notes):
    reasons, answers = found(notes, 0)
    assert (set(reasons), answers) == ({"503"}, set())


# pages for errors


@pytest.mark.parametrize(
    "notes, tag, replicas, status",
    [
        ({"custom-http-errors": "500"}, "bad", 1, 404),
        ({"custom-http-errors": "500,503", "default-backend": "sorry"}, "bad", 1, 200),
        ({"custom-http-errors": "404", "default-backend": "sorry"}, "bad", 1, 500),
        ({"custom-http-errors": "503"}, "latest", 0, 404),
        ({"custom-http-errors": "500", "default-backend": "sorry"}, "latest", 1, 200),
    ],
)
def test_errors_are_thrown_away_for_a_page(notes, tag, replicas, status):
    board = Board()
    board.app("web", replicas, f"test/app:{tag}", probe=False)
    board.app("sorry", 1, "test/app:sorry")
    board.route("shop.example.com", "web", notes=notes)
    board.settle()
    assert board.cluster.world.net.from_outside("http://shop.example.com/").status == status


def test_only_those_pods_that_err_are_replaced_and_they_have_worked_for_it():
    board = Board()
    more = {"labels": {"tier": "shop"}}
    board.app("web", 1, selector={"tier": "shop"}, **more)
    board.app("next", 1, "test/app:bad", service=False, probe=False, **more)
    board.app("sorry", 1, "test/app:sorry")
    board.route("shop.example.com", "web", notes={"custom-http-errors": "500", "default-backend": "sorry"})
    board.settle()
    users = board.users(rate=100)
    for _ in range(10):
        board.tick()
        exact(board)
    answered: dict[str, int] = {}
    for sample in users.stream.samples:
        for image, n in sample.images:
            answered[image] = answered.get(image, 0) + n
    bad = next(one for one in board.cluster.traffic.stations.values() if one.pod[2].startswith("next"))
    assert users.stream.failed == 0
    assert answered["test/app"] == pytest.approx(answered["test/app:sorry"], rel=0.2)
    assert bad.container.load.requests == pytest.approx(50, abs=20)

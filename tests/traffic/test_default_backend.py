"""The annotation `default-backend`: who answers while the Service of an Ingress has nobody who is ready."""

import pytest

from kubesim_tui.api.types import Deployment
from tests.boards import Board


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

"""The HorizontalPodAutoscaler walkthrough of the Kubernetes documentation, on its own manifests.

https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/: the load of the page makes
php-apache use 305 % of its request of 200m, and within a minute or so there are 7 replicas; when the load stops, the
size goes back to 1, five minutes later.
"""

from pathlib import Path

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from tests.boards import Board

PAGES = Path(__file__).resolve().parents[3] / "shared" / "manifests" / "k8s-website" / "application"
FILES = (PAGES / "php-apache.yaml", PAGES / "hpa" / "php-apache.yaml")
pytestmark = pytest.mark.skipif(not all(f.exists() for f in FILES), reason="the manifests are not there")
REQUEST_CPU_MILLI_S = 55
"""What one request costs the image (assets/images/hpa-example.yaml)."""
ROUND = 15
RATE = 305 * 200 / 100 / REQUEST_CPU_MILLI_S


@pytest.fixture(scope="module")
def story():
    """[(second, replicas)] whenever the size changes, from the start of the load on; it stops after ten minutes."""
    board = Board(nodes=3)
    for file in FILES:
        board.apply(file.read_text())
    board.route("php.example.com", "php-apache")
    board.tick(400)
    start, sizes = board.now, [(0, size(board))]
    users = board.users("load", "http://php.example.com/", rate=RATE)
    for second in range(1, 1200):
        if second == 600:
            users.paused = True
        board.tick()
        if size(board) != sizes[-1][1]:
            sizes.append((board.now - start, size(board)))
    return board, sizes


def size(board):
    return board.get(types.Deployment, "php-apache").spec.replicas


def test_the_replicas_go_from_1_to_7(story):
    """At first to four at most; then new Pods, which are not measured yet, count as idle."""
    _, sizes = story
    assert [n for t, n in sizes if t < 600] == [1, 4, 5, 7]


def test_seven_replicas_are_there_within_a_minute_and_a_half(story):
    _, sizes = story
    assert next(t for t, n in sizes if n == 7) <= 90


def test_the_size_goes_down_five_minutes_after_the_load_has_gone(story):
    _, sizes = story
    down = [(t, n) for t, n in sizes if t >= 600]
    assert down[-1][1] == 1
    assert all(300 - ROUND <= t - 600 <= 300 + 2 * ROUND for t, _ in down)


def test_what_the_autoscaler_said(story):
    board, _ = story
    said = [e.message for e in board.list(types.Event) if e.reason == "SuccessfulRescale"]
    up = "reason: cpu resource utilization (percentage of request) above target"
    down = "reason: All metrics below target"
    expected = {f"New size: {n}; {up}" for n in (4, 5, 7)} | {f"New size: 1; {down}"}
    assert expected <= set(said)


def test_how_it_looks_at_the_end(story):
    board, _ = story
    resource = board.cluster.server.resource_for_kind("autoscaling/v2", "HorizontalPodAutoscaler")
    found = encode_object(board.cluster.etcd.get(resource.group_resource, ("default", "php-apache")))["status"]
    assert (found["currentReplicas"], found["desiredReplicas"]) == (1, 1)
    assert found["currentMetrics"][0]["resource"]["current"]["averageUtilization"] == 0

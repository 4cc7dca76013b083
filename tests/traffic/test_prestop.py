"""The termination race (DESIGN, rule 1): 4 replicas, 100 requests a second, one Pod replaced.

A container that is told to stop refuses from that tick on, but every kube-proxy hears of it one tick later: for a second
its share of the requests fails. A preStop hook that waits until all have heard saves them all.
"""

import pytest

from kubesim_tui.api import types
from tests.boards import Board

SLEEP = {"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}
EXEC = {"lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}}}


def board(container=None, seed="1", **pod):
    made = Board(nodes=3, seed=seed)
    made.app("web", replicas=4, container=container, pod=pod or None)
    made.route("shop.example.com", "web")
    made.settle()
    users = made.users("web", rate=100)
    made.tick(5)
    return made, users


def replace_one(made):
    victim = min(pod.metadata.name for pod in made.list(types.Pod))
    made.delete(types.Pod, victim)
    made.tick(20)
    return victim


@pytest.mark.parametrize("seed", ["1", "2", "3", "4", "5"])
def test_without_a_hook_one_second_of_the_pods_share_fails(seed):
    made, users = board(seed=seed)
    replace_one(made)
    failures = list(users.stream.failures.values())
    assert (18 <= users.stream.failed <= 32, {f.first for f in failures} == {f.last for f in failures}) == (True, True)


def test_over_ten_replacements_a_quarter_of_a_second_each_fails():
    """100 requests a second over four Pods: 25 of them, chance aside."""
    made, users = board()
    for _ in range(10):
        replace_one(made)
    assert 200 <= users.stream.failed <= 300


def test_the_failures_are_connections_refused_and_the_race_is_named():
    made, users = board()
    replace_one(made)
    assert ({f.fail.code for f in users.stream.failures.values()}, made.why().cause) == ({"refused"}, "termination-race")


@pytest.mark.parametrize("hook", [SLEEP, EXEC], ids=["sleep", "exec"])
def test_a_hook_that_waits_until_all_have_heard_saves_every_request(hook):
    made, users = board(hook)
    for _ in range(5):
        replace_one(made)
    assert (users.stream.failed, users.stream.served > 9_000) == (0, True)


def test_every_request_is_accounted_for():
    made, users = board()
    replace_one(made)
    stream = users.stream
    assert stream.sent == stream.served + stream.failed + stream.in_flight


def test_a_whole_rollout_without_a_hook_fails_once_a_pod_and_with_one_never():
    failed = []
    for container in (None, SLEEP):
        made, users = board(container)
        made.patch(types.Deployment, "web", {"spec": {"template": {"metadata": {"annotations": {"again": "1"}}}}})
        made.tick(60)
        failed.append(users.stream.failed)
    assert (50 <= failed[0] <= 140, failed[1]) == (True, 0)

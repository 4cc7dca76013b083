"""Commands that wait are data: they can be copied, go on after each tick, and end by Ctrl-C."""

import copy
import json

import pytest

from kubesim_tui.api import types
from kubesim_tui.kubectl import Config, run
from tests.kubectl.board import Terminal, load


class Player:
    """Somebody at a prompt of a cluster without nodes; a copy of every job is what goes on."""

    def __init__(self, name="board.yaml"):
        self.harness = load(name)
        self.job = None

    @property
    def now(self):
        return self.harness.engine.clock.now

    def type(self, line):
        reply = run(line, self.harness.admin, Terminal(), self.now, Config())
        self.job = reply.job
        return list(reply.out) + list(reply.err)

    def tick(self, ticks=1):
        """The lines of the job over some ticks, and its exit code once it is over."""
        said = []
        for _ in range(ticks):
            self.harness.tick()
            self.job = copy.deepcopy(self.job)
            poll = self.job.poll(self.harness.admin, self.now)
            said += [*poll.out, *poll.err]
            if poll.done:
                return said, poll.code
        return said, None


@pytest.fixture
def player():
    return Player()


def test_delete_waits_until_the_object_is_gone(player):
    player.harness.patch(types.Pod, "web-0", {"metadata": {"finalizers": ["example.com/hold"]}})
    assert player.type("delete pod web-0 --now") == ['pod "web-0" deleted from default namespace']
    assert player.tick(3) == ([], None)
    player.harness.patch(types.Pod, "web-0", {"metadata": {"finalizers": None}})
    assert player.tick() == ([], 0)


def test_delete_gives_up_after_its_timeout(player):
    player.harness.patch(types.Pod, "web-0", {"metadata": {"finalizers": ["example.com/hold"]}})
    player.type("delete pod web-0 --now --timeout=3s")
    assert player.tick(5) == (["error: timed out waiting for the condition on pods/web-0"], 1)


def test_scale_with_a_timeout_reports_when_the_replicas_are_there(player):
    assert player.type("scale deployment web --replicas=5 --timeout=1m") == []
    assert player.tick(3) == ([], None)
    waiting, body = player.job, {"status": {"replicas": 5}}
    player.type(f"patch deployment web --subresource=status --type=merge -p '{json.dumps(body)}'")
    player.job = waiting
    assert player.tick() == (["deployment.apps/web scaled"], 0)


def test_scale_gives_up_after_its_timeout(player):
    player.type("scale deployment web --replicas=5 --timeout=3s")
    assert player.tick(5) == (['error: timed out waiting for "web" to be synced'], 1)


def test_wait_ends_when_the_condition_is_met(player):
    assert player.type("wait --for=jsonpath={.data.done}=yes configmap/conf --timeout=60s") == []
    assert player.tick(2) == ([], None)
    player.harness.patch(types.ConfigMap, "conf", {"data": {"done": "yes"}})
    assert player.tick() == (["configmap/conf condition met"], 0)


def test_wait_for_something_that_is_not_there_yet(player):
    assert player.type("wait --for=create configmap/soon") == []
    assert player.tick(2) == ([], None)
    player.harness.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "soon"}})
    assert player.tick() == (["configmap/soon condition met"], 0)


def test_watch_shows_the_table_and_then_a_row_for_each_change(player):
    assert [line.rstrip() for line in player.type("get cm -w")] == [
        "NAME   DATA   AGE",
        "cm2    2      0s",
        "conf   5      0s",
    ]
    assert player.tick() == ([], None)
    player.harness.patch(types.ConfigMap, "cm2", {"data": {"more": "x"}})
    player.harness.delete(types.ConfigMap, "conf")
    assert player.tick() == (["cm2    3      2s", "conf   5      2s"], None)
    assert player.job.interrupt().code == 130


def test_events_follow_what_happens(player):
    before = player.type("events --for pod/rich --watch")
    assert len(before) == 3
    player.harness.patch(types.Event, player.harness.list(types.Event)[0].metadata.name, {"count": 7})
    said, code = player.tick()
    assert ([cell for line in said for cell in line.split() if "/" in cell], code) == (["Pod/rich"], None)


def test_drain_asks_again_where_a_budget_forbids_an_eviction(player):
    harness = player.harness
    for n in (1, 2):
        harness.create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": f"kept-{n}", "labels": {"app": "kept"}},
                "spec": {"nodeName": "node-b", "containers": [{"name": "c", "image": "i"}]},
            }
        )
    harness.run_pods()
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "kept"}}}
    harness.create({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": spec})
    allowed = {"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2}
    status = json.dumps({"status": {**allowed, "observedGeneration": 1}})
    player.type(f"patch pdb b --subresource=status --type=merge -p '{status}'")
    said = player.type("drain node-b --force --pod-selector=app=kept")
    assert said == [
        "node/node-b already cordoned",
        "evicting pod default/kept-1",
        "evicting pod default/kept-2",
        "Warning: deleting Pods that declare no controller: default/kept-1, default/kept-2",
        'error when evicting pods/"kept-2" -n "default" (will retry after 5s): Cannot evict pod as it would violate '
        "the pod's disruption budget.",
    ]
    harness.run_pods()
    assert player.tick(4) == (["pod/kept-1 evicted"], None)
    run("delete pdb b", harness.admin, Terminal(), player.now)
    assert player.tick() == (["evicting pod default/kept-2"], None)
    harness.run_pods()
    assert player.tick() == (["pod/kept-2 evicted", "node/node-b drained"], 0)


def test_drain_names_what_hinders_it_and_leaves_the_node_cordoned(player):
    said = player.type("drain n1")
    assert said[0] == "node/n1 cordoned"
    assert player.job is None
    assert player.harness.get(types.Node, "n1", "").spec.unschedulable


def test_rollout_status_says_each_thing_once():
    player = Player("rollout.yaml")
    assert player.type("rollout status sts/db") == ["Waiting for statefulset spec update to be observed..."]
    assert player.tick(5) == ([], None)
    status = {"observedGeneration": 1, "replicas": 2, "readyReplicas": 1, "currentReplicas": 2, "updateRevision": "r"}
    player.harness.admin.patch(types.StatefulSet, "default", "db", {"status": status}, subresource="status")
    assert player.tick(3) == (["Waiting for 1 pods to be ready..."], None)


class Running:
    """A kubelet that answers: a growing log, and commands that take two ticks."""

    def __init__(self, clock):
        self.clock = clock

    def handle(self, request):
        body = dict(request.body)
        if request.subresource == "log":
            first = body.get("sinceTick", 0)
            return [(self.clock.epoch + t, f"line {t}") for t in range(1, self.clock.tick + 1) if t >= first]
        left = body.get("execution", 2)
        return {"execution": left - 1} if left else {"exitCode": 3, "stdout": "out\n", "stderr": "bad\n"}


@pytest.fixture
def running(player):
    for call in ("log", "exec"):
        player.harness.server.proxy.register(call, Running(player.harness.engine.clock))
    return player


def test_logs_follow_until_the_container_ends(running):
    running.harness.tick(2)
    assert running.type("logs -f rich -c web") == ["line 1", "line 2"]
    assert running.tick(2) == (["line 3", "line 4"], None)
    pod = running.harness.get(types.Pod, "rich")
    ended = {"terminated": {"exitCode": 0, "reason": "Completed"}, "running": None}
    statuses = [{"name": "web", "containerID": pod.status.container_statuses[0].container_id, "state": ended}]
    running.harness.admin.patch(
        types.Pod, "default", "rich", {"status": {"containerStatuses": statuses}}, subresource="status"
    )
    assert running.tick() == (["line 5"], 0)


def test_exec_ends_with_the_code_of_the_command(running):
    assert running.type("exec web-1 -- sleep 2") == []
    assert running.tick(4) == (["out", "bad", "command terminated with exit code 3"], 3)

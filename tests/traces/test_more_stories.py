"""Stories that the sample of recordings does not show, with what upstream's controllers do in them.

Sources: pkg/controller/{deployment,replicaset,statefulset,daemon,job,nodelifecycle,tainteviction,garbagecollector}.
"""

import pytest

from kubesim_tui.api import types
from tests.traces.player import Player, UnknownVerb
from tests.traces.record import Recording

APP = {"app": "web"}


def template(image="app:v1", **spec):
    return {"metadata": {"labels": APP}, "spec": {"containers": [{"name": "c", "image": image}], **spec}}


def workload(kind, name="web", image="app:v1", pod=None, **spec):
    version = "batch/v1" if kind == "Job" else "apps/v1"
    if kind == "Job":
        spec["template"] = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": image}]}}
    else:
        spec |= {"selector": {"matchLabels": APP}, "template": template(image, **(pod or {}))}
    return {"kind": kind, "apiVersion": version, "metadata": {"name": name}, "spec": spec}


def release(kind, name, image):
    return {"patch": [kind, name, {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}}}]}


def play(*steps, until):
    """Steps as (second, {verb: …}); `until` the last second."""
    made = [{"at": at, **step} for at, step in steps]
    trace = {"name": "story", "steps": made, "replies": [], "observed": {"workloads": [{"t": until}]}}
    return Recording(Player(trace).play())


def said(recording, *reasons):
    return [(e["object"], e["message"], e["count"]) for e in recording.events if e["reason"] in reasons]


def pods(recording):
    return recording.plane.list(types.Pod, "story")


SERVICE = {
    "kind": "Service",
    "apiVersion": "v1",
    "metadata": {"name": "web"},
    "spec": {"selector": APP, "ports": [{"port": 80}]},
}


# -- nodes ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loss():
    """node-c falls silent at 6 s."""
    return play(
        (0, {"apply": workload("Deployment", replicas=4)}),
        (0, {"apply": SERVICE}),
        (6, {"silence": "node-c"}),
        until=400,
    )


def test_a_lost_node_and_its_pod_are_told_of_once(loss):
    found = said(loss, "NodeNotReady", "TaintManagerEviction")
    assert found == [
        ("Node/node-c", "Node node-c status is now: NodeNotReady", 1),
        ("Pod/web-<hash>-<id>", "Node is not ready", 1),
        ("Pod/web-<hash>-<id>", "Marking for deletion Pod story/web-<hash>-<id>", 1),
    ]


def test_the_pod_of_a_lost_node_stays_and_is_replaced(loss):
    going = [p for p in pods(loss) if p.metadata.deletion_timestamp is not None]
    assert [(p.spec.node_name, p.status.phase) for p in going] == [("node-c", "Running")]
    assert (len(pods(loss)), loss.endpoints) == (5, {"web": (4, 0)})


def test_a_lost_node_that_speaks_again_is_rid_of_the_pod():
    found = play(
        (0, {"apply": workload("Deployment", replicas=4)}),
        (6, {"silence": "node-c"}),
        (380, {"silence": "node-c", "value": False}),
        until=390,
    )
    taints = [t.key for t in found.plane.admin.get(types.Node, "", "node-c").spec.taints]
    assert (len(pods(found)), taints) == (4, [])


def test_a_taint_drives_pods_away_and_their_daemon_set_waits():
    taint = {"key": "k", "effect": "NoExecute"}
    found = play(
        (0, {"apply": workload("DaemonSet", "agent")}),
        (6, {"taint": "node-a", "value": [taint]}),
        (16, {"taint": "node-a"}),
        until=22,
    )
    assert [c[1:] for c in said(found, "SuccessfulCreate")] == [("Created pod: agent-<id>", 5)]
    assert sorted(p.spec.node_name for p in pods(found)) == ["node-a", "node-b", "node-c", "node-d"]


def test_a_drained_node_is_empty_as_far_as_the_budget_allows():
    budget = {
        "kind": "PodDisruptionBudget",
        "apiVersion": "policy/v1",
        "metadata": {"name": "web"},
        "spec": {"minAvailable": 4, "selector": {"matchLabels": APP}},
    }
    found = play(
        (0, {"apply": workload("Deployment", replicas=4)}),
        (1, {"apply": budget}),
        (8, {"drain": "node-a"}),
        until=12,
    )
    refused = (429, "Cannot evict pod as it would violate the pod's disruption budget.", "TooManyRequests")
    assert found.player.replies[-1] == [(200, None, None), refused]


# -- deletion ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "sets", "left"), [("Orphan", 1, 2), ("Background", 0, 0), ("Foreground", 0, 0)])
def test_what_is_left_of_a_deployment(policy, sets, left):
    found = play(
        (0, {"apply": workload("Deployment", replicas=2)}),
        (6, {"delete": ["Deployment", "web", policy]}),
        until=14,
    )
    assert (len(found.plane.list(types.ReplicaSet, "story")), len(pods(found))) == (sets, left)


def test_orphans_lose_their_owner():
    found = play(
        (0, {"apply": workload("Deployment", replicas=1)}),
        (6, {"delete": ["Deployment", "web", "Orphan"]}),
        until=8,
    )
    assert [s.metadata.owner_references for s in found.plane.list(types.ReplicaSet, "story")] == [()]


# -- rollouts ------------------------------------------------------------------------------------------------------


def test_scaling_in_mid_rollout_is_shared_out():
    """13 Pods of 10 and a surge of 3 become 7 of 5 and a surge of 2: old 8 to 4, new 5 to 3."""
    found = play(
        (0, {"apply": workload("Deployment", replicas=10)}),
        (6, release("Deployment", "web", "app:v2")),
        (7, {"scale": ["Deployment", "web", 5]}),
        until=30,
    )
    sizes = [message.partition(" from ")[2] for _, message, _ in said(found, "ScalingReplicaSet")]
    assert sizes == ["0 to 10", "0 to 3", "10 to 8", "3 to 5", "8 to 4", "5 to 3", "4 to 1", "1 to 0"]


def test_a_stateful_set_on_delete_waits_for_somebody_to_delete():
    made = workload("StatefulSet", "db", replicas=2, serviceName="db", updateStrategy={"type": "OnDelete"})
    found = play(
        (0, {"apply": made}),
        (10, release("StatefulSet", "db", "app:v2")),
        (20, {"delete": ["Pod", "db-1", None]}),
        until=26,
    )
    assert [p.spec.containers[0].image for p in pods(found)] == ["app:v1", "app:v2"]


def test_a_stateful_set_goes_down_from_the_end_one_at_a_time():
    found = play(
        (0, {"apply": workload("StatefulSet", "db", replicas=3, serviceName="db")}),
        (12, {"scale": ["StatefulSet", "db", 1]}),
        until=20,
    )
    states = [(p["name"], p["type"] or "deleting") for p in found.pods if p["deleting"]]
    assert list(dict.fromkeys(states)) == [
        ("db-2", "deleting"),
        ("db-2", "DELETED"),
        ("db-1", "deleting"),
        ("db-1", "DELETED"),
    ]


def test_a_daemon_set_is_renewed_node_by_node():
    found = play((0, {"apply": workload("DaemonSet", "agent")}), (6, release("DaemonSet", "agent", "app:v2")), until=34)
    unavailable = [r["status"].get("numberUnavailable", 0) for r in found.workloads[8:] if r["kind"] == "DaemonSet"]
    assert (max(unavailable), {p.spec.containers[0].image for p in pods(found)}) == (1, {"app:v2"})


# -- jobs ----------------------------------------------------------------------------------------------------------


def test_a_job_that_fails_is_tried_again_with_a_growing_delay():
    found = play((0, {"apply": workload("Job", "j", "job-fail", backoffLimit=2)}), until=60)
    assert said(found, "SuccessfulCreate", "BackoffLimitExceeded") == [
        ("Job/j", "Created pod: j-<id>", 3),
        ("Job/j", "Job has reached the specified backoff limit", 1),
    ]


def test_a_job_of_four_by_two():
    found = play((0, {"apply": workload("Job", "j", "job-ok", completions=4, parallelism=2)}), until=14)
    running = [r["status"].get("active", 0) for r in found.workloads if r["kind"] == "Job"]
    assert (max(running), said(found, "Completed")) == (2, [("Job/j", "Job completed", 1)])


def test_a_job_past_its_deadline():
    found = play((0, {"apply": workload("Job", "j", "app:v1", activeDeadlineSeconds=5)}), until=12)
    assert said(found, "DeadlineExceeded") == [("Job/j", "Job was active longer than specified deadline", 1)]
    assert pods(found) == []


# -- the player ----------------------------------------------------------------------------------------------------


def test_a_step_that_nobody_knows_is_an_error():
    with pytest.raises(UnknownVerb, match=r"story: no verb is known in \['at', 'teleport'\]"):
        play((0, {"teleport": "node-a"}), until=1)

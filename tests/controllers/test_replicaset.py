import pytest

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import is_pod_active
from kubesim_tui.apiserver.errors import forbidden
from kubesim_tui.controllers.replicaset.order import deletion_cost
from kubesim_tui.controllers.replicaset.plan import decide
from kubesim_tui.controllers.replicaset.replica_set import ReplicaSetController
from kubesim_tui.controllers.replicaset.replication_controller import ReplicationControllerController
from tests.controllers.bench import Manager, pod, replica_set, template
from tests.harness import NoAdmission


@pytest.mark.parametrize(
    "text, cost", [("10", 10), ("-5", -5), ("010", 0), ("x", 0), ("-0", 0), ("2147483648", 0), ("", 0)]
)
def test_a_deletion_cost_must_be_a_canonical_number(text, cost):
    assert (
        deletion_cost(pod({"metadata": {"annotations": {"controller.kubernetes.io/pod-deletion-cost": text}}})) == cost
    )


def test_a_plan_never_makes_more_than_a_burst():
    assert decide(2000, [], [], 0).create == 500


def test_siblings_on_a_node_count_only_while_they_are_active():
    def on(node: str, name: str, phase: str = "Running") -> types.Pod:
        return pod({"metadata": {"name": name, "uid": name}, "spec": {"nodeName": node}, "status": {"phase": phase}})

    own = [on("a", "a-1"), on("b", "b-1")]
    ended = [on("a", "a-2", "Failed"), on("a", "a-3", "Failed")]
    assert decide(1, own, [*own, *ended, on("b", "b-2")], 0).delete == (own[1],)


def test_a_replica_set_makes_its_pods_and_says_so():
    m = Manager(ReplicaSetController)
    m.create(replica_set())
    m.tick()
    names = sorted(p.metadata.name for p in m.pods())
    assert sorted(m.said()) == [("SuccessfulCreate", f"Created pod: {n}") for n in names]


def test_the_status_counts_pods_and_ready_ones():
    m = Manager(ReplicaSetController)
    m.create(replica_set())
    m.settle()
    status = m.get(types.ReplicaSet, "web").status
    assert (status.replicas, status.ready_replicas, status.available_replicas, status.fully_labeled_replicas) == (
        3,
        3,
        3,
        3,
    )


def test_available_only_after_min_ready_seconds():
    m = Manager(ReplicaSetController)
    m.create(replica_set(minReadySeconds=10))
    m.settle(3)
    early = m.get(types.ReplicaSet, "web").status
    m.tick(12)
    late = m.get(types.ReplicaSet, "web").status
    assert (early.ready_replicas, early.available_replicas, late.available_replicas) == (3, 0, 3)


def test_a_deleted_pod_is_replaced_at_once():
    m = Manager(ReplicaSetController)
    m.create(replica_set())
    m.settle()
    m.delete(types.Pod, m.pods()[0].metadata.name)
    m.tick()
    assert sum(is_pod_active(p) for p in m.pods()) == 3


def test_scaling_down_deletes_pods_that_are_not_ready_first():
    m = Manager(ReplicaSetController)
    m.create(replica_set())
    m.settle()
    m.patch_replicas("web", 4)
    m.tick()
    m.bind()
    m.patch_replicas("web", 3)
    m.tick()
    assert [p.status.phase for p in m.pods() if is_pod_active(p)] == ["Running"] * 3


def test_an_orphan_is_adopted_and_a_relabelled_pod_released():
    m = Manager(ReplicaSetController)
    m.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "orphan", "labels": {"app": "web"}},
            "spec": template()["spec"],
        }
    )
    m.create(replica_set(replicas=1))
    m.tick()
    adopted = m.get(types.Pod, "orphan")
    m.admin.update(adopted.evolve(metadata=adopted.metadata.evolve(labels={"app": "debug"})))
    m.tick()
    released = m.get(types.Pod, "orphan")
    assert ([r.name for r in adopted.metadata.owner_references], released.metadata.owner_references, len(m.pods())) == (
        ["web"],
        (),
        2,
    )


class Quota(NoAdmission):
    """Lets `left` Pods in."""

    def __init__(self, left):
        self.left = left

    def validate(self, request, obj, old):
        if request.verb == "create" and request.resource.plural == "pods":
            if self.left <= 0:
                raise forbidden("", "pods", obj.metadata.name, "exceeded quota: q")
            self.left -= 1


def test_a_refused_pod_shows_as_event_and_condition_and_is_tried_again():
    m = Manager(ReplicaSetController, admission=Quota(1))
    m.create(replica_set())
    m.tick()
    status = m.get(types.ReplicaSet, "web").status
    condition = status.conditions[0]
    assert (condition.type, condition.status, condition.reason) == ("ReplicaFailure", "True", "FailedCreate")
    assert condition.message.endswith("is forbidden: exceeded quota: q")
    assert next(m for r, m in m.said("FailedCreate")) == f"Error creating: {condition.message}"
    m.server.admission.left = 5
    m.tick(3)
    healed = m.get(types.ReplicaSet, "web").status
    assert (healed.replicas, healed.conditions) == (3, ())


def test_slow_start_stops_at_the_first_refused_batch():
    """Once, and once more since the condition in its status woke it."""
    m = Manager(ReplicaSetController, admission=Quota(0))
    m.create(replica_set(replicas=100))
    m.tick()
    assert len(m.said("FailedCreate")) == 2


def test_a_client_with_a_budget_makes_twenty_pods_a_second():
    m = Manager(ReplicaSetController, qps=20)
    m.create(replica_set(replicas=100))
    counts = []
    for _ in range(5):
        m.tick()
        counts.append(len(m.pods()))
    assert counts == [30, 50, 70, 90, 100]


def test_with_a_late_watch_no_pod_is_made_twice():
    m = Manager()
    m.informers["pods"] = m.informer("pods", lag=2)
    m.add(ReplicaSetController("rs", m.kit))
    m.create(replica_set(replicas=5))
    m.tick(6)
    assert len(m.pods()) == 5


def test_a_stopped_controller_replaces_nothing_and_after_its_start_it_does():
    class Switch:
        on = True

        def runs(self):
            return self.on

    m = Manager()
    switch = Switch()
    controller = m.add(ReplicaSetController("rs", m.kit.__class__(m.engine, m._client, m.shared, switch)))
    m.create(replica_set())
    m.settle()
    switch.on = False
    controller.stop()
    m.gone(m.pods()[0].metadata.name)
    m.tick(5)
    while_stopped = len(m.pods())
    switch.on = True
    controller.start()
    m.tick()
    assert (while_stopped, len(m.pods())) == (2, 3)


def test_a_replication_controller_does_the_same_with_a_plain_selector():
    m = Manager(ReplicationControllerController)
    m.create(
        {
            "apiVersion": "v1",
            "kind": "ReplicationController",
            "metadata": {"name": "old"},
            "spec": {"replicas": 2, "selector": {"app": "web"}, "template": template()},
        }
    )
    m.settle()
    status = m.get(types.ReplicationController, "old").status
    assert (status.replicas, status.ready_replicas) == (2, 2)


def test_a_quiet_replica_set_costs_nothing():
    m = Manager(ReplicaSetController)
    m.create(replica_set())
    m.settle()
    m.tick()
    before = m.etcd.revision
    m.tick(50)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)

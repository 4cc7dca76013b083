"""Nodes that fall silent: conditions, taints, evictions, Pods of nodes that are gone, address ranges."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.apiserver.heartbeat import Heartbeats, LeaseView
from kubesim_tui.controllers.base import Extras
from kubesim_tui.controllers.nodeipam import CidrSet, NodeIpamController
from kubesim_tui.controllers.nodelifecycle import decide
from kubesim_tui.controllers.nodelifecycle.controller import NodeLifecycleController, due
from kubesim_tui.controllers.nodelifecycle.decide import Zone, seconds_between, zone_state
from kubesim_tui.controllers.podgc import PodGarbageCollector, oldest_finished
from kubesim_tui.controllers.replicaset.replica_set import ReplicaSetController
from kubesim_tui.controllers.tainteviction import TaintEvictionController
from tests.controllers.bench import Manager, node, pod, replica_set

# -- tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ready, not_ready, state",
    [(3, 0, Zone.NORMAL), (0, 1, Zone.FULL), (1, 2, Zone.NORMAL), (2, 3, Zone.PARTIAL), (0, 0, Zone.NORMAL)],
)
def test_the_state_of_a_zone(ready, not_ready, state):
    assert zone_state(ready, not_ready) is state


def test_a_large_zone_in_trouble_is_tainted_slowly_and_a_small_one_not_at_all():
    assert [seconds_between(Zone.PARTIAL, n) for n in (60, 50)] == [100, None]


@pytest.mark.parametrize("last, tick", [(0, 50), (1, 55), (3, 55), (10, 60), (12, 65)])
def test_a_lease_is_found_too_old_at_a_look_every_five_seconds(last, tick):
    assert due(last, 50) == tick


# -- heartbeats --------------------------------------------------------------------------------------------------


def test_a_heart_beats_every_ten_seconds_in_its_own_phase():
    hearts = Heartbeats()
    hearts.beat_from("a", 3)
    hearts.beat_from("b", 8)
    assert [(hearts.last("a", t), hearts.last("b", t)) for t in (8, 12, 13, 30)] == [(3, 8), (3, 8), (13, 8), (23, 28)]


def test_a_stopped_heart_beat_last_when_it_last_was_due():
    hearts = Heartbeats()
    hearts.beat_from("a", 0)
    hearts.stop("a", 25)
    assert (hearts.last("a", 100), hearts.beats("a")) == (20, False)


def test_a_lease_shows_its_renewal_when_it_is_read():
    m = Manager()
    hearts = Heartbeats()
    m.server.registry.views["leases.coordination.k8s.io"] = LeaseView(hearts, m.engine.clock)
    m.create(
        {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": "node-a", "namespace": "kube-node-lease"},
            "spec": {"holderIdentity": "node-a"},
        },
        "kube-node-lease",
    )
    hearts.beat_from("node-a", 0)
    revision = m.etcd.revision
    m.tick(25)
    lease = m.get(types.Lease, "node-a", "kube-node-lease")
    assert (lease.spec.renew_time, m.etcd.revision) == ((m.engine.clock.epoch + 20) * 1_000_000, revision)


# -- silence -----------------------------------------------------------------------------------------------------


def cluster(names=("node-a", "node-b", "node-c"), *controllers, grace=50):
    """Ready nodes whose hearts beat."""
    hearts = Heartbeats()
    m = Manager(
        NodeLifecycleController,
        TaintEvictionController,
        *controllers,
        extras=Extras(heartbeats=hearts, node_monitor_grace=grace),
    )
    for name in names:
        if name not in m.nodes:
            m.create(node(name))
        speak(m, name)
        hearts.beat_from(name, 0)
    m.nodes = list(names)
    m.tick()
    return m


def speak(m, name, status="True"):
    """What a kubelet reports of its node."""
    found = m.get(types.Node, name, "")
    kinds = [("MemoryPressure", "False"), ("DiskPressure", "False"), ("PIDPressure", "False"), ("Ready", status)]
    conditions = tuple(types.NodeCondition(type=t, status=s) for t, s in kinds)
    m.admin.update_status(found.evolve(status=types.NodeStatus(conditions=conditions)))


def state(m, name):
    found = m.get(types.Node, name, "")
    return decide.ready_status(found), [(t.key.split("/")[1], t.effect) for t in found.spec.taints]


def test_a_silent_node_is_unknown_after_the_grace_period_and_tainted():
    m = cluster()
    m.extras.heartbeats.stop("node-a", m.engine.tick)
    while state(m, "node-a")[0] == "True":
        m.tick()
    found = m.get(types.Node, "node-a", "")
    ready = next(c for c in found.status.conditions if c.type == "Ready")
    assert (m.engine.tick - 1, ready.status, ready.reason, ready.message) == (
        50,
        "Unknown",
        "NodeStatusUnknown",
        "Kubelet stopped posting node status.",
    )
    assert state(m, "node-a")[1] == [("unreachable", "NoSchedule"), ("unreachable", "NoExecute")]
    assert ("NodeNotReady", "Node node-a status is now: NodeNotReady") in m.said()


def test_its_pods_are_not_ready_then_and_leave_after_their_toleration():
    m = cluster(("node-a", "node-b", "node-c"), ReplicaSetController)
    made = replica_set(replicas=3)
    made["spec"]["template"]["spec"]["tolerations"] = [
        {"key": f"node.kubernetes.io/{k}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for k in ("not-ready", "unreachable")
    ]
    m.create(made)
    m.settle(3)
    (lost,) = [p.metadata.name for p in m.pods() if p.spec.node_name == "node-a"]
    m.extras.heartbeats.stop("node-a", m.engine.tick)
    m.tick(60)
    not_ready = is_pod_ready(m.get(types.Pod, lost))
    m.tick(280)
    before = m.get(types.Pod, lost).metadata.deletion_timestamp
    m.tick(20)
    after = m.get(types.Pod, lost)
    why = next(c for c in after.status.conditions if c.type == "DisruptionTarget")
    assert (not_ready, before, after.metadata.deletion_timestamp is not None, why.reason) == (
        False,
        None,
        True,
        "DeletionByTaintManager",
    )
    assert len(m.pods()) == 4
    assert ("NodeNotReady", "Node is not ready") in m.said()
    assert ("TaintManagerEviction", f"Marking for deletion Pod default/{lost}") in m.said()


def test_a_node_that_comes_back_loses_its_taints_and_evictions_are_cancelled():
    m = cluster()
    m.extras.heartbeats.stop("node-a", m.engine.tick)
    m.tick(70)
    m.extras.heartbeats.beat_from("node-a", m.engine.tick)
    speak(m, "node-a")
    m.tick()
    assert state(m, "node-a") == ("True", [])


def test_a_kubelet_that_says_not_ready_is_tainted_at_once():
    m = cluster()
    speak(m, "node-a", "False")
    m.tick()
    assert state(m, "node-a") == ("False", [("not-ready", "NoSchedule"), ("not-ready", "NoExecute")])


def test_when_all_nodes_are_lost_none_is_tainted_no_execute():
    m = cluster()
    for name in m.nodes:
        m.extras.heartbeats.stop(name, m.engine.tick)
    m.tick(80)
    assert {effect for name in m.nodes for _, effect in state(m, name)[1]} == {"NoSchedule"}


def test_nodes_of_a_zone_are_tainted_one_in_ten_seconds():
    names = tuple(f"n{i}" for i in range(6))
    m = cluster(names)
    for name in names[:2]:
        m.extras.heartbeats.stop(name, m.engine.tick)
    m.tick(55)
    first = [n for n in names if ("unreachable", "NoExecute") in state(m, n)[1]]
    m.tick(10)
    then = [n for n in names if ("unreachable", "NoExecute") in state(m, n)[1]]
    assert (len(first), len(then)) == (1, 2)


def test_a_node_that_never_spoke_is_unknown_after_a_minute():
    m = Manager(NodeLifecycleController)
    m.tick(59)
    early = state(m, "node-a")[0]
    m.tick(2)
    found = m.get(types.Node, "node-a", "")
    assert (early, {c.reason for c in found.status.conditions}) == ("", {"NodeStatusNeverUpdated"})


def test_new_and_removed_nodes_are_said():
    m = cluster(("node-a", "node-b"))
    m.delete(types.Node, "node-b", "")
    m.tick()
    texts = [t for _, t in m.said()]
    assert "Node node-a event: Registered Node node-a in Controller" in texts
    assert "Node node-b event: Removing Node node-b from Controller" in texts


def test_cordoning_taints():
    m = cluster()
    found = m.get(types.Node, "node-a", "")
    m.admin.update(found.evolve(spec=found.spec.evolve(unschedulable=True)))
    m.tick()
    assert state(m, "node-a")[1] == [("unschedulable", "NoSchedule")]


def test_a_quiet_cluster_costs_nothing():
    m = cluster()
    before = m.etcd.revision
    m.tick(500)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)


# -- Pods that nobody else removes -------------------------------------------------------------------------------


def test_pods_of_a_node_that_is_gone_are_collected():
    m = Manager(ReplicaSetController, PodGarbageCollector)
    m.create(replica_set(replicas=2))
    m.settle(3)
    m.delete(types.Node, "node-a", "")
    m.tick(39)
    early = {p.spec.node_name for p in m.pods()}
    m.tick(40)
    late = {p.spec.node_name for p in m.pods()}
    assert (early, late) == ({"node-a", "node-b"}, {"node-b", ""})


def test_a_pod_bound_to_a_node_that_never_was_is_collected():
    m = Manager(PodGarbageCollector)
    made = m.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "p"},
            "spec": {"nodeName": "nowhere", "containers": [{"name": "c", "image": "i"}]},
        }
    )
    m.tick(70)
    assert (made.spec.node_name, m.pods()) == ("nowhere", [])


def test_finished_pods_beyond_the_threshold_go_oldest_first():
    pods = [
        pod({"metadata": {"name": n}, "status": {"phase": p}}).evolve(
            metadata=types.ObjectMeta(name=n, creation_timestamp=i)
        )
        for i, (n, p) in enumerate([("a", "Succeeded"), ("b", "Running"), ("c", "Failed"), ("d", "Succeeded")])
    ]
    assert [p.metadata.name for p in oldest_finished(pods, 1)] == ["a", "c"]


def test_pods_on_a_node_out_of_service_are_forced_away():
    m = cluster(("node-a", "node-b", "node-c"), ReplicaSetController, PodGarbageCollector)
    m.create(replica_set(replicas=3))
    m.settle(3)
    (lost,) = [p.metadata.name for p in m.pods() if p.spec.node_name == "node-a"]
    m.extras.heartbeats.stop("node-a", m.engine.tick)
    m.tick(70)
    found = m.get(types.Node, "node-a", "")
    taint = types.Taint(key="node.kubernetes.io/out-of-service", value="nodeshutdown", effect="NoExecute")
    m.admin.update(found.evolve(spec=found.spec.evolve(taints=(*found.spec.taints, taint))))
    m.tick(45)
    assert m.etcd.get("pods", ("default", lost)) is None


# -- address ranges ----------------------------------------------------------------------------------------------


def test_each_node_gets_a_range_of_its_own():
    m = Manager(NodeIpamController)
    m.tick()
    assert [n.spec.pod_cidr for n in m.list(types.Node)] == ["10.244.0.0/24", "10.244.1.0/24"]


def test_ranges_run_out_and_come_back():
    m = Manager(NodeIpamController, extras=Extras(cluster_cidr="10.0.0.0/23"))
    m.create(node("node-c"))
    m.tick()
    empty = m.get(types.Node, "node-c", "").spec.pod_cidr
    said = m.said("CIDRNotAvailable")
    m.delete(types.Node, "node-a", "")
    m.tick(10)
    assert (empty, said[0][1], m.get(types.Node, "node-c", "").spec.pod_cidr) == (
        "",
        "Node node-c status is now: CIDRNotAvailable",
        "10.0.0.0/24",
    )


def test_a_range_that_is_given_is_not_given_twice():
    cidrs = CidrSet("10.0.0.0/22", 24)
    cidrs.occupy("10.0.0.0/24", "a")
    assert [cidrs.allocate("b"), cidrs.allocate("c"), cidrs.allocate("d"), cidrs.allocate("e")] == [
        "10.0.1.0/24",
        "10.0.2.0/24",
        "10.0.3.0/24",
        None,
    ]

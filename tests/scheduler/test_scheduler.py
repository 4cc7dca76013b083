"""The scheduler as a component: Pods are bound, refused in the right words, and tried again when it can help."""

import copy
import json
import re
from pathlib import Path

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.helpers.node_affinity import matches_node
from kubesim_tui.apiserver.errors import Unreachable
from tests.scheduler.bench import Cluster

TRACES = Path(__file__).parents[1] / "data" / "traces"
PREEMPTION = "no new claims to deallocate, preemption: 0/{n} nodes are available: {n} "
NO_HELP = PREEMPTION + "Preemption is not helpful for scheduling."
NO_VICTIMS = PREEMPTION + "No preemption victims found for incoming pod."


def test_a_pod_is_bound_and_the_event_says_where():
    c = Cluster(nodes=1)
    c.pod("web")
    c.tick()
    assert c.node_of("web") == "node-a"
    assert c.said("web") == [("Scheduled", "Successfully assigned default/web to node-a")]
    assert c.condition("web")[0] == "True"


def test_the_words_of_a_failure_count_the_reasons():
    c = Cluster()
    c.node("a", taints=[{"key": "dedicated", "value": "db", "effect": "NoSchedule"}])
    c.node("b", cpu="1")
    c.node("c", cpu="1")
    c.pod("big", cpu="3")
    c.tick()
    message = "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. " + NO_HELP.format(n=3)
    assert c.condition("big") == ("False", "Unschedulable", message)
    assert c.said("big") == [("FailedScheduling", message)]


def test_a_full_node_might_be_freed_but_nobody_is_less_important():
    c = Cluster()
    c.node("a", cpu="1")
    c.pod("first", cpu="1")
    c.pod("second", cpu="1")
    c.tick()
    assert c.condition("second")[2] == "0/1 nodes are available: 1 Insufficient cpu. " + NO_VICTIMS.format(n=1)


def test_without_nodes_there_is_nothing_to_count():
    c = Cluster()
    c.pod("web")
    c.tick()
    assert c.condition("web") == ("False", "Unschedulable", "no nodes available to schedule pods")


def test_a_pod_of_a_daemon_set_looks_at_its_node_only():
    c = Cluster(nodes=3)
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-b"]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    c.pod("agent", affinity={"nodeAffinity": required})
    c.pod("fat", cpu="9", affinity={"nodeAffinity": required})
    c.tick()
    assert c.node_of("agent") == "node-b"
    assert c.condition("fat")[2].startswith(
        "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
    )


# -- the traces of a real control plane (1.20; the words as they are now) -------------------------------------------

NEWER = (("node(s) didn't match Pod's node affinity.", "node(s) didn't match Pod's node affinity/selector."),)


def four_nodes():
    c = Cluster()
    for name, zone in (("node-a", "z1"), ("node-b", "z1"), ("node-c", "z2"), ("node-d", "z2")):
        c.node(name, cpu="4", memory="8Gi", labels={"topology.kubernetes.io/zone": zone})
    return c


def test_the_texts_of_a_real_scheduler():
    trace = json.loads((TRACES / "sched-texts.json").read_text())
    c = four_nodes()
    c.patch(types.Node, "node-a", {"spec": {"unschedulable": True}}, namespace="")
    for step in trace["steps"][1:4]:
        c.create(step["apply"])
    c.tick()
    for event in trace["observed"]["events"]:
        name, wanted = event["object"].split("/")[1], event["message"]
        for old, new in NEWER:
            wanted = wanted.replace(old, new)
        assert c.condition(name)[2].split(" no new claims")[0] == wanted


def test_six_pods_of_three_cpus_on_four_nodes_of_four():
    trace = json.loads((TRACES / "dep-unschedulable.json").read_text())
    c = four_nodes()
    c.copies(6, cpu="3")
    c.tick()
    wanted = sorted(
        re.sub("web-<hash>-<id>", "copy", e["message"].replace("default/", ""))
        for e in trace["observed"]["events"]
        if e["reason"] == "FailedScheduling"
    )
    messages = [c.condition(f"copy-{i}")[2].split(" no new claims")[0] for i in range(6)]
    assert set(wanted) == {m for m in messages if m}
    assert sorted(c.placed().values()) == [1, 1, 1, 1, 2]


# -- trying again ---------------------------------------------------------------------------------------------------


def attempts(c, name):
    uid = c.get(types.Pod, name).metadata.uid
    return c.scheduler.queue.pods[uid].attempts


def test_a_new_node_that_fits_wakes_the_pod():
    c = Cluster(nodes=1)
    c.pod("big", cpu="8")
    c.tick()
    c.node("large", cpu="16")
    c.tick()
    assert c.node_of("big") == "large"


def test_a_node_that_does_not_fit_wakes_nobody():
    c = Cluster(nodes=1)
    c.pod("big", cpu="8")
    c.tick()
    c.node("small", cpu="2")
    c.tick()
    assert attempts(c, "big") == 1


def test_a_pod_that_goes_makes_room():
    c = Cluster()
    c.node("a", cpu="1")
    c.pod("first", cpu="1")
    c.pod("second", cpu="1")
    c.tick()
    c.gone("first")
    c.tick()
    assert c.node_of("second") == "a"


def test_an_uncordoned_node_wakes_the_pod():
    c = Cluster()
    c.node("a", unschedulable=True)
    c.pod("web")
    c.tick()
    assert c.condition("web")[2].startswith("0/1 nodes are available: 1 node(s) were unschedulable. ")
    c.patch(types.Node, "a", {"spec": {"unschedulable": None}}, namespace="")
    c.tick()
    assert c.node_of("web") == "a"


def test_after_five_minutes_it_is_tried_anyway():
    c = Cluster(nodes=1)
    c.pod("big", cpu="8")
    c.tick(300)
    assert attempts(c, "big") == 1
    c.tick()
    assert attempts(c, "big") == 2


def test_errors_back_off_1_2_4_8_10_seconds():
    c = Cluster()
    c.pod("web")
    seen = []
    for _ in range(30):
        c.tick()
        seen.append(attempts(c, "web"))
    changes = [i for i in range(1, 30) if seen[i] != seen[i - 1]]
    assert changes == [1, 3, 7, 15, 25]


def test_a_quiet_cluster_costs_no_attempts_and_no_writes():
    c = Cluster(nodes=2)
    c.pod("big", cpu="8")
    c.tick(2)
    revision = c.etcd.revision
    c.tick(200)
    assert c.etcd.revision == revision
    assert c.engine.idle()


def test_a_gated_pod_waits_for_its_gates():
    c = Cluster(nodes=1)
    c.pod("web", schedulingGates=[{"name": "example.com/wait"}])
    c.tick()
    assert c.condition("web")[:2] == ("False", "SchedulingGated")
    assert c.said("web") == []
    c.patch(types.Pod, "web", {"spec": {"schedulingGates": None}})
    c.tick()
    assert c.node_of("web") == "node-a"


def test_a_pod_of_another_scheduler_is_none_of_ours():
    c = Cluster(nodes=1)
    c.pod("web", schedulerName="my-own")
    c.tick(3)
    assert c.condition("web") == ("", "", "")


def test_the_more_important_pod_is_first_in_line():
    c = Cluster()
    c.node("a", cpu="1")
    c.pod("low", cpu="1", priority=1)
    c.pod("high", cpu="1", priority=9)
    c.tick()
    assert (c.node_of("high"), c.node_of("low")) == ("a", "")


# -- budgets, and the life of the process ---------------------------------------------------------------------------


def test_bindings_wait_for_the_clients_budget_and_keep_their_order():
    c = Cluster(nodes=3, qps=5, burst=10)
    c.copies(30)
    bound = []
    for _ in range(6):
        c.tick()
        bound.append(sum(n for node, n in c.placed().items() if node))
    assert bound == [10, 15, 20, 25, 30, 30]
    order = [e.involved_object.name for e in sorted(c.list(types.Event), key=lambda e: e.metadata.resource_version)]
    assert order == [f"copy-{i}" for i in range(30)]


def test_a_stopped_scheduler_says_nothing_and_lists_anew():
    c = Cluster(nodes=1)
    c.process.on = False
    c.scheduler.stop()
    c.pod("web")
    c.tick(5)
    assert (c.node_of("web"), c.said("web")) == ("", [])
    c.process.on = True
    c.scheduler.start()
    c.tick()
    assert c.node_of("web") == "node-a"


def test_a_paused_scheduler_goes_on_where_it_was():
    c = Cluster(nodes=1)
    c.process.on = False
    c.pod("web")
    c.tick(3)
    assert (c.node_of("web"), c.said("web")) == ("", [])
    c.process.on = True
    c.scheduler.connect()
    c.tick()
    assert c.node_of("web") == "node-a"


def test_what_was_bound_before_a_restart_is_accounted_for():
    c = Cluster()
    c.node("a", cpu="1")
    c.pod("first", cpu="1")
    c.tick()
    c.scheduler.stop()
    c.scheduler.start()
    c.pod("second", cpu="1")
    c.tick()
    assert c.node_of("second") == ""


def test_a_pod_deleted_while_its_binding_waits_frees_its_place():
    c = Cluster(qps=1, burst=1)
    c.node("a", cpu="1")
    c.node("b", cpu="1")
    for name in ("p1", "p2", "p3"):
        c.pod(name, cpu="1")
    c.tick()
    assert [bool(c.node_of(f"p{i}")) for i in (1, 2, 3)] == [True, False, False]
    c.gone("p2")
    c.tick(6)
    assert c.node_of("p3")


def test_a_binding_that_is_refused_sends_the_pod_back():
    c = Cluster(nodes=2, qps=1, burst=1)
    c.pod("first")
    c.pod("second")
    c.tick()
    pod = c.get(types.Pod, "second")
    assert pod.metadata.uid in c.scheduler.cache.assumed
    c.admin.update(pod.evolve(spec=pod.spec.evolve(scheduling_gates=(types.PodSchedulingGate(name="late"),))))
    c.tick(2)
    assert c.said("second") == [
        (
            "FailedScheduling",
            'running Bind plugin "DefaultBinder": Operation cannot be fulfilled on pods/binding "second": '
            "pod second has non-empty .spec.schedulingGates",
        )
    ]
    assert pod.metadata.uid not in c.scheduler.cache.assumed


class Gate:
    """A road that can be closed."""

    def __init__(self):
        self.is_open = True

    def open(self):
        return self.is_open

    def refusal(self, *, write=False):
        return Unreachable("connection refused")


def test_an_api_server_that_is_down_loses_nobody():
    c = Cluster(nodes=2)
    c.pod("web")
    c.pod("big", cpu="9")
    c.scheduler.client.road = road = Gate()
    road.is_open = False
    c.tick(4)
    assert (c.node_of("web"), c.scheduler.cache.assumed, len(c.scheduler.queue.pods)) == ("", {}, 2)
    road.is_open = True
    c.tick(12)
    assert c.node_of("web").startswith("node-")
    c.node("large", cpu="16")
    c.tick()
    assert c.node_of("big") == "large"


# -- placement ------------------------------------------------------------------------------------------------------


def test_pods_of_a_service_spread_over_nodes_and_zones():
    c = four_nodes()
    c.create(
        {
            "kind": "Service",
            "apiVersion": "v1",
            "metadata": {"name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        }
    )
    c.copies(8, labels={"app": "web"}, cpu="100m")
    c.tick()
    assert c.placed() == {"node-a": 2, "node-b": 2, "node-c": 2, "node-d": 2}


def test_the_same_seed_gives_the_same_places_and_another_seed_others():
    def places(seed):
        c = Cluster(nodes=6, seed=seed)
        for i in range(20):
            c.pod(f"p{i}", cpu="10m", memory="16Mi")
        c.tick()
        return [c.node_of(f"p{i}") for i in range(20)]

    assert places(1) == places(1)
    assert places(1) != places(2)


def test_a_copy_of_the_engine_goes_on_alike():
    c = Cluster(nodes=4, qps=3, burst=3)
    c.copies(12, cpu="100m")
    c.pod("big", cpu="64")
    c.tick(2)
    twin = copy.deepcopy(c)
    for cluster in (c, twin):
        cluster.tick(6)
        cluster.pod("late")
        cluster.tick(6)
    assert c.etcd.table("pods").objects == twin.etcd.table("pods").objects
    assert c.etcd.revision == twin.etcd.revision


@pytest.mark.parametrize("seed", range(3))
def test_every_binding_satisfied_the_filters(seed):
    c = Cluster(seed=seed)
    for i in range(6):
        c.node(f"n{i}", cpu="2", pods=5, labels={"disk": "ssd" if i % 2 else "hdd"})
    for i in range(40):
        more = {"nodeSelector": {"disk": "ssd"}} if i % 3 == 0 else {}
        c.pod(f"p{i}", cpu=f"{(i * 37) % 700 + 50}m", **more)
        c.tick()
    nodes = {n.metadata.name: n for n in c.list(types.Node)}
    for pod in c.list(types.Pod):
        if pod.spec.node_name:
            assert matches_node(pod.spec, nodes[pod.spec.node_name])
    for info in c.scheduler.cache.nodes.values():
        assert info.cpu <= 2000
        assert len(info.pods) <= 5


# -- decisions can be asked for -------------------------------------------------------------------------------------


def test_a_decision_shows_every_plugin_and_node():
    c = Cluster(nodes=2)
    c.node("tainted", taints=[{"key": "x", "effect": "NoSchedule"}])
    c.pod("web", cpu="1")
    c.tick()
    decision = c.scheduler.decisions.named("default", "web")
    rows = decision.matrix()
    assert decision.node == rows[0].node == c.node_of("web")
    assert [s.plugin for s in rows[0].scores] == [
        "TaintToleration",
        "NodeResourcesFit",
        "NodeResourcesBalancedAllocation",
        "ImageLocality",
    ]
    assert rows[0].total == sum(s.points for s in rows[0].scores)
    assert (rows[2].node, rows[2].refused_by, rows[2].reasons) == (
        "tainted",
        "TaintToleration",
        ("node(s) had untolerated taint(s)",),
    )


def test_a_refusal_can_be_asked_for_too():
    c = Cluster(nodes=1)
    c.pod("big", cpu="64")
    c.tick()
    decision = c.scheduler.decisions.named("default", "big")
    row = decision.matrix()[0]
    assert (decision.node, row.reasons, row.resolvable) == ("", ("Insufficient cpu",), False)
    assert decision.message == c.condition("big")[2]


def test_what_would_be_decided_changes_nothing():
    c = Cluster(nodes=3)
    c.pod("web", cpu="1")
    c.tick()
    before = c.scheduler.ties
    decision = c.scheduler.evaluate(c.get(types.Pod, "web"))
    assert len(decision.matrix()) == 3
    assert c.scheduler.ties == before

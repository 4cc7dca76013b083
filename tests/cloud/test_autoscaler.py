"""cluster-autoscaler: machines for Pods that find no room, and none for those that are not needed."""

from typing import Any

import yaml

from kubesim_tui.api.types import ConfigMap, Deployment, Event, Node, Pod
from kubesim_tui.cluster.spec import NodeGroup
from tests.boards import Board
from tests.faults.striking import do

PROCESS = ("control-plane", "cluster-autoscaler")


def pool(name: str = "pool", **more: Any) -> NodeGroup:
    """Machines of two processors, between one and three of them."""
    return NodeGroup(name, **({"cpu": "2", "memory": "4Gi", "min": 1, "max": 3} | more))


def board(*groups: NodeGroup, **more: Any) -> Board:
    return Board(nodes=groups or (pool(),), warm=5, **more)


def crowd(made: Board, replicas: int, cpu: str = "700m", name: str = "web", **pod: Any) -> None:
    """So many Pods of so much processor, two to a machine."""
    made.app(name, replicas, container={"resources": {"requests": {"cpu": cpu}}}, pod=pod, service=False)


def scale(made: Board, replicas: int, name: str = "web") -> None:
    made.patch(Deployment, name, {"spec": {"replicas": replicas}})


def nodes(made: Board) -> list[str]:
    """All but the control plane."""
    return [n.metadata.name for n in made.list(Node, "") if n.metadata.name != "control-plane"]


def said(made: Board, kind: str) -> list[tuple[str, str]]:
    """(reason, message) of what it said of a kind, without repeats, in order."""
    events = [*made.list(Event), *made.list(Event, "kube-system")]
    mine = [e for e in events if e.source.component == "cluster-autoscaler" and e.involved_object.kind == kind]
    mine.sort(key=lambda e: (e.first_timestamp, e.metadata.resource_version))
    return list(dict.fromkeys((e.reason, e.message) for e in mine))


def homeless(made: Board) -> int:
    return sum(not pod.spec.node_name for pod in made.list(Pod))


def test_pods_that_find_no_room_get_a_machine():
    made = board()
    crowd(made, 4)
    made.tick(60)
    assert (nodes(made), homeless(made)) == (["pool-a", "pool-b"], 0)
    assert said(made, "Pod") == [("TriggeredScaleUp", "pod triggered scale-up: [{pool 1->2 (max: 3)}]")]
    assert said(made, "ConfigMap") == [
        ("ScaledUpGroup", "Scale-up: setting group pool size to 2 instead of 1 (max: 3)"),
        ("ScaledUpGroup", "Scale-up: group pool size set to 2 instead of 1 (max: 3)"),
    ]


def test_a_slow_autoscaler_orders_late_and_orders_all_the_same():
    """A round a minute: nothing is forgotten meanwhile, though Pods come and go all the time."""
    made = board()
    assert do(made, "process-slow:leader,process=cluster-autoscaler,factor=6000") == ["process-slow control-plane"]
    crowd(made, 4)
    seen = []
    for _ in range(60):
        scale(made, 5 + made.now % 2)
        made.tick(2)
        seen.append(len(nodes(made)))
    assert (seen[20], seen[-1]) == (1, 3)


def test_a_round_that_the_api_server_refuses_is_made_up_for():
    made = board()
    made.cluster.hand.delete_object(("clusterrolebinding", "", "cluster-autoscaler"))
    crowd(made, 4)
    made.tick(60)
    refused = len(nodes(made))
    made.cluster.hand.restore_object(("clusterrolebinding", "", "cluster-autoscaler"))
    made.tick(90)
    assert (refused, len(nodes(made))) == (1, 2)


def test_a_machine_that_is_on_its_way_is_not_ordered_twice():
    made = board()
    crowd(made, 4)
    made.tick(25)
    scale(made, 3)
    made.tick(60)
    assert nodes(made) == ["pool-a", "pool-b"]


def test_a_group_does_not_grow_beyond_its_largest_size():
    made = board()
    crowd(made, 9)
    made.tick(120)
    assert (nodes(made), homeless(made)) == (["pool-a", "pool-b", "pool-c"], 3)
    assert said(made, "Pod")[-1] == (
        "NotTriggerScaleUp",
        "pod didn't trigger scale-up: 1 max node group size reached",
    )


def test_pods_that_fit_on_no_machine_of_any_group_are_told_why():
    made = board(pool(), pool("other", labels={"disk": "fast"}))
    crowd(made, 1, cpu="3")
    crowd(made, 1, name="picky", nodeSelector={"disk": "slow"})
    made.tick(40)
    assert nodes(made) == ["other-a", "pool-a"]
    assert sorted(message for _, message in said(made, "Pod")) == [
        "pod didn't trigger scale-up: 2 Insufficient cpu",
        "pod didn't trigger scale-up: 2 node(s) didn't match Pod's node affinity/selector",
    ]


def test_the_group_that_wastes_least_is_taken():
    made = board(pool("huge", cpu="16", memory="64Gi"), pool("small"))
    crowd(made, 1, cpu="15900m", name="filler")
    crowd(made, 4)
    made.tick(60)
    assert nodes(made) == ["huge-a", "small-a", "small-b"]


def test_a_group_may_begin_with_nothing():
    made = board(NodeGroup("base"), pool("burst", count=0, min=0, labels={"burst": "yes"}))
    crowd(made, 3, nodeSelector={"burst": "yes"})
    made.tick(70)
    assert (nodes(made), homeless(made)) == (["base-a", "burst-a", "burst-b"], 0)


def test_daemons_take_their_share_of_a_new_machine():
    made = board()
    daemon = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "agent"},
        "spec": {
            "selector": {"matchLabels": {"app": "agent"}},
            "template": {
                "metadata": {"labels": {"app": "agent"}},
                "spec": {
                    "containers": [{"name": "a", "image": "test/app", "resources": {"requests": {"cpu": "800m"}}}]
                },
            },
        },
    }
    made.create(daemon)
    made.tick(2)
    crowd(made, 3)
    made.tick(70)
    assert nodes(made) == ["pool-a", "pool-b", "pool-c"]


def test_an_unneeded_machine_goes_after_ten_minutes():
    made = board()
    crowd(made, 4)
    made.tick(60)
    scale(made, 2)
    made.tick(580)
    before = nodes(made)
    made.tick(120)
    assert (before, nodes(made), homeless(made)) == (["pool-a", "pool-b"], ["pool-a"], 0)
    reasons = [reason for reason, _ in said(made, "Node")]
    assert reasons == ["ScaleDown", "ScaleDown"]
    assert said(made, "Node") == [
        ("ScaleDown", "marked the node as toBeDeleted/unschedulable"),
        ("ScaleDown", "nodes removed by cluster autoscaler"),
    ]


def test_its_pods_are_moved_before_a_little_used_machine_goes():
    made = board()
    crowd(made, 4)
    made.tick(60)
    scale(made, 2)
    made.tick(30)
    made.client.patch(Node, "", "pool-a", {"spec": {"unschedulable": True}})
    for pod in made.list(Pod):
        made.delete(Pod, pod.metadata.name)
    made.tick(10)
    made.client.patch(Node, "", "pool-a", {"spec": {"unschedulable": False}})
    scale(made, 1)
    made.tick(30)
    home = {pod.spec.node_name for pod in made.list(Pod)}
    made.tick(700)
    assert (home, len(nodes(made)), homeless(made)) == ({"pool-b"}, 1, 0)


def test_a_machine_stays_while_a_budget_lets_none_of_its_pods_go():
    made = board()
    crowd(made, 4)
    made.create(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "all"},
            "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "web"}}},
        }
    )
    made.tick(60)
    scale(made, 2)
    made.tick(30)
    where = {pod.spec.node_name for pod in made.list(Pod)}
    made.tick(900)
    assert len(nodes(made)) == len(where)


def test_bare_pods_hold_their_machine():
    made = board()
    crowd(made, 4)
    made.tick(60)
    bare = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bare"},
        "spec": {"nodeName": "pool-b", "containers": [{"name": "a", "image": "test/app"}]},
    }
    made.create(bare)
    scale(made, 0)
    made.tick(900)
    assert nodes(made) == ["pool-b"]


def test_a_refused_order_lets_the_group_rest():
    made = board()
    made.cluster.world.cloud.quota_milli = 7_000
    crowd(made, 4)
    made.tick(30)
    assert said(made, "ConfigMap")[-1] == (
        "ScaleUpFailed",
        "Failed adding 1 nodes to group pool due to OutOfResource.QUOTA_EXCEEDED; source errors: "
        "Instance 'pool-b' creation failed: Quota 'CPUS' exceeded. Limit: 7.0 in region sim.",
    )
    assert said(made, "Pod")[-1] == (
        "NotTriggerScaleUp",
        "pod didn't trigger scale-up: 1 in backoff after failed scale-up",
    )


def test_another_group_helps_where_a_zone_is_sold_out():
    made = board(pool("a", zone="a"), pool("b", zone="b", count=0, min=0))
    made.cluster.world.cloud.sold_out["a"] = None
    crowd(made, 4)
    made.tick(120)
    assert (nodes(made), homeless(made)) == (["a-a", "b-a"], 0)


def test_a_machine_that_the_cloud_takes_back_is_replaced():
    made = board(pool(count=2, spot=True))
    made.cluster.power.reclaim("pool-a", 10)
    made.tick(120)
    assert nodes(made) == ["pool-b", "pool-c"]


def test_without_its_process_nothing_grows():
    made = board()
    made.cluster.hand.stop_process(*PROCESS)
    crowd(made, 4)
    made.tick(120)
    assert (nodes(made), said(made, "Pod")) == (["pool-a"], [])


def test_its_status_says_what_it_is_doing():
    made = board()
    crowd(made, 4)
    made.tick(25)
    status = yaml.safe_load(made.get(ConfigMap, "cluster-autoscaler-status", "kube-system").data["status"])
    (group,) = status["nodeGroups"]
    assert (status["autoscalerStatus"], status["clusterWide"]["scaleUp"]["status"]) == ("Running", "InProgress")
    assert (group["name"], group["health"]["cloudProviderTarget"], group["scaleUp"]["status"]) == (
        "pool",
        2,
        "InProgress",
    )


def test_where_all_is_well_it_writes_nothing():
    made = board()
    made.tick(60)
    before = made.get(ConfigMap, "cluster-autoscaler-status", "kube-system")
    made.tick(3000)
    assert made.get(ConfigMap, "cluster-autoscaler-status", "kube-system") == before

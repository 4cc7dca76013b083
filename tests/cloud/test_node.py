"""Nodes get what the cloud knows of their machines; until then nothing runs there."""

from kubesim_tui.api.types import Event, Node, Pod
from kubesim_tui.cluster.spec import NodeGroup
from tests.boards import Board

MANAGER = ("control-plane", "cloud-controller-manager")


def keys(board: Board, name: str) -> list[str]:
    """The keys of a node's taints."""
    return [taint.key for taint in board.client.get(Node, "", name).spec.taints]


def labels(board: Board, name: str) -> dict[str, str]:
    """Those of a node that the cloud gives."""
    found = board.client.get(Node, "", name).metadata.labels
    return {k: v for k, v in found.items() if k.endswith(("/zone", "/region", "/instance-type"))}


def test_a_new_node_learns_its_type_zone_and_provider_from_the_cloud():
    board = Board(nodes=[NodeGroup("big", cpu="8", memory="32Gi", zone="b")])
    node = board.client.get(Node, "", "big-a")
    assert (node.spec.provider_id, keys(board, "big-a"), labels(board, "big-a")) == (
        "kubesim:///b/big-a",
        [],
        {
            "beta.kubernetes.io/instance-type": "vm.8c.32g",
            "failure-domain.beta.kubernetes.io/region": "sim",
            "failure-domain.beta.kubernetes.io/zone": "b",
            "node.kubernetes.io/instance-type": "vm.8c.32g",
            "topology.kubernetes.io/region": "sim",
            "topology.kubernetes.io/zone": "b",
        },
    )


def test_it_is_said_that_a_node_is_in_sync_with_the_cloud():
    board = Board(nodes=1)
    said = [e for e in board.list(Event) if e.source.component == "cloud-node-controller"]
    assert sorted({(e.involved_object.kind, e.reason, e.message) for e in said}) == [
        ("Node", "Synced", "Node synced successfully")
    ]


def test_while_its_manager_is_down_a_new_node_stays_tainted_and_empty():
    board = Board(nodes=1)
    board.cluster.hand.stop_process(*MANAGER)
    board.cluster.add_node("late", NodeGroup("late"))
    board.tick(10)
    board.app("web", 1, service=False, pod={"nodeSelector": {"kubernetes.io/hostname": "late"}})
    board.tick(2)
    (pod,) = board.list(Pod)
    assert keys(board, "late") == ["node.cloudprovider.kubernetes.io/uninitialized"]
    assert (pod.spec.node_name, pod.status.conditions[0].message) == (
        "",
        "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
        "2 node(s) had untolerated taint(s). no new claims to deallocate, "
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    )


def test_a_cloud_that_does_not_answer_is_asked_again():
    board = Board(nodes=1)
    board.cluster.world.cloud.up = False
    board.cluster.add_node("late", NodeGroup("late"))
    board.tick(10)
    waits = keys(board, "late")
    board.cluster.world.cloud.up = True
    board.tick(16)
    assert (waits, keys(board, "late")) == (["node.cloudprovider.kubernetes.io/uninitialized"], [])


def test_a_label_in_its_old_spelling_leads():
    board = Board(nodes=1)
    elsewhere = {"metadata": {"labels": {"topology.kubernetes.io/zone": "elsewhere"}}}
    board.client.patch(Node, "", "node-a", elsewhere, "merge")
    board.tick(2)
    assert labels(board, "node-a")["topology.kubernetes.io/zone"] == "a"


def test_a_machine_that_is_off_has_a_taint_until_it_is_back():
    board = Board(nodes=2)
    board.cluster.hand.crash("node-a")
    board.tick(70)
    off = keys(board, "node-a")
    board.cluster.hand.recover("node-a")
    board.tick(30)
    assert (sorted(off), keys(board, "node-a")) == (
        [
            "node.cloudprovider.kubernetes.io/shutdown",
            "node.kubernetes.io/unreachable",
            "node.kubernetes.io/unreachable",
        ],
        [],
    )

"""A zone loses its power: what becomes of a control plane with one, two or all three of its members there."""

from __future__ import annotations

from kubesim_tui.api.types import Node, Pod
from kubesim_tui.cluster.spec import NodeGroup
from tests.boards import Board
from tests.faults.striking import do, kubectl
from tests.faults.test_network import failed

TIMED_OUT = "Error from server: etcdserver: request timed out"


def shop(zones: str) -> Board:
    """Members in these zones; web has a copy on each of two nodes in zone b, and users who come by one of them."""
    board = Board(
        [NodeGroup("east", count=2, zone="b"), NodeGroup("west", count=1, zone="a")],
        control_planes=3,
        control_plane_zones=zones,
    )
    board.app(
        "web",
        2,
        pod={"nodeSelector": {"topology.kubernetes.io/zone": "b"}},
        type="NodePort",
        ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}],
    )
    board.settle(40)
    board.users(url="http://east-a:30080/", timeout_us=2_000_000)
    board.tick(5)
    return board


def test_members_stand_in_the_zones_that_were_named():
    board = Board(1, control_planes=3, control_plane_zones="abc")
    labels = {n.metadata.name: n.metadata.labels.get("topology.kubernetes.io/zone") for n in board.list(Node, "")}
    assert [labels[f"cp-{i}"] for i in (1, 2, 3)] == ["a", "b", "c"]


def test_of_one_member_in_a_zone_the_others_go_on():
    """A new leader of etcd at once, of the managers when their leases are over; what ran in the zone is replaced."""
    board = shop("abc")
    assert do(board, "zone-outage:cp-1")
    assert failed(board, 3) == 0
    assert board.cluster.plane.members.leader in ("cp-2", "cp-3")
    assert kubectl(board) == ""
    board.tick(20)
    board.delete(Pod, board.list(Pod)[0].metadata.name)
    board.tick(30)
    assert [p.status.phase for p in board.list(Pod)] == ["Running", "Running"]


def test_of_two_members_in_a_zone_nothing_can_be_written_until_one_is_back():
    """Two of three are the majority: the one that is left answers no read either; Pods elsewhere serve on."""
    board = shop("aba")
    assert do(board, "zone-outage:cp-1")
    assert failed(board, 10) == 0
    assert kubectl(board) == TIMED_OUT
    board.cluster.hand.recover("cp-3")
    board.tick(10)
    assert (kubectl(board), board.cluster.plane.members.heard) == ("", ("cp-2", "cp-3"))


def test_the_other_zone_of_the_same_three_can_be_lost():
    board = shop("aba")
    assert do(board, "zone-outage:cp-2")
    board.tick(5)
    assert kubectl(board) == ""


def test_with_all_three_members_in_a_zone_nobody_answers_and_pods_elsewhere_serve_on():
    board = shop("a")
    assert do(board, "zone-outage:cp-1")
    assert failed(board, 60) == 0
    assert kubectl(board).startswith("The connection to the server ")
    assert board.cluster.hand.zone_power("cp-1", on=True)
    board.tick(60)
    assert (kubectl(board), failed(board, 10)) == ("", 0)

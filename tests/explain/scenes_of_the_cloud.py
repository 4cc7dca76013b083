"""Scenes in which the cloud has to do with it: machines that do not come, nodes that wait, a balancer that is lost."""

from __future__ import annotations

from kubesim_tui.api.types import Node
from kubesim_tui.cluster.spec import NodeGroup
from tests.boards import Board
from tests.explain.scenes import asked, balanced, scene

STATUS = "configmap/cluster-autoscaler-status"


def growing(most: int = 3) -> Board:
    """A machine that a filler occupies; more may come."""
    board = Board(nodes=[NodeGroup("pool", cpu="2", memory="4Gi", min=1, max=most)])
    board.app("filler", 1, container={"resources": {"requests": {"cpu": "1500m"}}}, service=False)
    board.settle()
    return board


def waits(board: Board, ticks: int = 20) -> Board:
    """web waits for a machine while users ask."""
    board.app("web", 1, container={"resources": {"requests": {"cpu": "1"}}})
    board.route("shop.example.com", "web")
    board.settle(ticks)
    return asked(board, 1)


@scene("no-endpoints", "group-full", STATUS)
def a_group_is_full():
    return waits(growing(1))


@scene("no-endpoints", "sold-out", STATUS)
def a_zone_is_sold_out():
    board = growing()
    board.cluster.hand.sell_out("pool-a", back=False)
    return waits(board)


@scene("no-endpoints", "cloud-quota", STATUS)
def a_quota_is_used_up():
    board = growing()
    board.cluster.hand.cap_cloud(lift=False)
    return waits(board)


@scene("no-endpoints", "autoscaler-down", "pod/cluster-autoscaler-control-plane")
def nobody_orders_machines():
    board = growing()
    board.cluster.hand.stop_process("control-plane", "cluster-autoscaler")
    return waits(board)


@scene("no-endpoints", "cloud-down", "cloud")
def the_cloud_is_silent():
    board = growing()
    board.cluster.hand.cloud(up=False)
    return waits(board)


@scene("no-endpoints", "cloud-throttled", "cloud")
def the_cloud_is_asked_too_much():
    board = growing()
    board.cluster.hand.throttle_cloud(1000)
    return waits(board)


@scene("no-endpoints", "cloud-manager-down", "pod/cloud-controller-manager-control-plane")
def a_new_node_waits_for_the_cloud():
    board = Board(nodes=1)
    board.cluster.hand.stop_process("control-plane", "cloud-controller-manager")
    board.client.patch(Node, "", "node-a", {"spec": {"unschedulable": True}})
    board.cluster.add_node("late", NodeGroup("late"))
    return waits(board)


@scene("no-healthy-node", "balancer-down", "service/web")
def a_balancer_is_lost():
    board, url = balanced()
    board.cluster.hand.balancer(("Service", "default", "web"), up=False)
    return asked(board, 1, url=url)

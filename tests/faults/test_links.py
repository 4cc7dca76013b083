"""Packets that are late or lost: how it shows, where explanations of it end, what helps."""

import pytest

from kubesim_tui.api.types import Pod
from kubesim_tui.cluster.spec import NodeGroup
from kubesim_tui.explain.chain import name_of
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.pod import pod_not_ready
from kubesim_tui.traffic.histogram import Histogram
from tests.boards import Board, image
from tests.faults.striking import do, proves
from tests.faults.test_network import drain, failed, ready, shop, why

SPREAD = [
    {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": "web"}},
    }
]


def slower(board: Board, than_us: int, ticks: int) -> int:
    """How many of the served requests of so many ticks took longer."""
    stream = board.cluster.traffic.streams["web"].stream
    before = Histogram(tuple(stream.histogram)).slower(than_us)
    board.tick(ticks)
    return Histogram(tuple(stream.histogram)).slower(than_us) - before


def one_of(board: Board) -> str:
    return board.list(Pod)[0].metadata.name


@proves("link-loss")
def test_packets_that_a_machine_loses_make_some_answers_late_and_some_never_come():
    board = shop(replicas=4)
    assert slower(board, 150_000, 20) == 0
    assert do(board, "link-loss:node-a,percent=30") == ["link-loss node-a"]
    assert slower(board, 150_000, 20) > 0
    assert (failed(board, 20) > 0, why(board), ready(board)[0]) == (True, ("link-loss", "node/node-a"), "True")
    drain(board, "node-a")
    board.tick(40)
    assert failed(board, 10) == 0


def test_a_loss_is_healed():
    board = shop()
    told = do(board, "link-loss:node-a,for=5")
    board.tick(5)
    assert (told, failed(board, 20)) == (["link-loss node-a", "link-loss node-a healed"], 0)
    assert not board.cluster.world.links.troubled


def test_where_nearly_all_is_lost_the_machine_counts_as_cut_off():
    board = shop(replicas=4)
    do(board, "link-loss:node-a,percent=90")
    assert (failed(board, 10) > 0, why(board)) == (True, ("network-partition", "node/node-a"))
    board.tick(60)
    assert (ready(board)[0], failed(board, 10)) == ("Unknown", 0)
    assert board.cluster.hand.lose_packets("node-a", 0, "machine")
    board.tick(30)
    assert ready(board)[0] == "True"


def test_packets_lost_between_zones_spare_who_stays_in_his_own():
    zones = [NodeGroup(count=1), NodeGroup(count=1, name="east", zone="b")]
    board = shop(zones, 2, topologySpreadConstraints=SPREAD)
    assert do(board, "link-loss:east-a,percent=60,of=zone") == ["link-loss east-a"]
    assert (failed(board, 20) > 0, why(board)) == (True, ("link-loss", "node/east-a"))
    drain(board, "east-a")
    board.tick(40)
    assert failed(board, 10) == 0


def test_where_there_is_one_zone_nothing_is_lost_between_zones():
    assert do(shop(), "link-loss:node-a,of=zone") == []


def test_packets_of_users_outside_are_lost_wherever_they_go():
    board = shop()
    do(board, "link-loss:node-a,percent=40,of=users")
    assert (failed(board, 20) > 0, why(board)[0]) == (True, "link-loss")


@proves("node-slow-nic")
def test_a_card_of_little_bandwidth_makes_bytes_queue_until_the_machine_is_drained():
    """20 requests a second of 4 KiB, half of them there: 40 kB/s fit through 1 Mbit/s, 400 kB/s do not."""
    board = shop(replicas=2, topologySpreadConstraints=SPREAD)
    do(board, "node-slow-nic:node-a,mbit=1")
    assert failed(board, 20) == 0
    board.users("more", rate=180, timeout_us=2_000_000)
    assert (failed(board, 30) > 0, why(board), ready(board)[0]) == (True, ("slow-link", "node/node-a"), "True")
    drain(board, "node-a")
    board.tick(60)
    assert failed(board, 10) == 0


def test_a_machine_whose_answers_take_longer_than_a_kubelet_waits_is_lost():
    board = shop(replicas=4)
    do(board, "node-slow-nic:node-a,ms=12000")
    board.tick(70)
    chain = node_not_ready(board.evidence(), "node-a")
    assert (ready(board)[0], chain.cause, failed(board, 10)) == ("Unknown", "slow-link", 0)
    assert board.cluster.hand.delay_links("node-a", 0)
    board.tick(30)
    assert ready(board)[0] == "True"


def test_a_pod_that_is_slow_makes_its_share_late_until_it_is_deleted():
    board = shop()
    pod = one_of(board)
    assert do(board, f"pod-delay:default/{pod},ms=400") == [f"pod-delay {pod}"]
    assert slower(board, 350_000, 10) > 0
    board.delete(Pod, pod)
    board.tick(20)
    assert slower(board, 350_000, 10) == 0


@proves("pod-delay")
def test_a_pod_slower_than_its_probe_is_patient_is_not_ready():
    board = shop()
    pod = one_of(board)
    do(board, f"pod-delay:default/{pod},ms=600")
    board.tick(10)
    chain = pod_not_ready(board.evidence(), board.get(Pod, pod))
    assert (chain.cause, name_of(chain.object)) == ("pod-network", f"pod/{pod}")
    assert "600 ms longer" in chain.links[-1].text
    assert board.cluster.hand.shape_pod("default", pod, 0, 0)
    board.tick(10)
    assert pod_not_ready(board.evidence(), board.get(Pod, pod)) is None


@proves("pod-loss")
def test_packets_that_a_pod_loses_are_felt_by_its_share_until_it_is_deleted():
    board = shop()
    pod = one_of(board)
    do(board, f"pod-loss:default/{pod},percent=60")
    assert (failed(board, 20) > 0, why(board)) == (True, ("pod-network", "deployment/web"))
    board.delete(Pod, pod)
    board.tick(20)
    assert failed(board, 10) == 0


def test_a_pod_that_is_cut_off_leaves_its_service_by_its_probe_and_a_new_one_is_well():
    board = shop()
    pod = one_of(board)
    do(board, f"pod-partition:default/{pod}")
    assert (failed(board, 6) > 0, why(board)) == (True, ("pod-network", "deployment/web"))
    board.tick(10)
    assert (failed(board, 10), pod_not_ready(board.evidence(), board.get(Pod, pod)).cause) == (0, "pod-network")
    board.delete(Pod, pod)
    board.tick(40)
    assert all(p.status.container_statuses[0].ready for p in board.list(Pod))


def test_a_pod_whose_network_is_slow_makes_its_calls_late_too():
    board = shop(image_="test/front", images=[image("front", "http://back/", timeout="1s")], replicas=1)
    board.app("back", 2)
    board.settle()
    board.users(timeout_us=5_000_000)
    pod = next(p.metadata.name for p in board.list(Pod) if p.metadata.name.startswith("web"))
    do(board, f"pod-delay:default/{pod},ms=1100")
    assert (failed(board, 4) > 0, why(board)) == (True, ("pod-network", "deployment/web"))


def test_the_network_of_a_pod_is_healed_also_while_no_container_of_it_runs():
    board = shop(replicas=1)
    pod = one_of(board)
    do(board, f"pod-delay:default/{pod}")
    do(board, f"container-kill:default/{pod}")
    assert do(board, f"pod-delay:default/{pod},heal=true") == [f"pod-delay {pod} healed"]


NOBODY = ["link-loss:node-z", "pod-delay:default/x", "pod-loss:default/x", "pod-partition:default/x"]


@pytest.mark.parametrize("text", NOBODY)
def test_what_is_not_there_is_not_struck(text):
    assert do(Board(nodes=1), text) == []

"""etcd on machines of its own: three API servers and five members, and what either outlives of the other."""

from __future__ import annotations

import copy

import pytest

from kubesim_tui.api.types import ConfigMap, Node, ObjectMeta, Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.kubeadm import main as kubeadm
from kubesim_tui.cluster.picture.room import ETCD, room
from kubesim_tui.cluster.spec import ClusterSpec
from kubesim_tui.kubectl.fail import message
from tests.boards import Board
from tests.faults.striking import do

MEMBERS = ("etcd-1", "etcd-2", "etcd-3", "etcd-4", "etcd-5")


@pytest.fixture(scope="module")
def made() -> Board:
    return Board(nodes=1, control_planes=3, etcd_members=5, etcd_zones="abc")


@pytest.fixture
def board() -> Board:
    return Board(nodes=1, control_planes=3, etcd_members=5, etcd_zones="abc")


def written(board: Board, name: str) -> str:
    """What kubectl says of a new ConfigMap; "" if it is made."""
    try:
        board.client.create(ConfigMap(metadata=ObjectMeta(name=name, namespace="default")))
    except ApiError as refused:
        return message(refused)
    return ""


def stop(board: Board, *members: str) -> None:
    for member in members:
        board.cluster.hand.stop_process(member, ETCD)
    board.tick(5)


def test_its_machines_are_no_nodes_and_the_control_plane_has_no_etcd(made):
    nodes = [n.metadata.name for n in made.list(Node, "")]
    pods = [p.metadata.name for p in made.list(Pod, "kube-system") if p.metadata.name.startswith("etcd")]
    assert (nodes, pods) == (["cp-1", "cp-2", "cp-3", "node-a"], [])


def test_its_machines_stand_in_the_zones_that_were_named(made):
    assert [made.cluster.world.machines[name].zone for name in MEMBERS] == ["a", "b", "c", "a", "b"]


def test_each_member_runs_as_a_static_pod_of_its_machine(made):
    runtimes = [made.cluster.world.machines[name].runtime for name in MEMBERS]
    containers = [[c.config.name for c in runtime.containers.values()] for runtime in runtimes]
    assert containers == [["etcd"]] * 5


def test_api_servers_are_told_of_all_members(made):
    server = made.get(Pod, "kube-apiserver-cp-1", "kube-system")
    told = next(word for word in server.spec.containers[0].command if word.startswith("--etcd-servers="))
    assert told.split("=")[1] == ",".join(f"https://172.18.0.{n}:2379" for n in range(5, 10))


def test_the_machine_room_shows_them_after_the_control_plane(made):
    seen = room(made.cluster)
    etcd = [(box.machine, box.state, box.leads) for box in seen.boxes if box.kind == ETCD]
    assert etcd == [("etcd-1", "running", True), *((name, "running", False) for name in MEMBERS[1:])]
    assert seen.machines == ("cp-1", "cp-2", "cp-3", *MEMBERS, "node-a")
    assert {box.machine for box in seen.boxes if not box.node} == set(MEMBERS)


def test_every_member_lists_all_of_them(made):
    lines = [made.cluster.maintainers.all[name].answer("member list", {}).body.splitlines() for name in MEMBERS]
    names = [sorted(line.split(", ")[2] for line in said) for said in lines]
    assert names == [list(MEMBERS)] * 5


def test_two_of_five_members_may_be_lost_and_not_a_third(board):
    stop(board, "etcd-1", "etcd-2")
    first = written(board, "two")
    stop(board, "etcd-3")
    assert (first, written(board, "three")) == ("", "Error from server: etcdserver: request timed out")
    board.cluster.hand.start_process("etcd-3", ETCD)
    board.tick(5)
    assert written(board, "back") == ""


def test_all_api_servers_but_one_may_be_lost_whatever_etcd_is(board):
    """Stacked, two of three members would be gone with them."""
    board.cluster.hand.crash("cp-1")
    board.cluster.hand.crash("cp-2")
    board.tick(5)
    assert written(board, "one") == ""


def test_an_api_server_that_reaches_no_member_lets_others_answer(board):
    for member in MEMBERS:
        board.cluster.world.links.cut("cp-1", member)
    board.cluster.look()
    assert [door.serves() for door in board.cluster.plane.doors] == [False, True, True]
    assert written(board, "x") == ""


def test_where_no_api_server_reaches_a_member_nothing_is_heard_and_what_was_known_last_is_shown(board):
    written(board, "early")
    for server in board.cluster.plane.names:
        for member in MEMBERS:
            board.cluster.world.links.cut(server, member)
    board.cluster.look()
    known = board.cluster.etcd.revision
    assert written(board, "late").startswith("Error from server (Timeout)")
    assert [door.cached() for door in board.cluster.plane.doors] == [known] * 3
    assert not board.cluster.witness.acts(ETCD)


def test_its_own_kubelet_keeps_a_member_without_the_api(board):
    """Killed, it is started again while all API servers are down."""
    do(board, "apiserver-down")
    runtime = board.cluster.world.machines["etcd-2"].runtime
    first = next(iter(runtime.containers))
    runtime.kill(first, board.now)
    board.tick(30)
    assert [c.config.attempt for c in runtime.containers.values() if c.exit_code is None] == [1]


def test_loss_of_quorum_takes_three_of_five(board):
    do(board, "etcd-quorum-lost")
    board.tick(3)
    up = [name for name in MEMBERS if board.cluster.world.machines[name].runs(ETCD)]
    assert (len(up), board.cluster.plane.members.leader) == (2, "")


def test_a_zone_takes_its_members_with_it(board):
    do(board, "zone-outage:etcd-3")
    board.tick(3)
    assert [board.cluster.world.machines[name].powered for name in MEMBERS] == [True, True, False, True, True]
    assert written(board, "x") == ""


def test_a_checkpoint_goes_on_as_the_original(made):
    one, other = made.cluster, copy.deepcopy(made.cluster)
    for cluster in (one, other):
        cluster.hand.crash("etcd-1")
        for _ in range(5):
            cluster.step()
        cluster.hand.recover("etcd-1")
        for _ in range(5):
            cluster.step()
    assert one.digest == other.digest


@pytest.mark.parametrize("count", [0, 2, 4])
def test_etcd_has_an_odd_number_of_members(count):
    with pytest.raises(ValueError, match="etcd_members"):
        ClusterSpec(etcd_members=count)


def test_kubeadm_has_no_business_with_the_certificates_of_an_external_etcd(made):
    machine = made.cluster.world.machines["cp-1"]
    out, _, _ = kubeadm.run(made.cluster, machine, ["certs", "check-expiration"])
    assert not [line for line in out if "etcd" in line]
    _, err, code = kubeadm.run(made.cluster, machine, ["certs", "renew", "etcd-server"])
    assert (code, err[0]) == (1, "etcd-server is not a valid certificate for this cluster")

"""The machine room: every component as it stands, who leads, and what they say to each other."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.cluster.picture.room import CUT, KINDS, OFF, PEOPLE, RUNNING, SLOW, STOPPED, room
from tests.boards import Board

ON_NODES = {"kubelet", "runtime", "kube-proxy"}
LOCKS = ("kube-scheduler", "kube-controller-manager", "cloud-controller-manager")


@pytest.fixture(params=[1, 3, 5])
def board(request):
    return Board(2, control_planes=request.param)


def box(board, kind, machine):
    return room(board.cluster).box(kind, machine)


def figures(found):
    return {code: dict(values) for code, values in found.figures}


def test_every_component_of_every_machine_has_a_box(board):
    found = room(board.cluster)
    planes = board.cluster.plane.names
    expected = {(kind, name) for name in planes for kind in set(KINDS) - {"cluster-autoscaler", "coredns"}}
    servers = [p for p in board.list(types.Pod, "kube-system") if p.metadata.labels.get("k8s-app") == "kube-dns"]
    expected |= {("coredns", p.spec.node_name) for p in servers}
    assert servers
    expected |= {(kind, name) for name in ("node-a", "node-b") for kind in ON_NODES}
    assert {(b.kind, b.machine) for b in found.boxes} == expected
    assert {b.state for b in found.boxes} == {RUNNING}


def test_one_of_those_that_are_elected_leads(board):
    found = room(board.cluster)
    for kind in ("etcd", *LOCKS):
        assert len([b for b in found.boxes if b.kind == kind and b.leads]) == 1


def test_a_process_that_is_stopped_is_seen_as_such_and_another_leads():
    board = Board(2, control_planes=3)
    board.cluster.hand.stop_process("cp-1", "etcd")
    board.tick(3)
    assert (box(board, "etcd", "cp-1").state, box(board, "kube-apiserver", "cp-1").state) == (STOPPED, CUT)
    assert [b.machine for b in room(board.cluster).boxes if b.kind == "etcd" and b.leads] != ["cp-1"]


def test_a_member_that_is_cut_off_falls_behind():
    board = Board(2, control_planes=3)
    board.cluster.hand.isolate("cp-3")
    board.app("web", 1)
    board.tick(5)
    found = box(board, "etcd", "cp-3")
    assert found.state == CUT
    assert int(figures(found)["behind"]["n"]) == board.cluster.etcd.revision - board.cluster.plane.members.revision(
        "cp-3"
    )


def test_a_members_file_is_seen_with_its_quota_and_looking_does_not_make_it_larger():
    board = Board(1)
    members = board.cluster.plane.members
    board.cluster.hand.flood_etcd(200 << 20)
    board.tick(30)
    found = figures(box(board, "etcd", "control-plane"))
    assert (found["size"]["quota"], int(found["size"]["percent"]) >= 100, "no-space" in found) == ("2.1 GB", True, True)
    board.cluster.hand.flood_etcd(0)
    before = dict(members.backend.files)
    after = figures(box(board, "etcd", "control-plane"))
    assert (int(after["size"]["percent"]), "no-space" in after, members.backend.files) == (0, False, before)


def test_a_node_without_power_and_one_that_is_cut_off_are_told_apart():
    board = Board(2)
    board.cluster.hand.crash("node-a")
    board.cluster.hand.isolate("node-b")
    board.tick(20)
    assert (box(board, "kubelet", "node-a").state, box(board, "kubelet", "node-b").state) == (OFF, CUT)
    assert int(figures(box(board, "kubelet", "node-b"))["heard"]["seconds"]) >= 20


def test_a_slow_scheduler_is_slow_and_its_queue_is_seen():
    board = Board(2)
    board.cluster.hand.slow_process("control-plane", "kube-scheduler", 1000)
    board.app("web", 20)
    board.tick(2)
    found = box(board, "kube-scheduler", "control-plane")
    assert (found.state, int(figures(found)["queue"]["n"]) > 10) == (SLOW, True)


def test_a_proxy_that_hears_nothing_has_stale_rules():
    board = Board(2)
    board.app("web", 1)
    board.settle()
    board.cluster.hand.stop_process("node-a", "kube-proxy")
    board.tick()
    board.app("api", 1)
    board.settle()
    assert "stale" in figures(box(board, "kube-proxy", "node-a"))
    assert "stale" not in figures(box(board, "kube-proxy", "node-b"))


def test_messages_name_their_sender():
    board = Board(2)
    board.app("web", 1)
    board.settle()
    found = room(board.cluster)
    senders = {
        m.about.partition(" ")[0]: m.sender for m in found.messages if m.verb == "create" and " default/" in m.about
    }
    assert senders["deployments.apps"] == PEOPLE
    assert senders["replicasets.apps"] == senders["pods"] == "kube-controller-manager"
    assert senders["pods/binding"] == "kube-scheduler"
    (pod,) = board.list(types.Pod)
    said = found.of(found.box("kubelet", pod.spec.node_name))
    assert f"pods/status default/{pod.metadata.name}" in {m.about for m in said}


def test_a_refusal_is_a_message_too():
    board = Board(2)
    with pytest.raises(StatusError):
        board.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": []}})
    newest = room(board.cluster).messages[0]
    assert (newest.sender, newest.code, newest.decided) == (PEOPLE, 422, "validation")


def test_a_component_shows_its_release_and_why_it_does_not_come_up():
    board = Board(nodes=1, warm=5)
    before = box(board, "kube-apiserver", "control-plane")
    board.cluster.hand.roll_out_plane("JobManagedBy", 60)
    board.tick(5)
    after = box(board, "kube-apiserver", "control-plane")
    assert (before.state, before.figures[-1]) == (RUNNING, ("release", (("release", "v1.37.0"),)))
    (code, ((_, said),)) = after.figures[-1]
    assert (after.state, code, said.endswith('err="unrecognized feature gate: JobManagedBy"')) == (
        STOPPED,
        "fails",
        True,
    )

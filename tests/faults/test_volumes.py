"""Faults of disks: how each shows, where explanations of it end, what helps."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.cluster.spec import NodeGroup
from kubesim_tui.explain.chain import name_of
from kubesim_tui.explain.pod import pod_not_ready
from tests.boards import Board
from tests.explain.scenes import DATA, stored
from tests.faults.striking import do, proves
from tests.faults.test_network import failed, why

ATTACHMENTS = "volumeattachments.storage.k8s.io"


@pytest.fixture
def board() -> Board:
    return used(stored())


def used(board: Board) -> Board:
    """Users store orders."""
    board.users(method="POST", store="orders", timeout_us=2_000_000)
    board.tick(3)
    return board


def web(board: Board) -> types.Pod:
    return next(p for p in board.list(types.Pod) if p.metadata.deletion_timestamp is None)


def move(board: Board) -> types.Pod:
    """Its Pod goes to another node."""
    before = web(board)
    node = before.spec.node_name
    board.client.patch(types.Node, "", node, {"spec": {"unschedulable": True}}, "strategic")
    board.delete(types.Pod, before.metadata.name)
    board.tick(40)
    return web(board)


def said(board: Board, pod: types.Pod, reason: str) -> list[str]:
    events = board.list(types.Event)
    return [e.message for e in events if e.reason == reason and e.involved_object.name == pod.metadata.name]


@proves("io-slow")
def test_a_slow_disk_makes_answers_late_and_then_fills_queues_until_it_is_healed(board):
    assert do(board, "io-slow:data") == ["io-slow data"]
    assert failed(board, 10) <= 3  # 16 servers of 505 ms are enough; of 200 answers one takes more than two seconds
    assert board.cluster.traffic.streams["web"].stream.last.latencies[0][0] > 40
    for ms in (1400, 3000):  # late answers of a Pod that is Ready; then its probes wait as well
        do(board, f"io-slow:data,ms={ms}")
        assert (failed(board, 10) > 0, why(board)) == (True, ("io-slow", "persistentvolumeclaim/data"))
    board.cluster.hand.slow_volume(DATA, 0)
    board.tick(20)
    assert failed(board, 10) == 0


@proves("io-error")
def test_a_disk_that_fails_refuses_reads_and_writes_and_stays_read_only_until_it_is_mounted_anew(board):
    assert do(board, "io-error:data,for=10") == ["io-error data", "io-error data healed"]
    board.tick()
    assert (failed(board, 10) > 0, why(board)) == (True, ("io-error", "persistentvolumeclaim/data"))
    texts = [link.text for link in board.why().links]
    assert any("Read-only file system" in text for text in texts)
    board.delete(types.Pod, web(board).metadata.name)
    board.tick(60)
    assert failed(board, 10) == 0


def test_a_new_pod_cannot_mount_a_disk_that_fails():
    board = used(stored(1))
    do(board, "io-error:data")
    board.delete(types.Pod, web(board).metadata.name)
    board.tick(40)
    (told, *_) = said(board, web(board), "FailedMount")
    assert told.endswith("mount failed: exit status 32: can't read superblock")
    chain = pod_not_ready(board.evidence(), web(board))
    assert (chain.cause, name_of(chain.object)) == ("io-error", "persistentvolumeclaim/data")


def test_what_is_read_from_a_failing_disk_is_an_error_and_nothing_can_be_written(board):
    machine = board.cluster.world.machines[web(board).spec.node_name]
    (container,) = (c for c in machine.runtime.containers.values() if c.config.name == "web")
    machine.runtime.exec(container.id, ("sh", "-c", "echo here >/data/note"), board.now)
    do(board, "io-error:data")

    def run(command: str) -> str:
        return machine.runtime.exec(container.id, ("sh", "-c", command), board.now).stderr

    assert (run("cat /data/note"), run("echo more >/data/note")) == (
        "cat: /data/note: Input/output error\n",
        "sh: can't create /data/note: Read-only file system\n",
    )


@proves("zone-volumes-lost")
def test_when_the_disks_of_a_zone_are_lost_a_pod_that_moves_waits_for_its_own():
    zones = [NodeGroup(count=1, name="west"), NodeGroup(count=1, name="east", zone="b")]
    board = used(stored(zones))
    at = web(board).spec.node_name
    assert do(board, f"zone-volumes-lost:{at}") == [f"zone-volumes-lost {at}"]
    assert failed(board, 10) > 0
    assert why(board) == ("io-error", "persistentvolumeclaim/data")
    moved = move(board)
    told = said(board, moved, "FailedAttachVolume")[-1]
    assert told.endswith(f"desc = disk {disk(board)} is impaired")
    chain = pod_not_ready(board.evidence(), moved)
    assert (chain.cause, name_of(chain.object)) == ("io-error", "persistentvolumeclaim/data")
    board.cluster.hand.fail_volume(DATA, fails=False)
    board.tick(400)
    assert failed(board, 10) == 0


def disk(board: Board) -> str:
    (found,) = board.cluster.world.cloud.disks
    return found


def attachments(board: Board) -> dict[str, bool]:
    """Node → whether its VolumeAttachment should go."""
    found = board.cluster.etcd.table(ATTACHMENTS)
    return {a.rest["spec"]["nodeName"]: a.metadata.deletion_timestamp is not None for a in found}


@proves("detach-hang")
def test_a_disk_that_is_not_detached_keeps_its_pod_waiting_until_the_driver_is_well(board):
    at = web(board).spec.node_name
    assert do(board, "detach-hang:data") == ["detach-hang data"]
    assert failed(board, 20) == 0
    moved = move(board)
    told = said(board, moved, "FailedAttachVolume")[-1]
    volume = board.get(types.PersistentVolumeClaim, "data").spec.volume_name
    assert told == (
        f'Multi-Attach error for volume "{volume}" Volume is already exclusively attached to one node '
        "and can't be attached to another"
    )
    (held,) = board.cluster.etcd.table(ATTACHMENTS)
    assert (attachments(board), held.metadata.finalizers) == ({at: True}, ("external-attacher/disk-csi-kubesim-dev",))
    assert held.rest["status"]["detachError"]["message"].endswith("context deadline exceeded")
    assert why(board) == ("detach-hang", "persistentvolumeclaim/data")
    board.tick(400)
    assert attachments(board) == {at: True}  # six minutes are for nodes that are not heard of
    board.cluster.hand.hold_volume(DATA, held=False)
    board.tick(150)
    assert (attachments(board), failed(board, 10)) == ({moved.spec.node_name: False}, 0)


def test_who_comes_back_to_the_node_that_has_the_disk_need_not_wait(board):
    at = web(board).spec.node_name
    do(board, "detach-hang:data")
    moved = move(board)
    board.client.patch(types.Node, "", at, {"spec": {"unschedulable": False}}, "strategic")
    board.client.patch(types.Node, "", moved.spec.node_name, {"spec": {"unschedulable": True}}, "strategic")
    board.delete(types.Pod, moved.metadata.name)
    board.tick(60)
    assert (web(board).spec.node_name, failed(board, 10)) == (at, 0)


@proves("node-crash")
def test_a_disk_of_a_lost_node_is_waited_for_and_the_taint_out_of_service_frees_it(board):
    at = web(board).spec.node_name
    do(board, f"node-crash:{at}")
    board.tick(45)
    board.client.delete(types.Pod, "default", web(board).metadata.name)
    board.tick(20)
    taint = {"key": "node.kubernetes.io/out-of-service", "value": "nodeshutdown", "effect": "NoExecute"}
    assert why(board)[0] == "node-down"
    taints = [*({"key": t.key, "effect": t.effect} for t in board.get(types.Node, at, "").spec.taints), taint]
    board.client.patch(types.Node, "", at, {"spec": {"taints": taints}}, "merge")
    board.tick(90)
    assert failed(board, 10) == 0


@pytest.mark.parametrize("text", ["io-slow:nothing", "io-error:nothing", "detach-hang:nothing", "zone-volumes-lost:z"])
def test_what_is_not_there_is_not_struck(text):
    assert do(Board(nodes=1), text) == []

"""journalctl on a machine: what its kubelet has decided, what its runtime has done, whom its kernel has killed."""

from __future__ import annotations

import pytest

from kubesim_tui.cluster.journalctl import main as journalctl
from kubesim_tui.cluster.journalctl.moments import moment
from tests.boards import Board
from tests.faults.striking import do

NOON = 1_767_268_800  # 2026-01-01 12:00:00


def said(board: Board, line: str, machine: str = "node-a") -> list[str]:
    """What is printed, errors among it."""
    words = [word.replace("_", " ") for word in line.split()]
    made = board.cluster.world.machines[machine]
    out, err, _ = journalctl.run(made, words, board.now, board.cluster.trust.now(machine), "172.18.0.2:6443")
    return [*out, *err]


@pytest.fixture(scope="module")
def board() -> Board:
    found = Board(1)
    found.app("web", service=False)
    found.settle()
    return found


def test_a_kubelet_logs_what_it_tells_of_its_pods(board):
    lines = said(board, "-u kubelet -o cat -g Pulled")
    assert len(lines) == 1
    assert 'event.go:395] "Event occurred" object="default/web-' in lines[0]
    assert 'fieldPath="spec.containers{web}" kind="Pod" apiVersion="v1" type="Normal" reason="Pulled"' in lines[0]


def test_a_line_begins_with_its_time_its_machine_and_who_has_said_it(board):
    (line,) = said(board, "-u kubelet.service -g Successfully_registered")
    at = "Jan 01 09:00:00 node-a kubelet[742]: I0101 09:00:00.000000     742 kubelet_node_status.go:78] "
    assert line == at + '"Successfully registered node" node="node-a"'


def test_containerd_tells_of_the_containers_that_it_has(board):
    container = next(iter(board.cluster.world.machines["node-a"].runtime.containers.values()))
    told = said(board, "-u containerd -o cat")
    assert [line.partition(' msg="')[2].partition(" ")[0] for line in told] == [
        "RunPodSandbox", "PullImage", "CreateContainer", "StartContainer",
    ]  # fmt: skip
    assert told[-1].endswith(f'level=info msg="StartContainer for \\"{container.id}\\" returns successfully"')


def test_what_is_a_static_pod_has_no_unit(board):
    assert said(board, "-u etcd", "control-plane") == ["-- No entries --"]


def test_lines_are_counted_from_the_end_and_turned_round(board):
    last, before = said(board, "-u kubelet -n 2 -r -o cat"), said(board, "-u kubelet -n2 -o cat")
    assert last == before[::-1]
    assert len(last) == 2


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("-u kubelet -f", "journalctl: the journal is not followed here: ask for it again (--since '1 min ago')"),
        ("--since soon", "Failed to parse timestamp: soon"),
        ("-n many", "Failed to add match 'many': Invalid argument"),
        ("--lines=many", "Failed to parse lines 'many'."),
        ("--colour", "journalctl: unrecognized option '--colour'"),
        ("-u", "journalctl: option requires an argument -- 'u'"),
        ("-o xml", "Unknown output format 'xml'."),
    ],
)
def test_what_cannot_be_done_is_said(board, line, text):
    assert said(board, line) == [text]


def test_a_lease_that_cannot_be_renewed_is_tried_again_ever_later_and_says_why():
    """From the next renewal on; until the API server is back."""
    board = Board(1)
    do(board, "apiserver-down")
    board.tick(25)
    board.cluster.hand.everywhere("kube-apiserver", runs=True)
    board.tick(10)
    lines = [line for line in said(board, "-u kubelet -o cat") if "will retry" in line]
    assert [line.rpartition("interval=")[2] for line in lines] == [
        '"200ms"', '"400ms"', '"800ms"', '"1.6s"', '"3.2s"', '"6.4s"', '"7s"',
    ]  # fmt: skip
    assert "dial tcp 172.18.0.2:6443: connect: connection refused" in lines[0]


def test_a_certificate_that_is_over_is_what_a_kubelet_complains_of():
    board = Board(1)
    do(board, "apiserver-cert-expired:")
    board.tick(15)
    lines = [line for line in said(board, "-u kubelet -o cat") if "will retry" in line]
    assert "tls: failed to verify certificate: x509: certificate has expired or is not yet valid" in lines[0]


def test_systemd_tells_when_a_service_was_stopped_and_started():
    board = Board(1)
    for act in (board.cluster.hand.stop_process, board.cluster.hand.start_process):
        act("node-a", "kubelet")
        board.tick(3)
    lines = [line.partition(": ")[2] for line in said(board, "-u kubelet") if "systemd[1]" in line]
    assert lines == [
        "Stopping kubelet.service - kubelet: The Kubernetes Node Agent...",
        "kubelet.service: Deactivated successfully.",
        "Stopped kubelet.service - kubelet: The Kubernetes Node Agent.",
        "Started kubelet.service - kubelet: The Kubernetes Node Agent.",
    ]
    assert said(board, "-u kubelet -n 1")[0].split()[4] == "kubelet[2042]:"


def test_a_kubelet_that_gives_up_says_why_and_is_started_again_every_ten_seconds():
    board = Board(1)
    machine = board.cluster.world.machines["node-a"]
    machine.files["/var/lib/kubelet/kubeadm-flags.env"] = 'KUBELET_KUBEADM_ARGS="--feature-gates=JobManagedBy=true"\n'
    machine.packages["kubelet"] = "v1.38.0"
    board.cluster.hand.stop_process("node-a", "kubelet")
    board.cluster.hand.start_process("node-a", "kubelet")
    board.tick(25)
    lines = said(board, "-u kubelet -o cat")
    assert len([line for line in lines if "unrecognized feature gate: JobManagedBy" in line]) == 3
    assert "kubelet.service: Scheduled restart job, restart counter is at 2." in lines


def test_the_kernel_tells_whom_it_has_killed():
    board = Board(1)
    runtime = board.cluster.world.machines["control-plane"].runtime
    dns = next(c for c in runtime.containers.values() if c.config.name == "coredns")
    runtime.kill(dns.id, board.now, "OOMKilled")
    (line,) = said(board, "-k -o cat", "control-plane")
    assert line.startswith("Memory cgroup out of memory: Killed process ")
    assert "(coredns)" in line
    assert line.endswith("oom_score_adj:992")


def test_a_machine_whose_clock_goes_wrong_writes_wrong_times():
    board = Board(1)
    do(board, "clock-skew:node-a,seconds=3600")
    assert said(board, "-u kubelet -n 1")[0].split()[2].startswith("10:")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("now", 0), ("10 min ago", -600), ("-90s", -90), ("1 hour 5 min ago", -3900), ("11:30", -1800), ("today", -43_200),
     ("2026-01-01 11:59:30", -30), ("2025-12-31", -129_600), ("yesterday", -129_600), ("soon", None),
     ("5 moons ago", None)],
)  # fmt: skip
def test_moments_are_read_as_systemd_reads_them(text, seconds):
    assert moment(text, NOON) == (None if seconds is None else NOON + seconds)

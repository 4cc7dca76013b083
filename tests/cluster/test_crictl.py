"""crictl on a machine: what its runtime has, in crictl's columns, with or without an API server."""

from __future__ import annotations

import json

import pytest

from kubesim_tui.api.types import Pod
from kubesim_tui.cluster.crictl import main as crictl
from kubesim_tui.cluster.crictl.base import human_duration, human_size
from tests.boards import Board
from tests.faults.striking import do

PS = ["CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE"]
LOST = "rpc error: code = NotFound desc = an error occurred when try to find"
STATES = "created, running, exited or unknown"


@pytest.fixture(scope="module")
def board() -> Board:
    """web on the only node; its container has been killed once."""
    found = Board(1)
    found.app("web", service=False)
    found.settle()
    runtime = found.cluster.world.machines["node-a"].runtime
    runtime.kill(next(iter(runtime.containers)), found.now)
    found.tick(5)
    return found


def asked(board: Board, line: str, machine: str = "node-a") -> tuple[list[str], int]:
    """What is printed, and the exit code."""
    out, err, code = crictl.run(
        board.cluster.world.machines[machine], line.split(), board.now, board.cluster.trust.now(machine)
    )
    return [*out, *err], code


def cells(lines: list[str]) -> list[list[str]]:
    """Rows by the columns of the head."""
    starts = [0] + [i for i in range(1, len(lines[0])) if lines[0][i] != " " and lines[0][i - 3 : i] == "   "]
    ends = [*starts[1:], None]
    return [[line[a:b].strip() for a, b in zip(starts, ends, strict=True)] for line in lines]


def test_ps_shows_what_runs(board):
    head, row = cells(asked(board, "ps")[0])
    (pod,) = [pod.metadata.name for pod in board.list(Pod)]
    assert (head, row[2:6], row[7:]) == (PS, ["5 seconds ago", "Running", "web", "1"], [pod, "default"])


def test_ps_a_shows_what_has_ended_too_the_newest_first(board):
    _, *rows = cells(asked(board, "ps -a")[0])
    assert [(row[3], row[5]) for row in rows] == [("Running", "1"), ("Exited", "0")]


@pytest.mark.parametrize(
    ("line", "found"),
    [("ps -q", 1), ("ps -aq", 2), ("ps -a --state exited -q", 1), ("ps --name nginx -q", 0), ("ps -q -n 2", 2),
     ("ps -ql", 1), ("ps -q --namespace kube", 0)],
)  # fmt: skip
def test_ps_chooses(board, line, found):
    assert len(asked(board, line)[0]) == found


def test_pods_and_images_have_their_columns(board):
    (pods, pod), (images, *held) = cells(asked(board, "pods")[0]), cells(asked(board, "images")[0])
    assert pods == ["POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"]
    assert (pod[2], pod[4:]) == ("Ready", ["default", "0", "(default)"])
    assert (images, [row[:2] for row in held], held[0][3]) == (
        ["IMAGE", "TAG", "IMAGE ID", "SIZE"],
        [["docker.io/test/app", "latest"]],
        "1.05MB",
    )


def test_a_container_is_named_by_the_beginning_of_its_id(board):
    (id,) = asked(board, "ps -q")[0]
    told = json.loads("\n".join(asked(board, f"inspect {id[:6]}")[0]))
    assert (told["status"]["state"], told["status"]["metadata"]) == ("CONTAINER_RUNNING", {"attempt": 1, "name": "web"})


def test_inspect_tells_how_one_ended(board):
    (id,) = asked(board, "ps -a --state exited -q")[0]
    status = json.loads("\n".join(asked(board, f"inspect {id}")[0]))["status"]
    assert (status["exitCode"], status["reason"], status["state"]) == (137, "Error", "CONTAINER_EXITED")


def test_inspectp_tells_the_address_of_a_pod(board):
    (id,) = asked(board, "pods -q")[0]
    status = json.loads("\n".join(asked(board, f"inspectp {id}")[0]))["status"]
    assert (status["network"]["ip"].startswith("10.244."), status["state"]) == (True, "SANDBOX_READY")


def test_logs_are_those_of_the_container(board):
    (id,) = asked(board, "ps -q --name kube-apiserver", "control-plane")[0]
    lines = asked(board, f"logs -t --tail 1 {id}", "control-plane")[0]
    assert (len(lines), lines[0].endswith("Serving securely on [::]:6443")) == (1, True)


def test_a_command_runs_in_a_container(board):
    (id,) = asked(board, "ps -q --name etcd", "control-plane")[0]
    lines, code = asked(board, f"exec {id} etcdctl member list", "control-plane")
    assert (code, lines[0].split(", ")[2]) == (0, "control-plane")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("logs -f abc", "FATA[0000] logs are not followed here: ask again later"),
        ("logs abc", f'FATA[0000] {LOST} container "abc": not found'),
        ("ps --colour", "FATA[0000] flag provided but not defined: -colour"),
        ("ps -a --state lost", f"FATA[0000] list containers: --state should be one of {STATES}"),
        ("dance", 'FATA[0000] unknown command: "dance"'),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(board, line, said):
    assert asked(board, line) == ([said], 1)


def test_it_needs_no_api_server_but_the_runtime():
    board = Board(1)
    do(board, "apiserver-down")
    board.tick(2)
    states = {row[4]: row[3] for row in cells(asked(board, "ps -a", "control-plane")[0])[1:]}
    assert (states["etcd"], states["kube-apiserver"]) == ("Running", "Exited")
    board.cluster.hand.stop_process("control-plane", "containerd")
    (said,), code = asked(board, "ps", "control-plane")
    assert (said.endswith('dial unix /run/containerd/containerd.sock: connect: connection refused"'), code) == (True, 1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (60, "About a minute"), (150, "2 minutes"),
     (3600, "About an hour"), (5400, "2 hours"), (3 * 86_400, "3 days"), (20 * 86_400, "2 weeks")],
)  # fmt: skip
def test_ages_are_dockers(seconds, text):
    assert human_duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(1, "1B"), (999, "999B"), (1_000, "1kB"), (72_345_678, "72.3MB"), (187_000_000, "187MB")]
)
def test_sizes_are_dockers(size, text):
    assert human_size(size) == text

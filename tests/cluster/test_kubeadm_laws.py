"""Whatever is typed on whatever machine, in whatever order: each command comes to an end, and always to the same."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api.types import Node
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.kubeadm.packages import apt_get
from kubesim_tui.cluster.kubeadm.running import Run
from tests.boards import Board
from tests.cluster.test_kubeadm_upgrade import begin

LONGEST = 700
"""Seconds that a command may take: the API server's patience, twice five minutes, and a little."""
COMMANDS = (
    *(
        "upgrade plan",
        "upgrade apply v1.37.2 -y",
        "upgrade apply v1.38.0 -y --force",
        "upgrade node",
        "reset -f",
        "init",
    ),
    *("token create --print-join-command", "init phase upload-certs --upload-certs", "join", "join --control-plane"),
)
DEEDS = ("crash", "recover", "restart", "install", "delete", "roll out", "roll back")
STEPS = st.lists(
    st.tuples(st.sampled_from((*COMMANDS, *DEEDS)), st.integers(0, 9), st.sampled_from((0, 1, 5, 60))),
    min_size=2,
    max_size=8,
)


@pytest.fixture(scope="module")
def boards():
    return [Board(nodes=1, control_planes=count, warm=12) for count in (1, 3)]


class Typist:
    """Somebody who types what others have told."""

    def __init__(self, board: Board) -> None:
        self.board, self.line, self.key = board, "join 10.0.0.1:6443 --token abcdef.0123456789abcdef", "0" * 64
        self.runs: list[Run] = []

    def type(self, line: str, machine: str) -> None:
        if line.startswith("join"):
            more = f" --control-plane --certificate-key {self.key}" if "control-plane" in line else ""
            line = f"{self.line} --discovery-token-unsafe-skip-ca-verification{more}"
        answer = begin(self.board, line, machine)
        if isinstance(answer, Run):
            self.runs.append(answer)
        elif answer[2] == 0 and line.startswith("token"):
            self.line = answer[0][0].removeprefix("kubeadm ").strip()
        elif answer[2] == 0:
            self.key = answer[0][-1]

    def do(self, deed: str, machine: str) -> None:
        hand = self.board.cluster.hand
        if deed == "crash":
            hand.crash(machine)
        elif deed == "recover":
            hand.recover(machine)
        elif deed == "restart":
            hand.stop_process(machine, "kubelet")
            hand.start_process(machine, "kubelet")
        elif deed == "install":
            apt_get(self.board.cluster.world.machines[machine], ["install", "kubeadm=1.38.*", "kubelet=1.38.*"])
        elif deed == "roll out":
            hand.roll_out_plane("JobManagedBy", 20)
        elif deed == "roll back":
            hand.roll_back_plane()
        else:
            try:
                self.board.client.delete(Node, "", machine)
            except ApiError:
                return


def play(board: Board, steps: list[tuple[str, int, int]]) -> tuple[str, list[list[tuple[bool, str]]], bool]:
    typist, machines = Typist(board), list(board.cluster.world.machines)
    for what, where, ticks in steps:
        machine = machines[where % len(machines)]
        typist.do(what, machine) if what in DEEDS else typist.type(what, machine)
        board.tick(ticks)
    board.tick(LONGEST)
    return board.cluster.digest, [run.lines for run in typist.runs], all(run.done for run in typist.runs)


@settings(max_examples=6, deadline=None)
@given(STEPS, st.integers(0, 1))
def test_every_command_ends_and_always_in_the_same_way(boards, steps, which):
    first, second = (play(copy.deepcopy(boards[which]), steps) for _ in range(2))
    assert (first, first[2]) == (second, True)

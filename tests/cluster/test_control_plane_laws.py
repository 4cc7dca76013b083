"""Whatever is done to a control plane of three: what never happens meanwhile, and that all is well when it is over."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubesim_tui.api.types import Deployment, Event, Lease
from tests.boards import Board

PLANE = ("cp-1", "cp-2", "cp-3")
PROCESSES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["stop", "start", "crash", "recover", "isolate", "rejoin", "slow", "grow"]),
        st.sampled_from(PLANE),
        st.sampled_from(PROCESSES),
        st.integers(1, 20),
    ),
    max_size=8,
)


def do(board: Board, what: str, machine: str, process: str, number: int) -> None:
    hand = board.cluster.hand
    if what in ("stop", "start"):
        (hand.stop_process if what == "stop" else hand.start_process)(machine, process)
    elif what == "slow":
        hand.slow_process(machine, process, 1 if process == "kube-apiserver" else number * 100)
    elif what == "grow":
        if board.client.road.open():
            board.patch(Deployment, "web", {"spec": {"replicas": 1 + number % 4}})
    else:
        getattr(hand, what)(machine)


def heal(board: Board) -> None:
    hand = board.cluster.hand
    for machine in PLANE:
        hand.recover(machine)
        hand.rejoin(machine)
        for process in PROCESSES:
            hand.start_process(machine, process)
            hand.slow_process(machine, process, 1)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_strikes_cost_no_more_than_time(steps):
    board = Board(nodes=2, control_planes=3)
    board.app("web", 2, service=False)
    board.settle(20)
    members, seats = board.cluster.plane.members, board.cluster.managers.seats
    for what, machine, process, number in steps:
        do(board, what, machine, process, number)
        for _ in range(number):
            led, revision = members.leader, board.cluster.etcd.revision
            board.tick()
            if not led and not members.leader:  # nobody could have anything committed
                assert board.cluster.etcd.revision == revision
            for name, seat in seats.items():
                lease = board.cluster.etcd.get("leases.coordination.k8s.io", ("kube-system", name))
                if seat.leader is not None:  # who acts is who stands in the Lease
                    assert isinstance(lease, Lease)
                    assert lease.spec.holder_identity == seat.leader.identity
    heal(board)
    board.tick(100)
    wanted = board.get(Deployment, "web")
    assert wanted.status.ready_replicas == wanted.spec.replicas
    assert all(members.revision(m) == board.cluster.etcd.revision for m in PLANE)
    assert all(seat.runs() for seat in seats.values())


def test_who_led_is_told_by_the_leases_and_their_events():
    board = Board(nodes=1, control_planes=3)
    for machine in ("cp-1", "cp-2"):
        board.cluster.hand.stop_process(machine, "kube-scheduler")
        board.tick(25)
    (lease,) = [x for x in board.list(Lease, "kube-system") if x.metadata.name == "kube-scheduler"]
    said = [e.message for e in board.list(Event, "kube-system") if e.involved_object.name == "kube-scheduler"]
    assert (lease.spec.lease_transitions, lease.spec.holder_identity[:4]) == (2, "cp-3")
    assert [message.partition("_")[0] for message in said] == ["cp-1", "cp-2", "cp-3"]
    assert all(message.endswith(" became leader") for message in said)

"""Sent = served + failed by reason + in flight, exactly, whatever happens."""

import copy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubesim_tui.api.types import Deployment, Pod
from kubesim_tui.traffic.profile import Batch, Flash, Profile
from kubesim_tui.traffic.retries import Backoff
from kubesim_tui.traffic.spec import Route
from tests.boards import Board, image, in_flight

IMAGES = (
    image("front", "http://back/"),
    image("back", "http://store/x", failure=0, timeout="500ms"),
    image("store"),
    image("ring", "http://gnir/a"),
    image("gnir", "http://ring/b"),
    image("dead", "http://nobody/"),
)
TAGS = st.sampled_from(["", ":bad", ":slow", ":drain"])
APPS = ("front", "back", "store", "ring", "gnir", "dead")
STREAMS = st.tuples(
    st.sampled_from(APPS),
    st.sampled_from([0.5, 5, 40, 300, 3000]),
    st.sampled_from([100_000, 1_000_000, 2_500_000, 8_000_000]),
    st.integers(0, 3),
)
FAULTS = st.sampled_from(
    ["delete", "kill", "crash", "recover", "isolate", "rejoin", "scale", "release", "kube-proxy", "coredns", "nothing"]
)


def strike(board: Board, fault: str, number: int) -> None:
    """One of the things that happen to clusters."""
    hand = board.cluster.hand
    pods = board.list(Pod)
    node = f"node-{'abc'[number % 3]}"
    pod = pods[number % len(pods)].metadata.name if pods else ""
    match fault:
        case "delete":
            hand.delete_pod("default", pod)
        case "kill":
            hand.kill_container("default", pod)
        case "crash":
            hand.crash(node)
        case "recover":
            hand.recover(node)
        case "isolate":
            hand.isolate(node)
        case "rejoin":
            hand.rejoin(node)
        case "scale":
            board.patch(Deployment, APPS[number % 6], {"spec": {"replicas": number % 4}})
        case "release":
            hand.set_image("deployment", "default", APPS[number % 6], f"test/{APPS[number % 6]}:bad{number}")
        case "kube-proxy":
            (hand.stop_process if number % 2 else hand.start_process)(node, "kube-proxy")
        case "coredns":
            board.client.patch(Deployment, "kube-system", "coredns", {"spec": {"replicas": number % 3}})


def exact(board: Board) -> None:
    for source in board.cluster.traffic.sources():
        stream = source.stream
        assert stream.sent == stream.served + sum(stream.reasons.values()) + in_flight(board, source.name)
        assert sum(stream.histogram) == stream.served
        assert sum(f.count for f in stream.failures.values()) == stream.failed
    for streaming in board.cluster.traffic.streams.values():
        due = sum(n for lane in streaming.lanes for tries in lane.again.values() for n in tries.values())
        assert streaming.retries.waiting == due


ROUTES = (Route("/", weight=3), Route("/healthz"), Route("/x", "POST", 2))
MANNERS = (
    {},
    {"routes": ROUTES, "budget_pm": 200},
    {"population": 150, "think_us": 2_000_000, "backoff": Backoff(3_000_000, jitter="equal")},
    {"backoff": Backoff(500_000, 2, 8_000_000, "full")},
    {"profile": Profile((Flash(3, 2, 4000, 5),), (Batch(1, 90, 7),)), "routes": ROUTES},
)


def built(tags, streams) -> Board:
    board = Board(nodes=3, images=IMAGES)
    for app, tag in zip(APPS, tags, strict=True):
        board.app(app, 2, f"test/{app}{tag}", probe=False)
        board.route(f"{app}.example.com", app)
    board.settle(15)
    for i, (app, rate, timeout, retries) in enumerate(streams):
        manner = MANNERS[(i + retries) % len(MANNERS)]
        board.users(f"s{i}", f"http://{app}.example.com/", rate, timeout_us=timeout, retries=retries, **manner)
    return board


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.tuples(*[TAGS] * 6),
    st.lists(STREAMS, min_size=1, max_size=4),
    st.lists(st.tuples(FAULTS, st.integers(0, 11), st.integers(1, 12)), max_size=10),
)
def test_no_request_is_lost_from_the_account(tags, streams, faults):
    board = built(tags, streams)
    for fault, number, ticks in faults:
        strike(board, fault, number)
        for _ in range(ticks):
            board.tick()
            exact(board)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(*[TAGS] * 6), st.lists(STREAMS, min_size=1, max_size=3), st.lists(FAULTS, max_size=4))
def test_a_copy_goes_on_as_the_original_would(tags, streams, faults):
    board = built(tags, streams)
    board.tick(7)
    other = copy.deepcopy(board)
    for one in (board, other):
        for number, fault in enumerate(faults):
            strike(one, fault, number)
            one.tick(5)
    assert board.cluster.digest == other.cluster.digest


def test_when_the_users_are_gone_everything_is_decided_in_the_end():
    """Nothing waits for ever: after the longest time-out no request is in flight."""
    board = built(("", ":slow", "", "", "", ""), [("front", 300, 8_000_000, 2), ("ring", 40, 2_500_000, 0)])
    board.tick(20)
    board.cluster.hand.kill_container("default", board.list(Pod)[0].metadata.name)
    for streaming in board.cluster.traffic.streams.values():
        streaming.paused = True
    board.tick(40)
    assert [in_flight(board, name) for name in board.cluster.traffic.streams] == [0, 0]
    exact(board)

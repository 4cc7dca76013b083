"""Laws that hold whatever is wrong with the network: nothing is lost in the accounts, and a copy goes on alike."""

from copy import deepcopy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubesim_tui.api.types import Pod
from tests.boards import APP, Board, image, in_flight
from tests.faults.striking import do

FRESH = image(
    "front", "http://back/", text=APP.replace("calls: CALLS", "calls: [{to: 'http://back/', keepalive: false}]")
)
STROKES = (
    "link-loss:node-a,percent=30",
    "link-loss:node-b,percent=90",
    "link-loss:node-a,percent=10,of=users",
    "node-slow-nic:node-b,mbit=1",
    "node-slow-nic:node-a,ms=300",
    "conntrack-full:control-plane,leave=200",
    "conntrack-full:node-a",
    "pod-loss:default/app=web,percent=40",
    "pod-partition:default/app=back",
    "pod-delay:default/app=back,ms=900",
    "port-exhaustion:default/app=web,leave=100",
)


def shop(mode: str) -> Board:
    board = Board(nodes=2, images=[FRESH], proxy_mode=mode)
    board.app("web", 2, "test/front")
    board.app("back", 2)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=40, timeout_us=2_000_000)
    return board


SETTLED = {mode: shop(mode) for mode in ("even", "iptables")}


def struck(mode: str, script: list[tuple[int, int]]) -> Board:
    board = deepcopy(SETTLED[mode])
    for stroke, ticks in script:
        do(board, STROKES[stroke])
        for _ in range(ticks):
            board.tick()
            stream = board.cluster.traffic.streams["web"].stream
            assert stream.sent == stream.served + stream.failed + in_flight(board)
    return board


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(SETTLED)),
    st.lists(st.tuples(st.integers(0, len(STROKES) - 1), st.integers(1, 8)), min_size=1, max_size=5),
)
def test_what_was_sent_is_served_has_failed_or_is_under_way(mode, script):
    struck(mode, script)


def test_a_copy_of_a_cluster_with_troubled_networks_goes_on_as_the_original():
    board = struck("iptables", [(0, 3), (3, 3), (7, 3), (5, 3)])
    copy = deepcopy(board)
    for one in (board, copy):
        one.tick(20)
    assert copy.cluster.digest == board.cluster.digest
    assert copy.cluster.traffic.streams["web"].stream.failed > 0
    assert [p.metadata.name for p in copy.list(Pod)] == [p.metadata.name for p in board.list(Pod)]

"""What passed a Service in the last ticks."""

from kubesim_tui.cluster.spec import OutsideSystem
from kubesim_tui.traffic.passing import KEPT, Passing
from kubesim_tui.traffic.way import Destination, Result
from tests.boards import APP, Board, image

DATABASE = OutsideSystem("db.example.com", "postgres:17", env={"POSTGRES_PASSWORD": "secret"})
ASKS = APP.replace(
    "calls: CALLS", "calls: [{to: 'postgres://db.example.com', protocol: postgres, timeout: 5s, failure: 503}]"
)


def asked(ok: int, name: str = "web") -> Destination:
    return Destination((("Service", "shop", name),), arrivals=10, result=Result(ok=ok))


def test_a_history_has_a_gap_where_nothing_ended():
    passing = Passing()
    passing.take([asked(10)], {}, 5)
    passing.take([], {}, 6)
    passing.take([asked(5)], {("shop", "web"): 5}, 7)
    assert passing.history(("shop", "web"), 8) == (1000, -1, 500)


def test_a_failure_that_the_user_saw_later_counts_in_the_tick_in_which_it_is_seen():
    passing = Passing()
    passing.take([], {("shop", "web"): 4}, 3)
    assert passing.history(("shop", "web"), 4) == (0,)


def test_a_history_is_bounded_and_who_is_no_longer_asked_is_forgotten():
    passing = Passing()
    for tick in range(200):
        passing.take([asked(10)], {}, tick)
    assert len(passing.history(("shop", "web"), 200)) == KEPT
    passing.forget(200 + 2 * KEPT)
    assert passing.history(("shop", "web"), 200) == ()


def test_a_service_whose_pods_wait_in_vain_for_what_they_call_is_not_shown_well():
    board = Board(nodes=2, images=[image("asks", text=ASKS)], outside=[DATABASE])
    board.app("web", 2, "test/asks")
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=2_000_000)
    board.tick(5)
    board.cluster.hand.outside("db.example.com", up=False)
    board.tick(6)
    (service,) = [s for s in board.cluster.picture().services if s.ref.name == "web"]
    assert (service.ready, service.ok_pm) == (2, 0)
    assert service.ok_history[:3] == (1000, 1000, 1000)

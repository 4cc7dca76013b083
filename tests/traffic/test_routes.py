"""One stream of users that asks for several things, by weights."""

from kubesim_tui.api.types import Service
from kubesim_tui.traffic.spec import Route, Users
from kubesim_tui.traffic.split import share
from tests.boards import Board

SHOP = (Route("/", weight=7), Route("/cart", weight=2), Route("/cart", "POST"))


def shop(**more) -> tuple[Board, object]:
    """Pages and a cart, each with a Service of its own."""
    board = Board()
    board.app("pages", 2)
    board.app("cart", 2)
    board.route("shop.example.com", "pages")
    board.route("shop.example.com", "cart", "/cart")
    board.settle()
    return board, board.users(rate=100, routes=SHOP, **more)


def test_a_lane_asks_for_its_path_by_its_method():
    users = Users("web", "http://shop.example.com:8080/", 1000, routes=(Route("/a?x=1"), Route("/b", "POST", 3)))
    asked = [(one.name, one.url, one.method, weight) for one, weight in users.lanes()]
    assert asked == [
        ("web GET /a?x=1", "http://shop.example.com:8080/a?x=1", "GET", 1),
        ("web POST /b", "http://shop.example.com:8080/b", "POST", 3),
    ]


def test_requests_spread_over_the_routes_by_their_weights():
    _, users = shop()
    counts = [0, 0, 0]
    for tick in range(300):
        users.send(tick)
        for i, lane in enumerate(users.lanes):
            counts[i] += lane.sent_now
        users.settle(tick, 0)
    wanted = share(sum(counts), [7, 2, 1])
    assert all(abs(n - m) < 5 * m**0.5 for n, m in zip(counts, wanted, strict=True))


def test_each_service_gets_its_part():
    board, users = shop()
    board.tick(20)
    histories = {
        name: board.cluster.traffic.passing.history(("default", name), board.now) for name in ("pages", "cart")
    }
    assert {name: set(history) for name, history in histories.items()} == {"pages": {1000}, "cart": {1000}}
    assert users.stream.failed == 0


def test_where_one_route_fails_the_others_serve():
    board, users = shop()
    board.tick(5)
    board.delete(Service, "cart")
    board.tick(10)
    last = users.stream.last
    assert 15 < last.failed < 50 < last.served


def test_who_tries_again_asks_for_the_same():
    board, users = shop(retries=1)
    board.delete(Service, "cart")
    board.tick(10)
    pages, *cart = users.lanes
    assert not pages.again
    assert all(lane.again for lane in cart)


def test_one_route_behaves_as_the_url_alone():
    digests = []
    for more in ({"url": "http://shop.example.com/cart"}, {"routes": (Route("/cart"),)}):
        board = Board()
        board.app("web", 2)
        board.route("shop.example.com", "web")
        board.settle()
        board.users(rate=50, **more)
        board.tick(20)
        digests.append(board.cluster.digest)
    assert digests[0] == digests[1]

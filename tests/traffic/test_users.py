"""What users do: how many there are, whether they try again, what they store, what they see."""

import pytest

from kubesim_tui.api.types import Deployment, Pod
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.traffic import solver
from kubesim_tui.traffic.profile import Batch, Profile
from kubesim_tui.traffic.retries import Backoff
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.streaming import Streaming
from kubesim_tui.traffic.way import Destination, Fail
from kubesim_tui.world.records import Records
from tests.boards import APP, Board, image, in_flight

NO_ROUTE = Fail("404", "no-route", ())

DATABASE = """
repositories: [docker.io/test/db]
size: 1Mi
entrypoint: [db]
programs:
  db:
    ready: 300ms
    ports: [{port: "8080", protocol: http}]
    concurrency: 16
    queue: 200
    memory: {base: 10Mi, request: 64Ki}
    stop: {after: 100ms, code: 0}
    routes:
      - {path: /, service: 2ms, store: {verb: append, directory: /data}}
versions:
  - {tags: ["slow*"], programs: {db: {concurrency: 1, routes: [
      {path: /, service: 300ms, scv: 0, store: {verb: append, directory: /data}}]}}}
"""


# how many


@pytest.mark.parametrize(
    "url, host, port, scheme, path",
    [
        ("http://shop.example.com", "shop.example.com", 80, "http", "/"),
        ("https://shop.example.com/a/b?c=d", "shop.example.com", 443, "https", "/a/b"),
        ("http://node-a:30080/x", "node-a", 30080, "http", "/x"),
    ],
)
def test_a_url_says_host_port_and_path(url, host, port, scheme, path):
    users = Users("x", url, 1000)
    assert (users.host, users.port, users.scheme, users.path) == (host, port, scheme, path)


def alone(rate_milli: int = 20_000, seed: str = "1", **more) -> Streaming:
    chance = Chance(seed)
    return Streaming.of(Users("x", "http://x/", rate_milli, **more), chance.stream("x"), chance.stream("y"))


def sent(users: Streaming, ticks: int, since: int = 0) -> int:
    before = users.stream.sent
    for tick in range(since, since + ticks):
        users.send(tick)
        users.settle(tick, 0)
    return users.stream.sent - before


def test_arrivals_come_at_their_rate():
    assert abs(sent(alone(), 1000) - 20_000) < 4 * 141  # four standard deviations


def test_a_spike_multiplies_the_rate():
    users = alone()
    users.factor_pm = 5_000
    assert abs(sent(users, 400) - 40_000) < 4 * 200


def test_who_is_paused_sends_nothing():
    users = alone()
    users.paused = True
    assert sent(users, 10) == 0


# trying again


def failing(retries: int, backoff_us: int, ticks: int) -> list[int]:
    """What is sent in each tick when one request is sent in the first and all fail at once."""
    users = alone(0, retries=retries, backoff=Backoff(backoff_us), profile=Profile(batches=(Batch(0, 7),)))
    users.lanes[0].take(Destination((), fail=NO_ROUTE))
    found = []
    for tick in range(ticks):
        users.send(tick)
        root = users.root
        root.arrivals = users.lanes[0].sent_now
        found.append(root.arrivals)
        solver.settle(root, 0)
        users.settle(tick, 0)
    return found


def test_who_tries_again_does_so_after_his_back_off():
    assert failing(2, 3_000_000, 9) == [7, 0, 0, 7, 0, 0, 7, 0, 0]


def test_a_back_off_shorter_than_a_tick_is_a_tick():
    assert failing(1, 100_000, 3) == [7, 7, 0]


def test_who_does_not_try_again_does_not():
    assert failing(0, 1_000_000, 3)[1:] == [0, 0]


@pytest.mark.parametrize("timeout_us", [1_000_000, 3_000_000])
def test_nobody_tries_more_often_than_he_would(timeout_us):
    """In a black hole, too, where a failure is known only when its time is over."""
    board = Board(nodes=2)
    board.app("web", 1)
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users(rate=10, retries=2, timeout_us=timeout_us)
    board.cluster.hand.isolate(board.list(Pod)[0].spec.node_name)
    board.tick(20)
    fresh = users.stream.sent
    users.paused = True
    board.tick(20)
    assert fresh < users.stream.sent <= 3 * fresh
    assert (users.retries.waiting, users.lanes[0].again, in_flight(board)) == (0, {}, 0)


def test_who_succeeds_does_not_try_again():
    board = Board()
    board.app("web")
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users(retries=3)
    board.tick(20)
    assert users.retries.waiting == 0


# storing


def orders(image_: str = "test/db", seed: str = "1") -> Board:
    board = Board(images=[("db.yaml", DATABASE)], seed=seed)
    board.app("web", 1, image_, probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    return board


def lost(board: Board) -> tuple[int, int]:
    return board.cluster.traffic.lost("orders", board.cluster.records("orders"))


def test_every_served_request_is_a_record_that_is_acknowledged():
    board = orders()
    users = board.users(method="POST", store="orders")
    board.tick(10)
    assert lost(board) == (0, users.stream.served)
    assert list(users.kept_by) == [("Pod", "default", board.list(Pod)[0].metadata.name)]


def test_a_record_of_who_waited_is_kept_as_well():
    board = orders("test/db:slow")
    users = board.users(rate=10, method="POST", store="orders", timeout_us=60_000_000)
    board.tick(30)
    assert in_flight(board) > 50
    assert lost(board) == (0, users.stream.served)


def test_what_a_failed_request_wanted_to_store_is_not_missed():
    board = orders("test/db:slow")
    users = board.users(rate=10, method="POST", store="orders", timeout_us=1_000_000)
    board.tick(30)
    assert users.stream.failed > 100
    assert lost(board) == (0, users.stream.served)


def test_records_in_a_container_are_gone_with_it():
    board = orders()
    users = board.users(method="POST", store="orders")
    board.tick(10)
    users.paused = True
    board.tick(2)
    served = users.stream.served
    board.delete(Pod, board.list(Pod)[0].metadata.name)
    board.settle()
    assert lost(board) == (served, served)


def test_while_no_database_can_be_asked_what_lies_elsewhere_is_not_lost():
    board = orders()
    board.users(method="POST", store="orders")
    board.tick(5)
    board.patch(Deployment, "web", {"spec": {"replicas": 0}})
    board.tick(5)
    written = board.cluster.traffic.lost("orders", Records())[1]
    everything = Records()
    everything.add(1, written, 0)
    assert board.cluster.traffic.lost("orders", everything) == (0, written)
    assert board.cluster.traffic.lost("orders", Records()) == (written, written)


# what they see


def mixed(*apps: tuple[str, int, str], images=()) -> Board:
    """One Service in front of several Deployments: (name, replicas, image)."""
    board = Board(images=images)
    for name, replicas, which in apps:
        board.app(name, replicas, which, service=False, labels={"tier": "front"})
    board.service("front", selector={"tier": "front"})
    board.route("shop.example.com", "front")
    board.settle()
    return board


def test_two_versions_share_the_requests_and_each_is_counted():
    board = mixed(("old", 2, "test/app:1"), ("new", 2, "test/app:2"))
    users = board.users(rate=100)
    board.tick(10)
    counts: dict[str, int] = {}
    for sample in users.stream.samples:
        for name, n in sample.images:
            counts[name] = counts.get(name, 0) + n
    assert sum(counts.values()) == users.stream.served
    assert abs(counts["test/app:1"] - counts["test/app:2"]) <= 20


def test_one_slow_replica_of_three_shows_in_the_percentiles_not_in_the_median():
    """Latencies are summed in histograms, not averaged."""
    lazy = image("lazy", text=APP.replace("service: 5ms", "service: 700ms"))
    board = mixed(("web", 2, "test/app"), ("lazy", 1, "test/lazy"), images=[lazy])
    users = board.users(rate=30)
    board.tick(20)
    samples = list(users.stream.samples)[5:]
    assert all(sample.percentile(500) < 20_000 for sample in samples)
    assert sum(sample.percentile(900) for sample in samples) / len(samples) > 400_000


def test_the_same_seed_sees_the_same():
    def figures(seed: str):
        board = Board(seed=seed)
        board.app("web", 3)
        board.route("shop.example.com", "web")
        board.settle()
        users = board.users()
        board.tick(30)
        return [(s.sent, s.served, s.latencies) for s in users.stream.samples]

    assert figures("1") == figures("1") != figures("2")

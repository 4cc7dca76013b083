"""How requests fail, and when the user notices."""

import pytest

from kubesim_tui.api.types import Deployment, Pod, Service
from kubesim_tui.world.ailment import Ailment
from tests.boards import APP, Board, image, in_flight


def shop(replicas: int = 2, image: str = "test/app", nodes: int = 2, images=(), **more) -> Board:
    """web behind an Ingress, Ready."""
    board = Board(nodes=nodes, images=images)
    board.app("web", replicas, image, **more)
    board.route("shop.example.com", "web")
    board.settle()
    return board


def by_tick(users, since: int) -> list[int]:
    """How many failed in each tick since one."""
    return [s.failed for s in users.stream.samples if s.tick >= since]


def codes(users) -> dict[str, str]:
    """What stood behind each reason."""
    return {f.fail.reason: f.fail.code for f in users.stream.failures.values()}


# nobody there


@pytest.mark.parametrize(
    "url, reason, code",
    [
        ("http://shop.example.com/other", "404", "no-route"),
        ("http://gone.example.com/", "503", "no-service"),
        ("http://empty.example.com/", "503", "no-endpoints"),
        ("http://node-a:31999/", "connection refused", "no-node-port"),
    ],
)
def test_what_leads_nowhere_fails_at_once(url, reason, code):
    board = Board(nodes=2)
    board.app("web")
    board.app("empty", replicas=0)
    board.route("shop.example.com", "web", "/web")
    board.route("gone.example.com", "missing")
    board.route("empty.example.com", "empty")
    board.settle()
    users = board.users(url=url)
    board.tick(5)
    assert (codes(users), users.stream.failed, users.stream.served) == ({reason: code}, users.stream.sent, 0)


def test_a_port_on_which_nothing_listens_refuses_behind_a_proxy_that_is_a_502():
    board = shop(target=9999)
    users = board.users()
    board.tick(3)
    assert codes(users) == {"502": "refused"}


def test_without_an_ingress_controller_outside_names_refuse_connections():
    board = shop()
    board.client.patch(Deployment, "ingress-nginx", "ingress-nginx-controller", {"spec": {"replicas": 0}})
    board.tick(20)
    users = board.users()
    board.tick(3)
    assert codes(users) == {"connection refused": "no-endpoints"}


# silence


def black_hole(timeout_s: int):
    """One of two nodes goes dark; its Pod keeps its half of the requests until the cluster knows."""
    board = shop()
    users = board.users(rate=40, timeout_us=timeout_s * 1_000_000)
    board.tick(5)
    board.cluster.hand.isolate(board.list(Pod)[0].spec.node_name)
    start = board.now
    board.tick(30)
    return users, start


@pytest.mark.parametrize("timeout", [1, 2, 4])
def test_in_a_black_hole_a_request_fails_when_its_user_stops_waiting(timeout):
    users, start = black_hole(timeout)
    failed = by_tick(users, start)
    assert failed[:timeout] == [0] * timeout
    assert all(n > 5 for n in failed[timeout:])
    assert codes(users) == {"timed out": "black-hole"}


def test_about_half_of_the_requests_meet_the_half_that_is_dark():
    users, start = black_hole(1)
    sent = sum(s.sent for s in users.stream.samples if start <= s.tick < start + 29)
    assert abs(sum(by_tick(users, start)) - sent / 2) < 10


def test_after_the_grace_period_nobody_is_sent_there_any_more():
    board = shop()
    users = board.users(rate=40, timeout_us=1_000_000)
    board.cluster.hand.isolate(board.list(Pod)[0].spec.node_name)
    start = board.now
    board.tick(90)
    assert 50 <= max(s.tick for s in users.stream.samples if s.failed) - start <= 62


# too much


def test_beyond_its_capacity_a_station_refuses_what_does_not_fit_into_its_queue():
    """2.5 requests a second, and four may wait."""
    board = shop(replicas=1, image="test/app:slow", probe=False)
    users = board.users(rate=20, timeout_us=30_000_000)
    board.tick(60)
    assert (codes(users), in_flight(board) <= 5) == ({"503": "overload"}, True)
    assert 140 <= users.stream.served <= 150


def test_who_waits_longer_than_he_would_has_failed_though_the_work_is_done():
    """Five requests are inside, each takes 0.4 s: the last waits two seconds."""
    board = shop(replicas=1, image="test/app:slow", probe=False)
    users = board.users(rate=20, timeout_us=1_000_000)
    board.tick(30)
    assert codes(users) == {"503": "overload", "timed out": "slow"}


def test_a_backlog_dies_with_its_container():
    board = shop(replicas=1, image="test/app:slow", probe=False)
    users = board.users(rate=20, timeout_us=30_000_000)
    board.tick(20)
    waiting = in_flight(board)
    users.paused = True
    board.cluster.hand.kill_container("default", board.list(Pod)[0].metadata.name)
    board.tick()
    assert waiting >= 4
    assert users.stream.reasons["502"] == waiting


def test_what_waits_on_a_machine_that_loses_power_hears_nothing():
    board = shop(replicas=1, image="test/app:slow", probe=False)
    users = board.users(rate=20, timeout_us=6_000_000)
    board.tick(20)
    waiting = in_flight(board)
    users.paused = True
    board.cluster.hand.crash(board.list(Pod)[0].spec.node_name)
    board.tick(3)
    assert in_flight(board) == waiting
    board.tick(4)
    assert (in_flight(board), users.stream.reasons["timed out"]) == (0, waiting)


# calls


def chain(*calls: str, failure: int = 502, timeout: str = "2s", **back) -> Board:
    """web calls back."""
    board = Board(images=[image("front", *(calls or ("http://back/",)), failure=failure, timeout=timeout)])
    board.app("web", 2, "test/front")
    board.app("back", **back)
    board.route("shop.example.com", "web")
    board.settle()
    return board


def test_a_call_that_fails_fails_its_caller_with_the_status_of_the_image():
    board = chain(image="test/app:bad", failure=503, probe=False)
    users = board.users()
    board.tick(3)
    fail = next(iter(users.stream.failures.values())).fail
    kinds = [(kind, name.split("-")[0]) for kind, _, name in fail.way]
    assert (fail.reason, fail.code) == ("503", "answer")
    assert kinds == [("Ingress", "web"), ("Service", "web"), ("Pod", "web"), ("Service", "back"), ("Pod", "back")]


def test_a_caller_that_does_not_mind_answers_all_the_same():
    board = chain(image="test/app:bad", failure=0)
    users = board.users()
    board.tick(3)
    assert users.stream.served == users.stream.sent


@pytest.mark.parametrize(
    "host, code", [("nobody", "dns"), ("back:81", "no-service-port"), ("10.96.7.7", "no-such-address")]
)
def test_a_call_to_nowhere(host, code):
    board = chain(f"http://{host}/")
    users = board.users()
    board.tick(3)
    assert codes(users) == {"502": code}


def test_calls_by_name_fail_while_dns_does_not_answer():
    board = chain()
    board.scale_dns(0)
    users = board.users(rate=5)
    board.tick(10)
    assert (codes(users), users.stream.served) == ({"502": "dns-down"}, 0)


def test_a_call_to_a_service_by_its_address_needs_no_dns():
    board = Board(images=[image("front", "http://10.96.0.50/")])
    board.app("web", 1, "test/front")
    board.app("back", clusterIP="10.96.0.50")
    board.route("shop.example.com", "web")
    board.settle()
    board.scale_dns(0)
    users = board.users()
    board.tick(5)
    assert users.stream.served == users.stream.sent


def test_a_caller_stops_waiting_for_a_call_after_its_own_time_out():
    """The callee takes 0.4 s, the caller waits 0.2."""
    board = chain(image="test/app:slow", failure=504, timeout="200ms", replicas=8, probe=False)
    users = board.users(rate=8)
    board.tick(10)
    assert codes(users) == {"504": "slow"}


def test_what_is_stuck_in_a_callee_fails_when_its_caller_gives_up_not_when_the_user_does():
    board = chain(image="test/app:slow", failure=504, timeout="1s", replicas=1, probe=False)
    users = board.users(rate=20, timeout_us=30_000_000)
    board.tick(30)
    assert users.stream.reasons["504"] > 100
    assert in_flight(board) <= 20


def test_a_sidecar_is_asked_on_localhost():
    own = image("front", "http://localhost:5678/")
    board = Board(images=[own])
    side = {"name": "side", "image": "hashicorp/http-echo:1.0", "args": ["-text=hi"]}
    made = {"name": "web", "image": "test/front"}
    board.app("web", 1, pod={"containers": [made, side]}, probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users()
    board.tick(5)
    assert users.stream.served == users.stream.sent > 0


def test_applications_that_call_each_other_in_a_circle_answer():
    board = Board(images=[image("ring", "http://gnir/a"), image("gnir", "http://ring/b")])
    board.app("ring", 2, "test/ring")
    board.app("gnir", 2, "test/gnir")
    board.route("shop.example.com", "ring")
    board.settle()
    users = board.users()
    board.tick(10)
    users.paused = True
    board.tick()
    assert users.stream.served == users.stream.sent > 0
    assert users.stream.last.percentile(950) < 50_000


def test_a_service_that_is_deleted_takes_its_callers_along():
    board = chain()
    users = board.users()
    board.tick(3)
    board.delete(Service, "back")
    board.tick(5)
    assert codes(users) == {"502": "dns"}


def test_a_call_that_hangs_fails_when_its_time_is_over():
    """Four seconds, neither less nor twice as much, although it holds its server until then."""
    text = APP.replace("concurrency: 16", "concurrency: 64", 1)
    board = Board(images=[image("front", "http://back/", text=text, timeout="4s")])
    board.app("web", 2, "test/front")
    board.app("back", 1)
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users(rate=10, timeout_us=10_000_000)
    board.tick(5)
    sent = [users.stream.sent]
    (back,) = [p.metadata.name for p in board.list(Pod) if p.metadata.name.startswith("back")]
    board.cluster.hand.ail("default", back, hangs=True, errors_pm=0, spare_probes=True)
    failed = []
    for _ in range(12):
        board.tick()
        sent.append(users.stream.sent)
        failed.append(users.stream.failed)
    assert failed[:4] == [0] * 4
    assert all(before <= sent[0] + n <= after for before, n, after in zip(sent, failed[4:], sent[1:], strict=False))


def test_a_pod_that_is_no_endpoint_any_more_works_its_queue_off_no_faster_than_before():
    board = Board(images=[image("front", "http://back/", timeout="1s")])
    board.app("web", 1, "test/front")
    board.app("back", 1)
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users(rate=40, timeout_us=30_000_000)
    (back,) = [p.metadata.name for p in board.list(Pod) if p.metadata.name.startswith("back")]
    board.cluster.hand.ail("default", back, hangs=True, errors_pm=0, spare_probes=True)
    board.tick(6)
    (station,) = [s for s in board.cluster.traffic.stations.values() if s.pod[2].startswith("web")]
    waiting, served = station.backlog.total, users.stream.served
    board.patch(Service, "web", {"spec": {"selector": {"app": "nobody"}}})
    board.tick(4)
    assert not station.legs
    assert waiting - 16 * 4 <= station.backlog.total < waiting  # 16 servers, each held for a second
    assert users.stream.served == served


# some of what is called


@pytest.mark.parametrize("callers", [1, 3, 10])
def test_as_many_fail_as_what_they_call_fails_however_many_call_it(callers):
    board = Board(nodes=2, images=(image("web", "http://api/"),))
    board.app("api", 2)
    board.app("web", callers, "test/web")
    board.route("shop.example.com", "web")
    board.settle()
    for machine in board.cluster.world.machines.values():
        for container in machine.runtime.containers.values():
            if container.config.image == "test/app":
                machine.runtime.ail(container.id, Ailment(errors_pm=20), board.now)
    users = board.users(rate=100)
    board.tick(60)
    assert users.stream.failed == pytest.approx(users.stream.sent * 0.02, rel=0.05)
    assert codes(users) == {"502": "answer"}

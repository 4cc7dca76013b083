"""Message queues in whole clusters: who publishes, who works, what is kept, and what is lost with whom."""

import copy
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubesim_tui.api.types import Deployment, Pod
from kubesim_tui.cluster.addresses import POD
from kubesim_tui.traffic.flow import Flow
from kubesim_tui.traffic.histogram import EDGES
from tests.boards import APP, Board, image

WORKER: dict[str, Any] = {
    "start": "200ms",
    "ready": "300ms",
    "memory": {"base": "10Mi"},
    "stop": {"after": "100ms", "code": 0},
}
JOBS: dict[str, Any] = {"queue": "jobs", "service": "20ms", "scv": 0, "concurrency": 2}


def worker(name: str = "worker", to: str = "redis://broker", **more: Any) -> tuple[str, str]:
    """An image that takes jobs: 100 a second, unless it is told otherwise."""
    program = {**WORKER, "consumes": [{"to": to, **JOBS, **more}]}
    described = {
        "repositories": [f"docker.io/test/{name}"],
        "size": "1Mi",
        "entrypoint": ["w"],
        "programs": {"w": program},
    }
    return f"{name}.yaml", yaml.safe_dump(described)


def publisher(name: str = "front", to: str = "redis://broker", **more: Any) -> tuple[str, str]:
    """An image that publishes a job with each request."""
    calls = yaml.safe_dump(
        [{"to": to, "queue": "jobs", "failure": 500, "timeout": "2s", **more}], default_flow_style=True
    )
    return image(name, text=APP.replace("CALLS", calls.strip()))


REDIS = {"image": "redis:7", "port": 6379, "target": 6379, "probe": False}
RABBIT = {"image": "rabbitmq:3", "port": 5672, "target": 5672, "probe": False}


def board(
    *,
    workers: int = 1,
    rate: float = 40,
    rabbit: bool = False,
    broker: dict[str, Any] | None = None,
    more: list[tuple[str, str]] | None = None,
    publishes: dict[str, Any] | None = None,
    **job: Any,
) -> Board:
    """front publishes what users ask for in a broker; workers take it."""
    to = "amqp://broker" if rabbit else "redis://broker"
    made = Board(nodes=3, images=[publisher(to=to, **(publishes or {})), worker(to=to, **job), *(more or [])])
    made.app("broker", 1, **{**(RABBIT if rabbit else REDIS), **(broker or {})})
    made.app("front", 2, "test/front")
    made.app("worker", workers, "test/worker", probe=False, service=False)
    made.route("shop.example.com", "front")
    made.settle(40 if rabbit else 30)
    made.users(rate=rate, timeout_us=3_000_000)
    return made


def flow(of: Board) -> Flow:
    return next(iter(of.cluster.traffic.queues.flows.values()))


def exact(of: Board) -> None:
    """Published = acknowledged + lost + waiting + in work, over the lives of all brokers and in each of them."""
    for one in of.cluster.traffic.queues.flows.values():
        known = one.stream
        assert known.sent == known.served + known.failed + one.ready + one.unacknowledged
        for queue in one.queues:
            assert queue.published == queue.acknowledged + queue.depth + sum(queue.lost.values())


def pods(of: Board, app: str) -> list[str]:
    return [
        p.metadata.name for p in of.list(Pod) if p.metadata.name.startswith(app) and not p.metadata.deletion_timestamp
    ]


def tell_to_end(of: Board, app: str) -> None:
    """SIGTERM to a container; its kubelet starts another one in the same Pod."""
    for machine in of.cluster.world.machines.values():
        for container in list(machine.runtime.containers.values()):
            if container.sandbox.labels.get(POD) == pods(of, app)[0] and container.exit_code is None:
                machine.runtime.stop(container.id, 30, of.now)


def kill(of: Board, app: str) -> None:
    of.cluster.hand.kill_container("default", pods(of, app)[0])


# the normal course


def test_each_served_request_is_a_message_and_each_message_is_worked_on():
    made = board()
    made.tick(60)
    known, users = flow(made).stream, made.cluster.traffic.streams["web"].stream
    exact(made)
    assert (known.sent, known.failed) == (users.served, 0)
    assert known.in_flight <= 4
    assert flow(made).age(made.now) <= 1


def test_a_queue_grows_by_what_its_workers_cannot_do():
    made = board(rate=150)
    made.tick(60)
    exact(made)
    assert flow(made).stream.served == pytest.approx(60 * 100, rel=0.02)
    assert flow(made).ready == pytest.approx(60 * 50, rel=0.1)
    assert flow(made).age(made.now) == pytest.approx(20, abs=3)
    made.patch(Deployment, "worker", {"spec": {"replicas": 3}})
    made.tick(90)
    exact(made)
    assert flow(made).stream.in_flight < 20


def test_nobody_works_without_workers_and_messages_wait():
    made = board(workers=0, rate=20)
    made.tick(30)
    exact(made)
    assert (flow(made).stream.served, flow(made).ready) == (0, flow(made).stream.sent)
    assert 28 <= flow(made).age(made.now) <= 31


def test_workers_that_write_into_a_database_are_as_fast_as_it_is():
    slow = image("db", text=APP.replace("CALLS", "[]").replace("service: 5ms, scv: 500", "service: 180ms, scv: 0"))
    made = board(rate=30, more=[slow], calls=[{"to": "http://db/", "timeout": "10s"}])
    made.app("db", 1, "test/db")
    made.tick(60)
    exact(made)
    rate = flow(made).stream.samples
    done = sum(sample.served for sample in list(rate)[-20:])
    assert done == pytest.approx(20 * 2 / 0.2, rel=0.1)  # two at a time, each 200 ms


# waiting


@pytest.mark.parametrize(("workers", "servers", "load"), [(1, 1, 0.5), (1, 4, 0.7), (4, 1, 0.7)])
def test_the_time_to_acknowledgement_is_that_of_one_queue_before_all_servers(workers, servers, load):
    """M/M/c: Erlang's C formula, whether c servers are in one worker or in several."""
    service, total = 0.1, workers * servers
    made = board(workers=workers, rate=load * total / service, service="100ms", scv=1000, concurrency=servers)
    made.tick(60)
    made.cluster.traffic.reset()
    made.tick(600)
    seen = flow(made).stream
    offered, blocked = load * total, 1.0
    for n in range(1, total + 1):
        blocked = offered * blocked / (n + offered * blocked)
    waits = blocked / (1 - load * (1 - blocked))
    theory = service + waits * service / (total * (1 - load))
    middles = [(a + b) / 2 for a, b in zip((0, *EDGES), (*EDGES, EDGES[-1]), strict=True)]
    mean = sum(n * middle for n, middle in zip(seen.histogram, middles, strict=True)) / seen.served / 1e6
    assert mean == pytest.approx(theory, rel=0.15)


# who dies


def test_what_a_killed_worker_had_not_acknowledged_is_worked_on_by_others():
    made = board(workers=2, rate=8, service="2s", concurrency=10)
    made.tick(20)
    kill(made, "worker")
    made.tick(1)
    exact(made)
    assert flow(made).redelivered > 0
    made.tick(30)
    exact(made)
    assert flow(made).stream.failed == 0


def test_without_acknowledgements_it_is_lost():
    made = board(workers=2, rate=8, service="2s", concurrency=10, acknowledge=False)
    made.tick(20)
    kill(made, "worker")
    made.tick(30)
    exact(made)
    assert list(flow(made).stream.reasons) == ["consumer-died"]
    assert 0 < flow(made).stream.failed <= 10


def test_a_killed_redis_has_lost_its_lists_and_one_that_was_told_to_end_has_not_if_it_has_a_volume():
    volume = {
        "container": {"volumeMounts": [{"name": "data", "mountPath": "/data"}]},
        "pod": {"volumes": [{"name": "data", "emptyDir": {}}]},
    }
    found = {}
    for name, orderly in (("killed", False), ("told", True)):
        made = board(workers=0, rate=20, broker=volume)
        made.tick(20)
        if orderly:
            tell_to_end(made, "broker")
        else:
            kill(made, "broker")
        made.tick(30)
        exact(made)
        found[name] = flow(made).stream.reasons
    assert found["killed"] == {"broker-died": found["killed"]["broker-died"]}
    assert found["told"] == {}


def test_a_message_whose_database_is_down_is_given_back_and_written_later():
    made = board(rate=10, more=[image("db")], calls=[{"to": "http://db/", "timeout": "1s"}])
    made.tick(20)
    exact(made)
    assert (flow(made).stream.served, flow(made).trouble.code) == (0, "dns")
    made.app("db", 1, "test/db")
    made.tick(40)
    exact(made)
    assert (flow(made).stream.failed, flow(made).stream.in_flight < 5) == (0, True)


# whatever happens

EVENTS = st.sampled_from(
    ["worker", "broker", "front", "delete", "crash", "recover", "isolate", "rejoin", "scale", "no"]
)


def strike(made: Board, event: str, number: int) -> None:
    hand, node = made.cluster.hand, f"node-{'abc'[number % 3]}"
    match event:
        case "worker" | "broker" | "front":
            if pods(made, event):
                kill(made, event)
        case "delete":
            hand.delete_pod("default", made.list(Pod)[number % len(made.list(Pod))].metadata.name)
        case "crash":
            hand.crash(node)
        case "recover":
            hand.recover(node)
        case "isolate":
            hand.isolate(node)
        case "rejoin":
            hand.rejoin(node)
        case "scale":
            made.patch(Deployment, "worker", {"spec": {"replicas": number % 4}})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([3, 40, 400]),
    st.booleans(),
    st.sampled_from(["requeue", "drop", "retry"]),
    st.sampled_from(["20ms", "3s"]),
    st.sampled_from([False, True]),
    st.lists(st.tuples(EVENTS, st.integers(0, 11), st.integers(1, 12)), max_size=8),
)
def test_no_message_is_lost_from_the_account_and_a_copy_goes_on_alike(rate, acks, failed, service, rabbit, events):
    made = board(
        workers=2,
        rate=rate,
        rabbit=rabbit,
        service=service,
        scv=1000,
        acknowledge=acks,
        failed=failed,
        heartbeat="10s",
        more=[image("db")],
        calls=[{"to": "http://db/", "timeout": "1s"}],
    )
    made.app("db", 1, "test/db")
    for event, number, ticks in events:
        strike(made, event, number)
        for _ in range(ticks):
            made.tick()
            exact(made)
    other = copy.deepcopy(made)
    for one in (made, other):
        strike(one, "worker", 1)
        one.tick(15)
        exact(one)
    assert made.cluster.digest == other.cluster.digest

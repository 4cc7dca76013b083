"""Message queues in whole clusters: who publishes, who works, what is kept, and what is lost with whom."""

import copy
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubesim_tui.api.labels import parse
from kubesim_tui.api.types import Deployment, Pod
from kubesim_tui.cluster.addresses import POD
from kubesim_tui.traffic.flow import Flow
from kubesim_tui.traffic.histogram import EDGES
from tests.boards import APP, Board, image
from tests.traffic.test_policies import policy

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
NATS = {"image": "nats:2", "port": 4222, "target": 4222, "probe": False}
RABBIT = {"image": "rabbitmq:3", "port": 5672, "target": 5672, "probe": False}


def board(
    *,
    workers: int = 1,
    rate: float = 40,
    rabbit: bool = False,
    broker: dict[str, Any] | None = None,
    more: list[tuple[str, str]] | None = None,
    publishes: dict[str, Any] | None = None,
    to: str = "",
    **job: Any,
) -> Board:
    """front publishes what users ask for in a broker; workers take it."""
    to = to or ("amqp://broker" if rabbit else "redis://broker")
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


def said(of: Board, *command: str) -> list[str]:
    """What a command in the broker's container prints."""
    for machine in of.cluster.world.machines.values():
        for container in machine.runtime.containers.values():
            if container.sandbox.labels.get(POD) == pods(of, "broker")[0] and container.exit_code is None:
                return machine.runtime.exec(container.id, command, of.now).stdout.splitlines()
    return []


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


@pytest.mark.parametrize(("drains", "lost"), [(False, True), (True, False)])
def test_a_worker_that_drains_finishes_what_it_has_in_hand(drains, lost):
    text = worker(service="2s", concurrency=10, acknowledge=False)[1]
    if drains:
        text = text.replace("after: 100ms", "after: 6s\n      drains: true")
    made = board(workers=2, rate=8, more=[("worker.yaml", text)])
    made.tick(20)
    made.delete(Pod, pods(made, "worker")[0])
    made.tick(40)
    exact(made)
    assert (flow(made).stream.failed > 0) == lost


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


def test_a_queue_on_a_volume_outlives_a_killed_broker_and_one_in_a_container_does_not():
    volume = {
        "container": {"volumeMounts": [{"name": "data", "mountPath": "/var/lib/rabbitmq"}]},
        "pod": {"volumes": [{"name": "data", "emptyDir": {}}]},
    }
    found = {}
    for name, where in (("volume", volume), ("container", {})):
        made = board(workers=0, rate=20, rabbit=True, broker=where)
        made.tick(20)
        waited = flow(made).ready
        kill(made, "broker")
        made.tick(60)
        exact(made)
        found[name] = dict(flow(made).stream.reasons)
        assert waited > 300
    assert (found["volume"], list(found["container"])) == ({}, ["broker-died"])


def test_a_worker_whose_machine_is_cut_off_keeps_its_messages_until_the_broker_gives_it_up():
    made = board(workers=3, rate=10, service="2s", concurrency=10, heartbeat="20s")
    made.tick(20)
    broker = made.get(Pod, pods(made, "broker")[0]).spec.node_name
    node = next(n for w in pods(made, "worker") if (n := made.get(Pod, w).spec.node_name) != broker)
    made.cluster.hand.isolate(node)
    made.tick(10)
    exact(made)
    assert flow(made).redelivered == 0
    made.tick(25)
    exact(made)
    assert flow(made).redelivered > 0


def test_a_policy_between_worker_and_broker_lets_messages_wait():
    made = board(rate=20)
    made.tick(10)
    front = {"from": [{"podSelector": {"matchLabels": {"app": "front"}}}]}
    policy(made, app="broker", policyTypes=["Ingress"], ingress=[front])
    made.tick(20)
    exact(made)
    assert flow(made).ready > 300
    consumer = next(iter(made.cluster.traffic.queues.consumers.values()))
    assert consumer.barred is not None
    assert consumer.barred.code == "policy"


def test_a_worker_that_hangs_keeps_what_it_has_in_hand_and_takes_no_more():
    made = board(rate=10, concurrency=3)
    made.tick(10)
    made.cluster.hand.ail("default", pods(made, "worker")[0], hangs=True, errors_pm=0, spare_probes=True)
    made.tick(1)
    done = flow(made).stream.served
    made.tick(20)
    exact(made)
    assert (flow(made).stream.served - done, flow(made).stream.failed) == (0, 0)
    kill(made, "worker")
    made.tick(30)
    exact(made)
    assert flow(made).stream.in_flight < 10


@pytest.mark.parametrize(("failed", "lost"), [("drop", True), ("retry", False)])
def test_a_worker_of_which_a_third_fails_drops_messages_or_tries_them_again(failed, lost):
    made = board(rate=20, failed=failed)
    made.cluster.hand.ail("default", pods(made, "worker")[0], hangs=False, errors_pm=333, spare_probes=True)
    made.tick(60)
    exact(made)
    stream = flow(made).stream
    assert stream.failed == pytest.approx(stream.sent / 3 if lost else 0, rel=0.1)
    assert stream.in_flight < 30  # those that failed are tried again a second later


# limits


def test_a_broker_without_workers_runs_out_of_memory_and_loses_what_it_held():
    limit = {"container": {"resources": {"limits": {"memory": "12Mi"}}}}
    made = board(workers=0, rate=800, broker=limit)
    made.tick(60)
    exact(made)
    assert set(flow(made).stream.reasons) == {"broker-died"}
    status = made.get(Pod, pods(made, "broker")[0]).status.container_statuses[0]
    assert status.last_state.terminated.reason == "OOMKilled"


def test_with_maxmemory_redis_refuses_before_that():
    command = {"command": ["redis-server", "--maxmemory", "9mb"], "resources": {"limits": {"memory": "16Mi"}}}
    made = board(workers=0, rate=800, broker={"container": command})
    made.tick(60)
    exact(made)
    users = made.cluster.traffic.streams["web"].stream
    assert (flow(made).stream.failed, flow(made).ready) == (0, (1 << 20) // 128)
    assert users.reasons == {"500": users.failed}
    assert abs(flow(made).refused - users.failed) <= 1  # one may be under way in the second in which it is full


@pytest.mark.parametrize(("flags", "kept"), [([], False), (["-js"], True)])
def test_nats_keeps_nothing_for_who_is_not_there_unless_it_streams(flags, kept):
    made = board(workers=0, rate=20, broker={**NATS, "container": {"args": flags}}, to="nats://broker")
    made.tick(10)
    exact(made)
    stream = flow(made).stream
    assert (stream.in_flight == stream.sent, list(stream.reasons)) == (kept, [] if kept else ["no-consumers"])
    made.patch(Deployment, "worker", {"spec": {"replicas": 1}})
    made.tick(20)
    served = stream.served
    made.tick(10)
    exact(made)
    assert stream.served - served > 150


def test_a_group_of_kafka_lags_behind():
    kafka = {"image": "apache/kafka:4.0.0", "port": 9092, "target": 9092, "probe": False}
    made = board(workers=0, rate=20, broker=kafka, to="kafka://broker")
    made.tick(10)
    command = ("kafka-consumer-groups.sh", "--bootstrap-server", "localhost:9092", "--describe", "--group", "jobs")
    *_, head, row = said(made, *command)
    came = str(flow(made).stream.sent)
    assert head.split() == ["GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG"]
    assert row.split() == ["jobs", "jobs", "0", "0", came, came]


def test_what_workers_ask_for_is_seen_on_the_board():
    made = board(rate=20, more=[image("db")], calls=[{"to": "http://db/", "timeout": "1s"}])
    made.app("db", 1, "test/db")
    made.tick(40)
    rates = {service.ref.name: service.rate for service in made.cluster.picture().services}
    assert rates["db"] >= 10


@pytest.mark.parametrize("overflow", ["", "reject-publish"])
def test_who_declares_a_queue_of_rabbitmq_may_limit_its_length(overflow):
    arguments = {"x-max-length": 100, **({"x-overflow": overflow} if overflow else {})}
    made = board(workers=0, rate=40, rabbit=True, publishes={"arguments": arguments})
    made.tick(20)
    exact(made)
    users = made.cluster.traffic.streams["web"].stream
    assert flow(made).ready == 100
    assert (users.failed > 0, list(flow(made).stream.reasons)) == ((True, []) if overflow else (False, ["maxlen"]))


# chains, clients, autoscaling


def test_who_works_on_messages_may_publish_others():
    second = worker("second", queue="letters")
    made = board(rate=20, more=[second], calls=[{"to": "redis://broker", "queue": "letters"}])
    made.app("second", 1, "test/second", probe=False, service=False)
    made.tick(60)
    exact(made)
    broker, flows = ("Service", "default", "broker"), made.cluster.traffic.queues.flows
    jobs, letters = flows[broker, "jobs"], flows[broker, "letters"]
    assert letters.stream.sent == pytest.approx(jobs.stream.served, abs=25)
    assert letters.stream.in_flight < 60  # they are dealt out a second later


def test_clients_of_brokers_tell_what_waits():
    made = board(workers=0, rate=20, rabbit=True)
    made.tick(10)
    assert said(made, "rabbitmqctl", "list_queues", "-q", "name", "messages_ready", "consumers") == [
        "name\tmessages_ready\tconsumers",
        f"jobs\t{flow(made).ready}\t0",
    ]
    redis = board(workers=0, rate=20)
    redis.tick(10)
    assert said(redis, "redis-cli", "llen", "jobs") == [str(flow(redis).ready)]
    assert said(redis, "redis-cli", "lpush", "jobs", "a", "b") == [str(flow(redis).ready)]
    redis.tick()
    exact(redis)
    assert said(redis, "redis-cli", "del", "jobs") == ["1"]
    redis.tick()
    exact(redis)
    assert flow(redis).stream.reasons["purged"] > 100


def test_a_service_is_measured_by_the_queues_behind_it():
    made = board(workers=0, rate=20)
    made.tick(10)
    about = {"kind": "Service", "apiVersion": "v1", "name": "broker"}
    metrics = made.cluster.metrics
    (told,) = metrics.custom_object("default", about, "redis_list_length", parse("key=jobs"))
    assert told["value"] == str(flow(made).ready)
    assert metrics.custom_object("default", about, "redis_list_length", parse("key=mail"))[0]["value"] == "0"


def test_an_autoscaler_follows_the_length_of_a_queue():
    made = board(rate=250)
    metric = {
        "type": "External",
        "external": {
            "metric": {"name": "rabbitmq_queue_messages_ready", "selector": {"matchLabels": {"queue": "jobs"}}},
            "target": {"type": "AverageValue", "averageValue": "500"},
        },
    }
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "worker"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 6, "metrics": [metric]}
    meta = {"name": "worker"}
    made.create({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": spec})
    made.tick(120)
    exact(made)
    assert len(pods(made, "worker")) >= 3
    made.tick(200)
    exact(made)
    assert flow(made).ready < 3000


# whatever happens

EVENTS = st.sampled_from(
    [
        "worker",
        "broker",
        "front",
        "delete",
        "crash",
        "recover",
        "isolate",
        "rejoin",
        "scale",
        "hang",
        "err",
        "heal",
        "no",
    ]
)
BROKERS: dict[str, dict[str, Any]] = {
    "redis": {},
    "rabbitmq": {"rabbit": True},
    "nats": {"broker": NATS, "to": "nats://broker"},
}


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
        case "hang" | "err" | "heal":
            for name in pods(made, "worker")[:1]:
                errors = 400 if event == "err" else 0
                hand.ail("default", name, hangs=event == "hang", errors_pm=errors, spare_probes=True)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([3, 40, 400]),
    st.booleans(),
    st.sampled_from(["requeue", "drop", "retry"]),
    st.sampled_from(["20ms", "3s"]),
    st.sampled_from(sorted(BROKERS)),
    st.lists(st.tuples(EVENTS, st.integers(0, 11), st.integers(1, 12)), max_size=8),
)
def test_no_message_is_lost_from_the_account_and_a_copy_goes_on_alike(rate, acks, failed, service, broker, events):
    made = board(
        workers=2,
        rate=rate,
        **BROKERS[broker],
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

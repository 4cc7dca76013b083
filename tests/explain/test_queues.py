"""Why messages wait, and why they are lost: what the explanation of a broker and of its workers ends at."""

from typing import Any

import pytest

from kubesim_tui.api.types import Deployment
from kubesim_tui.explain.chain import Chain
from kubesim_tui.explain.thing import thing_not_well
from tests.boards import APP, Board, image
from tests.explain.test_requests import whole
from tests.traffic.test_policies import policy
from tests.traffic.test_queues import board, kill, pods

BROKER, WORKER, DB = [("Deployment", "default", name) for name in ("broker", "worker", "db")]


def why(made: Board, about: tuple[str, str, str]) -> Chain | None:
    chain = thing_not_well(made.evidence(), about)
    if chain is not None:
        whole(chain)
    return chain


def ends(made: Board, about: tuple[str, str, str]) -> tuple[Any, ...]:
    chain = why(made, about)
    assert chain is not None
    return chain.cause, chain.object


def test_a_queue_that_is_worked_off_is_well():
    made = board()
    made.tick(30)
    assert [why(made, about) for about in (BROKER, WORKER, ("Service", "default", "broker"))] == [None, None, None]


def test_too_few_workers():
    made = board(rate=150)
    made.tick(60)
    for about in (BROKER, WORKER, ("Service", "default", "broker")):
        assert ends(made, about) == ("too-few-consumers", WORKER)


def test_nobody_takes_them():
    made = board(workers=0)
    made.tick(30)
    assert ends(made, BROKER) == ("no-consumers", ("Service", "default", "broker"))


def test_workers_that_were_scaled_to_zero():
    made = board()
    made.tick(10)
    made.patch(Deployment, "worker", {"spec": {"replicas": 0}})
    made.tick(30)
    assert ends(made, BROKER) == ("scaled-to-zero", WORKER)


def test_workers_that_crash():
    made = board()
    made.tick(10)
    template = {"spec": {"containers": [{"name": "worker", "command": ["false"]}]}}
    strategy = {"type": "Recreate", "rollingUpdate": None}
    made.patch(Deployment, "worker", {"spec": {"template": template, "strategy": strategy}})
    made.tick(60)
    assert ends(made, BROKER)[0] == "crash-loop"


def test_a_policy_between_worker_and_broker():
    made = board(rate=20)
    made.tick(10)
    front = {"from": [{"podSelector": {"matchLabels": {"app": "front"}}}]}
    policy(made, app="broker", policyTypes=["Ingress"], ingress=[front])
    made.tick(30)
    for about in (BROKER, WORKER):
        assert ends(made, about) == ("network-policy", ("NetworkPolicy", "default", "deny"))


def test_a_database_that_is_not_there():
    made = board(rate=10, more=[image("db")], calls=[{"to": "http://db/", "timeout": "1s"}])
    made.tick(30)
    assert ends(made, WORKER)[0] == "dns-name"


def test_a_database_that_is_slow():
    slow = image("db", text=APP.replace("CALLS", "[]").replace("service: 5ms, scv: 500", "service: 180ms, scv: 0"))
    made = board(rate=30, more=[slow], calls=[{"to": "http://db/", "timeout": "10s"}])
    made.app("db", 1, "test/db")
    made.tick(60)
    assert ends(made, BROKER) == ("slow", DB)


def test_workers_that_hang():
    made = board(rate=20)
    made.cluster.hand.ail("default", pods(made, "worker")[0], hangs=True, errors_pm=0, spare_probes=True)
    made.tick(30)
    for about in (BROKER, WORKER):
        assert ends(made, about) == ("hangs", WORKER)


def test_workers_at_their_limit():
    made = board(workers=0, rate=60, cpu="15ms")
    limits = {"resources": {"limits": {"cpu": "300m"}}}
    made.app("worker-b", 1, "test/worker", probe=False, service=False, container=limits)
    made.tick(60)
    assert ends(made, BROKER) == ("cpu-limit", ("Deployment", "default", "worker-b"))


@pytest.mark.parametrize(
    ("acks", "dies", "cause", "about"),
    [(False, "worker", "lost-with-worker", WORKER), (True, "broker", "lost-with-broker", BROKER)],
)
def test_messages_that_are_lost(acks, dies, cause, about):
    made = board(workers=2, rate=8, service="2s", concurrency=10, acknowledge=acks)
    made.tick(20)
    kill(made, dies)
    made.tick(8)
    assert ends(made, BROKER) == (cause, about)

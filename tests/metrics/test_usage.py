"""What Pods and nodes use, as the metrics APIs tell it."""

import pytest

from kubesim_tui.api.labels import EVERYTHING, parse
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.metrics.adapter import Metrics
from kubesim_tui.metrics.server import SYSTEM_BYTES, SYSTEM_MILLI
from kubesim_tui.metrics.usage import container_usage, scrape
from tests.kubelet.rig import Rig

MIB = 1 << 20
QUARTER = 15


def cluster(ticks=3 * QUARTER):
    r = Rig()
    r.pod("idle", metadata={"labels": {"app": "idle"}})
    r.pod("busy", resources={"limits": {"cpu": "300m"}})
    r.tick(ticks)
    return r, Metrics(r.etcd, r.world.machines)


def load(r, cpu_us, requests=9):
    """What traffic put on the newest container in the last second."""
    r.world.machines["node-a"].runtime.load(
        r.container().id, r.engine.clock.tick - 1, requests=requests, memory_bytes=2 * MIB, cpu_us=cpu_us
    )


def usage(metrics, name):
    found = next(m for m in metrics.pod_metrics() if m["metadata"]["name"] == name)
    return found["containers"][0]["usage"]["cpu"]


def test_usage_of_the_last_second():
    """What requests cost, and no more than the limit lets through; memory at rest and that of requests."""
    r, _ = cluster()
    now = r.engine.clock.tick
    idle = container_usage(r.container(), now)
    load(r, 120_000)
    assert container_usage(r.container(), now) == (idle[0] + 120, idle[1] + 2 * MIB)
    load(r, 900_000)
    assert container_usage(r.container(), now)[0] == 300


def test_the_metrics_server_sees_the_last_full_quarter_of_a_minute():
    r, metrics = cluster()
    for _ in range(QUARTER):
        r.tick()
        load(r, 150_000)
    assert usage(metrics, "busy") == "150m"
    for _ in range(QUARTER - 1):
        r.tick()
        assert usage(metrics, "busy") == "150m"
    r.tick()
    assert usage(metrics, "busy") == "0m"


def test_a_young_container_has_no_metrics():
    """It must have run for 10 s when it is scraped; then the window is as long as it has run."""
    r = Rig()
    metrics = Metrics(r.etcd, r.world.machines)
    r.tick()
    r.pod("early")
    r.tick(4)
    r.pod("late")
    windows = {}
    for _ in range(3 * QUARTER):
        r.tick()
        for one in metrics.pod_metrics():
            windows.setdefault(one["metadata"]["name"], (r.engine.clock.tick, one["window"]))
    assert windows == {"early": (15, "14s"), "late": (15, "10s")}


def test_usage_of_a_node_is_that_of_its_containers_and_its_system():
    r, metrics = cluster()
    held = sum(c.memory_bytes(r.engine.clock.tick) for c in r.world.machines["node-a"].runtime.containers.values())
    used = metrics.node_metrics()[0]["usage"]
    assert used == {"cpu": f"{SYSTEM_MILLI}m", "memory": f"{SYSTEM_BYTES + held >> 10}Ki"}


def test_nobody_tells_where_no_kubelet_runs():
    r, metrics = cluster()
    assert [m["metadata"]["name"] for m in metrics.pod_metrics()] == ["busy", "idle"]
    assert [m["metadata"]["name"] for m in metrics.node_metrics()] == ["node-a"]
    r.stop_kubelet()
    assert (metrics.pod_metrics(), metrics.node_metrics()) == ([], [])


def test_the_form_that_kubectl_top_reads():
    r, metrics = cluster()
    found = metrics.pod_metrics("default")[1]
    assert (found["kind"], found["window"]) == ("PodMetrics", "15s")
    assert [c["name"] for c in found["containers"]] == ["app"]
    assert found["containers"][0]["usage"]["memory"] == f"{r.container().memory_bytes(r.engine.clock.tick) >> 10}Ki"


def test_pods_can_be_chosen_by_labels():
    _, metrics = cluster()
    assert [m["metadata"]["name"] for m in metrics.pod_metrics("default", parse("app=idle"))] == ["idle"]


# -- custom and external metrics -----------------------------------------------------------------------------------


def test_requests_a_second_of_pods_and_of_a_service():
    r, metrics = cluster()
    for _ in range(QUARTER):
        r.tick()
        load(r, 0, requests=4)
    found = metrics.custom_pods("default", EVERYTHING, "http_requests_per_second", EVERYTHING)
    assert [(m["describedObject"]["name"], m["value"]) for m in found] == [("busy", "4"), ("idle", "0")]
    endpoints = [{"addresses": ["10.0.0.1"], "targetRef": {"kind": "Pod", "name": "busy"}}]
    labels = {"kubernetes.io/service-name": "web"}
    r.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})
    r.create(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "web-1", "labels": labels},
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": [],
        }
    )
    about = {"kind": "Service", "name": "web"}
    assert metrics.custom_object("default", about, "requests-per-second", EVERYTHING)[0]["value"] == "4"


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (
            lambda m: m.custom_pods("default", EVERYTHING, "sheep", EVERYTHING),
            "the server could not find the metric sheep for pods",
        ),
        (
            lambda m: m.custom_object(
                "default", {"kind": "Ingress", "apiVersion": "networking.k8s.io/v1", "name": "x"}, "sheep", EVERYTHING
            ),
            "the server could not find the metric sheep for ingresses.networking.k8s.io x",
        ),
    ],
    ids=["of Pods", "of an object"],
)
def test_a_metric_that_nobody_knows(ask, text):
    _, metrics = cluster()
    with pytest.raises(StatusError) as refused:
        ask(metrics)
    assert (refused.value.code, refused.value.message) == (404, text)


def test_what_is_published_outside():
    _, metrics = cluster()
    metrics.publish("default", "queue_messages_ready", 30_000, {"queue": "worker_tasks"})
    metrics.publish("default", "queue_messages_ready", 7_500, {"queue": "mail"})
    metrics.publish("default", "queue_messages_ready", 31_000, {"queue": "worker_tasks"})

    def values(labels):
        return [m["value"] for m in metrics.external("default", "queue_messages_ready", parse(labels))]

    assert (values("queue=worker_tasks"), values(""), metrics.external("kube-system", "queue_messages_ready")) == (
        ["31"],
        ["7500m", "31"],
        [],
    )


def test_a_container_at_rest_keeps_no_totals():
    r, _ = cluster()
    assert (r.container().meter.noted, scrape(r.container(), r.engine.clock.tick).requests_milli) == ((), 0)

"""What Pods and nodes use."""

from kubesim_tui.metrics.usage import SYSTEM_BYTES, SYSTEM_MILLI, Metrics
from tests.kubelet.rig import Rig

MIB = 1 << 20


def cluster():
    r = Rig()
    r.pod("idle")
    r.pod("busy", resources={"limits": {"cpu": "300m"}})
    r.tick(3)
    return r, Metrics(r.etcd, r.world.machines)


def load(r, cpu_us):
    """What traffic put on the newest container in the last second."""
    r.world.machines["node-a"].runtime.load(
        r.container().id, r.engine.clock.tick - 1, requests=9, memory_bytes=2 * MIB, cpu_us=cpu_us
    )


def test_usage_of_a_pod():
    """What requests cost, and no more than the limit lets through; memory at rest and that of requests."""
    r, metrics = cluster()
    idle = metrics.pod("default", "idle")
    load(r, 120_000)
    assert metrics.pod("default", "busy") == (idle[0] + 120, idle[1] + 2 * MIB)
    load(r, 900_000)
    assert metrics.pod("default", "busy")[0] == 300


def test_usage_of_a_node():
    _, metrics = cluster()
    idle = metrics.pod("default", "idle")
    assert metrics.node("node-a") == (SYSTEM_MILLI + 2 * idle[0], SYSTEM_BYTES + 2 * idle[1])


def test_nobody_tells_where_no_kubelet_runs():
    r, metrics = cluster()
    assert [m["metadata"]["name"] for m in metrics.pod_metrics()] == ["busy", "idle"]
    assert [m["metadata"]["name"] for m in metrics.node_metrics()] == ["node-a"]
    r.stop_kubelet()
    assert (metrics.pod_metrics(), metrics.node_metrics()) == ([], [])


def test_the_form_that_kubectl_top_reads():
    _, metrics = cluster()
    found = metrics.pod_metrics("default")[1]
    assert (found["kind"], [c["name"] for c in found["containers"]]) == ("PodMetrics", ["app"])
    usage = found["containers"][0]["usage"]
    assert (usage["cpu"].endswith("m"), usage["memory"]) == (True, f"{metrics.pod('default', 'idle')[1] >> 10}Ki")

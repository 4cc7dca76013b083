"""Upstream's own tables of the horizontal pod autoscaler (pkg/controller/podautoscaler/*_test.go)."""

import json

import pytest

from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import PodCondition
from kubesim_tui.controllers.base import Autoscaling
from kubesim_tui.controllers.podautoscaler import behavior, metrics, replicas
from kubesim_tui.controllers.podautoscaler.behavior import Memory, Past, Request
from kubesim_tui.controllers.podautoscaler.proposal import MetricError
from kubesim_tui.controllers.podautoscaler.replicas import Sample, Scope, Tolerances
from tests.controllers.bench import UPSTREAM, cases, pod

NOW = 1_000_000_000
LONG_AGO = 86_400
FLAGS = Autoscaling(cpu_initialization_period=120, initial_readiness_delay=10)
OTHERS = ("pods", "object", "object_per_pod", "external", "external_per_pod")


def by_kind(path, *kinds):
    found = json.loads((UPSTREAM / path).read_text())["cases"]
    return [pytest.param(c["given"], c["want"], id=c["name"]) for c in found if c["given"]["kind"] in kinds]


def a_pod(name, phase, *, ready=None, started=None, changed=None, containers=(), deleting=False):
    """`ready`: the status of the Ready condition; `started`, `changed`: seconds ago."""
    rows = [{"name": f"c{i}", "resources": {"requests": c}} for i, c in enumerate(containers)]
    made = pod({"metadata": {"name": name}, "spec": {"containers": rows}})
    conditions = ()
    if ready is not None:
        since = None if changed is None else NOW - changed
        conditions = (PodCondition(type="Ready", status=ready, last_transition_time=since),)
    start = None if started is None else NOW - started
    meta = made.metadata.evolve(deletion_timestamp=NOW if deleting else None)
    return made.evolve(metadata=meta, status=made.status.evolve(phase=phase, start_time=start, conditions=conditions))


def refused(want, propose):
    """Whether a proposal fails as it should, if it should."""
    text = want.get("error_contains") or want.get("error")
    if text is None:
        return False
    with pytest.raises(MetricError) as failure:
        propose()
    assert text in str(failure.value)
    return True


# -- hpa_replica_calculator ----------------------------------------------------------------------------------------


def scope_of(given):
    pods = []
    for p in given["pods"]:
        age, request = p.get("start_age_s"), p.get("cpu_request_m")
        condition = p.get("ready_condition")
        ready = condition["status"] if condition else {True: "True", False: "False"}.get(p.get("ready"))
        changed = condition["transition_age_s"] if condition else age
        one = {given.get("resource", "cpu"): f"{request}m"} if request is not None else {}
        containers = [one] * given.get("containers_per_pod", 2)
        pods.append(a_pod(p["name"], p["phase"], ready=ready, started=age, changed=changed, containers=containers))
    return Scope(pods, given.get("current_replicas", 0), NOW, Tolerances(0.1, 0.1), FLAGS)


def resource_samples(given):
    per_pod, window = given["containers_per_pod"], given["args"]["metric_window_s"]
    used = {p["name"]: p.get("cpu_usage_m") for p in given["pods"]}
    found = {name: Sample(one * per_pod, NOW, window) for name, one in used.items() if one is not None}
    if not found:
        raise MetricError("unable to get metrics for resource cpu: no metrics returned from resource metrics API")
    return found


@pytest.mark.parametrize(("given", "want"), by_kind("scheduling/hpa_replica_calculator.json", "resource"))
def test_proposals_of_a_share_of_the_requests(given, want):
    scope = scope_of(given)

    def propose():
        return replicas.by_utilization(scope, resource_samples(given), given["target_utilization"], given["resource"])

    if not refused(want, propose):
        found = propose()
        assert (found.replicas, found.utilization) == (want["replicas"], want["utilization"])
        assert found.value == want.get("raw_average", found.value)


@pytest.mark.parametrize(("given", "want"), by_kind("scheduling/hpa_replica_calculator.json", *OTHERS))
def test_proposals_of_other_metrics(given, want):
    scope, running = scope_of(given), given["current_replicas"]
    if given["kind"] == "pods":
        samples = {p["name"]: Sample(p["value"], NOW, 60) for p in given["pods"] if "value" in p}
        found = replicas.by_average(scope, samples, given["target_average_value"])
    elif given["kind"] in ("object", "external"):
        found = replicas.by_value(scope, sum(given["metric_values"]), given["target_value"])
    else:
        value = sum(given["metric_values"])
        found = replicas.by_share(scope.tolerances, running, value, given["target_average_value"])
    assert (found.replicas, found.value) == (want["replicas"], want["utilization"])


@pytest.mark.parametrize(("given", "want"), by_kind("scheduling/hpa_replica_calculator.json", "group_pods"))
def test_which_pods_count(given, want):
    samples = {
        m["name"]: Sample(1, NOW - m["age_s"] if "age_s" in m else 0, m.get("window_s", 0)) for m in given["metrics"]
    }
    found = replicas.group(scope_of(given), samples, given["resource"])
    assert found.ready == want["ready_count"]
    assert ([*found.unready, *found.ignored], [*found.missing]) == (want["ignored"], want["missing"])


# -- hpa_replicas --------------------------------------------------------------------------------------------------


def scope_by_op(given):
    pods = []
    for p in given["pods"]:
        condition = p.get("readyCondition") or {"status": p.get("ready")}
        asked = [{given["resource"]: f"{p['requestMilli']}m"}] if "requestMilli" in p else [{}]
        ready, changed = condition["status"], condition.get("changedSecondsAgo")
        started = p.get("startedSecondsAgo", LONG_AGO)
        deleting = p.get("deleting", False)
        pods.append(
            a_pod(
                p["name"],
                p["phase"],
                ready=ready,
                started=started,
                changed=changed,
                containers=asked,
                deleting=deleting,
            )
        )
    tolerance = given.get("tolerance", 0.1)
    return Scope(pods, given.get("currentReplicas", 0), NOW, Tolerances(tolerance, tolerance), FLAGS)


@pytest.mark.parametrize(("given", "want"), cases("workloads/hpa_replicas.json", "hpa_resource_replicas"))
def test_replicas_by_resource(given, want):
    scope = scope_by_op(given)
    fresh = {p["name"]: 0 if p.get("startedSecondsAgo") == 0 else NOW for p in given["pods"]}

    def propose():
        items = [
            {
                "metadata": {"name": name},
                "timestamp": format_time(fresh.get(name, NOW)),
                "window": "60s",
                "containers": [{"name": "c", "usage": {given["resource"]: f"{used}m"}}],
            }
            for name, used in given["usageMilli"].items()
        ]
        samples = metrics.pod_samples(items, given["resource"])
        if not samples:
            raise MetricError("unable to get metrics for resource cpu: no metrics returned from resource metrics API")
        return replicas.by_utilization(scope, samples, given["targetUtilizationPercent"], given["resource"])

    if not refused(want, propose):
        found = propose()
        assert (found.replicas, found.utilization) == (want["replicas"], want["utilizationPercent"])
        assert found.value == want["averageUsageMilli"]


@pytest.mark.parametrize(("given", "want"), cases("workloads/hpa_replicas.json", "hpa_metric_replicas"))
def test_replicas_by_other_metrics(given, want):
    scope = scope_by_op(given)
    if given["metricType"] == "Pods":
        names = [p["name"] for p in given["pods"]]
        samples = {name: Sample(v, NOW, 60) for name, v in zip(names, given["valuesMilli"], strict=False)}
        found = replicas.by_average(scope, samples, given["targetMilli"])
    elif "perPodTargetMilli" in given:
        value = sum(given["valuesMilli"])
        found = replicas.by_share(scope.tolerances, scope.replicas, value, given["perPodTargetMilli"])
    else:
        found = replicas.by_value(scope, sum(given["valuesMilli"]), given["targetMilli"])
    assert (found.replicas, found.value) == (want["replicas"], want["valueMilli"])


@pytest.mark.parametrize(("given", "want"), cases("workloads/hpa_replicas.json", "hpa_group_pods"))
def test_groups_of_pods(given, want):
    samples = {
        name: Sample(1, NOW - m["sampledSecondsAgo"] if "sampledSecondsAgo" in m else 0, m.get("windowSeconds", 0))
        for name, m in given["metrics"].items()
    }
    found = replicas.group(scope_by_op(given), samples, given["resource"])
    assert (found.ready, [*found.unready, *found.ignored], [*found.missing]) == (
        want["ready"],
        want["ignored"],
        want["missing"],
    )


# -- hpa_behavior --------------------------------------------------------------------------------------------------

UP = {
    "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15},
    ]
}
DOWN = {"policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}], "stabilizationWindowSeconds": 300}


def past(events):
    return tuple(Past(e["replica_change"], NOW - e["age_s"]) for e in events)


@pytest.mark.parametrize(("given", "want"), by_kind("scheduling/hpa_behavior.json", "rate"))
def test_how_fast(given, want):
    request = Request(
        given["current_replicas"],
        given["desired_replicas"],
        given["min_replicas"],
        given["max_replicas"],
        NOW,
        given.get("scale_up", UP),
        given.get("scale_down", DOWN),
    )
    memory = Memory((), past(given.get("scale_up_events", [])), past(given.get("scale_down_events", [])))
    found, (reason, _) = behavior.limit(request, memory)
    assert (found, reason) == (want["replicas"], want["condition"])


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize(("given", "want"), by_kind("scheduling/hpa_behavior.json", "store_event"))
def test_what_was_done_is_noted(given, want, direction):
    events = past(given["events"])
    rules = {"scaleUp": given["rules"], "scaleDown": given["rules"]} if "rules" in given else None
    change = given["replica_change"]
    before, after = (1, 1 + change) if direction == "up" else (1 + change, 1)
    memory = Memory((), events, ()) if direction == "up" else Memory((), (), events)
    found = behavior.remember(memory, rules, before, after, NOW)
    kept = found.ups if direction == "up" else found.downs
    assert behavior.change_in(given["period_s"], events, NOW) == want["change_in_period"]
    assert [{"replica_change": e.replicas, "outdated": e.outdated} for e in kept] == want["events_after"]


@pytest.mark.parametrize(("given", "want"), by_kind("scheduling/hpa_behavior.json", "stabilize"))
def test_stabilization(given, want):
    kept = tuple(Past(r["replicas"], NOW - r["age_s"]) for r in given["recommendations"])
    request = Request(
        given["current_replicas"],
        given["desired_replicas"],
        1,
        1000,
        NOW,
        {"stabilizationWindowSeconds": given["scale_up_window_s"]},
        {"stabilizationWindowSeconds": given["scale_down_window_s"]},
    )
    found, after = behavior.stabilize(request, kept)
    assert (found, [r.replicas for r in after]) == (want["replicas"], want["recommendations_after"])

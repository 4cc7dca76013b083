"""The horizontal pod autoscaler: what its metrics propose, and how fast it follows."""

from kubesim_tui.api import scheme
from kubesim_tui.api.quantity import milli
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import PodCondition
from kubesim_tui.apiserver.defaults import set_defaults
from kubesim_tui.controllers.base import Autoscaling
from kubesim_tui.controllers.podautoscaler import behavior, proposal, replicas
from kubesim_tui.controllers.podautoscaler.behavior import Memory, Past, Request
from kubesim_tui.controllers.podautoscaler.metrics import MetricsClient
from kubesim_tui.controllers.podautoscaler.proposal import Invalid, Target
from kubesim_tui.controllers.podautoscaler.replicas import MetricError, Sample, Scope, Tolerances
from tests.harness import Harness
from tests.upstream.adapters import answers
from tests.upstream.answers import Saying
from tests.upstream.objects import pod

NOW = 1_000_000_000
LONG_AGO = 86_400
WINDOW = 60


class Told:
    """A metrics server that tells what the table says."""

    def __init__(self, samples=(), values=()):
        self.samples, self.values = samples, values  # (Pod, thousandths of each container, age), thousandths

    def _stamp(self, age):
        return {"timestamp": format_time(NOW - age), "windowSeconds": WINDOW, "window": f"{WINDOW}s"}

    def pod_metrics(self, *_):
        return [
            {
                "metadata": {"name": name, "namespace": ""},
                "containers": [
                    {"name": f"c{i}", "usage": {"cpu": f"{m}m", "memory": f"{m}m"}} for i, m in enumerate(v)
                ],
                **self._stamp(age),
            }
            for name, v, age in self.samples
        ]

    def custom_pods(self, *_):
        return [{"describedObject": {"name": n}, "value": f"{sum(v)}m", **self._stamp(a)} for n, v, a in self.samples]

    def custom_object(self, *_):
        return self.external()

    def external(self, *_):
        return [{"value": f"{value}m", **self._stamp(0)} for value in self.values]


def _used(values):
    """Containers, and what each uses of either resource."""
    return [{"name": f"c{i}", "usage": {"cpu": f"{m}m", "memory": f"{m}m"}} for i, m in enumerate(values)]


def _metric(kind, target, resource=""):
    """A MetricSpec."""
    source = {"name": resource} if resource else {"metric": {"name": "qps"}}
    about = {"describedObject": {"kind": "Service", "name": "web"}} if kind == "Object" else {}
    return {"type": kind, kind[0].lower() + kind[1:]: {**source, **about, "target": target}}


def _proposed(metric, told, scope, running):
    """What a metric proposes, and what it is reported as."""
    harness = Harness()
    harness.server.metrics = told
    target = Target(scope, running)
    try:
        found = proposal.fetch(MetricsClient(harness.client("hpa")), target, metric)
    except MetricError as failed:
        found = failed
    try:
        made = proposal.propose(target, metric, found)
    except Invalid as refused:
        return {"error": Saying(refused), "error_contains": Saying(refused)}
    current = made.reported[proposal.field_of(metric)]["current"]
    value = milli(current.get("averageValue") or current["value"])
    return {"replicas": made.replicas, "value": value, "share": current.get("averageUtilization")}


def _pod(row, *, ready, started, changed, containers, deleting=False):
    """`ready`: the status of the Ready condition; `started`, `changed`: seconds ago."""
    asked = [{"name": f"c{i}", "resources": {"requests": c}} for i, c in enumerate(containers)]
    made = pod({"metadata": {"name": row["name"]}, "spec": {"containers": asked}})
    since = None if changed is None else NOW - changed
    condition = PodCondition(type="Ready", status=ready, last_transition_time=since)
    meta = made.metadata.evolve(deletion_timestamp=NOW if deleting else None)
    status = made.status.evolve(
        phase=row["phase"],
        start_time=None if started is None else NOW - started,
        conditions=(condition,) if ready is not None else (),
    )
    return made.evolve(metadata=meta, status=status)


# -- hpa_replica_calculator --------------------------------------------------------------------------------------------


def _scope(given):
    args, count = given.part("args"), given.get("containers_per_pod", 2)
    args.know("metric_window_s")
    pods = []
    for p in given.rows("pods"):
        p.know("has_metric", "cpu_usage_m", "value")
        age, request, condition = p.get("start_age_s"), p.get("cpu_request_m"), p.part("ready_condition")
        ready = condition.get("status") or {True: "True", False: "False"}.get(p.get("ready"))
        asked = {given.get("resource", "cpu"): f"{request}m"} if request is not None else {}
        changed = condition.get("transition_age_s", age)
        deleting = p.get("deleting", False) or p.get("deleted", False)
        containers = [asked] * count
        pods.append(_pod(p, ready=ready, started=age, changed=changed, containers=containers, deleting=deleting))
    flags = Autoscaling(
        cpu_initialization_period=args["cpu_initialization_period_s"],
        initial_readiness_delay=args["initial_readiness_delay_s"],
    )
    both = Tolerances(args["tolerance"], args["tolerance"])
    return Scope(pods, given.get("current_replicas", 0), NOW, both, flags)


@answers("hpa_replica_calculator", "resource")
def by_resource(given):
    count, window = given["containers_per_pod"], given["args"]["metric_window_s"]
    assert window == WINDOW
    rows = [*given["pods"], *(given.get("extra_metrics") or ())]
    told = Told([(r["name"], [r["cpu_usage_m"]] * count, 0) for r in rows if r.get("cpu_usage_m") is not None])
    metric = _metric("Resource", {"averageUtilization": given["target_utilization"]}, given["resource"])
    found = _proposed(metric, told, _scope(given), given["current_replicas"])
    return found | {"utilization": found.get("share"), "raw_average": found.get("value")}


@answers("hpa_replica_calculator", "pods", "object", "object_per_pod", "external", "external_per_pod")
def by_another_metric(given):
    given.know("metric")  # its name
    kind = given["kind"].partition("_")[0].capitalize()
    aims = {"averageValue": given.get("target_average_value"), "value": given.get("target_value")}
    target = {name: f"{aim}m" for name, aim in aims.items() if aim is not None}
    samples = [(p["name"], [p["value"]], 0) for p in given["pods"] if p.get("value") is not None]
    told = Told(samples, given.get("metric_values") or ())
    found = _proposed(_metric(kind, target), told, _scope(given), given["current_replicas"])
    return found | {"utilization": found.get("value")}


@answers("hpa_replica_calculator", "group_pods")
def grouped(given):
    samples = {
        m["name"]: Sample(1, NOW - m["age_s"] if "age_s" in m else 0, m.get("window_s", 0))
        for m in given.rows("metrics")
    }
    found = replicas.group(_scope(given), samples, given["resource"])
    return {"ready_count": found.ready, **_left_out(found)}


def _left_out(found):
    return {"ignored": [*found.unready, *found.ignored], "missing": [*found.missing]}


# -- hpa_replicas ------------------------------------------------------------------------------------------------------


def _scope_of(given):
    resource, pods = given.get("resource", "cpu"), []
    for p in given.rows("pods"):
        condition = p.part("readyCondition")
        ready, changed = condition.get("status") or p.get("ready"), condition.get("changedSecondsAgo")
        asked = {resource: f"{p['requestMilli']}m"} if "requestMilli" in p else {}
        started, deleting = p.get("startedSecondsAgo", LONG_AGO), p.get("deleting", False)
        pods.append(_pod(p, ready=ready, started=started, changed=changed, containers=[asked], deleting=deleting))
    tolerance = given.get("tolerance", 0.1)
    flags = Autoscaling(
        cpu_initialization_period=given.get("cpuInitializationPeriodSeconds", 120),
        initial_readiness_delay=given.get("initialReadinessDelaySeconds", 10),
    )
    return Scope(pods, given.get("currentReplicas", 0), NOW, Tolerances(tolerance, tolerance), flags)


@answers("hpa_replicas", "hpa_resource_replicas")
def replicas_by_resource(given):
    young = {p["name"] for p in given["pods"] if p.get("startedSecondsAgo") == 0}
    usage = given["usageMilli"].items()
    told = Told([(name, [used], NOW if name in young else 0) for name, used in usage])  # theirs is not fresh
    metric = _metric("Resource", {"averageUtilization": given["targetUtilizationPercent"]}, given["resource"])
    found = _proposed(metric, told, _scope_of(given), given["currentReplicas"])
    return found | {"utilizationPercent": found.get("share"), "averageUsageMilli": found.get("value")}


@answers("hpa_replicas", "hpa_metric_replicas")
def replicas_by_another_metric(given):
    kind, values = given["metricType"], given["valuesMilli"]
    if kind == "Pods":
        told = Told([(p["name"], [value], 0) for p, value in zip(given["pods"], values, strict=False)])
        target = {"averageValue": f"{given['targetMilli']}m"}
    elif "perPodTargetMilli" in given:
        told, target = Told(values=values), {"averageValue": f"{given['perPodTargetMilli']}m"}
    else:
        told, target = Told(values=values), {"value": f"{given['targetMilli']}m"}
    found = _proposed(_metric(kind, target), told, _scope_of(given), given["currentReplicas"])
    return found | {"valueMilli": found.get("value")}


@answers("hpa_replicas", "hpa_group_pods")
def groups(given):
    samples = {
        name: Sample(1, NOW - m["sampledSecondsAgo"] if "sampledSecondsAgo" in m else 0, m.get("windowSeconds", 0))
        for name, m in given["metrics"].items()
    }
    found = replicas.group(_scope_of(given), samples, given["resource"])
    return {"ready": found.ready, **_left_out(found)}


# -- hpa_behavior ------------------------------------------------------------------------------------------------------


def _past(rows):
    return tuple(Past(e["replica_change"], NOW - e["age_s"]) for e in rows)


def _rules(given):
    """The rules of both directions, the defaults where nothing is said."""
    said = {name: given[key] for name, key in (("scaleUp", "scale_up"), ("scaleDown", "scale_down")) if key in given}
    data = {"metadata": {"name": "web"}, "spec": {"behavior": said}}
    set_defaults(scheme.for_kind("autoscaling/v2", "HorizontalPodAutoscaler"), data)
    filled = data["spec"]["behavior"]
    return filled["scaleUp"], filled["scaleDown"]


@answers("hpa_behavior", "rate")
def rate(given):
    current, desired = given["current_replicas"], given["desired_replicas"]
    request = Request(current, desired, given["min_replicas"], given["max_replicas"], NOW, *_rules(given))
    memory = Memory((), _past(given.rows("scale_up_events")), _past(given.rows("scale_down_events")))
    found, (reason, _) = behavior.limit(request, memory)
    return {"replicas": found, "condition": reason}


@answers("hpa_behavior", "store_event")
def store_event(given):
    events, change = _past(given.rows("events")), given["replica_change"]
    rules = {"scaleUp": given["rules"], "scaleDown": given["rules"]} if "rules" in given else None
    up = behavior.remember(Memory((), events, ()), rules, 1, 1 + change, NOW).ups
    down = behavior.remember(Memory((), (), events), rules, 1 + change, 1, NOW).downs
    assert up == down
    return {
        "change_in_period": behavior.change_in(given["period_s"], events, NOW),
        "events_after": [{"replica_change": e.replicas, "outdated": e.outdated} for e in up],
    }


@answers("hpa_behavior", "stabilize")
def stabilize(given):
    kept = tuple(Past(r["replicas"], NOW - r["age_s"]) for r in given.rows("recommendations"))
    up, down = ({"stabilizationWindowSeconds": given[f"scale_{way}_window_s"]} for way in ("up", "down"))
    request = Request(given["current_replicas"], given["desired_replicas"], 1, 1000, NOW, up, down)
    found, after = behavior.stabilize(request, kept)
    return {"replicas": found, "recommendations_after": [r.replicas for r in after]}

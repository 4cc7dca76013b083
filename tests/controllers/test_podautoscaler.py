"""The horizontal pod autoscaler: from metrics to sizes, conditions and Events."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.labels import EVERYTHING
from kubesim_tui.api.quantity import from_milli
from kubesim_tui.api.times import format_time
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.controllers.deployment.controller import DeploymentController
from kubesim_tui.controllers.podautoscaler.controller import HorizontalPodAutoscalerController
from kubesim_tui.controllers.podautoscaler.proposal import shown_selector
from kubesim_tui.controllers.replicaset.replica_set import ReplicaSetController
from kubesim_tui.controllers.statefulset.controller import StatefulSetController
from tests.controllers.bench import Manager, replica_set, template
from tests.controllers.test_deployment import deployment
from tests.controllers.test_statefulset import stateful_set

PERIOD = 15
ASKED = {"requests": {"cpu": "100m", "memory": "64Mi"}}
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}


class Told:
    """A metrics server that says what a test wants: `cpu` millicores a Pod (None: nothing)."""

    def __init__(self, m):
        self.m, self.cpu, self.memory = m, 50, "20Mi"
        self.values, self.objects, self.series = None, {}, {}

    def pod_metrics(self, namespace, chosen=EVERYTHING):
        pods = [p for p in self.m.list(types.Pod, namespace) if chosen.matches(p.metadata.labels)]
        if self.cpu is None:
            return []
        return [
            {
                "metadata": {"name": p.metadata.name, "namespace": namespace},
                "timestamp": format_time(self.m.engine.clock.now),
                "window": "15s",
                "containers": [{"name": "c", "usage": {"cpu": f"{self.cpu}m", "memory": self.memory}}],
            }
            for p in pods
            if p.status.phase == "Running"
        ]

    def custom_pods(self, namespace, chosen, metric, _labels):
        if self.values is None:
            raise StatusError(404, "NotFound", f"the server could not find the metric {metric} for pods")
        pods = [p for p in self.m.list(types.Pod, namespace) if chosen.matches(p.metadata.labels)]
        return [
            {
                "describedObject": {"name": p.metadata.name},
                "timestamp": format_time(self.m.engine.clock.now),
                "value": str(from_milli(self.values)),
            }
            for p in pods
        ]

    def custom_object(self, _namespace, about, metric, _labels):
        return [{"value": str(from_milli(self.objects[about["kind"], about["name"], metric]))}]

    def external(self, _namespace, metric, labels):
        return [
            {"value": str(from_milli(v))}
            for (name, pairs), v in self.series.items()
            if name == metric and labels.matches(dict(pairs))
        ]


def autoscaler(metrics=(CPU,), least=1, most=10, name="web", target=None, **spec):
    target = target or {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    body = {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": most, "metrics": list(metrics), **spec}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": body,
    }


def board(replicas=1, **spec):
    """A Deployment whose Pods ask for 100m, old enough that their readiness no longer matters; and its autoscaler."""
    m = Manager(DeploymentController, ReplicaSetController, StatefulSetController, HorizontalPodAutoscalerController)
    m.server.metrics = m.told = Told(m)
    made = template()
    made["spec"]["containers"][0]["resources"] = ASKED
    m.create(deployment(replicas, template=made))
    m.settle(10)
    m.settle(320)
    m.create(autoscaler(**spec))
    return m


def size(m):
    return m.get(types.Deployment, "web").spec.replicas


def rounds(m, count=1):
    """Sizes after so many rounds of the autoscaler."""
    found = []
    for _ in range(count):
        m.settle(PERIOD)
        found.append(size(m))
    return found


def status(m, name="web"):
    resource = m.server.resource_for_kind("autoscaling/v2", "HorizontalPodAutoscaler")
    return encode_object(m.etcd.get(resource.group_resource, ("default", name)))["status"]


def conditions(m, name="web"):
    return {c["type"]: (c["status"], c["reason"], c["message"]) for c in status(m, name)["conditions"]}


def said(m, name="web"):
    return [(r, text) for about, r, text in m.events() if about == name and r.endswith(("Rescale", "Metric", "cas"))]


# -- sizes -----------------------------------------------------------------------------------------------------------


def test_the_first_round_comes_one_period_after_the_autoscaler():
    m = board()
    m.told.cpu = 200
    m.settle(PERIOD)
    assert size(m) == 1
    m.settle(1)
    assert size(m) == 4


def test_up_at_most_doubling_or_to_four_then_as_the_metric_says():
    m = board()
    m.settle(1)
    m.told.cpu = 450
    assert rounds(m, 3) == [4, 8, 10]


def test_down_only_after_five_minutes_of_lower_recommendations():
    m = board(replicas=6)
    m.settle(1)
    m.told.cpu = 10
    assert rounds(m, 21) == [6] * 20 + [2]


def test_within_the_tolerance_nothing_happens():
    m = board(replicas=4)
    m.settle(1)
    m.told.cpu = 55
    assert (rounds(m, 2), said(m)) == ([4, 4], [])


def test_a_tolerance_of_its_own():
    m = board(replicas=4, behavior={"scaleUp": {"tolerance": "0.05"}})
    m.settle(1)
    m.told.cpu = 55
    assert rounds(m) == [5]


def test_a_size_outside_of_the_bounds_is_put_right_without_metrics():
    m = board(replicas=1, least=3)
    m.told.cpu = None
    m.settle(PERIOD + 1)
    assert (size(m), said(m)) == (
        3,
        [("SuccessfulRescale", "New size: 3; reason: Current number of replicas below Spec.MinReplicas")],
    )


def test_a_target_at_zero_is_left_alone():
    m = board(replicas=0)
    m.settle(PERIOD + 1)
    assert (size(m), conditions(m)["ScalingActive"]) == (
        0,
        ("False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero"),
    )


def test_policies_of_a_behavior():
    """Two Pods a minute up; down is forbidden."""
    up = {"policies": [{"type": "Pods", "value": 2, "periodSeconds": 60}]}
    m = board(replicas=1, behavior={"scaleUp": up, "scaleDown": {"selectPolicy": "Disabled"}})
    m.settle(1)
    m.told.cpu = 450
    assert rounds(m, 6) == [3, 3, 3, 3, 5, 5]
    m.told.cpu = 1
    assert rounds(m, 25) == [5] * 25


def test_the_most_demanding_metric_counts():
    memory = {
        "type": "Resource",
        "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "10Mi"}},
    }
    m = board(replicas=2, metrics=(CPU, memory))
    m.settle(1)
    assert (rounds(m), said(m)) == (
        [4],
        [("SuccessfulRescale", "New size: 4; reason: memory resource above target")],
    )


@pytest.mark.parametrize("kind", ["ReplicaSet", "StatefulSet"])
def test_any_kind_with_a_scale(kind):
    m = board()
    made = template({"app": "db"})
    made["spec"]["containers"][0]["resources"] = ASKED
    selector = {"matchLabels": {"app": "db"}}
    if kind == "ReplicaSet":
        m.create(replica_set("db", 1, template=made, selector=selector))
    else:
        m.create(stateful_set(1, template=made, selector=selector))
    m.settle(320)
    m.told.cpu = 150
    m.create(autoscaler(name="db", target={"apiVersion": "apps/v1", "kind": kind, "name": "db"}))
    m.settle(PERIOD + 1)
    assert m.get(getattr(types, kind), "db").spec.replicas == 3


# -- other metrics ---------------------------------------------------------------------------------------------------


def test_a_metric_of_pods():
    pods = {
        "type": "Pods",
        "pods": {"metric": {"name": "qps"}, "target": {"type": "AverageValue", "averageValue": "10"}},
    }
    m = board(replicas=2, metrics=(pods,))
    m.told.values = 25_000
    m.settle(PERIOD + 1)
    assert (said(m), status(m)["currentMetrics"]) == (
        [("SuccessfulRescale", "New size: 4; reason: pods metric qps above target")],
        [{"type": "Pods", "pods": {"metric": {"name": "qps"}, "current": {"averageValue": "25"}}}],
    )


def test_a_metric_of_an_object():
    about = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "main-route"}
    source = {"describedObject": about, "metric": {"name": "requests-per-second"}}
    m = board(
        replicas=2, metrics=({"type": "Object", "object": {**source, "target": {"type": "Value", "value": "2k"}}},)
    )
    m.told.objects["Ingress", "main-route", "requests-per-second"] = 3_000_000
    m.settle(PERIOD + 1)
    assert (said(m), status(m)["currentMetrics"]) == (
        [("SuccessfulRescale", "New size: 3; reason: Ingress metric requests-per-second above target")],
        [{"type": "Object", "object": {**source, "current": {"value": "3k"}}}],
    )


def test_an_external_metric():
    metric = {"name": "queue_messages_ready", "selector": {"matchLabels": {"queue": "worker_tasks"}}}
    target = {"type": "AverageValue", "averageValue": "30"}
    m = board(replicas=1, metrics=({"type": "External", "external": {"metric": metric, "target": target}},))
    m.told.series = {
        ("queue_messages_ready", (("queue", "worker_tasks"),)): 80_000,
        ("queue_messages_ready", ()): 9_000_000,
    }
    m.settle(PERIOD + 1)
    name = (
        "external metric queue_messages_ready(&LabelSelector{MatchLabels:map[string]string{queue: worker_tasks,},"
        "MatchExpressions:[]LabelSelectorRequirement{},})"
    )
    assert said(m) == [("SuccessfulRescale", f"New size: 3; reason: {name} above target")]
    m.settle(PERIOD)
    assert status(m)["currentMetrics"][0]["external"]["current"] == {"averageValue": "26667m"}


def test_one_container_of_the_pods():
    source = {"name": "cpu", "container": "c", "target": {"type": "Utilization", "averageUtilization": 50}}
    m = board(replicas=1, metrics=({"type": "ContainerResource", "containerResource": source},))
    m.told.cpu = 100
    m.settle(PERIOD + 1)
    name = "cpu container resource utilization (percentage of request)"
    assert said(m) == [("SuccessfulRescale", f"New size: 2; reason: {name} above target")]


def test_a_selector_is_shown_as_go_does():
    chosen = {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["a", "b"]}]}
    assert (shown_selector({}), shown_selector({"selector": chosen})) == (
        "nil",
        "&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement"
        "{LabelSelectorRequirement{Key:tier,Operator:In,Values:[a b],},},}",
    )


# -- what is reported ------------------------------------------------------------------------------------------------


def test_status_conditions_and_event_of_a_change():
    m = board()
    m.told.cpu = 200
    m.settle(PERIOD + 1)
    found = status(m)
    current = {"averageUtilization": 200, "averageValue": "200m"}
    assert (found["currentReplicas"], found["desiredReplicas"], found["currentMetrics"]) == (
        1,
        4,
        [{"type": "Resource", "resource": {"name": "cpu", "current": current}}],
    )
    assert "lastScaleTime" in found
    name = "cpu resource utilization (percentage of request)"
    assert said(m) == [("SuccessfulRescale", f"New size: 4; reason: {name} above target")]
    assert conditions(m) == {
        "AbleToScale": ("True", "SucceededRescale", "the HPA controller was able to update the target scale to 4"),
        "ScalingActive": (
            "True",
            "ValidMetricFound",
            f"the HPA was able to successfully calculate a replica count from {name}",
        ),
        "ScalingLimited": ("False", "DesiredWithinRange", "the desired count is within the acceptable range"),
    }


def test_a_stabilized_and_a_limited_target_say_so():
    m = board(replicas=6, most=8)
    m.settle(1)
    m.told.cpu = 10
    rounds(m)
    assert conditions(m)["AbleToScale"] == (
        "True",
        "ScaleDownStabilized",
        "recent recommendations were higher than current one, applying the highest recent recommendation",
    )
    m.told.cpu = 400
    rounds(m)
    assert conditions(m)["ScalingLimited"] == (
        "True",
        "TooManyReplicas",
        "the desired replica count is more than the maximum replica count",
    )


def test_without_metrics():
    m = board(replicas=2)
    m.told.cpu = None
    m.settle(PERIOD + 1)
    why = (
        "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource "
        "metrics API"
    )
    assert said(m) == [
        ("FailedGetResourceMetric", why),
        (
            "FailedComputeMetricsReplicas",
            f"invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: {why}",
        ),
    ]
    assert conditions(m)["ScalingActive"] == (
        "False",
        "FailedGetResourceMetric",
        f"the HPA was unable to compute the replica count: {why}",
    )
    assert status(m)["currentMetrics"] == [{"type": ""}]


def test_without_a_metrics_server():
    m = board()
    m.server.metrics = None
    m.settle(PERIOD + 1)
    assert said(m)[0][1].endswith(
        "unable to fetch metrics from resource metrics API: the server could not find the requested resource "
        "(get pods.metrics.k8s.io)"
    )


def test_a_container_without_a_request():
    m = Manager(DeploymentController, ReplicaSetController, HorizontalPodAutoscalerController)
    m.server.metrics = m.told = Told(m)
    m.create(deployment(1))
    m.settle(320)
    m.create(autoscaler())
    m.settle(PERIOD + 1)
    pod = m.pods()[0].metadata.name
    assert said(m)[0] == (
        "FailedGetResourceMetric",
        f"failed to get cpu utilization: missing request for cpu in container c of Pod {pod}",
    )


def test_a_metric_that_fails_forbids_going_down_but_not_up():
    broken = {
        "type": "Pods",
        "pods": {"metric": {"name": "qps"}, "target": {"type": "AverageValue", "averageValue": "1"}},
    }
    m = board(replicas=4, metrics=(broken, CPU))
    m.settle(1)
    m.told.cpu = 1
    assert rounds(m, 22) == [4] * 22
    m.told.cpu = 100
    assert rounds(m) == [8]


def test_a_target_that_is_not_there():
    m = board()
    m.create(autoscaler(name="lost", target={"apiVersion": "apps/v1", "kind": "Deployment", "name": "nobody"}))
    m.create(autoscaler(name="odd", target={"apiVersion": "shop.example.com/v1", "kind": "Till", "name": "x"}))
    m.settle(PERIOD + 1)
    missing = 'deployments.apps "nobody" not found'
    assert [(about, r, text) for about, r, text in m.events() if about in ("lost", "odd")] == [
        ("lost", "FailedGetScale", missing),
        ("odd", "FailedGetScale", 'no matches for kind "Till" in group "shop.example.com"'),
    ]
    assert conditions(m, "lost")["AbleToScale"] == (
        "False",
        "FailedGetScale",
        f"the HPA controller was unable to get the target's current scale: {missing}",
    )


def test_two_autoscalers_of_one_target():
    m = board()
    m.create(autoscaler(name="also"))
    m.settle(2 * PERIOD)
    assert conditions(m, "also")["ScalingActive"] == (
        "False",
        "AmbiguousSelector",
        "pods by selector app=web are controlled by multiple HPAs: [{also default} {web default}]",
    )


# -- life ------------------------------------------------------------------------------------------------------------


def test_a_stopped_manager_forgets_its_recommendations_and_goes_on():
    m = board(replicas=6)
    m.settle(1)
    m.told.cpu = 10
    rounds(m, 5)
    controller = m.components[-1]
    controller.stop()
    controller.start()
    m.settle(1)
    assert rounds(m, 22) == [6] * 20 + [2, 2]


def test_a_deleted_autoscaler_leaves_no_timer():
    m = board()
    m.settle(2 * PERIOD)
    resource = m.server.resource_for_kind("autoscaling/v2", "HorizontalPodAutoscaler")
    m.etcd.delete(resource.group_resource, ("default", "web"))
    m.settle(2 * PERIOD)
    controller = m.components[-1]
    assert (controller._due, controller._memory, controller._selectors) == ({}, {}, {})

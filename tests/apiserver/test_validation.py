"""Rules of validation that upstream's tables leave out (the tables themselves: tests/upstream)."""

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_status
from tests.apiserver.door import document

BAD_LABEL = {"Not=a label": "b"}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"restartPolicy": "OnFailure", "containers": []}}


def causes(data):
    """(field, message) of each cause."""
    data["metadata"]["namespace"] = "default"
    return [(c.field, c.message) for c in validate_create(scheme.for_kind(data["apiVersion"], data["kind"]), data)]


@pytest.mark.parametrize(
    "kind, said",
    [("Deployment", ": invalid label selector"), ("ReplicaSet", ": invalid label selector"), ("StatefulSet", "}}")],
)
def test_behind_a_selector_that_is_none_the_template_is_not_looked_at(kind, said):
    spec = {"selector": {"matchLabels": BAD_LABEL}, "template": {"metadata": {"labels": BAD_LABEL}}}
    spec |= {
        "strategy": {"type": "Recreate"},
        "updateStrategy": {"type": "OnDelete"},
        "podManagementPolicy": "Parallel",
    }
    spec["template"]["spec"] = {"restartPolicy": "Always"}
    found = causes(document(kind, "apps/v1", "x", spec=spec))
    assert sorted({field for field, _ in found}) == ["spec.selector", "spec.selector.matchLabels"]
    assert any(message.endswith(said) for _, message in found)


LOCAL = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"


@pytest.mark.parametrize(
    "zone, messages",
    [
        ("", ["timeZone must be nil or non-empty string"]),
        ("Local", [LOCAL]),
        ("LOCAL", [LOCAL, "unknown time zone LOCAL"]),
        ("Mars/Base", ["unknown time zone Mars/Base"]),
        ("../etc", ["unknown time zone ../etc"]),
    ],
)
def test_a_cron_job_runs_in_a_time_zone_that_exists(zone, messages):
    template = {"spec": {"template": TEMPLATE}}
    spec = {"schedule": "* * * * *", "concurrencyPolicy": "Allow", "jobTemplate": template, "timeZone": zone}
    wrong = [m for field, m in causes(document("CronJob", "batch/v1", "x", spec=spec)) if field == "spec.timeZone"]
    assert wrong == [f'Invalid value: "{zone}": {message}' for message in messages]


def autoscaler(**source):
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "maxReplicas": 3}
    spec["metrics"] = [{"type": "External", "external": source}]
    return document("HorizontalPodAutoscaler", "autoscaling/v2", "x", spec=spec)


def test_an_external_metric_has_one_target_and_a_name_without_a_slash():
    both = autoscaler(metric={"name": "a/b"}, target={"type": "Value", "value": "1", "averageValue": "1"})
    at = "spec.metrics[0].external"
    assert causes(both) == [
        (f"{at}.metric.name", "Invalid value: \"a/b\": may not contain '/'"),
        (f"{at}.target.value", "Forbidden: may not set both a target value for metric and a per-pod target"),
    ]
    neither = causes(autoscaler(metric={"name": "a"}, target={"type": "Value"}))
    said = "Required value: must set either a target value for metric or a per-pod target"
    assert neither == [(f"{at}.target.averageValue", said)]


def test_the_status_of_a_budget_has_complete_conditions_and_no_negative_figures():
    budgets = scheme.for_kind("policy/v1", "PodDisruptionBudget")
    data = document(
        "PodDisruptionBudget", "policy/v1", "x", status={"currentHealthy": -1, "conditions": [{"type": "A"}]}
    )
    data["metadata"]["resourceVersion"] = "1"
    found = [c.field for c in validate_status(budgets, data, data)]
    assert found == [
        "status.conditions[0].status",
        "status.conditions[0].lastTransitionTime",
        "status.conditions[0].reason",
        "status.currentHealthy",
    ]

"""Rules for Jobs beyond upstream's tables that lie here: indexes, policies, what a suspended Job may change."""

import copy

import pytest

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from tests.apiserver import rules
from tests.apiserver.door import Door, document, pod

POLICY = "spec.podFailurePolicy.rules[0]"
IN = {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [1]}}


@pytest.fixture(scope="module")
def door():
    return Door()


def job(**spec):
    return document("Job", "batch/v1", "x", spec={"template": {"spec": pod(restartPolicy="Never")["spec"]}, **spec})


def indexed(**spec):
    return job(**{"completionMode": "Indexed", "completions": 4, "parallelism": 2, **spec})


def failing(**rule):
    return job(podFailurePolicy={"rules": [{**IN, **rule}]})


def causes(door, data, verb="create"):
    """(field, message) of every cause."""
    refused = door.refusal(verb, data, dry_run=True)
    return [(c.field, c.message) for c in refused.details.causes]


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        (indexed(maxFailedIndexes=1), "spec.backoffLimitPerIndex",
         "Required value: when maxFailedIndexes is specified"),
        (
            indexed(completions=100001, parallelism=10001, backoffLimitPerIndex=1, maxFailedIndexes=1),
            "spec.parallelism",
            "Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with "
            "backoff limit per index",
        ),
        (job(managedBy="a.b/" + "c" * 60), "spec.managedBy", "Too long: may not be more than 63 bytes"),
        (
            job(podFailurePolicy={"rules": [IN]}, podReplacementPolicy="TerminatingOrFailed"),
            "spec.podReplacementPolicy",
            'Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
        ),
        (job(podFailurePolicy={"rules": [IN] * 21}), "spec.podFailurePolicy.rules",
         "Too many: 21: must have at most 20 items"),
        (failing(action=""), f"{POLICY}.action",
         'Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]'),
        (failing(action="FailIndex"), f"{POLICY}.action",
         'Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set'),
        (failing(onExitCodes={"operator": "In", "values": [1], "containerName": "d"}),
         f"{POLICY}.onExitCodes.containerName",
         'Invalid value: "d": must be one of the container or initContainer names in the pod template'),
        (failing(onExitCodes={"operator": "In", "values": [1, 1]}), f"{POLICY}.onExitCodes.values[1]",
         "Duplicate value: 1"),
        (failing(onExitCodes=None), POLICY,
         "Invalid value: specifying one of OnExitCodes and OnPodConditions is required"),
        (failing(onExitCodes=None, onPodConditions=[{"type": "", "status": "True"}]),
         f"{POLICY}.onPodConditions[0].type", "Invalid value: \"\": name part must be non-empty"),
        (job(successPolicy={"rules": [{"succeededCount": 1}]}), "spec.successPolicy",
         'Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode'),
        (indexed(successPolicy={"rules": [{}]}), "spec.successPolicy.rules[0]",
         "Required value: at least one of succeededCount or succeededIndexes must be specified"),
        (indexed(successPolicy={"rules": []}), "spec.successPolicy.rules",
         "Required value: at least one rules must be specified when the successPolicy is specified"),
        (indexed(successPolicy={"rules": [{"succeededCount": 5}]}), "spec.successPolicy.rules[0].succeededCount",
         "Invalid value: 5: must be less than or equal to 4 (the number of specified completions)"),
        (indexed(successPolicy={"rules": [{"succeededCount": 3, "succeededIndexes": "0,2"}]}),
         "spec.successPolicy.rules[0].succeededCount",
         "Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes "
         "field)"),
        *[
            (indexed(successPolicy={"rules": [{"succeededIndexes": indexes}]}),
             "spec.successPolicy.rules[0].succeededIndexes",
             f'Invalid value: "{indexes}": error parsing succeededIndexes: {why}')
            for indexes, why in [
                ("4", 'too large index: "4"'),
                ("a", 'cannot convert string to integer for index: "a"'),
                ("2,1", "non-increasing order, previous: 2, current: 1"),
                ("3-2", "non-increasing order, previous: 3, current: 2"),
                ("0-1-2", "the fragment \"0-1-2\" violates the requirement that an index interval can have at most two "
                          "parts separated by '-'"),
            ]
        ],
    ],
)  # fmt: skip
def test_a_job_is_refused(door, data, field, message):
    assert (field, message) in causes(door, data)


def test_indexes_and_counts_that_fit_are_accepted(door):
    policy = {"rules": [{"succeededIndexes": "0,2-3", "succeededCount": 3}]}
    assert door.send("create", indexed(successPolicy=policy), dry_run=True).metadata.name == "x"


TERM = {"matchExpressions": [{"key": "a", "operator": "Exists"}]}
ON_NODES = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [TERM]}}}
APART = {"labelSelector": {"matchLabels": {"a": "b"}}, "topologyKey": "zone"}
FROM_PODS = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [APART]}}


@pytest.mark.parametrize(("affinity", "refused"), [(ON_NODES, []), (FROM_PODS, ["spec.template.spec"])])
def test_a_suspended_job_may_be_sent_to_other_nodes_but_not_away_from_other_pods(door, affinity, refused):
    made = copy.deepcopy(door)
    data = encode_object(made.send("create", job(suspend=True)))
    data["spec"]["template"]["spec"]["affinity"] = affinity
    try:
        made.send("update", data)
        found = []
    except StatusError as error:
        found = error.fields
    assert found == refused


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        ({}, []),
        ({"startTime": "2026-01-01T00:00:00Z"}, ["spec.template"]),
        ({"startTime": "2026-01-01T00:00:00Z", "conditions": [{"type": "Suspended", "status": "True"}]}, []),
        ({"active": 1}, ["spec.template"]),
    ],
)
def test_resources_change_while_a_job_is_suspended_and_has_no_pod(status, refused):
    old = at_rest(status)
    new = copy.deepcopy(old)
    new["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "1"}}
    assert [field for field, _ in rules.changed(old, new)] == refused


def at_rest(status):
    """A suspended Job as it is stored."""
    labels = {"labels": {"a": "b"}}
    template = {"metadata": labels, "spec": pod(restartPolicy="Never", terminationGracePeriodSeconds=30)["spec"]}
    kept = {"terminationMessagePolicy": "File", "imagePullPolicy": "Always"}
    template["spec"]["containers"] = [{**c, **kept} for c in template["spec"]["containers"]]
    template["spec"]["dnsPolicy"] = "Default"
    selector = {"matchLabels": {"a": "b"}}
    made = job(template=template, selector=selector, manualSelector=True, suspend=True)
    return {**made, "status": status}


def test_a_job_that_is_not_suspended_keeps_its_resources(door):
    made = copy.deepcopy(door)
    data = encode_object(made.send("create", job()))
    data["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "1"}}
    assert made.refusal("update", data).fields == ["spec.template"]


def test_the_labels_that_are_made_for_a_job_cannot_be_given_otherwise(door):
    template = {
        "metadata": {"labels": {"batch.kubernetes.io/job-name": "y"}},
        "spec": pod(restartPolicy="Never")["spec"],
    }
    told = causes(door, job(template=template))
    assert [field for field, _ in told] == ["spec.template.metadata.labels[batch.kubernetes.io/job-name]"]


def test_a_job_without_labels_has_those_of_its_pods(door):
    made = encode_object(copy.deepcopy(door).send("create", job()))
    assert made["metadata"]["labels"] == made["spec"]["template"]["metadata"]["labels"]


@pytest.mark.parametrize("feature", [{"schedulingPolicy": {"gang": {"minCount": 9}}}])
def test_how_pods_of_a_job_are_scheduled_together_is_dropped_while_the_feature_is_off(door, feature):
    made = encode_object(door.send("create", job(scheduling=feature), dry_run=True))
    assert "scheduling" not in made["spec"]


START, END = "2026-01-01T00:00:00Z", "2026-01-01T00:00:09Z"
ENDED = {"startTime": START, "completionTime": END}


def on(*kinds):
    """Conditions that are true."""
    return {"conditions": [{"type": kind, "status": "True"} for kind in kinds]}


@pytest.mark.parametrize(
    ("spec", "was", "now", "told"),
    [
        ({}, {}, {**on("SuccessCriteriaMet", "Complete"), **ENDED, "succeeded": 1}, []),
        ({}, {}, {**on("Complete"), **ENDED},
         [("status.conditions", "Invalid value: cannot set Complete=True condition without the "
                                "SuccessCriteriaMet=true condition")]),
        ({}, {}, {**on("SuccessCriteriaMet", "Complete"), "startTime": START},
         [("status.completionTime", "Required value: completionTime is required for Complete jobs")]),
        ({}, {}, {"completionTime": END},
         [("status.completionTime", f'Invalid value: "{END}": cannot set completionTime when there is no Complete=True '
                                    "condition")]),
        ({}, {}, {**on("FailureTarget", "Failed"), "startTime": START, "active": 1},
         [("status.active", "Invalid value: 1: active>0 is invalid for finished job")]),
        ({}, {}, {**on("FailureTarget", "Failed")},
         [("status.startTime", "Required value: startTime is required for finished job")]),
        ({}, {}, {"ready": 1}, [("status.ready", "Invalid value: 1: cannot set more ready pods than active")]),
        ({}, {"ready": 1}, {"ready": 1}, []),
        ({}, {"failed": 2}, {"failed": 1}, [("status.failed", "Invalid value: 1: cannot decrease the failed counter")]),
        ({"completionMode": "Indexed", "completions": 3, "parallelism": 3}, {"succeeded": 3}, {"succeeded": 1}, []),
        ({}, on("FailureTarget"), {},
         [("status.conditions", "Invalid value: cannot disable the terminal FailureTarget=True condition")]),
        ({}, {"startTime": START}, {"startTime": END},
         [("status.startTime", f'Invalid value: "{END}": field is immutable for unsuspended job once set')]),
        ({"suspend": True}, {"startTime": START}, {"startTime": END}, []),
        ({}, {}, {"uncountedTerminatedPods": {"succeeded": ["a"], "failed": ["a", ""]}},
         [("status.uncountedTerminatedPods.failed[0]", 'Duplicate value: "a"'),
          ("status.uncountedTerminatedPods.failed[1]", 'Invalid value: "": must not be empty')]),
        ({"completionMode": "Indexed", "completions": 5, "backoffLimitPerIndex": 1}, {},
         {"completedIndexes": "0-2", "failedIndexes": "x,2"},
         [("status.failedIndexes", 'Invalid value: "x,2": error parsing failedIndexes: cannot convert string to '
                                   'integer for index: "x"'),
          ("status.failedIndexes", 'Invalid value: "x,2": failedIndexes and completedIndexes overlap at index: 2')]),
    ],
)  # fmt: skip
def test_the_figures_and_conditions_of_a_jobs_status_go_together(spec, was, now, told):
    made = job(**spec)
    assert rules.reported({**made, "status": was}, {**made, "status": now}) == told


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ("TZ=UTC * * * * *", ["cannot use TZ or CRON_TZ in schedule, use timeZone field instead"]),
        ("TZ=Nowhere * * * * *", ["provided bad location Nowhere: unknown time zone Nowhere",
                                  "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"]),
    ],
)  # fmt: skip
def test_a_new_cron_job_has_no_time_zone_within_its_schedule(schedule, told):
    template = {"spec": at_rest({})["spec"]}
    template["spec"].pop("selector")
    template["spec"].pop("manualSelector")
    made = document("CronJob", "batch/v1", "x")
    made["spec"] = {"schedule": schedule, "concurrencyPolicy": "Allow", "jobTemplate": template}
    assert rules.created(made) == [("spec.schedule", f'Invalid value: "{schedule}": {why}') for why in told]

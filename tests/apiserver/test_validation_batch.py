"""Rules for Jobs beyond upstream's tables that lie here: indexes, policies, what a suspended Job may change."""

import copy

import pytest

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
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


@pytest.mark.parametrize(("affinity", "refused"), [(ON_NODES, []), (FROM_PODS, ["spec.template"])])
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

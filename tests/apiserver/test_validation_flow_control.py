"""Flow schemas and priority levels, as upstream's own tables judge them."""

import pytest

from kubesim_tui.apiserver.validation.flow_control import MANDATORY_LEVELS, MANDATORY_SCHEMAS
from tests.apiserver.door import document
from tests.apiserver.rules import created, reported

RULE = "spec.rules[0]"
EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}
USER = {"kind": "User", "user": {"name": "noxu"}}
FIXED = "must equal the fixed value"
DECK = "required entropy bits of deckSize 64 and handSize 11 should not be greater than 60"


def flow(kind, name, **rest):
    return document(kind, "flowcontrol.apiserver.k8s.io/v1", name, **rest)


def schema(name="x", subjects=(USER,), **spec):
    rules = [{"subjects": list(subjects), "resourceRules": [EVERYTHING]}]
    level = {"priorityLevelConfiguration": {"name": "low"}, "matchingPrecedence": 50}
    return flow("FlowSchema", name, spec={**level, "rules": rules, **spec})


def rule(**more):
    return schema(rules=[{"subjects": [USER], "resourceRules": [EVERYTHING | more]}])


def urls(*found):
    return schema(rules=[{"subjects": [USER], "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": list(found)}]}])


def level(name="x", **spec):
    return flow("PriorityLevelConfiguration", name, spec=spec)


def limited(response=None, **more):
    return level(type="Limited", limited={"limitResponse": response or {"type": "Reject"}, **more})


def queue(hand, queues, length=50):
    queuing = {"handSize": hand, "queues": queues, "queueLengthLimit": length}
    return limited({"type": "Queue", "queuing": queuing})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (schema(), []),
        (schema(rules=[{"subjects": [USER]}]), [(RULE, "Required value: at least one of resourceRules and "
                                                       "nonResourceRules has to be non-empty")]),
        (schema(subjects=[{"kind": "Group", "user": {"name": "a"}, "serviceAccount": {}}]), [
            (f"{RULE}.subjects[0].group", "Required value: group is required when subject kind is 'Group'"),
            (f"{RULE}.subjects[0].serviceAccount",
             "Forbidden: serviceAccount is forbidden when subject kind is not 'ServiceAccount'"),
            (f"{RULE}.subjects[0].user", "Forbidden: user is forbidden when subject kind is not 'User'"),
        ]),
        (schema(subjects=[{"kind": "ServiceAccount", "serviceAccount": {"name": "*"}}]), [
            (f"{RULE}.subjects[0].serviceAccount.namespace",
             "Required value: must specify namespace for service account"),
        ]),
        (schema(subjects=[{}]), [(f"{RULE}.subjects[0].kind", 'Unsupported value: "": supported values: "Group", '
                                                              '"ServiceAccount", "User"')]),
        (schema(matchingPrecedence=1), [
            ("spec.matchingPrecedence",
             "Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"),
        ]),
        (schema(matchingPrecedence=10001), [
            ("spec.matchingPrecedence", "Invalid value: 10001: must not be greater than 10000"),
        ]),
        (schema(distinguisherMethod={"type": "ByColour"}), [
            ("spec.distinguisherMethod.type",
             'Unsupported value: {"Type":"ByColour"}: supported values: "ByNamespace", "ByUser"'),
        ]),
        (schema(priorityLevelConfiguration={"name": ""}), [
            ("spec.priorityLevelConfiguration.name", "Required value: must reference a priority level"),
        ]),
        (rule(verbs=["feed"]), [
            (f"{RULE}.resourceRules[0].verbs",
             'Unsupported value: ["feed"]: supported values: "create", "delete", "deletecollection", "get", "list", '
             '"patch", "proxy", "update", "watch"'),
        ]),
        (rule(verbs=["*", "get"]), [
            (f"{RULE}.resourceRules[0].verbs",
             "Invalid value: [\"*\",\"get\"]: if '*' is present, must not specify other verbs"),
        ]),
        (rule(namespaces=[], clusterScope=True), []),
        (rule(namespaces=[]), [
            (f"{RULE}.resourceRules[0].namespaces",
             "Required value: resource rules that are not cluster scoped must supply at least one namespace"),
        ]),
        (urls("/", "/healthz/*"), []),
        (urls("healthz", "/a//b", "/a*/b"), [
            (f"{RULE}.nonResourceRules[0].nonResourceURLs[0]", 'Invalid value: "healthz": must start with slash'),
            (f"{RULE}.nonResourceRules[0].nonResourceURLs[1]", 'Invalid value: "/a//b": must not contain double slash'),
            (f"{RULE}.nonResourceRules[0].nonResourceURLs[2]",
             'Invalid value: "/a*/b": wildcard can only do suffix matching'),
        ]),
        (flow("FlowSchema", "catch-all", spec=MANDATORY_SCHEMAS["catch-all"]), []),
        (flow("FlowSchema", "exempt", spec=MANDATORY_SCHEMAS["exempt"]), []),
        (limited(), []),
        (queue(8, 64), []),
        (queue(10, 64), []),
        (queue(11, 64), [("spec.limited.limitResponse.queuing.handSize", f"Invalid value: 11: {DECK}")]),
        (queue(8, 7), [("spec.limited.limitResponse.queuing.handSize",
                        "Invalid value: 8: should not be greater than queues (7)")]),
        (limited(nominalConcurrencyShares=-1, lendablePercent=101, borrowingLimitPercent=-1), [
            ("spec.limited.nominalConcurrencyShares", "Invalid value: -1: must be a non-negative integer"),
            ("spec.limited.lendablePercent", "Invalid value: 101: must be between 0 and 100, inclusive"),
            ("spec.limited.borrowingLimitPercent", "Invalid value: -1: if specified, must be a non-negative integer"),
        ]),
        (level(type="Limited"), [("spec.limited", "Required value")]),
        (level(), [("spec.type", "Required value")]),
        (level(type="Limited", exempt={}, limited={"limitResponse": {"type": "Queue"}}), [
            ("spec.exempt", "Forbidden"),
            ("spec.limited.limitResponse.queuing", "Required value"),
        ]),
        (level(type="Exempt"), [
            ("spec.type", "Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'"),
        ]),
        (level("exempt", type="Exempt", exempt={"nominalConcurrencyShares": 7, "lendablePercent": 3}), []),
        (level("catch-all", **MANDATORY_LEVELS["catch-all"]), []),
    ],
)  # fmt: skip
def test_what_is_said_of_a_new_object(data, expected):
    assert expected == created(data)


@pytest.mark.parametrize("name", ["exempt", "catch-all"])
def test_a_mandatory_schema_stays_as_it_is(name):
    fields = [field for field, message in created(schema(name)) if message.endswith(f"spec of '{name}' {FIXED}")]
    assert fields == ["spec"]


def test_a_condition_of_a_schema_has_a_type_once():
    told = reported(schema(), schema() | {"status": {"conditions": [{"type": ""}, {"type": ""}]}})
    assert told == [
        ("status.conditions[0].type", "Required value"),
        ("status.conditions[1].type", 'Duplicate value: ""'),
        ("status.conditions[1].type", "Required value"),
    ]

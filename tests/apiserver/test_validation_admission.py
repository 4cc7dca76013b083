"""Webhooks and admission policies: their expressions are read when they are stored, and old mistakes may stay."""

import pytest

from tests.apiserver.door import document
from tests.apiserver.rules import changed, created, reported

RULE = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
MATCH = {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
BOTH = (
    "must not contain both Deny and Warn (repeating the same validation failure information in the API response and "
    "headers serves no purpose)"
)
EMPTY = "Required value: validations or auditAnnotations must contain at least one item"


def registered(kind, name="x", **rest):
    return document(kind, "admissionregistration.k8s.io/v1", name, **rest)


def hooks(*more):
    hook = {
        "name": "check.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "clientConfig": {"url": "https://example.com"},
        "rules": [RULE],
    }
    return registered("ValidatingWebhookConfiguration", webhooks=[hook | one for one in more or ({},)])


def condition(expression):
    return {"matchConditions": [{"name": "a", "expression": expression}]}


def selector(value):
    return {"objectSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": [value]}]}}


def policy(name="x", *, rule=(), **spec):
    given = {
        "failurePolicy": "Fail",
        "matchConstraints": {**MATCH, "resourceRules": [RULE | dict(rule)]},
        "validations": [{"expression": "object.spec.replicas < 5"}],
        **spec,
    }
    return registered("ValidatingAdmissionPolicy", name, spec=given)


def validation(expression="true", **more):
    return {"validations": [{"expression": expression, **more}]}


def mutating(*mutations, operations=("CREATE",)):
    constraints = {**MATCH, "resourceRules": [RULE | {"operations": list(operations)}]}
    spec = {"failurePolicy": "Fail", "matchConstraints": constraints, "mutations": list(mutations)}
    return registered("MutatingAdmissionPolicy", spec={**spec, "reinvocationPolicy": "Never"})


def binding(kind="Validating", **spec):
    return registered(f"{kind}AdmissionPolicyBinding", spec={"policyName": "x", **spec})


def compiled(source, at, said):
    place = f"ERROR: <input>:1:{at + 1}: {said}\n | {source}\n | {'.' * at}^"
    return f'Invalid value: "{source}": compilation failed: {place}'


@pytest.mark.parametrize(
    ("source", "at", "said"),
    [
        ("object.x + objekt.y", 11, "undeclared reference to 'objekt' (in container '')"),
        ("params.limit > 1", 0, "undeclared reference to 'params' (in container '')"),
        ("variables.a", 0, "undeclared reference to 'variables' (in container '')"),
    ],
)
def test_a_condition_speaks_of_the_request_alone(source, at, said):
    told = created(hooks(condition(source)))
    assert told == [("webhooks[0].matchConditions[0].expression", compiled(source, at, said))]


@pytest.mark.parametrize(
    "source",
    [
        "!(request.resource.group == 'coordination.k8s.io' && request.resource.resource == 'leases')",
        "!('system:nodes' in request.userInfo.groups)",
        "request.resource.group != 'rbac' || authorizer.group('a').resource('b').check('c').allowed()",
        "object.metadata.labels.all(k, k != 'a') && has(oldObject.spec) && namespaceObject.metadata.name != ''",
    ],
)
def test_conditions_of_the_documentation_are_taken(source):
    assert created(hooks(condition(source))) == []


def test_what_cannot_be_read_is_refused():
    ((field, message),) = created(hooks(condition("object.x ==")))
    start = 'Invalid value: "object.x ==": compilation failed: ERROR: <input>:1:12: '
    assert (field, message[: len(start)]) == ("webhooks[0].matchConditions[0].expression", start)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (hooks(condition("objekt.x")), hooks({"timeoutSeconds": 5} | condition("objekt.x")), []),
        (hooks({"sideEffects": "Some"}), hooks({"sideEffects": "Unknown"}), []),
        (hooks({"admissionReviewVersions": ["v0"]}), hooks({"admissionReviewVersions": ["v3"]}), []),
        (hooks({}, {}), hooks({}, {}, {}), []),
        (hooks(selector("a ")), hooks(selector("b ")), []),
        (hooks({}), hooks({}, {}), [("webhooks[1].name", 'Duplicate value: "check.example.com"')]),
        (
            hooks({}),
            hooks({"sideEffects": "Some"}),
            [("webhooks[0].sideEffects", 'Unsupported value: "Some": supported values: "None", "NoneOnDryRun"')],
        ),
    ],
)
def test_old_mistakes_may_stay(old, new, expected):
    assert expected == changed(old, new)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (policy(), []),
        (policy(variables=[{"name": "a", "expression": "1"}, {"name": "b", "expression": "variables.a"}],
                **validation("variables.b > 0")), []),
        (policy(paramKind={"apiVersion": "v1", "kind": "ConfigMap"}, **validation("params.data.a == 'b'"),
                **condition("params.data.c == 'd'")), []),
        (policy(validations=[]), [("spec.validations", EMPTY), ("spec.auditAnnotations", EMPTY)]),
        (policy(matchConstraints={**MATCH}), [("spec.matchConstraints.resourceRules", "Required value")]),
        (policy(failurePolicy="Maybe"), [
            ("spec.failurePolicy", 'Unsupported value: "Maybe": supported values: "Fail", "Ignore"'),
        ]),
        (policy(paramKind={"apiVersion": "a/b/c", "kind": ""}), [
            ("spec.paramKind.apiVersion", 'Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'),
            ("spec.paramKind.kind", "Required value"),
        ]),
        (policy(rule={"resourceNames": ["a", "a", "b/c"]}), [
            ("spec.matchConstraints.resourceRules[0].resourceNames[1]", 'Duplicate value: "a"'),
            ("spec.matchConstraints.resourceRules[0].resourceNames[2]", "Invalid value: \"b/c\": may not contain '/'"),
        ]),
        (policy(variables=[{"name": "for", "expression": " "}]), [
            ("spec.variables[0].name", 'Invalid value: "for": must be a valid CEL identifier'),
            ("spec.variables[0].expression", "Required value: expression is not specified"),
        ]),
        (policy(**validation("1")), [
            ("spec.validations[0].expression", 'Invalid value: "1": must evaluate to bool but got int'),
        ]),
        (policy(**validation(messageExpression="authorizer.x")), [
            ("spec.validations[0].messageExpression",
             compiled("authorizer.x", 0, "undeclared reference to 'authorizer' (in container '')")),
        ]),
        (policy(**validation(message="a\nb", reason="Whim", messageExpression=" ")), [
            ("spec.validations[0].messageExpression", 'Invalid value: " ": must be non-empty if specified'),
            ("spec.validations[0].message", 'Invalid value: "a\\nb": must not contain line breaks'),
            ("spec.validations[0].reason",
             'Unsupported value: "Whim": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"'),
        ]),
        (policy(auditAnnotations=[{"key": "a", "valueExpression": "'b'"}, {"key": "a", "valueExpression": "5"}]), [
            ("spec.auditAnnotations[1].valueExpression",
             'Invalid value: "5": must evaluate to one of [string null_type] but got int'),
            ("spec.auditAnnotations[1].key", 'Duplicate value: "a"'),
        ]),
        (mutating({"patchType": "JSONPatch", "jsonPatch": {"expression": "[]"}}), []),
        (mutating(), [("spec.mutations", "Required value: mutations must contain at least one item")]),
        (mutating({"patchType": "JSONPatch", "applyConfiguration": {"expression": "O{}"}}, operations=["DELETE"]), [
            ("spec.matchConstraints.resourceRules.operations",
             'Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"'),
            ("spec.mutations[0].jsonPatch", "Required value: must be specified when patchType is JSONPatch"),
            ("spec.mutations[0].applyConfiguration",
             'Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch'),
        ]),
        (binding(validationActions=["Audit"]), []),
        (binding(policyName="", validationActions=[]), [
            ("spec.policyName", "Required value"), ("spec.validationActions", "Required value"),
        ]),
        (binding(validationActions=["Deny", "Warn"]), [
            ("spec.validationActions", f'Invalid value: ["Deny","Warn"]: {BOTH}'),
        ]),
        (binding("Mutating", paramRef={"name": "a", "selector": {}}), [
            ("spec.paramRef.name", "Forbidden: name and selector are mutually exclusive"),
            ("spec.paramRef.selector", "Forbidden: name and selector are mutually exclusive"),
            ("spec.paramRef.parameterNotFoundAction", "Required value"),
        ]),
    ],
)  # fmt: skip
def test_what_is_said_of_a_new_policy_or_binding(data, expected):
    assert expected == created(data)


def test_conditions_that_were_stored_are_read_again_when_their_parameters_change():
    old = policy(paramKind={"apiVersion": "v1", "kind": "ConfigMap"}, **condition("params.data.a == 'b'"))
    new = policy(**condition("params.data.a == 'b'"))
    assert [field for field, _ in changed(old, new)] == ["spec.matchConditions[0].expression"]


def test_a_warning_of_the_type_checker_says_where():
    status = {"typeChecking": {"expressionWarnings": [{"warning": "", "fieldRef": " "}]}}
    path = "status.typeChecking.expressionWarnings[0]"
    told = reported(policy(), policy() | {"status": status})
    assert told == [(f"{path}.warning", "Required value"), (f"{path}.fieldRef", "Required value")]

"""ValidatingAdmissionPolicies are asked about writes, wherever they are bound."""

import pytest

from kubesim_tui.apiserver.authentication import service_account
from kubesim_tui.apiserver.errors import StatusError
from tests.apiserver.door import Door, deployment, document, pod

API = "admissionregistration.k8s.io/v1"
RULE = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["deployments"]}
DENIED = "ValidatingAdmissionPolicy 'few' with binding 'few' denied request"


def policy(*validations, name="few", rules=(RULE,), **spec):
    made = {"matchConstraints": {"resourceRules": list(rules)}, "validations": list(validations), **spec}
    return document("ValidatingAdmissionPolicy", API, name, spec=made)


def binding(name="few", policy="few", actions=("Deny",), **spec):
    made = {"policyName": policy, "validationActions": list(actions), **spec}
    return document("ValidatingAdmissionPolicyBinding", API, name, spec=made)


def door(*objects):
    made = Door()
    for obj in objects:
        made.send("create", obj, namespace="")
    return made


def few(expression="object.spec.replicas <= 5", **more):
    return {"expression": expression, **more}


def test_what_a_policy_denies_is_refused_in_its_words():
    refused = door(policy(few()), binding()).refusal("create", deployment(replicas=6))
    said = f"{DENIED}: failed expression: object.spec.replicas <= 5"
    assert (refused.code, refused.reason) == (422, "Invalid")
    assert refused.message == f'deployments.apps "web" is forbidden: {said}'
    assert [c.message for c in refused.details.causes] == [said]


def test_what_keeps_it_and_what_it_is_not_about_is_let_be():
    made = door(policy(few()), binding())
    made.send("create", deployment(replicas=5))
    made.send("create", pod())


def test_a_policy_without_binding_and_a_binding_without_policy_do_nothing():
    door(policy(few())).send("create", deployment(replicas=6))
    door(binding()).send("create", deployment(replicas=6))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"message": " too many "}, "too many"),
        ({"messageExpression": "'not ' + string(object.spec.replicas)"}, "not 6"),
        ({"messageExpression": "'a\\nb'", "message": "plain"}, "plain"),
        ({"messageExpression": "object.spec.gone", "message": "plain"}, "plain"),
    ],
)
def test_its_message(more, said):
    refused = door(policy(few(**more)), binding()).refusal("create", deployment(replicas=6))
    assert refused.message.endswith(f"{DENIED}: {said}")


def test_its_reason_is_the_answers():
    refused = door(policy(few(reason="Forbidden")), binding()).refusal("create", deployment(replicas=6))
    assert (refused.code, refused.reason) == (403, "Forbidden")


def test_warnings_are_said_and_let_through():
    made = door(policy(few(message="many")), binding(actions=("Warn", "Audit")))
    made.send("create", deployment(replicas=6))
    said = "Validation failed for ValidatingAdmissionPolicy 'few' with binding 'few': many"
    assert made.server.warnings == [said]


def test_variables_are_shared_by_expressions_and_by_each_other():
    variables = [
        {"name": "n", "expression": "object.spec.replicas"},
        {"name": "many", "expression": "variables.n > 5"},
    ]
    rule = few("!variables.many", messageExpression="string(variables.n)")
    refused = door(policy(rule, variables=variables), binding()).refusal("create", deployment(replicas=6))
    assert refused.message.endswith(f"{DENIED}: 6")


def test_an_expression_that_fails_is_the_failure_policys():
    rule = few("object.spec.gone > 1")
    refused = door(policy(rule), binding()).refusal("create", deployment())
    assert refused.message.endswith(f"{DENIED}: expression 'object.spec.gone > 1' resulted in error: no such key: gone")
    door(policy(rule, failurePolicy="Ignore"), binding()).send("create", deployment())


def test_conditions_choose_the_requests_it_is_asked_about():
    conditions = [{"name": "not-robots", "expression": "!request.userInfo.username.startsWith('system:')"}]
    made = door(policy(few(), matchConditions=conditions), binding())
    assert made.refusal("create", deployment(replicas=6)).code == 422
    robot = service_account("default", "robot")
    rule = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create"]}
    made.create(document("ClusterRole", "rbac.authorization.k8s.io/v1", "deployer", rules=[rule]))
    subject = {"kind": "ServiceAccount", "name": "robot", "namespace": "default"}
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "deployer"}
    made.create(document("ClusterRoleBinding", "rbac.authorization.k8s.io/v1", "d", subjects=[subject], roleRef=ref))
    made.send("create", deployment(replicas=6), user=robot)


def test_a_binding_narrows_where_it_holds():
    where = {"namespaceSelector": {"matchLabels": {"env": "prod"}}}
    made = door(policy(few()), binding(matchResources=where))
    made.namespace("prod", {"env": "prod"})
    made.send("create", deployment(replicas=6))
    assert made.refusal("create", deployment(replicas=6), namespace="prod").code == 422


def test_excluded_resources_and_names():
    excluded = {**RULE, "resourceNames": ["free"]}
    made = door(policy(few()), binding(matchResources={"excludeResourceRules": [excluded]}))
    made.send("create", deployment("free", replicas=6))
    assert made.refusal("create", deployment("web", replicas=6)).code == 422


def test_params_come_from_the_binding():
    rule = few("object.spec.replicas <= int(params.data.most)", messageExpression="'at most ' + params.data.most")
    of_maps = policy(rule, paramKind={"apiVersion": "v1", "kind": "ConfigMap"})
    bound = binding(paramRef={"name": "limits", "parameterNotFoundAction": "Deny"})
    made = door(of_maps, bound)
    missing = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
    assert made.refusal("create", deployment()).message.endswith(f"{DENIED}: {missing}")
    made.send("create", document("ConfigMap", "v1", "limits", data={"most": "3"}))
    made.send("create", deployment(replicas=3))
    assert made.refusal("create", deployment("other", replicas=4)).message.endswith(f"{DENIED}: at most 3")


def test_each_of_the_params_that_a_selector_chooses_is_asked():
    rule = few("params == null || object.spec.replicas <= int(params.data.most)")
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    ref = {"selector": {"matchLabels": {"limit": "yes"}}, "parameterNotFoundAction": "Allow"}
    made = door(policy(rule, paramKind=kind), binding(paramRef=ref))
    made.send("create", deployment("a", replicas=9))
    for name, most in (("wide", "9"), ("narrow", "2")):
        data = document("ConfigMap", "v1", name, data={"most": most})
        data["metadata"]["labels"] = {"limit": "yes"}
        made.send("create", data)
    made.send("create", deployment("b", replicas=2))
    assert made.refusal("create", deployment("c", replicas=3)).code == 422


def test_the_authorizer_knows_who_asks():
    rule = few("authorizer.group('').resource('secrets').namespace('default').check('get').allowed()")
    made = door(policy(rule), binding())
    made.send("create", deployment())
    other = few("authorizer.serviceAccount('default', 'nobody').group('').resource('pods').check('list').allowed()")
    assert door(policy(other), binding()).refusal("create", deployment()).code == 422
    own = few(
        "authorizer.requestResource.check('create').allowed() && authorizer.path('/healthz').check('get').allowed()"
    )
    door(policy(own), binding()).send("create", deployment())


def test_old_objects_and_deletions():
    grows = few("oldObject == null || object.spec.replicas >= oldObject.spec.replicas", message="shrinks")
    made = door(policy(grows), binding())
    made.send("create", deployment(replicas=3))
    assert made.refusal("update", deployment(replicas=2)).message.endswith("shrinks")
    kept = few("!has(oldObject.metadata.labels) || !('keep' in oldObject.metadata.labels)", message="kept")
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["DELETE"], "resources": ["configmaps"]}
    made = door(policy(kept, rules=[rule]), binding())
    data = document("ConfigMap", "v1", "c")
    data["metadata"]["labels"] = {"keep": ""}
    made.send("create", data)
    refused = made.refusal("delete", document("ConfigMap", "v1", "c"))
    assert refused.message == f'configmaps "c" is forbidden: {DENIED}: kept'


def test_pods_of_components_are_asked_about_one_by_one():
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    made = door(policy(few("object.metadata.name != 'q'"), rules=[rule]), binding())
    made.send("create", pod("p"))
    with pytest.raises(StatusError):
        made.send("create", pod("q"))


def test_a_namespace_is_seen_by_what_lies_in_it():
    rule = few("namespaceObject.metadata.labels['env'] == 'prod'")
    made = door(policy(rule), binding())
    made.namespace("prod", {"env": "prod"})
    made.send("create", deployment(), namespace="prod")
    assert made.refusal("create", deployment()).code == 422


def test_policies_themselves_are_exempt():
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}
    made = door(policy(few("false"), rules=[rule]), binding())
    assert made.refusal("create", pod()).code == 422
    made.send("delete", policy(), namespace="")


def test_what_expressions_cost_is_bounded():
    spec = "object.spec.template.spec.containers"
    many = few(f"{spec}.all(a, {spec}.all(b, {spec}.all(c, {spec}.all(d, a.name != 'x'))))")
    containers = [{"name": f"c{i}", "image": "nginx"} for i in range(40)]
    data = deployment(template={"metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers}})
    refused = door(policy(many), binding()).refusal("create", data)
    assert "actual cost limit exceeded" in refused.message

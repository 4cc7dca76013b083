"""May I, what may I, who am I; and whose token this is."""

import pytest

from kubesim_tui.api import scheme, types
from kubesim_tui.apiserver import authentication, reviews
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import User
from tests.apiserver.door import Door, document, pod
from tests.harness import ADMIN, Request

API = "rbac.authorization.k8s.io"
JANE = User("jane", ("system:authenticated",))


@pytest.fixture
def door():
    made = Door()
    rule = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
    made.send("create", document("Role", f"{API}/v1", "reader", rules=[rule]))
    ref = {"apiGroup": API, "kind": "Role", "name": "reader"}
    subject = {"apiGroup": API, "kind": "User", "name": "jane"}
    made.send("create", document("RoleBinding", f"{API}/v1", "reader", roleRef=ref, subjects=[subject]))
    return made


def asked(door, plural, spec, user=JANE):
    return reviews.answer(door.server, user, plural, {"spec": spec})["status"]


def test_may_i(door):
    get = {"verb": "get", "resource": "pods", "namespace": "default"}
    yes = asked(door, "selfsubjectaccessreviews", {"resourceAttributes": get})
    no = asked(door, "selfsubjectaccessreviews", {"resourceAttributes": {**get, "verb": "delete"}})
    url = asked(door, "selfsubjectaccessreviews", {"nonResourceAttributes": {"verb": "get", "path": "/api/v1"}})
    assert [r["allowed"] for r in (yes, no, url)] == [True, False, True]
    assert yes["reason"] == 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to User "jane"'


def test_may_somebody_else(door):
    spec = {"user": "jane", "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "default"}}
    assert asked(door, "subjectaccessreviews", spec, ADMIN)["allowed"]
    with pytest.raises(StatusError, match='cannot create resource "subjectaccessreviews" in API group "authorization'):
        asked(door, "subjectaccessreviews", spec)


def test_what_may_i(door):
    found = asked(door, "selfsubjectrulesreviews", {"namespace": "default"})
    assert {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]} in found["resourceRules"]
    assert any("/api/*" in rule["nonResourceURLs"] for rule in found["nonResourceRules"])


def test_who_am_i(door):
    who = asked(door, "selfsubjectreviews", {})["userInfo"]
    assert who == {"username": "jane", "groups": ["system:authenticated"]}
    with pytest.raises(StatusError, match="at the cluster scope"):
        asked(door, "selfsubjectreviews", {}, authentication.ANONYMOUS)


def test_a_token_is_its_accounts_until_that_is_another(door):
    door.account("default", "bot")
    request = Request(ADMIN, "create", scheme.for_plural("serviceaccounts"), "default", "bot", "token", {})
    token = door.server.handle(request).rest["status"]["token"]
    user = authentication.by_token(door.etcd, token)
    assert user == User(
        "system:serviceaccount:default:bot",
        ("system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"),
    )
    door.delete(types.ServiceAccount, "bot")
    door.account("default", "bot")
    assert [authentication.by_token(door.etcd, t) for t in (token, "nonsense", "")] == [None, None, None]


def token_for(door, **spec):
    request = Request(
        ADMIN, "create", scheme.for_plural("serviceaccounts"), "default", "default", "token", {"spec": spec}
    )
    return door.server.handle(request).rest["status"]["token"]


def test_whose_token_is_this(door):
    status = asked(door, "tokenreviews", {"token": token_for(door)}, ADMIN)
    assert status["authenticated"]
    assert status["user"]["username"] == "system:serviceaccount:default:default"
    assert asked(door, "tokenreviews", {"token": "x"}, ADMIN) == {"user": {}, "error": "invalid bearer token"}


def test_a_token_has_its_time(door):
    token = token_for(door, expirationSeconds=600)
    door.tick(599)
    assert authentication.by_token(door.etcd, token) is not None
    door.tick(1)
    assert authentication.by_token(door.etcd, token) is None
    with pytest.raises(StatusError) as error:
        token_for(door, expirationSeconds=60)
    assert error.value.message == (
        'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: '
        "may not specify a duration less than 10 minutes"
    )


def test_a_token_dies_with_what_it_is_bound_to(door):
    door.send("create", pod("p"))
    token = token_for(door, boundObjectRef={"apiVersion": "v1", "kind": "Pod", "name": "p"})
    assert authentication.by_token(door.etcd, token) is not None
    door.send("delete", pod("p"))
    assert authentication.by_token(door.etcd, token) is None
    with pytest.raises(StatusError, match="cannot bind token to object of type /v1, Kind=ConfigMap"):
        token_for(door, boundObjectRef={"apiVersion": "v1", "kind": "ConfigMap", "name": "c"})

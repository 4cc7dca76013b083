"""RBAC: who may do what, by roles and bindings in the store."""

from functools import partial

import pytest

from kubesim_tui.api import scheme, types
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import User
from kubesim_tui.controllers.base import Kit
from kubesim_tui.controllers.clusterroleaggregation import ClusterRoleAggregationController
from kubesim_tui.kernel.process import Always
from tests.apiserver.door import Door, deployment, document, pod
from tests.harness import Request

API = "rbac.authorization.k8s.io"


@pytest.fixture
def door():
    return Door()


# -- upstream's tables -------------------------------------------------------------------------------------------


def resource(group, plural):
    """A resource that need not be served."""
    return scheme.Resource("", group, "v1", plural, plural, (), True, (), plural, types.Unstructured)


# -- at the door -------------------------------------------------------------------------------------------------

JANE = User("jane", ("developers", "system:authenticated"))
BOT = User("system:serviceaccount:default:bot", ("system:serviceaccounts", "system:authenticated"))


def role(name, *rules, kind="Role"):
    return document(kind, f"{API}/v1", name, rules=list(rules))


def rule(verbs, resources, group="", **more):
    return {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split(), **more}


def bound(role_name, *subjects, kind="RoleBinding", ref="Role"):
    ref = {"apiGroup": API, "kind": ref, "name": role_name}
    return document(kind, f"{API}/v1", role_name, roleRef=ref, subjects=list(subjects))


USER = {"kind": "User", "name": "jane", "apiGroup": API}
ACCOUNT = {"kind": "ServiceAccount", "name": "bot", "namespace": "default"}


def may(door, user, verb, plural, name="", namespace="default", subresource=""):
    """Whether the door lets a user pass."""
    what = scheme.for_plural(plural)
    return door.server.authorizer.authorize(user, verb, what, subresource, namespace, name)[0]


def test_nobody_may_do_anything_without_a_role(door):
    with pytest.raises(StatusError) as refused:
        door.server.handle(Request(JANE, "list", scheme.for_plural("pods"), "default"))
    why = 'User "jane" cannot list resource "pods" in API group "" in the namespace "default"'
    assert refused.value.message == f"pods is forbidden: {why}"
    assert (refused.value.code, refused.value.station) == (403, "authorization")
    with pytest.raises(StatusError, match='cannot get resource "nodes" in API group "" at the cluster scope'):
        door.server.handle(Request(JANE, "get", scheme.for_plural("nodes"), "", "n"))


def test_a_role_holds_in_its_namespace_from_the_moment_it_is_bound(door):
    door.namespace("other")
    door.send("create", role("reader", rule("get list", "pods")))
    assert not may(door, JANE, "list", "pods")
    door.send("create", bound("reader", USER))
    assert may(door, JANE, "list", "pods")
    assert not may(door, JANE, "list", "pods", namespace="other")
    assert not may(door, JANE, "delete", "pods")
    door.server.handle(
        Request(User("a", ("system:masters",)), "delete", scheme.for_plural("rolebindings"), "default", "reader")
    )
    assert not may(door, JANE, "list", "pods")


def test_subresources_and_names_are_asked_for_apart(door):
    door.send(
        "create", role("some", rule("get", "pods/log configmaps"), rule("get", "secrets", resourceNames=["mine"]))
    )
    door.send("create", bound("some", ACCOUNT))
    asked = (
        ("pods", "", "log"),
        ("pods", "", ""),
        ("secrets", "mine", ""),
        ("secrets", "other", ""),
        ("secrets", "", ""),
    )
    assert [may(door, BOT, "get", p, n, subresource=s) for p, n, s in asked] == [True, False, True, False, False]


def test_a_binding_to_a_role_that_is_missing_is_given_as_the_reason(door):
    door.send("create", bound("ghost", USER))
    with pytest.raises(StatusError, match=f'RBAC: role.{API} "ghost" not found'):
        door.server.handle(Request(JANE, "list", scheme.for_plural("pods"), "default"))


def test_what_allows_is_named(door):
    door.send("create", bound("view", ACCOUNT, ref="ClusterRole"))
    source = 'RBAC: allowed by RoleBinding "view/default" of ClusterRole "view" to ServiceAccount "bot/default"'
    answer = door.server.authorizer.authorize(BOT, "get", scheme.for_plural("pods"), "", "default", "")
    assert answer == (True, source)


def test_view_edit_and_admin_are_ever_more(door):
    asked = (
        ("get", "pods"),
        ("get", "secrets"),
        ("create", "deployments"),
        ("create", "rolebindings"),
        ("create", "nodes"),
    )
    table = {}
    for name in ("view", "edit", "admin"):
        door.send("create", bound(name, {"kind": "User", "name": name, "apiGroup": API}, ref="ClusterRole"))
        table[name] = [may(door, User(name), verb, plural) for verb, plural in asked]
    assert table == {
        "view": [True, False, False, False, False],
        "edit": [True, True, True, False, False],
        "admin": [True, True, True, True, False],
    }


def test_a_cluster_role_has_the_rules_of_those_that_it_aggregates(door):
    more = role("more", rule("get", "nodes"), kind="ClusterRole")
    more["metadata"]["labels"] = {f"{API}/aggregate-to-view": "true"}
    kit = Kit(door.engine, door.client, door.informer, Always())
    door.add(ClusterRoleAggregationController("clusterrole-aggregation-controller", kit))
    door.tick()
    before = door.etcd.revision
    door.send("create", bound("view", USER, kind="ClusterRoleBinding", ref="ClusterRole"))
    assert not may(door, JANE, "get", "nodes", namespace="")
    door.send("create", more)
    door.tick(2)
    assert door.etcd.revision == before + 5  # the binding and the role; view, and so edit and admin
    assert may(door, JANE, "get", "nodes", namespace="")


def test_nodes_and_components_have_what_they_need(door):
    node = User("system:node:n", ("system:nodes", "system:authenticated"))
    scheduler = User("system:kube-scheduler", ("system:authenticated",))
    controller = User("system:serviceaccount:kube-system:replicaset-controller", ("system:authenticated",))
    asked = (
        ("update", "pods", "status"),
        ("create", "pods", "binding"),
        ("create", "pods", ""),
        ("update", "replicasets", "status"),
    )
    table = [[may(door, who, v, p, subresource=s) for v, p, s in asked] for who in (node, scheduler, controller)]
    assert table == [[True, False, True, False], [True, True, False, False], [False, False, True, True]]


# -- escalation --------------------------------------------------------------------------------------------------


def let_jane_write_roles(door, verbs="create update patch"):
    door.send("create", role("roles", rule(verbs, "roles rolebindings", API), rule("get list", "pods")))
    door.send("create", bound("roles", USER))


def test_nobody_grants_what_they_lack(door):
    let_jane_write_roles(door)
    wanted = role("more", rule("get list delete", "pods"), rule("get", "secrets"))
    why = (
        'user "jane" (groups=["developers" "system:authenticated"]) is attempting to grant RBAC permissions not '
        'currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}\n'
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'
    )
    assert door.refusal("create", wanted, user=JANE).message == f'roles.{API} "more" is forbidden: {why}'
    assert door.send("create", role("same", rule("list", "pods")), user=JANE).metadata.name == "same"


def test_nobody_binds_what_they_lack(door):
    let_jane_write_roles(door)
    refused = door.refusal("create", bound("admin", USER, ref="ClusterRole"), user=JANE)
    assert "is attempting to grant RBAC permissions not currently held" in refused.message
    missing = door.refusal("create", bound("ghost", USER), user=JANE)
    assert missing.message == f'role.{API} "ghost" not found'


def test_who_may_escalate_or_bind_is_excused(door):
    let_jane_write_roles(door, "create escalate bind")
    door.send("create", role("all", rule("*", "*", "*")), user=JANE)
    assert door.send("create", bound("all", USER), user=JANE).metadata.name == "all"


def test_a_role_that_gathers_others_is_for_those_who_may_do_everything(door):
    door.send("create", role("roles", rule("create", "clusterroles", API), kind="ClusterRole"))
    door.send("create", bound("roles", USER, kind="ClusterRoleBinding", ref="ClusterRole"))
    all_of = {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
    wanted = {**role("all", kind="ClusterRole"), "aggregationRule": all_of}
    assert door.refusal("create", wanted, user=JANE).message == (
        f'clusterroles.{API} "all" is forbidden: must have cluster-admin privileges to use an aggregationRule'
    )


# -- nodes --------------------------------------------------------------------------------------------------------

NODE = User("system:node:n1", ("system:nodes", "system:authenticated"))


def test_a_kubelet_changes_its_own_node_only(door):
    for name in ("n1", "n2"):
        door.send("create", document("Node", "v1", name))
    patch = {"metadata": {"labels": {"a": "b"}}}
    send = partial(Request, NODE, "patch", scheme.for_plural("nodes"), "", body=patch, patch_type="merge")
    door.server.handle(send(name="n1"))
    with pytest.raises(StatusError) as error:
        door.server.handle(send(name="n2"))
    assert error.value.message == ('nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"')
    patch["metadata"]["labels"] = {"node-restriction.kubernetes.io/zone": "x", "node-role.kubernetes.io/a": ""}
    with pytest.raises(
        StatusError, match=r"is not allowed to modify labels: node-restriction\.kubernetes\.io/zone, node"
    ):
        door.server.handle(send(name="n1"))


def test_a_kubelet_deletes_and_makes_its_own_pods_only(door):
    door.send("create", pod("mine", nodeName="n1"))
    door.send("create", pod("other", nodeName="n2"))
    assert 'pod does not have "kubernetes.io/config.mirror" annotation' in (
        door.refusal("create", pod("new", nodeName="n1"), user=NODE).message
    )
    door.send("delete", pod("mine"), user=NODE)
    assert door.refusal("delete", pod("other"), user=NODE).message == (
        'pods "other" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself'
    )


def mirror(door, **spec):
    """A mirror Pod of n1, as its kubelet would bring it."""
    uid = door.server.etcd.get("nodes", ("", "n1")).metadata.uid
    owner = {"apiVersion": "v1", "kind": "Node", "name": "n1", "uid": uid, "controller": True}
    made = pod("mirror", nodeName="n1", **spec)
    made["metadata"] |= {"annotations": {"kubernetes.io/config.mirror": "x"}, "ownerReferences": [owner]}
    return made


def container(**more):
    return {"containers": [{"name": "c", "image": "nginx", **more}]}


def volume(**source):
    return {"volumes": [{"name": "v", **source}]}


def projected(**source):
    return volume(projected={"sources": [source]})


CSI = {"driver": "d", "nodePublishSecretRef": {"name": "s"}}


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        ({"imagePullSecrets": [{"name": "s"}]}, "secrets"),
        (container(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]), "secrets"),
        (container(envFrom=[{"secretRef": {"name": "s"}}]), "secrets"),
        (volume(secret={"secretName": "s"}), "secrets"),
        (volume(csi=CSI), "secrets"),
        (volume(azureFile={"secretName": "s", "shareName": "x"}), "secrets"),
        (projected(secret={"name": "s"}), "secrets"),
        (container(env=[{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}}]), "configmaps"),
        (container(envFrom=[{"configMapRef": {"name": "m"}}]), "configmaps"),
        (volume(configMap={"name": "m"}), "configmaps"),
        (projected(configMap={"name": "m"}), "configmaps"),
        (projected(clusterTrustBundle={"name": "b", "path": "p"}), "clustertrustbundles"),
        (volume(persistentVolumeClaim={"claimName": "c"}), "persistentvolumeclaims"),
    ],
)
def test_a_mirror_pod_references_no_other_object(door, spec, what):
    door.send("create", document("Node", "v1", "n1"))
    answer = door.refusal("create", mirror(door, **spec), user=NODE)
    assert answer.message == f'pods "mirror" is forbidden: node "n1" can not create pods that reference {what}'


def test_a_kubelet_makes_mirror_pods_of_its_node_as_it_is_now(door):
    door.send("create", document("Node", "v1", "n1"))
    stale = mirror(door)
    stale["metadata"]["ownerReferences"][0]["uid"] = "old"
    answer = door.refusal("create", stale, user=NODE)
    uid = door.server.etcd.get("nodes", ("", "n1")).metadata.uid
    assert answer.message == f'pods "mirror" is forbidden: node n1 UID mismatch: expected old got {uid}'
    assert door.send("create", mirror(door, **volume(emptyDir={})), user=NODE).metadata.name == "mirror"


# -- the record --------------------------------------------------------------------------------------------------


def test_a_refusal_leaves_a_record_of_who_refused_what(door):
    door.refusal("create", pod(), user=JANE)
    door.refusal("create", deployment(), namespace="ghost")
    last = [(r.user, r.verb, r.resource, r.code, r.decided) for r in list(door.server.trace)[-2:]]
    assert last == [
        ("jane", "create", "pods", 403, "authorization"),
        ("admin", "create", "deployments.apps", 404, "admission/NamespaceLifecycle"),
    ]

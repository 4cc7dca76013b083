from kubesim_tui.api import types
from kubesim_tui.controllers.namespace import Left, NamespaceController, conditions
from kubesim_tui.controllers.rootcacertpublisher import RootCACertPublisher
from kubesim_tui.controllers.serviceaccount import ServiceAccountController
from tests.controllers.bench import Manager, template


def manager():
    m = Manager(NamespaceController, ServiceAccountController, RootCACertPublisher)
    m.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    m.tick()
    return m


def names(m, cls):
    return [o.metadata.name for o in m.list(cls, "shop")]


def test_a_new_namespace_gets_a_service_account_and_the_root_certificate():
    m = manager()
    assert (names(m, types.ServiceAccount), names(m, types.ConfigMap)) == (["default"], ["kube-root-ca.crt"])


def test_both_come_back_when_deleted():
    m = manager()
    m.delete(types.ServiceAccount, "default", "shop")
    m.delete(types.ConfigMap, "kube-root-ca.crt", "shop")
    m.tick()
    assert (names(m, types.ServiceAccount), names(m, types.ConfigMap)) == (["default"], ["kube-root-ca.crt"])


def test_a_changed_root_certificate_is_put_right():
    m = manager()
    found = m.get(types.ConfigMap, "kube-root-ca.crt", "shop")
    m.admin.update(found.evolve(data=found.data.merged({"ca.crt": "forged"})))
    m.tick()
    assert m.get(types.ConfigMap, "kube-root-ca.crt", "shop").data == found.data


def test_a_deleted_namespace_is_emptied_and_goes():
    m = manager()
    m.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}})
    m.delete(types.Namespace, "shop", "")
    m.tick(3)
    assert ([n.metadata.name for n in m.list(types.Namespace)], names(m, types.Secret)) == ([], [])


def test_pods_go_before_the_rest():
    m = manager()
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop"}, **template()}
    made["metadata"] = {"name": "p", "namespace": "shop"}
    m.create(made)
    m.bind()
    m.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}})
    m.delete(types.Namespace, "shop", "")
    m.tick()
    found = m.get(types.Namespace, "shop", "").status
    left = next(c.message for c in found.conditions if c.type == "NamespaceContentRemaining")
    assert (names(m, types.Secret), found.phase) == (["s"], "Terminating")
    assert left == (
        "Some resources are remaining: configmaps. has 1 resource instances, pods. has 1 resource instances, "
        "secrets. has 1 resource instances, serviceaccounts. has 1 resource instances"
    )
    m.settle(20)
    assert names(m, types.Secret) == []


def test_a_finalizer_holds_a_namespace():
    m = manager()
    held = {"name": "s", "namespace": "shop", "finalizers": ["example.com/keep"]}
    m.create({"apiVersion": "v1", "kind": "Secret", "metadata": held})
    m.delete(types.Namespace, "shop", "")
    m.tick(5)
    texts = {c.type: c.message for c in m.get(types.Namespace, "shop", "").status.conditions}
    assert texts["NamespaceFinalizersRemaining"] == (
        "Some content in the namespace has finalizers remaining: example.com/keep in 1 resource instances"
    )


def test_conditions_of_an_empty_namespace_all_say_false():
    assert {c.status for c in conditions((), Left({}, {}, 0), "", 7)} == {"False"}

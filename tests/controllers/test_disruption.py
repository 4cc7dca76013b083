import pytest

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Request
from kubesim_tui.controllers.deployment.controller import DeploymentController
from kubesim_tui.controllers.disruption import DisruptionController
from kubesim_tui.controllers.replicaset.replica_set import ReplicaSetController
from tests.controllers.bench import Manager, template
from tests.controllers.test_deployment import deployment
from tests.harness import ADMIN

BUDGETS = scheme.for_plural("poddisruptionbudgets")


def budget(m, **spec):
    data = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}}
    m.create({**data, "spec": {"selector": {"matchLabels": {"app": "web"}}, **spec}})


def status(m):
    return encode_object(m.server.handle(Request(ADMIN, "get", BUDGETS, "default", "web")))["status"]


def manager(replicas=4, **spec):
    m = Manager(DeploymentController, ReplicaSetController, DisruptionController)
    m.create(deployment(replicas))
    budget(m, **spec)
    m.settle(5)
    m.tick()
    return m


def test_a_share_counts_the_deployment_s_size():
    found = status(manager(maxUnavailable="25%"))
    assert (found["expectedPods"], found["desiredHealthy"], found["currentHealthy"], found["disruptionsAllowed"]) == (
        4,
        3,
        4,
        1,
    )
    assert (found["conditions"][0]["reason"], found["conditions"][0]["status"]) == ("SufficientPods", "True")


def test_an_eviction_spends_it_and_a_second_one_is_refused_until_the_pod_is_replaced():
    m = manager(maxUnavailable=1)
    first, second = (p.metadata.name for p in m.pods()[:2])
    m.admin.evict("default", first)
    with pytest.raises(StatusError) as refused:
        m.admin.evict("default", second)
    m.settle(4)
    m.tick()
    m.admin.evict("default", second)
    assert refused.value.code == 429
    assert str(refused.value) == "Cannot evict pod as it would violate the pod's disruption budget."


def test_no_pods_are_said():
    m = Manager(DisruptionController)
    budget(m, minAvailable=1)
    m.tick()
    assert (m.said(), status(m)["disruptionsAllowed"]) == ([("NoPods", "No matching pods found")], 0)


def test_pods_without_a_controller_are_said():
    m = Manager(DisruptionController)
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"app": "web"}}}
    m.create({**made, "spec": template()["spec"]})
    budget(m, maxUnavailable=1)
    m.tick()
    ((_, text),) = m.said("UnmanagedPods")
    assert text.startswith("Pods selected by this PodDisruptionBudget (selector: app=web) were found to be unmanaged.")


def test_an_eviction_that_does_not_happen_counts_again_after_two_minutes():
    m = manager(maxUnavailable=1)
    data = encode_object(m.server.handle(Request(ADMIN, "get", BUDGETS, "default", "web")))
    victim = m.pods()[0].metadata.name
    data["status"] |= {"disruptedPods": {victim: "2026-01-01T09:00:06Z"}, "disruptionsAllowed": 0}
    m.server.handle(Request(ADMIN, "update", BUDGETS, "default", "web", "status", body=data))
    m.tick()
    spent = status(m)["disruptionsAllowed"]
    m.tick(130)
    assert (spent, status(m)["disruptionsAllowed"]) == (0, 1)
    assert m.said("NotDeleted")[0][1] == "Pod was expected by PDB default/web to be deleted but it wasn't"


def test_a_quiet_budget_costs_nothing():
    m = manager(minAvailable=2)
    before = m.etcd.revision
    m.tick(30)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)


def test_a_budget_of_a_kind_without_scale_fails_safe():
    m = Manager(DisruptionController)
    owner = m.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "odd"}})
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "odd", "uid": owner.metadata.uid, "controller": True}
    meta = {"name": "p", "labels": {"app": "web"}, "ownerReferences": [reference]}
    m.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template()["spec"]})
    budget(m, maxUnavailable=1)
    m.tick()
    assert m.said("CalculateExpectedPodCountFailed") == [
        (
            "CalculateExpectedPodCountFailed",
            "Failed to calculate the number of expected pods: configmaps does not implement the scale subresource",
        )
    ]

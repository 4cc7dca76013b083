from kubesim_tui.api import types
from kubesim_tui.controllers.deployment.controller import DeploymentController
from kubesim_tui.controllers.garbagecollector.controller import GarbageCollector
from kubesim_tui.controllers.garbagecollector.decide import Owner, state_of
from kubesim_tui.controllers.replicaset.replica_set import ReplicaSetController
from tests.controllers.bench import Manager
from tests.controllers.test_deployment import deployment


def test_an_owner_of_another_uid_is_dangling():
    assert state_of(types.ObjectMeta(uid="b"), "a") is Owner.DANGLING


# -- the controller ----------------------------------------------------------------------------------------------


def running(**options):
    m = Manager(DeploymentController, ReplicaSetController, GarbageCollector, **options)
    m.create(deployment())
    m.settle()
    return m


def counts(m):
    return len(m.list(types.Deployment)), len(m.list(types.ReplicaSet)), len(m.list(types.Pod))


def test_in_the_background_the_owner_goes_first():
    m = running()
    m.delete(types.Deployment, "web")
    first = counts(m)
    m.settle(3)
    assert (first, counts(m)) == ((0, 1, 3), (0, 0, 0))


def test_in_the_foreground_the_owner_goes_last():
    m = running()
    m.delete(types.Deployment, "web", propagation="Foreground")
    seen = [counts(m)]
    for _ in range(6):
        m.settle(1)
        seen.append(counts(m))
    assert seen[0] == (1, 1, 3)
    assert seen[-1] == (0, 0, 0)
    assert all(d >= (1 if rs else 0) and rs >= (1 if pods else 0) for d, rs, pods in seen)


def test_orphans_stay():
    m = running()
    m.delete(types.Deployment, "web", propagation="Orphan")
    m.settle(3)
    (rs,) = m.list(types.ReplicaSet)
    assert (counts(m), rs.metadata.owner_references) == ((0, 1, 3), ())


def test_an_object_whose_owner_never_was_goes():
    m = Manager(GarbageCollector)
    m.create(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": "lost",
                "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "nobody", "uid": "1-2-3"}],
            },
        }
    )
    m.tick(2)
    assert m.list(types.ConfigMap) == []


def test_one_of_two_owners_is_enough_to_stay():
    m = Manager(GarbageCollector)
    owners = []
    for name in ("a", "b"):
        made = m.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
        owners.append({"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": made.metadata.uid})
    m.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "child", "ownerReferences": owners}})
    m.delete(types.ConfigMap, "a")
    m.tick(2)
    one = [r.name for r in m.get(types.Secret, "child").metadata.owner_references]
    m.delete(types.ConfigMap, "b")
    m.tick(2)
    assert (one, m.list(types.Secret)) == (["b"], [])


def test_with_its_budget_it_deletes_twenty_a_second():
    m = Manager(GarbageCollector, qps=20)
    owner = m.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": owner.metadata.uid}
    for i in range(100):
        m.create(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"s{i:03}", "ownerReferences": [reference]}}
        )
    m.delete(types.ConfigMap, "a")
    left = []
    for _ in range(5):
        m.tick()
        left.append(len(m.list(types.Secret)))
    assert left == [70, 50, 30, 10, 0]


def test_a_quiet_cluster_costs_nothing():
    m = running()
    before = m.etcd.revision
    m.tick(30)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from kubesim_tui.api import types
from kubesim_tui.controllers.garbagecollector.controller import GarbageCollector
from kubesim_tui.controllers.statefulset import util
from kubesim_tui.controllers.statefulset.controller import StatefulSetController
from tests.controllers.bench import Manager, template

# -- whole runs --------------------------------------------------------------------------------------------------


def stateful_set(replicas=3, policy="OrderedReady", claims=(), **spec):
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "replicas": replicas,
            "serviceName": "db",
            "podManagementPolicy": policy,
            "selector": {"matchLabels": {"app": "db"}},
            "template": template({"app": "db"}),
            "volumeClaimTemplates": list(claims),
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
            "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Retain", "whenDeleted": "Retain"},
            "revisionHistoryLimit": 10,
            **spec,
        },
    }


DATA = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def manager(**spec):
    m = Manager(StatefulSetController, GarbageCollector)
    m.create(stateful_set(**spec))
    return m


def names(m):
    return [p.metadata.name for p in m.pods()]


def images(m):
    return [p.spec.containers[0].image for p in m.pods()]


def change(m, image="", **fields):
    found = m.get(types.StatefulSet, "db")
    spec = found.spec
    if image:
        (container,) = spec.template.spec.containers
        pod_spec = spec.template.spec.evolve(containers=(container.evolve(image=image),))
        spec = spec.evolve(template=spec.template.evolve(spec=pod_spec))
    m.admin.update(found.evolve(spec=spec.evolve(**fields)))


def test_pods_come_one_by_one_each_after_the_one_before_is_ready():
    m = manager()
    seen = []
    for _ in range(5):
        m.settle(1)
        seen.append(names(m))
    assert seen[:4] == [["db-0"], ["db-0", "db-1"], ["db-0", "db-1", "db-2"], ["db-0", "db-1", "db-2"]]


def test_parallel_pods_come_at_once():
    m = manager(policy="Parallel")
    m.tick()
    assert names(m) == ["db-0", "db-1", "db-2"]


def test_a_pod_knows_its_name_number_and_service():
    m = manager(replicas=1)
    m.tick()
    (only,) = m.pods()
    labels = only.metadata.labels
    assert (labels["statefulset.kubernetes.io/pod-name"], labels["apps.kubernetes.io/pod-index"]) == ("db-0", "0")
    assert (only.spec.hostname, only.spec.subdomain) == ("db-0", "db")


def test_events_say_what_was_made():
    m = manager(replicas=1, claims=[DATA])
    m.tick()
    assert m.said() == [
        ("SuccessfulCreate", "create Claim data-db-0 Pod db-0 in StatefulSet db success"),
        ("SuccessfulCreate", "create Pod db-0 in StatefulSet db successful"),
    ]


def test_each_pod_has_a_claim_of_its_own_that_outlives_it():
    m = manager(replicas=2, claims=[DATA])
    m.settle(5)
    before = [c.metadata.uid for c in m.list(types.PersistentVolumeClaim)]
    m.delete(types.Pod, "db-1")
    m.settle(5)
    after = m.list(types.PersistentVolumeClaim)
    assert ([c.metadata.name for c in after], [c.metadata.uid for c in after]) == (["data-db-0", "data-db-1"], before)
    assert m.get(types.Pod, "db-1").spec.volumes[0].persistent_volume_claim.claim_name == "data-db-1"


def test_scaling_down_takes_the_highest_first():
    m = manager()
    m.settle(6)
    change(m, replicas=0)
    seen = []
    for _ in range(8):
        m.settle(1)
        if not seen or seen[-1] != names(m):
            seen.append(names(m))
    assert seen == [["db-0", "db-1"], ["db-0"], []]


def test_claims_go_with_their_pods_when_the_policy_says_so():
    policy = {"whenScaled": "Delete", "whenDeleted": "Retain"}
    m = manager(replicas=2, claims=[DATA], persistentVolumeClaimRetentionPolicy=policy)
    m.settle(5)
    change(m, replicas=1)
    m.settle(8)
    assert [c.metadata.name for c in m.list(types.PersistentVolumeClaim)] == ["data-db-0"]


def test_claims_go_with_the_set_when_the_policy_says_so():
    policy = {"whenScaled": "Retain", "whenDeleted": "Delete"}
    m = manager(replicas=2, claims=[DATA], persistentVolumeClaimRetentionPolicy=policy)
    m.settle(5)
    m.delete(types.StatefulSet, "db")
    m.settle(6)
    assert m.list(types.PersistentVolumeClaim) == []


def six(policy="OrderedReady"):
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 3, "maxUnavailable": 2}}
    m = manager(replicas=6, policy=policy, updateStrategy=rolling)
    m.settle(10)
    change(m, image="new")
    return m


def test_two_at_a_time_the_highest_first():
    m = six()
    m.tick()
    staying = [util.ordinal(p) for p in m.pods() if p.metadata.deletion_timestamp is None]
    assert staying == [0, 1, 2, 3]


def test_nothing_below_the_partition_is_touched():
    m = six()
    m.settle(30)
    assert images(m) == ["app:v1"] * 3 + ["new"] * 3


def test_on_delete_changes_only_what_is_deleted():
    m = manager(updateStrategy={"type": "OnDelete"})
    m.settle(6)
    change(m, image="new")
    m.settle(3)
    m.delete(types.Pod, "db-1")
    m.settle(5)
    assert images(m) == ["app:v1", "new", "app:v1"]


def test_an_update_makes_a_revision_and_a_way_back_reuses_the_old_one():
    m = manager(replicas=1)
    m.settle(3)
    change(m, image="new")
    m.settle(6)
    change(m, image="app:v1")
    m.settle(6)
    revisions = m.list(types.ControllerRevision)
    status = m.get(types.StatefulSet, "db").status
    newest = max(revisions, key=lambda r: r.revision)
    assert (sorted(r.revision for r in revisions), status.current_revision, status.update_revision) == (
        [2, 3],
        newest.metadata.name,
        newest.metadata.name,
    )


def test_history_is_kept_to_its_limit():
    m = manager(replicas=1, revisionHistoryLimit=1)
    for i in range(4):
        m.settle(6)
        change(m, image=f"app:v{i + 2}")
    m.settle(6)
    assert len(m.list(types.ControllerRevision)) == 2


def test_a_pod_that_is_not_ready_holds_back_the_next():
    m = manager()
    m.tick()
    m.bind()
    m.tick(30)
    assert names(m) == ["db-0"]


def test_a_failed_pod_is_replaced():
    m = manager(replicas=1)
    m.settle(3)
    (only,) = m.pods()
    m.admin.update_status(only.evolve(status=only.status.evolve(phase="Failed")))
    m.settle(3)
    (new,) = m.pods()
    assert (new.metadata.uid != only.metadata.uid, new.status.phase) == (True, "Running")


def test_a_quiet_set_costs_nothing():
    m = manager(claims=[DATA])
    m.settle(8)
    before = m.etcd.revision
    m.tick(50)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)


@settings(max_examples=25, deadline=None)
@drawn(st.data(), st.integers(1, 4))
def test_an_identity_exists_at_most_once_and_order_is_kept(data, replicas):
    """Whatever is deleted and whenever kubelets act: db-n is only made when db-0 … db-(n-1) are ready."""
    m = manager(replicas=replicas)
    ready = set()
    for _ in range(data.draw(st.integers(3, 15))):
        before = set(names(m))
        ready = {p.metadata.name for p in m.pods() if util.is_running_and_ready(p)}
        m.tick()
        for name in sorted(set(names(m)) - before):
            number = util.parent_and_ordinal(name)[1]
            assert {f"db-{i}" for i in range(number)} <= ready
        m.bind()
        if data.draw(st.booleans()):
            m.run_pods()
        if data.draw(st.integers(0, 3)) == 0 and m.pods():
            m.delete(types.Pod, data.draw(st.sampled_from(names(m))))
    m.settle(30)
    assert names(m) == [f"db-{i}" for i in range(replicas)]

"""Rollouts as a whole: a Deployment, its ReplicaSets, and kubelets that say yes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.helpers.conditions import is_pod_active, is_pod_ready
from kubesim_tui.controllers.deployment.controller import DeploymentController
from kubesim_tui.controllers.deployment.util import REVISION
from kubesim_tui.controllers.replicaset.replica_set import ReplicaSetController
from tests.controllers.bench import Manager, template


def deployment(replicas=3, image="app:v1", surge="25%", unavailable="25%", **spec):
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template(image=image),
            "strategy": strategy,
            "progressDeadlineSeconds": 600,
            "revisionHistoryLimit": 10,
            **spec,
        },
    }


def manager(**options):
    return Manager(DeploymentController, ReplicaSetController, **options)


def change(m, **fields):
    d = m.get(types.Deployment, "web")
    return m.admin.update(d.evolve(spec=d.spec.evolve(**fields)))


def image(m, name):
    d = m.get(types.Deployment, "web")
    (container,) = d.spec.template.spec.containers
    spec = d.spec.template.spec.evolve(containers=(container.evolve(image=name),))
    return change(m, template=d.spec.template.evolve(spec=spec))


def sizes(m):
    """Image → size, of every ReplicaSet."""
    return {rs.spec.template.spec.containers[0].image: rs.spec.replicas for rs in m.list(types.ReplicaSet)}


def status(m):
    return m.get(types.Deployment, "web").status


def condition(m, type_):
    return next(c for c in status(m).conditions if c.type == type_)


def test_a_deployment_makes_a_replica_set_named_by_the_template_hash():
    m = manager()
    m.create(deployment())
    m.settle()
    (rs,) = m.list(types.ReplicaSet)
    hash_ = rs.metadata.labels["pod-template-hash"]
    assert (rs.metadata.name, rs.spec.selector.match_labels["pod-template-hash"]) == (f"web-{hash_}", hash_)


def test_its_rollout_completes():
    m = manager()
    m.create(deployment())
    m.settle()
    (rs,) = m.list(types.ReplicaSet)
    done = condition(m, "Progressing")
    assert (done.status, done.reason, done.message) == (
        "True",
        "NewReplicaSetAvailable",
        f'ReplicaSet "{rs.metadata.name}" has successfully progressed.',
    )
    assert (status(m).replicas, status(m).available_replicas, condition(m, "Available").status) == (3, 3, "True")


def test_the_event_says_from_and_to():
    m = manager()
    m.create(deployment())
    m.tick()
    (rs,) = m.list(types.ReplicaSet)
    assert m.said("ScalingReplicaSet") == [
        ("ScalingReplicaSet", f"Scaled up replica set {rs.metadata.name} from 0 to 3")
    ]


def test_a_new_image_rolls_out_one_by_one():
    m = manager()
    m.create(deployment())
    m.settle()
    image(m, "app:v2")
    m.settle(20)
    assert sizes(m) == {"app:v1": 0, "app:v2": 3}
    steps = [t.split(" ")[1] + " " + t.split(" from ")[1] for _, t in m.said("ScalingReplicaSet")][1:]
    assert steps == ["up 0 to 1", "down 3 to 2", "up 1 to 2", "down 2 to 1", "up 2 to 3", "down 1 to 0"]


def test_revisions_count_up_and_a_rollback_brings_the_old_set_back_with_a_new_number():
    m = manager()
    m.create(deployment())
    m.settle()
    image(m, "app:v2")
    m.settle(15)
    image(m, "app:v1")
    m.settle(15)
    revisions = {
        rs.spec.template.spec.containers[0].image: rs.metadata.annotations[REVISION] for rs in m.list(types.ReplicaSet)
    }
    assert (sizes(m), revisions, m.get(types.Deployment, "web").metadata.annotations[REVISION]) == (
        {"app:v1": 3, "app:v2": 0},
        {"app:v1": "3", "app:v2": "2"},
        "3",
    )
    back = next(rs for rs in m.list(types.ReplicaSet) if rs.spec.replicas)
    assert back.metadata.annotations["deployment.kubernetes.io/revision-history"] == "1"


def test_history_beyond_the_limit_is_deleted():
    m = manager()
    m.create(deployment(revisionHistoryLimit=1))
    for v in range(2, 6):
        m.settle(15)
        image(m, f"app:v{v}")
    m.settle(15)
    assert sorted(sizes(m)) == ["app:v4", "app:v5"]


def test_a_release_that_never_gets_ready_keeps_the_old_pods_and_times_out():
    m = manager()
    m.create(deployment(progressDeadlineSeconds=30))
    m.settle()
    image(m, "bad")
    for _ in range(40):
        m.tick()
        m.bind()
    assert sizes(m) == {"app:v1": 3, "bad": 1}
    (bad,) = [rs.metadata.name for rs in m.list(types.ReplicaSet) if rs.spec.template.spec.containers[0].image == "bad"]
    late = condition(m, "Progressing")
    assert (late.status, late.reason, late.message) == (
        "False",
        "ProgressDeadlineExceeded",
        f'ReplicaSet "{bad}" has timed out progressing.',
    )


def test_a_paused_deployment_takes_a_new_template_only_when_resumed():
    m = manager()
    m.create(deployment())
    m.settle()
    change(m, paused=True)
    image(m, "app:v2")
    m.settle(3)
    paused = (sizes(m), condition(m, "Progressing").reason)
    change(m, paused=False)
    m.settle(15)
    assert (paused, sizes(m)) == (({"app:v1": 3}, "DeploymentPaused"), {"app:v1": 0, "app:v2": 3})


def test_a_paused_deployment_still_scales():
    m = manager()
    m.create(deployment())
    m.settle()
    change(m, paused=True, replicas=5)
    m.settle(3)
    assert sizes(m) == {"app:v1": 5}


def test_recreate_never_runs_two_versions():
    m = manager()
    m.create(deployment(strategy={"type": "Recreate"}))
    m.settle()
    image(m, "app:v2")
    seen = []
    for _ in range(12):
        m.settle(1)
        seen.append({p.spec.containers[0].image for p in m.pods()})
    assert all(len(images) <= 1 for images in seen)
    assert seen[-1] == {"app:v2"}


def test_scaling_in_the_middle_of_a_rollout_is_proportional():
    m = manager()
    m.create(deployment(replicas=10, surge=3, unavailable=2))
    m.settle()
    image(m, "bad")
    m.tick()
    m.bind()
    m.tick(3)
    stuck = sizes(m)
    change(m, replicas=15)
    m.tick(3)
    assert (stuck, sizes(m)) == ({"app:v1": 8, "bad": 5}, {"app:v1": 11, "bad": 7})


def test_a_deleted_replica_set_is_made_again():
    m = manager()
    m.create(deployment())
    m.settle()
    m.delete(types.ReplicaSet, m.list(types.ReplicaSet)[0].metadata.name)
    m.tick(2)
    assert sizes(m) == {"app:v1": 3}


def test_an_orphaned_replica_set_is_adopted():
    m = manager()
    m.create(deployment())
    m.settle()
    (rs,) = m.list(types.ReplicaSet)
    m.admin.update(rs.evolve(metadata=rs.metadata.evolve(owner_references=())))
    m.tick(2)
    (again,) = m.list(types.ReplicaSet)
    assert (again.metadata.uid, again.metadata.owner_references[0].name) == (rs.metadata.uid, "web")


def test_a_selector_of_everything_is_refused_with_an_event():
    """Validation does not let one in; one that was stored before it did is left alone."""
    m = manager()
    made = decode_object(types.Deployment, deployment(selector={}))
    meta = made.metadata.evolve(namespace="default", uid="u", generation=1)
    m.etcd.put("deployments.apps", ("default", "web"), made.evolve(metadata=meta))
    m.tick()
    assert m.said() == [("SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.")]


def test_a_quiet_deployment_costs_nothing():
    m = manager()
    m.create(deployment())
    m.settle(10)
    before = m.etcd.revision
    m.tick(700)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)


@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(1, 8), st.integers(0, 4), st.integers(0, 4))
def test_surge_and_unavailable_hold_whatever_happens(data, replicas, surge, unavailable):
    """Never more Pods than wanted + surge, never fewer available ones than wanted − unavailable by its own doing."""
    unavailable = min(unavailable, replicas) if surge else max(1, min(unavailable, replicas))
    m = manager()
    m.create(deployment(replicas, surge=surge, unavailable=unavailable))
    m.settle(8)
    for version in range(2, 2 + data.draw(st.integers(1, 3))):
        image(m, f"app:v{version}")
        for _ in range(data.draw(st.integers(1, 12))):
            m.tick()
            alive = [p for p in m.pods() if is_pod_active(p)]
            assert len(alive) <= replicas + surge
            assert sum(is_pod_ready(p) for p in alive) >= replicas - unavailable
            m.bind()
            if data.draw(st.booleans()):
                m.run_pods()
    m.settle(60)
    assert {v for v in sizes(m).values() if v} == {replicas}


@pytest.mark.parametrize("replicas", [2000])
def test_a_large_deployment_settles(replicas):
    m = manager()
    m.create(deployment(replicas))
    m.settle(6)
    assert status(m).available_replicas == replicas

"""Upstream's tables of the Deployment controller."""

from datetime import datetime

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.controllers.deployment import progress, rolling, util
from kubesim_tui.controllers.deployment.scale import scale
from tests.controllers.bench import cases

TEMPLATE = types.PodTemplateSpec(metadata=types.ObjectMeta(labels=FrozenMap(app="foo")), spec=types.PodSpec())
OTHER = TEMPLATE.evolve(spec=types.PodSpec(node_name="other"))


def deployment(replicas=1, surge=None, unavailable=None, strategy="RollingUpdate", status=None, **spec):
    roll = types.RollingUpdateDeployment(max_surge=surge, max_unavailable=unavailable)
    chosen = types.DeploymentStrategy(type=strategy, rolling_update=roll if strategy == "RollingUpdate" else None)
    return types.Deployment(
        metadata=types.ObjectMeta(name="foo", generation=1),
        spec=types.DeploymentSpec(replicas=replicas, strategy=chosen, template=TEMPLATE, **spec),
        status=status,
    )


def replica_set(name, replicas, actual=0, available=0, created=0, **meta):
    return types.ReplicaSet(
        metadata=types.ObjectMeta(name=name, uid=name, creation_timestamp=created, **meta),
        spec=types.ReplicaSetSpec(replicas=replicas, template=OTHER),
        status=types.ReplicaSetStatus(replicas=actual, available_replicas=available, observed_generation=1),
    )


def snake(status):
    names = {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas"}
    assert set(status) <= names
    return {"".join("_" + c.lower() if c.isupper() else c for c in k): v for k, v in status.items()}


def time(text):
    return int(datetime.fromisoformat(text).timestamp())


LONG_AFTER = "2026-01-01T00:00:00Z"


def conditions(given):
    return tuple(
        types.DeploymentCondition(
            type=c["type"],
            status=c["status"],
            reason=c.get("reason", ""),
            last_update_time=time(c["lastUpdateTime"]) if "lastUpdateTime" in c else None,
            last_transition_time=time(c["lastTransitionTime"]) if "lastTransitionTime" in c else None,
        )
        for c in given
    )


def rollout(given):
    d = deployment(given["replicas"], **strategy(given), progress_deadline_seconds=given.get("progressDeadlineSeconds"))
    status = types.DeploymentStatus(**snake(given["status"]), conditions=conditions(given.get("conditions", [])))
    return d.evolve(metadata=d.metadata.evolve(generation=0), status=status)


def strategy(given):
    return {"surge": given.get("maxSurge"), "unavailable": given.get("maxUnavailable")}


@pytest.mark.parametrize("given, want", cases("workloads/deployment_rolling.json", "reconcile_new_rs"))
def test_growth_of_the_new_set(given, want):
    old, new = replica_set("old", given["old"]), replica_set("new", given["new"])
    steps = rolling.reconcile_new([old, new], new, deployment(given["replicas"], **strategy(given)))
    assert (bool(steps), steps[0].size if steps else given["new"]) == (want["scaled"], want["new"])


@pytest.mark.parametrize("given, want", cases("workloads/deployment_rolling.json", "reconcile_old_rss"))
def test_shrinking_of_the_old_sets(given, want):
    old = replica_set("old", given["old"], available=given["oldAvailable"])
    new = replica_set("new", given["new"], available=given["newAvailable"])
    steps = rolling.reconcile_old([old, new], [old], new, deployment(given["replicas"], **strategy(given)))
    assert bool(steps) == want["scaled"]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_rolling.json", "cleanup_unhealthy"))
def test_unhealthy_pods_go_first(given, want):
    old = replica_set("old", given["old"], available=given["available"])
    steps = rolling.cleanup_unhealthy([old], given["maxCleanup"])
    assert sum(util.wanted(s.rs) - s.size for s in steps) == want["cleaned"]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_rolling.json", "scale_down_old"))
def test_available_pods_above_the_minimum_go(given, want):
    old = replica_set("old", given["old"], available=given["available"])
    steps = rolling.scale_down_old(deployment(given["replicas"], **strategy(given)), [old], [old])
    assert (bool(steps), steps[-1].size if steps else given["old"]) == (want["scaled"], want["old"])


@pytest.mark.parametrize("given, want", cases("workloads/deployment_scale.json"))
def test_proportional_scaling(given, want):
    before, overrides = given["previous"], given.get("desiredReplicasAnnotationOverride", {})

    def noted(row, age):
        desired = overrides.get(row["name"], before["replicas"])
        most = desired + before["maxSurge"]
        return replica_set(
            row["name"],
            row["replicas"],
            available=given.get("newRSAvailable", row["replicas"]) if row is given["newRS"] else row["replicas"],
            created=10_000 - age,
            annotations=FrozenMap({util.DESIRED: str(desired), util.MAX: str(most)}),
        )

    new = noted(given["newRS"], 0) if given["newRS"] else None
    old = [noted(row, i + 1) for i, row in enumerate(given["oldRSs"])]
    d = deployment(
        given["deployment"]["replicas"], given["deployment"]["maxSurge"], given["deployment"]["maxUnavailable"]
    )
    sizes = {rs.metadata.name: util.wanted(rs) for rs in ([new] if new else []) + old}
    sizes |= {s.rs.metadata.name: s.size for s in scale(d, new, old)}
    assert sizes == want["replicas"]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "history_cleanup", "cleanup_history"))
def test_history_is_kept_to_its_limit(given, want):
    rows = given.get("oldRSs") or given["oldReplicaSets"]
    old = [
        replica_set(
            r["name"],
            r["specReplicas"],
            r["statusReplicas"],
            created=1000 - r.get("ageSeconds", 0),
            deletion_timestamp=1 if r.get("deleting") else None,
            annotations=FrozenMap({util.REVISION: r["revision"]} if "revision" in r else {}),
        )
        for r in rows
    ]
    gone = [
        rs.metadata.name
        for rs in util.superfluous(deployment(revision_history_limit=given["revisionHistoryLimit"]), old)
    ]
    assert gone == want["deleted"] if "deleted" in want else len(gone) == want["deletions"]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "resolve_fenceposts"))
def test_fenceposts(given, want):
    if want["error"]:
        with pytest.raises(ValueError):
            util.resolve_fenceposts(given["maxSurge"], given["maxUnavailable"], given["replicas"])
    else:
        found = util.resolve_fenceposts(given["maxSurge"], given["maxUnavailable"], given["replicas"])
        assert found == (want["surge"], want["unavailable"])


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "new_rs_replicas"))
def test_size_of_the_new_set(given, want):
    rss = [replica_set(f"rs-{i}", n) for i, n in enumerate(given["allRSReplicas"])]
    d = deployment(given["replicas"], strategy=given["strategy"], **strategy(given))
    assert util.new_rs_replicas(d, rss, given["newRSReplicas"]) == want["newRSReplicas"]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "is_complete"))
def test_a_rollout_is_complete(given, want):
    d = rollout(given)
    assert progress.is_complete(d, d.status) == want["complete"]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "is_progressing"))
def test_a_rollout_is_progressing(given, want):
    d = deployment(status=types.DeploymentStatus(**snake(given["status"])))
    assert progress.is_progressing(d, types.DeploymentStatus(**snake(given["newStatus"]))) == want["progressing"]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "is_timed_out"))
def test_a_rollout_has_timed_out(given, want):
    d = deployment(progress_deadline_seconds=given["progressDeadlineSeconds"])
    status = types.DeploymentStatus(conditions=conditions([given["condition"]]))
    assert progress.is_timed_out(d, status, time(given["now"])) == want["timedOut"]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "max_unavailable"))
def test_how_many_may_be_unavailable(given, want):
    d = deployment(given.get("replicas", 10), strategy=given["strategy"], **strategy(given))
    assert util.max_unavailable(d) == want["maxUnavailable"]


def sets_of(given):
    created = {"before": 1, "now": 2, "later": 3}
    return [
        replica_set(r["name"], r.get("replicas", 1), created=created[r["created"]]).evolve(
            spec=types.ReplicaSetSpec(replicas=r.get("replicas", 1), template=TEMPLATE if r["sameTemplate"] else OTHER)
        )
        for r in given["rsList"]
    ]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "find_new_rs"))
def test_which_set_is_the_new_one(given, want):
    found = util.find_new(deployment(), sets_of(given))
    assert (found.metadata.name if found else None) == want["newRS"]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "find_old_rss"))
def test_which_sets_are_old(given, want):
    old = util.find_old(deployment(), sets_of(given))
    assert ([r.metadata.name for r in old], [r.metadata.name for r in util.active(old)]) == (
        want["oldRSs"],
        want["oldRSsWithReplicas"],
    )


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "rollout_condition"))
def test_the_progressing_condition(given, want):
    def typed(row):
        return replica_set(row["name"], row["specReplicas"], row["statusReplicas"], row["availableReplicas"])

    d = rollout(given["deployment"] | {"conditions": given["deployment"]["conditions"]})
    new = typed(given["newRS"]) if given["newRS"] else None
    others = [typed(r) for r in given["otherRSs"]]
    status = progress.rollout_status(d, [*others, *([new] if new else [])], new, time(LONG_AFTER))
    found = next((c for c in status.conditions if c.type == "Progressing"), None)
    expected = want["condition"]
    if expected is None:
        assert found is None
    else:
        assert (found.status, found.reason) == (expected["status"], expected["reason"])
        if "lastTransitionTime" in expected:
            assert found.last_transition_time == time(expected["lastTransitionTime"])


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "requeue_after"))
def test_when_the_deadline_is_looked_at_again(given, want):
    d = rollout(given)
    found = progress.requeue_after(d, d.status, time(given["now"] or LONG_AFTER))
    assert (-1 if found is None else found) == want["seconds"]


@pytest.mark.parametrize("given, want", cases("workloads/deployment_util.json", "replica_counts"))
def test_sums_over_replica_sets(given, want):
    rss = [
        types.ReplicaSet(
            spec=types.ReplicaSetSpec(replicas=r["specReplicas"]),
            status=types.ReplicaSetStatus(
                replicas=r["statusReplicas"],
                terminating_replicas=r["terminatingReplicas"],
                observed_generation=r["observedGeneration"],
            ),
        )
        for r in given["rss"]
    ]
    found = {"spec": util.spec_count(rss), "actual": util.actual_count(rss), "terminating": util.terminating_count(rss)}
    assert found == want

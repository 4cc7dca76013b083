"""Deployments: the steps of a rollout, proportional scaling, progress, history."""

import functools

from kubesim_tui.api import types
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.controllers.deployment import progress, rolling, util
from kubesim_tui.controllers.deployment.scale import scale
from tests.upstream.adapters import answers
from tests.upstream.answers import Unasserted, Within, attempt
from tests.upstream.objects import seconds, snake

TEMPLATE = types.PodTemplateSpec(metadata=types.ObjectMeta(labels=FrozenMap(app="foo")), spec=types.PodSpec())
OTHER = TEMPLATE.evolve(spec=types.PodSpec(node_name="other"))
LATE = "2026-01-01T00:00:00Z"
"""Long after whatever happens in the tables."""


def _deployment(replicas=1, surge=None, unavailable=None, strategy="RollingUpdate", status=None, **spec):
    roll = types.RollingUpdateDeployment(max_surge=surge, max_unavailable=unavailable)
    chosen = types.DeploymentStrategy(type=strategy, rolling_update=roll if strategy == "RollingUpdate" else None)
    return types.Deployment(
        metadata=types.ObjectMeta(name="foo"),
        spec=types.DeploymentSpec(replicas=replicas, strategy=chosen, template=TEMPLATE, **spec),
        status=status or types.DeploymentStatus(),
    )


def _bounds(row):
    return {"surge": row.get("maxSurge"), "unavailable": row.get("maxUnavailable")}


def _replica_set(name, replicas, actual=0, available=0, created=0, template=OTHER, **meta):
    return types.ReplicaSet(
        metadata=types.ObjectMeta(name=name, uid=name, creation_timestamp=created, **meta),
        spec=types.ReplicaSetSpec(replicas=replicas, template=template),
        status=types.ReplicaSetStatus(replicas=actual, available_replicas=available, observed_generation=1),
    )


def _status(row, conditions=()):
    figures = {snake(k): row[k] for k in row if k != "conditions"}
    return types.DeploymentStatus(**figures, conditions=tuple(map(_condition, conditions)))


def _condition(row):
    return types.DeploymentCondition(
        type=row["type"],
        status=row["status"],
        reason=row.get("reason", ""),
        last_update_time=seconds(row.get("lastUpdateTime")),
        last_transition_time=seconds(row.get("lastTransitionTime")),
    )


def _rollout(row):
    deadline = {"progress_deadline_seconds": row.get("progressDeadlineSeconds")}
    status = _status(row.part("status"), row.rows("conditions"))
    return _deployment(row.get("replicas", 1), status=status, **_bounds(row), **deadline)


# -- one step of a rollout ---------------------------------------------------------------------------------------


def _sized(steps, rs):
    """A ReplicaSet's size after the steps."""
    return next((s.size for s in reversed(steps) if s.rs is rs), util.wanted(rs))


@answers("deployment_rolling", "reconcile_new_rs")
def reconcile_new(given):
    old, new = _replica_set("old", given["old"]), _replica_set("new", given["new"])
    steps = rolling.reconcile_new([old, new], new, _deployment(given["replicas"], **_bounds(given)))
    return {"scaled": bool(steps), "new": _sized(steps, new)}


@answers("deployment_rolling", "reconcile_old_rss")
def reconcile_old(given):
    old = _replica_set("old", given["old"], available=given["oldAvailable"])
    new = _replica_set("new", given["new"], available=given["newAvailable"])
    steps = rolling.reconcile_old([old, new], [old], new, _deployment(given["replicas"], **_bounds(given)))
    return {"scaled": bool(steps), "old": Unasserted()}


@answers("deployment_rolling", "cleanup_unhealthy")
def cleanup_unhealthy(given):
    given.know("replicas", "maxSurge", "maxUnavailable", "unhealthy")
    old = _replica_set("old", given["old"], available=given["available"])
    steps = rolling.cleanup_unhealthy([old], given["maxCleanup"])
    return {"cleaned": sum(util.wanted(s.rs) - s.size for s in steps)}


@answers("deployment_rolling", "scale_down_old")
def scale_down_old(given):
    old = _replica_set("old", given["old"], available=given["available"])
    steps = rolling.scale_down_old(_deployment(given["replicas"], **_bounds(given)), [old], [old])
    return {"scaled": bool(steps), "old": _sized(steps, old)}


@answers("deployment_scale")
def proportional(given):
    given.know("templateChanged")
    before, overrides = given.part("previous"), given.get("desiredReplicasAnnotationOverride") or {}
    before.know("maxUnavailable")

    def noted(row, age, available):
        desired = overrides.get(row["name"], before["replicas"])
        notes = FrozenMap({util.DESIRED: str(desired), util.MAX: str(desired + before["maxSurge"])})
        size = row["replicas"]
        available = size if available is None else available
        return _replica_set(row["name"], size, available=available, created=10_000 - age, annotations=notes)

    new = noted(given.part("newRS"), 0, given.get("newRSAvailable")) if given["newRS"] else None
    old = [noted(row, age, None) for age, row in enumerate(given.rows("oldRSs"), 1)]
    wanted = given.part("deployment")
    steps = scale(_deployment(wanted["replicas"], **_bounds(wanted)), new, old)
    return {"replicas": {rs.metadata.name: _sized(steps, rs) for rs in ([new] if new else []) + old}}


# -- small rules -------------------------------------------------------------------------------------------------


@answers("deployment_util", "resolve_fenceposts")
def fenceposts(given):
    def resolve():
        surge, unavailable = util.resolve_fenceposts(given["maxSurge"], given["maxUnavailable"], given["replicas"])
        return {"surge": surge, "unavailable": unavailable}

    return {"surge": 0, "unavailable": 0, **attempt(resolve, ValueError)}


@answers("deployment_util", "new_rs_replicas")
def new_size(given):
    rss = [_replica_set(f"rs-{i}", n) for i, n in enumerate(given["allRSReplicas"])]
    d = _deployment(given["replicas"], strategy=given["strategy"], **_bounds(given))
    return {"newRSReplicas": util.new_rs_replicas(d, rss, given["newRSReplicas"])}


@answers("deployment_util", "max_unavailable")
def max_unavailable(given):
    d = _deployment(given.get("replicas", 10), strategy=given["strategy"], **_bounds(given))
    return {"maxUnavailable": util.max_unavailable(d)}


def _sets(given):
    created = {"before": 1, "now": 2, "later": 3}
    return [
        _replica_set(
            r["name"],
            r.get("replicas", 1),
            created=created[r["created"]],
            template=TEMPLATE if r["sameTemplate"] else OTHER,
        )
        for r in given.rows("rsList")
    ]


@answers("deployment_util", "find_new_rs")
def find_new(given):
    found = util.find_new(_deployment(), _sets(given))
    return {"newRS": found.metadata.name if found else None}


@answers("deployment_util", "find_old_rss")
def find_old(given):
    old = util.find_old(_deployment(), _sets(given))
    return {"oldRSs": _names(old), "oldRSsWithReplicas": _names(util.active(old))}


def _names(rss):
    return [rs.metadata.name for rs in rss]


@answers("deployment_util", "replica_counts")
def replica_counts(given):
    rss = [
        types.ReplicaSet(
            spec=types.ReplicaSetSpec(replicas=r["specReplicas"]),
            status=types.ReplicaSetStatus(
                replicas=r["statusReplicas"],
                terminating_replicas=r["terminatingReplicas"],
                observed_generation=r["observedGeneration"],
            ),
        )
        for r in given.rows("rss")
    ]
    return {"spec": util.spec_count(rss), "actual": util.actual_count(rss), "terminating": util.terminating_count(rss)}


# -- progress ----------------------------------------------------------------------------------------------------


@answers("deployment_util", "is_complete")
def is_complete(given):
    d = _rollout(given)
    return {"complete": progress.is_complete(d, d.status)}


@answers("deployment_util", "is_progressing")
def is_progressing(given):
    d = _deployment(status=_status(given.part("status")))
    return {"progressing": progress.is_progressing(d, _status(given.part("newStatus")))}


@answers("deployment_util", "is_timed_out")
def is_timed_out(given):
    d = _deployment(progress_deadline_seconds=given["progressDeadlineSeconds"])
    condition = [given.part("condition")] if given["condition"] else []
    status = types.DeploymentStatus(conditions=tuple(map(_condition, condition)))
    return {"timedOut": progress.is_timed_out(d, status, seconds(given["now"]))}


@answers("deployment_util", "requeue_after")
def requeue_after(given):
    d = _rollout(given)
    found = progress.requeue_after(d, d.status, seconds(given["now"] or LATE))
    return {"seconds": -1 if found is None else found}


class _Moment(int):
    """A time, which the table writes as text."""

    def __eq__(self, wanted):
        return seconds(wanted) == int(self)

    __hash__ = int.__hash__


@answers("deployment_util", "rollout_condition")
def rollout_condition(given):
    def typed(row):
        return _replica_set(row["name"], row["specReplicas"], row["statusReplicas"], row["availableReplicas"])

    d = _rollout(given.part("deployment"))
    new = typed(given.part("newRS")) if given["newRS"] else None
    rss = [*map(typed, given.rows("otherRSs")), *([new] if new else [])]
    given.know("now")  # some time after whatever happened
    status = progress.rollout_status(d, rss, new, seconds(LATE))
    found = next((c for c in status.conditions if c.type == "Progressing"), None)
    if found is None:
        return {"condition": None}
    moments = {"lastTransitionTime": found.last_transition_time, "lastUpdateTime": found.last_update_time}
    told = {"type": found.type, "status": found.status, "reason": found.reason}
    return {"condition": Within(told | {k: _Moment(t) for k, t in moments.items() if t is not None})}


# -- history -----------------------------------------------------------------------------------------------------


def _old_sets(rows):
    return [
        _replica_set(
            r["name"],
            r["specReplicas"],
            r["statusReplicas"],
            created=1000 - r.get("ageSeconds", 0),
            deletion_timestamp=1 if r.get("deleting") else None,
            annotations=FrozenMap({util.REVISION: str(r["revision"])} if "revision" in r else {}),
        )
        for r in rows
    ]


def _cleaned(key, given):
    d = _deployment(revision_history_limit=given["revisionHistoryLimit"])
    gone = _names(util.superfluous(d, _old_sets(given.rows(key))))
    return {"deletions": len(gone), "deleted": gone}


answers("deployment_util", "history_cleanup")(functools.partial(_cleaned, "oldRSs"))
answers("deployment_util", "cleanup_history")(functools.partial(_cleaned, "oldReplicaSets"))

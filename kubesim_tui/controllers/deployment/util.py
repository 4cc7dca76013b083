"""Figures and look-ups on Deployments and their ReplicaSets: fenceposts, revisions, which set is the new one. Pure.

As pkg/controller/deployment/util.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubesim_tui.api import intstr
from kubesim_tui.api.frozen import merged
from kubesim_tui.api.helpers.template_hash import POD_TEMPLATE_HASH
from kubesim_tui.api.types import Deployment, PodTemplateSpec, ReplicaSet, ReplicaSetSpec, ReplicaSetStatus

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAX = "deployment.kubernetes.io/max-replicas"
NOT_COPIED = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        REVISION_HISTORY,
        DESIRED,
        MAX,
        "deprecated.deployment.rollback.to",
    }
)
"""Annotations of a Deployment that its ReplicaSets do not get."""
NO_LIMIT = 2**31 - 1


def wanted(obj: Deployment | ReplicaSet) -> int:
    """spec.replicas; 1 where it is left out."""
    replicas = obj.spec.replicas if obj.spec is not None else None
    return 1 if replicas is None else replicas


def status_of(rs: ReplicaSet) -> ReplicaSetStatus:
    """Its status, empty if it has none yet."""
    return rs.status or ReplicaSetStatus()


# -- fenceposts --------------------------------------------------------------------------------------------------


def resolve_fenceposts(
    max_surge: int | str | None, max_unavailable: int | str | None, replicas: int
) -> tuple[int, int]:
    """(surge, unavailable) as numbers; both cannot be 0, then 1 may be unavailable. ValueError for other texts."""
    surge = intstr.scaled_value(max_surge, replicas, round_up=True)
    unavailable = intstr.scaled_value(max_unavailable, replicas, round_up=False)
    return (surge, 1) if surge == 0 and unavailable == 0 else (surge, unavailable)


def is_rolling(d: Deployment) -> bool:
    """Whether its strategy is RollingUpdate."""
    return d.spec is not None and d.spec.strategy is not None and d.spec.strategy.type == "RollingUpdate"


def _fenceposts(d: Deployment) -> tuple[int, int]:
    strategy = d.spec.strategy if d.spec is not None else None
    rolling = strategy.rolling_update if strategy is not None else None
    if rolling is None:
        return resolve_fenceposts(None, None, wanted(d))
    return resolve_fenceposts(rolling.max_surge, rolling.max_unavailable, wanted(d))


def max_surge(d: Deployment) -> int:
    """How many Pods more than wanted there may be."""
    return _fenceposts(d)[0] if is_rolling(d) else 0


def max_unavailable(d: Deployment) -> int:
    """How many Pods fewer than wanted may be available."""
    if not is_rolling(d) or wanted(d) == 0:
        return 0
    return min(_fenceposts(d)[1], wanted(d))


# -- templates and revisions -------------------------------------------------------------------------------------


def _without_hash(template: PodTemplateSpec | None) -> PodTemplateSpec | None:
    meta = template.metadata if template is not None else None
    if template is None or meta is None or POD_TEMPLATE_HASH not in meta.labels:
        return template
    return template.evolve(metadata=meta.evolve(labels=merged(meta.labels, {POD_TEMPLATE_HASH: None})))


def equal_ignore_hash(a: PodTemplateSpec | None, b: PodTemplateSpec | None) -> bool:
    """The same template but for the label with its hash."""
    if a is not None and b is not None and a.spec is not b.spec and a.spec != b.spec:
        return False
    return _without_hash(a) == _without_hash(b)


def by_creation(rss: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Oldest first; of the same second, by name."""
    return sorted(rss, key=lambda rs: (rs.metadata.creation_timestamp or 0, rs.metadata.name))


def find_new(d: Deployment, rss: Iterable[ReplicaSet]) -> ReplicaSet | None:
    """The ReplicaSet of the present template: the oldest, should there be several."""
    template = d.spec.template if d.spec is not None else None
    for rs in by_creation(rss):
        if rs.spec is not None and equal_ignore_hash(rs.spec.template, template):
            return rs
    return None


def find_old(d: Deployment, rss: Sequence[ReplicaSet]) -> list[ReplicaSet]:
    """All others."""
    new = find_new(d, rss)
    return [rs for rs in rss if new is None or rs.metadata.uid != new.metadata.uid]


def active(rss: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Those that want Pods."""
    return [rs for rs in rss if wanted(rs) > 0]


def revision(obj: Deployment | ReplicaSet) -> int:
    """Its revision; 0 if it has none. ValueError if it is no number."""
    text = obj.metadata.annotations.get(REVISION, "")
    return int(text) if text else 0


def max_revision(rss: Iterable[ReplicaSet]) -> int:
    """The highest revision; those that are no numbers are passed over."""
    found = [0]
    for rs in rss:
        text = rs.metadata.annotations.get(REVISION, "")
        if text.isdecimal():
            found.append(int(text))
    return max(found)


def annotation(rs: ReplicaSet, key: str) -> int | None:
    """A whole number among its annotations."""
    text = rs.metadata.annotations.get(key, "")
    return int(text) if text.isdecimal() else None


def with_replicas_noted(rs: ReplicaSet, d: Deployment) -> ReplicaSet:
    """With the annotations that say how large the Deployment was, for proportional scaling."""
    return _annotated(rs, {DESIRED: str(wanted(d)), MAX: str(wanted(d) + max_surge(d))})


def _annotated(rs: ReplicaSet, more: dict[str, str]) -> ReplicaSet:
    known = rs.metadata.annotations
    if all(known.get(k) == v for k, v in more.items()):
        return rs
    return rs.evolve(metadata=rs.metadata.evolve(annotations=merged(known, more)))


def annotate_new(rs: ReplicaSet, d: Deployment, new_revision: int, *, exists: bool) -> ReplicaSet:
    """The new ReplicaSet with the Deployment's annotations and its revision; former revisions go to the history."""
    more = {k: v for k, v in d.metadata.annotations.items() if k not in NOT_COPIED}
    old = rs.metadata.annotations.get(REVISION, "")
    if (int(old) if old.isdecimal() else 0) < new_revision:
        more[REVISION] = str(new_revision)
        if exists and old:
            history = [r for r in rs.metadata.annotations.get(REVISION_HISTORY, "").split(",") if r]
            more[REVISION_HISTORY] = ",".join([*history, old])[-2000:]
    made = _annotated(rs, more)
    return made if exists else with_replicas_noted(made, d)


# -- sums --------------------------------------------------------------------------------------------------------


def spec_count(rss: Iterable[ReplicaSet]) -> int:
    """Pods wanted."""
    return sum([wanted(rs) for rs in rss])


def actual_count(rss: Iterable[ReplicaSet]) -> int:
    """Pods there are."""
    return sum([status_of(rs).replicas for rs in rss])


def available_count(rss: Iterable[ReplicaSet]) -> int:
    """Available Pods."""
    return sum([status_of(rs).available_replicas for rs in rss])


def ready_count(rss: Iterable[ReplicaSet]) -> int:
    """Ready Pods."""
    return sum([status_of(rs).ready_replicas for rs in rss])


def terminating_count(rss: Iterable[ReplicaSet]) -> int | None:
    """Terminating Pods; None while a ReplicaSet that has been synced does not report them."""
    total = 0
    for rs in rss:
        status = status_of(rs)
        if status.terminating_replicas is None:
            if status.observed_generation:
                return None
        else:
            total += status.terminating_replicas
    return total


def new_rs_replicas(d: Deployment, all_rss: Iterable[ReplicaSet], new_size: int) -> int:
    """How large the new ReplicaSet may be now: no more Pods in all than wanted + surge."""
    if not is_rolling(d):
        return wanted(d)
    room = wanted(d) + max_surge(d) - spec_count(all_rss)
    return new_size if room <= 0 else new_size + min(room, wanted(d) - new_size)


# -- history -----------------------------------------------------------------------------------------------------


def superfluous(d: Deployment, old: Sequence[ReplicaSet]) -> list[ReplicaSet]:
    """Old ReplicaSets to delete: empty ones beyond revisionHistoryLimit, lowest revision first."""
    limit = d.spec.revision_history_limit if d.spec is not None else None
    if limit is None or limit == NO_LIMIT:
        return []
    alive = [rs for rs in old if rs.metadata.deletion_timestamp is None]
    ordered = sorted(alive, key=lambda rs: (_revision_or_none(rs), *_created(rs)))
    chosen = ordered[: max(0, len(alive) - limit)]
    return [rs for rs in chosen if wanted(rs) == 0 and status_of(rs).replicas == 0 and _observed(rs)]


def _observed(rs: ReplicaSet) -> bool:
    return (rs.metadata.generation or 0) <= status_of(rs).observed_generation


def _revision_or_none(rs: ReplicaSet) -> int:
    text = rs.metadata.annotations.get(REVISION, "")
    return int(text) if text.isdecimal() else 0


def _created(rs: ReplicaSet) -> tuple[int, str]:
    return rs.metadata.creation_timestamp or 0, rs.metadata.name


def new_replica_set(d: Deployment, hash_: str) -> ReplicaSetSpec:
    """The spec of the ReplicaSet for the present template, still without a size."""
    assert d.spec is not None
    template = d.spec.template or PodTemplateSpec()
    meta = template.metadata
    assert meta is not None
    assert d.spec.selector is not None
    selector = d.spec.selector
    labelled = {POD_TEMPLATE_HASH: hash_}
    return ReplicaSetSpec(
        min_ready_seconds=d.spec.min_ready_seconds,
        selector=selector.evolve(match_labels=merged(selector.match_labels, labelled)),
        template=template.evolve(metadata=meta.evolve(labels=merged(meta.labels, labelled))),
    )

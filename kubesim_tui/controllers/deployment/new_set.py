"""The ReplicaSet of the present template: found and brought up to date, or created.

As getNewReplicaSet in sync.go: revisions, the copied annotations, and what happens when the name is taken.
"""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.api.frozen import merged
from kubesim_tui.api.helpers.ownership import controller_ref, is_controlled_by
from kubesim_tui.api.helpers.template_hash import compute_hash
from kubesim_tui.api.types import Deployment, DeploymentStatus, ObjectMeta, ReplicaSet
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.record import NORMAL, WARNING, Recorder
from kubesim_tui.controllers.deployment import progress, util
from kubesim_tui.controllers.pod_control import is_terminating_namespace


class Host(Protocol):
    """What is needed of the controller."""

    client: Client
    recorder: Recorder

    def progressing(self, d: Deployment, status: str, reason: str, message: str) -> Deployment:
        """Set the Progressing condition."""
        ...

    def has_progressing(self, d: Deployment) -> bool:
        """Whether it is set."""
        ...


Found = tuple[Deployment, ReplicaSet | None, list[ReplicaSet]]


def find_or_create(host: Host, d: Deployment, rss: list[ReplicaSet], *, create: bool) -> Found:
    """(the Deployment as it is now, the new ReplicaSet, the old ones)."""
    new, old = util.find_new(d, rss), util.find_old(d, rss)
    next_revision = util.max_revision(old) + 1
    if new is not None:
        return (*_refresh(host, d, new, next_revision), old)
    if not create:
        return d, None, old
    return (*_create(host, d, old, next_revision), old)


def _refresh(host: Host, d: Deployment, rs: ReplicaSet, next_revision: int) -> tuple[Deployment, ReplicaSet]:
    assert d.spec is not None
    assert rs.spec is not None
    wanted = util.annotate_new(rs, d, next_revision, exists=True)
    if (rs.spec.min_ready_seconds or 0) != (d.spec.min_ready_seconds or 0):
        wanted = wanted.evolve(spec=rs.spec.evolve(min_ready_seconds=d.spec.min_ready_seconds))
    if wanted is not rs:
        rs = host.client.update(wanted)
    d = _revised(host, d, rs.metadata.annotations.get(util.REVISION, ""))
    if not host.has_progressing(d):
        d = host.progressing(d, "True", progress.FOUND, f'Found new replica set "{rs.metadata.name}"')
    return d, rs


def make(d: Deployment, old: list[ReplicaSet], next_revision: int) -> ReplicaSet:
    """The ReplicaSet of the present template, as it is created beside old ones."""
    assert d.spec is not None
    assert d.spec.template is not None
    status = progress.status_of_deployment(d)
    hash_ = compute_hash(d.spec.template, status.collision_count)
    spec = util.new_replica_set(d, hash_)
    size = util.new_rs_replicas(d, old, 0)
    assert spec.template is not None
    assert spec.template.metadata is not None
    made = ReplicaSet(
        metadata=ObjectMeta(
            name=f"{d.metadata.name}-{hash_}",
            namespace=d.metadata.namespace,
            labels=spec.template.metadata.labels,
            owner_references=(controller_ref(d),),
        ),
        spec=spec.evolve(replicas=size),
    )
    return util.annotate_new(made, d, next_revision, exists=False)


def _create(host: Host, d: Deployment, old: list[ReplicaSet], next_revision: int) -> tuple[Deployment, ReplicaSet]:
    made = make(d, old, next_revision)
    size = util.wanted(made)
    exists = False
    try:
        rs = host.client.create(made)
    except StatusError as refused:
        rs, exists = _taken(host, d, made, refused), True
    name = rs.metadata.name
    if not exists and size > 0:
        host.recorder.event(d, NORMAL, "ScalingReplicaSet", f"Scaled up replica set {name} from 0 to {size}")
    d = _revised(host, d, str(next_revision))
    if not exists:
        d = host.progressing(d, "True", progress.CREATED, f'Created new replica set "{name}"')
    return d, rs


def _taken(host: Host, d: Deployment, made: ReplicaSet, refused: StatusError) -> ReplicaSet:
    """The creation was refused. If the name is taken by what we wanted, use it; if by another, change the hash."""
    if refused.reason == "AlreadyExists":
        found = host.client.get(ReplicaSet, made.metadata.namespace, made.metadata.name)
        assert found.spec is not None
        assert made.spec is not None
        if is_controlled_by(found, d) and util.equal_ignore_hash(found.spec.template, made.spec.template):
            return found
        status: DeploymentStatus = progress.status_of_deployment(d)
        host.client.update_status(d.evolve(status=status.evolve(collision_count=(status.collision_count or 0) + 1)))
        raise refused
    if is_terminating_namespace(refused):
        raise refused
    text = f'Failed to create new replica set "{made.metadata.name}": {refused.message}'
    host.progressing(d, "False", progress.FAILED_CREATE, text)
    host.recorder.event(d, WARNING, progress.FAILED_CREATE, text)
    raise refused


def _revised(host: Host, d: Deployment, revision: str) -> Deployment:
    """With the revision among its annotations."""
    if d.metadata.annotations.get(util.REVISION, "") == revision:
        return d
    annotations = merged(d.metadata.annotations, {util.REVISION: revision})
    return host.client.update(d.evolve(metadata=d.metadata.evolve(annotations=annotations)))

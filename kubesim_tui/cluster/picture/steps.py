"""A step in the course of a write, and what is read of etcd's journal to tell it."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.etcd import Change, Etcd
from kubesim_tui.cluster.picture.followed import Facts
from kubesim_tui.cluster.view import Ref

DONE, WAITING, FAILED, AHEAD = "done", "waiting", "failed", "ahead"
"""How a step stands: it is done, it is due and not done yet, it failed here, or it was not reached."""


@frozen
class Step:
    """One step. `tick`: when it was done, None if it is not."""

    kind: str
    tick: int | None
    state: str
    facts: Facts = ()
    ref: Ref | None = None


def changes(etcd: Etcd, resource: str, since: int) -> Iterator[Change]:
    """What etcd's journal tells of a resource after a revision, oldest first."""
    return (change for change in etcd.journal if change.revision > since and change.resource == resource)


def ref_of(obj: Object) -> Ref:
    """How a front end names an object."""
    return Ref(obj.kind, obj.metadata.namespace, obj.metadata.name)

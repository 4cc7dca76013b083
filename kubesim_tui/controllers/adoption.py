"""Adoption and release: a controller takes orphans that its selector chooses, and lets go what it no longer does.

As ControllerRefManager. The orphans come from the cache's index of objects without a controller, so that a sync never
looks at a whole namespace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar, cast

from kubesim_tui.api.helpers.ownership import controller_ref
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Table

T = TypeVar("T", bound=Object)
Matches = Callable[[Object], bool]


class Gone(StatusError):
    """The owner was replaced or is being deleted: it may not adopt."""


def claim(client: Client, owner: Object, table: Table, matches: Matches, may_adopt: Matches | None = None) -> list[T]:
    """The objects that the owner controls after adopting and releasing; StatusError if a write fails."""
    uid, deleting = owner.metadata.uid, owner.metadata.deletion_timestamp is not None
    kept: list[T] = []
    released: list[Object] = []
    for obj in table.owned_by(uid):
        if matches(obj):
            kept.append(cast(T, obj))
        else:
            released.append(obj)
    if released and not deleting:
        for obj in released:
            _release(client, owner, obj)
    if not deleting:
        kept += cast("list[T]", _adopt(client, owner, table.owned_by(""), matches, may_adopt))
    return kept


def _adopt(
    client: Client, owner: Object, orphans: Iterable[Object], matches: Matches, may_adopt: Matches | None
) -> list[Object]:
    namespace = owner.metadata.namespace
    found = [
        o
        for o in orphans
        if o.metadata.namespace == namespace
        and o.metadata.deletion_timestamp is None
        and matches(o)
        and (may_adopt is None or may_adopt(o))
    ]
    if found:
        _check(client, owner)
    return [made for o in found if (made := _take(client, owner, o)) is not None]


def _check(client: Client, owner: Object) -> None:
    """A fresh look, not at the cache: is the owner still the one we know?"""
    fresh = client.get(type(owner), owner.metadata.namespace, owner.metadata.name)
    if fresh.metadata.uid != owner.metadata.uid:
        raise Gone(409, "Conflict", f"original {owner.kind} {owner.metadata.name} is gone")
    if fresh.metadata.deletion_timestamp is not None:
        raise Gone(409, "Conflict", f"{owner.metadata.name} has just been deleted")


def _take(client: Client, owner: Object, obj: Object) -> Object | None:
    meta = obj.metadata
    references = (*(r for r in meta.owner_references if not r.controller), controller_ref(owner))
    try:
        return client.update(obj.evolve(metadata=meta.evolve(owner_references=references)))
    except StatusError as refused:
        if refused.code == 404:
            return None
        raise


def _release(client: Client, owner: Object, obj: Object) -> None:
    meta = obj.metadata
    references = tuple([r for r in meta.owner_references if r.uid != owner.metadata.uid])
    try:
        client.update(obj.evolve(metadata=meta.evolve(owner_references=references)))
    except StatusError as refused:
        if refused.code not in (404, 422):
            raise

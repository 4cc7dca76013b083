"""What the collector does with one object, given the state of its owners. Pure.

As attemptToDeleteItem and processDeletingDependentsItem upstream. An owner is *solid* if it exists, *dangling* if it
does not (or another has its name), *waiting* if it is being deleted in the foreground and waits for its dependents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from attrs import frozen

from kubesim_tui.api.types import ObjectMeta, OwnerReference

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


class Owner(StrEnum):
    """The state of an owner."""

    SOLID = "solid"
    DANGLING = "dangling"
    WAITING = "waiting"


class Do(StrEnum):
    """What is to be done."""

    NOTHING = "none"
    DELETE = "delete"
    PATCH_OWNERS = "patch_owner_refs"  # forget owners that are dangling or waiting
    FINALIZE = "remove_foreground_finalizer"
    DEPENDENTS = "requeue_dependents"  # look at those that block


@frozen
class Action:
    """One decision."""

    do: Do
    policy: str = ""  # of a deletion
    keep: tuple[OwnerReference, ...] = ()  # of the owner references


def state_of(owner: ObjectMeta | None, uid: str) -> Owner:
    """The state of an owner that a reference with this uid names, as it is now."""
    if owner is None or owner.uid != uid:
        return Owner.DANGLING
    return Owner.WAITING if deletes_dependents(owner) else Owner.SOLID


def deletes_dependents(meta: ObjectMeta) -> bool:
    """Being deleted in the foreground."""
    return meta.deletion_timestamp is not None and FOREGROUND in meta.finalizers


def decide(item: ObjectMeta, owners: Sequence[tuple[OwnerReference, Owner]], dependents: int, blocking: int) -> Action:
    """The decision. `dependents`: objects that name the item as an owner; `blocking`: those that block its deletion."""
    if item.deletion_timestamp is not None:
        if FOREGROUND not in item.finalizers:
            return Action(Do.NOTHING)
        return Action(Do.DEPENDENTS if blocking else Do.FINALIZE)
    if not owners:
        return Action(Do.NOTHING)
    solid = tuple([ref for ref, state in owners if state is Owner.SOLID])
    if solid:
        return Action(Do.NOTHING) if len(solid) == len(owners) else Action(Do.PATCH_OWNERS, keep=solid)
    if dependents and any(state is Owner.WAITING for _, state in owners):
        return Action(Do.DELETE, "Foreground")
    return Action(Do.DELETE, own_policy(item))


def own_policy(item: ObjectMeta) -> str:
    """The propagation that the item's finalizers ask for."""
    if ORPHAN in item.finalizers:
        return "Orphan"
    return "Foreground" if FOREGROUND in item.finalizers else "Background"


def without_owners(references: Iterable[OwnerReference], uids: Iterable[str]) -> tuple[OwnerReference, ...]:
    """Owner references without some."""
    gone = frozenset(uids)
    return tuple([r for r in references if r.uid not in gone])


def unblocked(references: Iterable[OwnerReference]) -> tuple[OwnerReference, ...]:
    """Owner references of which none blocks any more: to break a circle of objects that wait for each other."""
    return tuple([r.evolve(block_owner_deletion=False) if r.block_owner_deletion else r for r in references])

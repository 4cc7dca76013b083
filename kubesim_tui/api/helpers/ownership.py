"""Owner references: who controls whom.

As metav1.GetControllerOf, IsControlledBy and NewControllerRef.
"""

from __future__ import annotations

from kubesim_tui.api.types import Object, OwnerReference


def controller_of(obj: Object) -> OwnerReference | None:
    """The reference to the controller that manages an object, or None."""
    for owner in obj.metadata.owner_references:
        if owner.controller:
            return owner
    return None


def is_controlled_by(obj: Object, owner: Object) -> bool:
    """Whether the owner is the object's controller."""
    found = controller_of(obj)
    return found is not None and found.uid == owner.metadata.uid


def controller_ref(owner: Object) -> OwnerReference:
    """The reference that a controller writes into what it makes: controller, and blocking its deletion."""
    return OwnerReference(
        api_version=owner.api_version,
        kind=owner.kind,
        name=owner.metadata.name,
        uid=owner.metadata.uid,
        controller=True,
        block_owner_deletion=True,
    )

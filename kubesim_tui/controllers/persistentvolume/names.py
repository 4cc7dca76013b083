"""Annotations and texts of the volume binder, as upstream spells them; and what it asks of claims and classes. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from kubesim_tui.api.helpers.pv_match import CLASS_ANNOTATION, claim_class
from kubesim_tui.api.types import PersistentVolume, PersistentVolumeClaim, StorageClass

BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
PROVISIONER = "volume.kubernetes.io/storage-provisioner"
OLD_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
NO_PROVISIONER = "kubernetes.io/no-provisioner"

NO_VOLUMES = "no persistent volumes available for this claim and no storage class is set"
WAITING = "waiting for first consumer to be created before binding"
LOST_REFERENCE = "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
LOST_VOLUME = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
MISBOUND = "Two claims are bound to the same volume, this one is bound incorrectly"


def external(provisioner: str) -> str:
    """What is said while a provisioner outside the controller manager works."""
    return (
        f"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the "
        "system administrator. If volume creation is delayed, please verify that the provisioner is running and "
        "correctly registered."
    )


def waits_for_consumer(storage_class: StorageClass | None) -> bool:
    """Whether claims of a class are bound only when a Pod that uses them is scheduled."""
    return storage_class is not None and storage_class.volume_binding_mode == "WaitForFirstConsumer"


def default_class(classes: Iterable[StorageClass]) -> StorageClass | None:
    """The class of claims that name none: of several defaults the newest, then by name."""
    found = [c for c in classes if c.metadata.annotations.get(DEFAULT_CLASS) == "true"]
    return min(found, key=_newest, default=None)


def _newest(c: StorageClass) -> tuple[int, str]:
    return -(c.metadata.creation_timestamp or 0), c.metadata.name


def names_no_class(claim: PersistentVolumeClaim) -> bool:
    """Whether a claim says nothing of a class (an empty one would be said)."""
    spec = claim.spec
    return spec is not None and spec.storage_class_name is None and CLASS_ANNOTATION not in claim.metadata.annotations


def class_of(claim: PersistentVolumeClaim) -> str:
    """The class that a claim asks for; "" for none."""
    return claim_class(claim)


def is_mine(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether a volume's claimRef names exactly this claim, uid and all."""
    ref = volume.spec.claim_ref if volume.spec is not None else None
    return ref is not None and ref.uid == claim.metadata.uid and ref.name == claim.metadata.name

"""What the binder does with one claim and with one volume. Pure.

As syncUnboundClaim, syncBoundClaim and syncVolume in pv_controller.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from attrs import frozen

from kubesim_tui.api.helpers.pv_match import capacity, find_matching_volume, is_bound_to, requested
from kubesim_tui.api.types import (
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeSpec,
    StorageClass,
)
from kubesim_tui.controllers.persistentvolume import names


class Do(StrEnum):
    """What is to be done with a claim."""

    NOTHING = "nothing"
    BIND = "bind"
    PROVISION = "provision"
    PENDING = "pending"
    LOST = "lost"


@frozen
class Verdict:
    """One decision; `event` is (type, reason, message) or None."""

    do: Do
    volume: PersistentVolume | None = None
    event: tuple[str, str, str] | None = None


def decide_claim(
    claim: PersistentVolumeClaim,
    volumes: Iterable[PersistentVolume],
    named: PersistentVolume | None,
    storage_class: StorageClass | None,
    waiting_pods: tuple[str, ...] = (),
) -> Verdict:
    """`named`: the volume of spec.volumeName, if there is one. `waiting_pods`: those without a node that use it."""
    assert claim.spec is not None
    if names.BIND_COMPLETED in claim.metadata.annotations:
        return _bound(claim, named)
    if claim.spec.volume_name:
        return _prebound(claim, named)
    delayed = names.waits_for_consumer(storage_class)
    chosen = names.SELECTED_NODE in claim.metadata.annotations
    found = find_matching_volume(claim, volumes, delayed=delayed)
    if found is not None:
        return Verdict(Do.BIND, found)
    if delayed and not chosen:
        return Verdict(Do.PENDING, event=_consumer_event(waiting_pods))
    if names.class_of(claim):
        return Verdict(Do.PROVISION)
    return Verdict(Do.PENDING, event=("Normal", "FailedBinding", names.NO_VOLUMES))


def _consumer_event(pods: tuple[str, ...]) -> tuple[str, str, str]:
    if not pods:
        return "Normal", "WaitForFirstConsumer", names.WAITING
    who = f"pod {pods[0]}" if len(pods) == 1 else f"pods {','.join(pods)}"
    return "Normal", "WaitForPodScheduled", f"waiting for {who} to be scheduled"


def _prebound(claim: PersistentVolumeClaim, volume: PersistentVolume | None) -> Verdict:
    """The user has named a volume."""
    if volume is None or volume.spec is None:
        return Verdict(Do.PENDING)
    if volume.spec.claim_ref is None:
        why = unfit(volume, claim)
        if why:
            text = f'Cannot bind to requested volume "{volume.metadata.name}": {why}'
            return Verdict(Do.PENDING, event=("Warning", "VolumeMismatch", text))
        return Verdict(Do.BIND, volume)
    if is_bound_to(volume, claim):
        return Verdict(Do.BIND, volume)
    text = f'volume "{volume.metadata.name}" already bound to a different claim.'
    return Verdict(Do.PENDING, event=("Warning", "FailedBinding", text))


def unfit(volume: PersistentVolume, claim: PersistentVolumeClaim) -> str:
    """Why a volume cannot serve a claim; "" if it can."""
    assert volume.spec is not None
    assert claim.spec is not None
    if volume.metadata.deletion_timestamp is not None:
        return f'the volume is marked for deletion "{volume.metadata.name}"'
    if capacity(volume) < requested(claim):
        return "requested PV is too small"
    if volume.spec.storage_class_name != names.class_of(claim):
        return "storageClassName does not match"
    if _mode(volume.spec) != _mode(claim.spec):
        return "incompatible volumeMode"
    if not set(claim.spec.access_modes) <= set(volume.spec.access_modes):
        return "incompatible accessMode"
    return ""


def _mode(spec: PersistentVolumeSpec | PersistentVolumeClaimSpec) -> str:
    return spec.volume_mode or "Filesystem"


def _bound(claim: PersistentVolumeClaim, volume: PersistentVolume | None) -> Verdict:
    """It was bound once: it stays, or it is lost."""
    assert claim.spec is not None
    lost = claim.status is not None and claim.status.phase == "Lost"
    if not claim.spec.volume_name:
        said = ("Warning", "ClaimLost", names.LOST_REFERENCE)
    elif volume is None or volume.spec is None:
        said = ("Warning", "ClaimLost", names.LOST_VOLUME)
    elif volume.spec.claim_ref is None or names.is_mine(volume, claim):
        return Verdict(Do.BIND, volume)
    else:
        said = ("Warning", "ClaimMisbound", names.MISBOUND)
    return Verdict(Do.LOST, event=None if lost else said)


class Phase(StrEnum):
    """What becomes of a volume."""

    AVAILABLE = "Available"
    BOUND = "Bound"
    RELEASED = "Released"
    RECLAIM = "reclaim"  # its claim is gone for longer, or could not be done away with
    MISMATCH = "mismatch"  # its claim wants another mode
    UNBIND = "unbind"  # it was reserved for a claim that has taken another
    KEEP = "keep"


def decide_volume(volume: PersistentVolume, claim: PersistentVolumeClaim | None) -> Phase:
    """`claim`: the one that claimRef names (of any uid), if it is there."""
    assert volume.spec is not None
    ref = volume.spec.claim_ref
    if ref is None or not ref.uid:
        return Phase.AVAILABLE
    phase = volume.status.phase if volume.status is not None else ""
    if claim is None or claim.metadata.uid != ref.uid:
        return Phase.RECLAIM if phase in ("Released", "Failed") else Phase.RELEASED
    assert claim.spec is not None
    if not claim.spec.volume_name:
        return Phase.KEEP if _mode(claim.spec) == _mode(volume.spec) else Phase.MISMATCH
    if claim.spec.volume_name == volume.metadata.name:
        return Phase.BOUND
    if names.PROVISIONED_BY in volume.metadata.annotations and volume.spec.persistent_volume_reclaim_policy == "Delete":
        return Phase.RELEASED
    return Phase.UNBIND if names.BOUND_BY_CONTROLLER in volume.metadata.annotations else Phase.KEEP


DELETES = re.compile(r"/tmp/.+")
"""Of directories of nodes only these are deleted with their volume (for tests, upstream)."""


def reclaim_failure(volume: PersistentVolume) -> tuple[str, str] | None:
    """(reason, text) why the binder cannot do away with a volume that was released; None if it can, or need not."""
    spec = volume.spec
    assert spec is not None
    if spec.persistent_volume_reclaim_policy == "Recycle":
        known = spec.host_path is not None or "nfs" in spec.rest
        return None if known else ("VolumeFailedRecycle", "No recycler plugin found for the volume!")
    if not binder_deletes(volume):
        return None
    if spec.host_path is None:
        head = f'error getting deleter volume plugin for volume "{volume.metadata.name}"'
        return "VolumeFailedDelete", f"{head}: no deletable volume plugin matched"
    if not DELETES.match(spec.host_path.path):
        text = f"host_path deleter only supports /tmp/.+ but received provided {spec.host_path.path}"
        return "VolumeFailedDelete", text
    return None


def binder_deletes(volume: PersistentVolume) -> bool:
    """Whether a volume is to be deleted, and by the binder: what a driver has made the driver does away with."""
    spec = volume.spec
    assert spec is not None
    external = spec.csi is not None or names.PROVISIONED_BY in volume.metadata.annotations
    return spec.persistent_volume_reclaim_policy == "Delete" and not external

"""Which PersistentVolume fits a claim (pkg/volume/persistentvolume index.go and component-helpers/storage/volume).

A volume that is reserved for the claim wins if size and access modes suffice. Otherwise the smallest free one, where
volumes with the fewest access modes beyond those wanted are searched first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.node_affinity import matches_selector
from kubesim_tui.api.quantity import parse
from kubesim_tui.api.types import Node, PersistentVolume, PersistentVolumeClaim

CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
FILESYSTEM = "Filesystem"


def claim_class(claim: PersistentVolumeClaim) -> str:
    """The storage class a claim asks for ("" : none)."""
    old = claim.metadata.annotations.get(CLASS_ANNOTATION)
    if old is not None:
        return old
    return (claim.spec.storage_class_name or "") if claim.spec is not None else ""


def volume_class(volume: PersistentVolume) -> str:
    """The storage class of a volume ("" : none)."""
    old = volume.metadata.annotations.get(CLASS_ANNOTATION)
    if old is not None:
        return old
    return volume.spec.storage_class_name if volume.spec is not None else ""


def is_bound_to(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether a volume is reserved for (or bound to) a claim: same name, and the same uid if it names one."""
    reference = volume.spec.claim_ref if volume.spec is not None else None
    meta = claim.metadata
    if reference is None or (reference.name, reference.namespace) != (meta.name, meta.namespace):
        return False
    return not reference.uid or reference.uid == meta.uid


def capacity(volume: PersistentVolume) -> int:
    """The size of a volume in nano-bytes (for comparing)."""
    text = volume.spec.capacity.get("storage", "0") if volume.spec is not None else "0"
    return parse(text).nano


def requested(claim: PersistentVolumeClaim) -> int:
    """The size that a claim asks for, in nano-bytes (for comparing)."""
    resources = claim.spec.resources if claim.spec is not None else None
    return parse(resources.requests.get("storage", "0") if resources is not None else "0").nano


def by_access_modes(volumes: Iterable[PersistentVolume], modes: Sequence[str]) -> list[PersistentVolume]:
    """The volumes that offer the modes, those with the fewest others first; each such group by size."""
    wanted = set(modes)
    fitting = [v for v in volumes if v.spec is not None and wanted <= set(v.spec.access_modes)]
    return sorted(fitting, key=_mode_order)


def _modes(volume: PersistentVolume) -> tuple[str, ...]:
    return tuple(sorted(set(volume.spec.access_modes))) if volume.spec is not None else ()


def _mode_order(volume: PersistentVolume) -> tuple[int, tuple[str, ...], int]:
    modes = _modes(volume)
    return len(modes), modes, capacity(volume)


def find_matching_volume(
    claim: PersistentVolumeClaim,
    volumes: Iterable[PersistentVolume],
    node: Node | None = None,
    *,
    delayed: bool = False,
) -> PersistentVolume | None:
    """The volume that a claim would be bound to, or None. With a node, only volumes that can be reached from there.

    `delayed`: the claim waits for its first consumer, so that without a node only a reserved volume will do.
    """
    spec = claim.spec
    assert spec is not None
    group: list[PersistentVolume] = []
    for volume in by_access_modes(volumes, spec.access_modes):
        if group and _modes(group[0]) != _modes(volume):
            if (found := _best(group, claim, node, delayed)) is not None:
                return found
            group = []
        group.append(volume)
    return _best(group, claim, node, delayed)


def _best(
    group: Sequence[PersistentVolume], claim: PersistentVolumeClaim, node: Node | None, delayed: bool
) -> PersistentVolume | None:
    """Of volumes with the same access modes: the reserved one, else the smallest that fits."""
    found: PersistentVolume | None = None
    for volume in group:
        if not _suits(volume, claim):
            continue
        reachable = _reachable(volume, node)
        if is_bound_to(volume, claim):
            return volume if reachable else None
        if found is None and reachable and not (delayed and node is None) and _is_free(volume, claim):
            found = volume
    return found


def _suits(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Large enough, of the right mode, not being deleted, and not reserved for another claim."""
    assert volume.spec is not None
    assert claim.spec is not None
    if volume.spec.claim_ref is not None and not is_bound_to(volume, claim):
        return False
    if (volume.spec.volume_mode or FILESYSTEM) != (claim.spec.volume_mode or FILESYSTEM):
        return False
    return volume.metadata.deletion_timestamp is None and capacity(volume) >= requested(claim)


def _reachable(volume: PersistentVolume, node: Node | None) -> bool:
    assert volume.spec is not None
    required = volume.spec.node_affinity.required if volume.spec.node_affinity is not None else None
    return node is None or required is None or matches_selector(required, node)


def _is_free(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Available, with the labels that the claim selects, of its class."""
    assert claim.spec is not None
    if volume.status is not None and volume.status.phase not in ("", "Available"):
        return False
    wanted = claim.spec.selector
    if wanted is not None and not selector.matches(wanted, volume.metadata.labels):
        return False
    return volume_class(volume) == claim_class(claim)

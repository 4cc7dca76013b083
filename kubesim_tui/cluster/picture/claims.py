"""PersistentVolumeClaims, their volumes, and the Pods that use them."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.api import types
from kubesim_tui.api.helpers.claims import claim_name
from kubesim_tui.cluster.picture.look import Look, ref
from kubesim_tui.cluster.view import ClaimView, Ref

MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def claim_views(look: Look, stored: Mapping[str, tuple[int, int]]) -> tuple[ClaimView, ...]:
    """All claims. `stored`: (records, bytes) by name of the volume."""
    users: dict[tuple[str, str], list[Ref]] = {}
    for (namespace, _), pod in look.objects.items():
        for volume in pod.spec.volumes if pod.spec else ():
            name = claim_name(volume, pod.metadata.name)
            if name:
                users.setdefault((namespace, name), []).append(ref(pod))
    claims = look.all("persistentvolumeclaims")
    return tuple(_view(c, users, stored) for c in claims if isinstance(c, types.PersistentVolumeClaim))


def _view(
    claim: types.PersistentVolumeClaim,
    users: Mapping[tuple[str, str], list[Ref]],
    stored: Mapping[str, tuple[int, int]],
) -> ClaimView:
    spec, meta = claim.spec or types.PersistentVolumeClaimSpec(), claim.metadata
    status = claim.status or types.PersistentVolumeClaimStatus()
    return ClaimView(
        ref(claim),
        status.phase or "Pending",
        spec.volume_name,
        status.capacity.get("storage", ""),
        spec.storage_class_name or "",
        ",".join(MODES.get(m, m) for m in status.access_modes or spec.access_modes),
        tuple(users.get((meta.namespace, meta.name), ())),
        *stored.get(spec.volume_name, (0, 0)),
    )


def claim_refs(spec: types.PodSpec, owner: types.Object) -> tuple[Ref, ...]:
    """Claims that a workload's Pods use, those of its templates included."""
    namespace = owner.metadata.namespace
    found = [
        Ref("PersistentVolumeClaim", namespace, v.persistent_volume_claim.claim_name)
        for v in spec.volumes
        if v.persistent_volume_claim is not None
    ]
    if isinstance(owner, types.StatefulSet) and owner.spec is not None:
        for template in owner.spec.volume_claim_templates:
            for i in range(owner.spec.replicas or 0):
                name = f"{template.metadata.name}-{owner.metadata.name}-{i}"
                found.append(Ref("PersistentVolumeClaim", namespace, name))
    return tuple(found)

"""Defaults of storage.k8s.io/v1."""

from __future__ import annotations

from kubesim_tui.apiserver.defaults.base import Defaulter, JsonMap, fill, fill_zero, part


def storage_class(data: JsonMap) -> None:
    """Volumes are bound at once and deleted with their claim."""
    fill(data, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def csi_driver(data: JsonMap) -> None:
    """Attach, and ask the driver nothing special."""
    spec = part(data, "spec")
    fill(spec, attachRequired=True, podInfoOnMount=False, storageCapacity=False, requiresRepublish=False)
    fill(spec, seLinuxMount=False, preventPodSchedulingIfMissing=False, fsGroupPolicy="ReadWriteOnceWithFSType")
    fill_zero(spec, volumeLifecycleModes=["Persistent"])


DEFAULTERS: dict[str, Defaulter] = {"storage.v1.StorageClass": storage_class, "storage.v1.CSIDriver": csi_driver}

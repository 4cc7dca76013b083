"""The claims behind a Pod's volumes: those that it names, and those that are made for its generic ephemeral volumes."""

from __future__ import annotations

from kubesim_tui.api.types import PersistentVolume, Pod, Volume


def is_ephemeral(volume: Volume) -> bool:
    """A generic ephemeral volume: its claim is made from a template, for this Pod alone."""
    return "ephemeral" in volume.rest


def claim_name(volume: Volume, pod: str) -> str:
    """The claim of a volume of a Pod of that name; "" if it is of another kind."""
    if volume.persistent_volume_claim is not None:
        return volume.persistent_volume_claim.claim_name
    return f"{pod}-{volume.name}" if is_ephemeral(volume) else ""


def handle_of(volume: PersistentVolume) -> str:
    """What the place where a volume is knows it by: a disk's handle, or the path of a directory of a node."""
    spec = volume.spec
    if spec is not None and spec.csi is not None:
        return spec.csi.volume_handle
    local = spec.rest.get("local") if spec is not None else None
    if spec is not None and spec.host_path is not None:
        return "/" + spec.host_path.path.strip("/")
    return "/" + str(local["path"]).strip("/") if local else volume.metadata.name


def claims_of(pod: Pod) -> tuple[str, ...]:
    """The names of the claims among a Pod's volumes, each once."""
    if pod.spec is None or not pod.spec.volumes:
        return ()
    names = (claim_name(volume, pod.metadata.name) for volume in pod.spec.volumes)
    return tuple(dict.fromkeys(name for name in names if name))

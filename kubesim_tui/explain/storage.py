"""What ails the disks of a Pod: they are slow, they fail, or the driver does not let go of one."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.api import types
from kubesim_tui.api.helpers.claims import claims_of, handle_of
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.world import Ailing

REFUSALS = ("Input/output error", "Read-only file system", "can't read superblock", "is impaired")
"""Words of the kernel, and of drivers, for a device that fails or has failed."""
ATTACHMENTS = "volumeattachments.storage.k8s.io"


def failing(evidence: Evidence, pod: types.Pod | None) -> Chain:
    """The chain behind a file system that refuses what it should do."""
    for about, found in _ailing(evidence, pod) if pod is not None else ():
        if found.fails:
            return Chain((Link(f"the disk of claim {about[2]} fails", "machine", None, about),), "io-error", about)
        if found.read_only:
            text = f"the disk of claim {about[2]} has failed: its file system is read-only until it is mounted anew"
            return Chain((Link(text, "machine", None, about),), "io-error", about)
    return Chain((), "io-error", subject(evidence.workload(pod)) if pod is not None else None)


def slow(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a Pod whose disk is slow; None if that is not it."""
    for about, found in _ailing(evidence, pod):
        if found.delay_us:
            text = f"each read and write on the disk of claim {about[2]} takes {found.delay_us // 1000} ms longer"
            return Chain((Link(text, "machine", None, about),), "io-slow", about)
    return None


def elsewhere(evidence: Evidence, pod: types.Pod, head: Link) -> Chain | None:
    """The chain behind a disk that another node still has; None if nothing is wrong there."""
    for about, volume in _volumes(evidence, pod):
        for node in _attached(evidence, volume.metadata.name):
            if pod.spec is not None and node == pod.spec.node_name:
                continue
            found = evidence.world.volume(handle_of(volume), node)
            if found is not None and found.stuck:
                text = f"the CSI driver tries in vain to detach it from node {node}"
                return Chain((head, Link(text, "csi-attacher", None, about)), "detach-hang", about)
            if not evidence.node_ready(node):
                return node_not_ready(evidence, node).after(head)
    return None


def _attached(evidence: Evidence, volume: str) -> Iterator[str]:
    """The nodes that have a volume, as VolumeAttachments tell."""
    for found in evidence.etcd.table(ATTACHMENTS):
        spec = found.rest.get("spec") if isinstance(found, types.Unstructured) else None
        if spec and spec["source"].get("persistentVolumeName") == volume:
            yield str(spec["nodeName"])


def _ailing(evidence: Evidence, pod: types.Pod) -> Iterator[tuple[Subject, Ailing]]:
    for about, volume in _volumes(evidence, pod):
        found = evidence.world.volume(handle_of(volume), (pod.spec.node_name or "") if pod.spec is not None else "")
        if found is not None:
            yield about, found


def _volumes(evidence: Evidence, pod: types.Pod) -> Iterator[tuple[Subject, types.PersistentVolume]]:
    """The claims of a Pod that are bound, with their volumes."""
    for name in claims_of(pod):
        about: Subject = ("PersistentVolumeClaim", pod.metadata.namespace, name)
        claim = evidence.etcd.get("persistentvolumeclaims", about[1:])
        bound = claim.spec.volume_name if isinstance(claim, types.PersistentVolumeClaim) and claim.spec else ""
        volume = evidence.etcd.get("persistentvolumes", ("", bound)) if bound else None
        if isinstance(volume, types.PersistentVolume):
            yield about, volume

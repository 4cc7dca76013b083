"""Faults of disks: they are slow, they fail, their driver does not let go of them."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.faults.fault import Fault, Story
from kubesim_tui.faults.options import positive

DELAY_MS = 500
MOUNT = "its file system is read-only at once, and stays so until it is mounted anew"

VOLUMES: Mapping[str, Fault] = {
    "io-slow": Fault(
        "claim",
        lambda h, t, o: h.slow_volume(t, positive(o.get("ms", DELAY_MS)) * 1000),
        lambda h, t, _: h.slow_volume(t, 0),
        "the disk of a claim is slow (with: ms, how much longer each read and write takes)",
        {"ms": positive},
        story=Story(
            "Each request that reads or writes there holds its server so much longer; what does not touch the disk is "
            "as fast as ever, probes often among it.",
            "Late answers, then full queues and 503, of a Pod that is Ready; whoever calls it waits, too.",
            "kubectl top pod; kubectl get pvc; why",
            "A faster class of disk; a replica elsewhere; short time-outs in callers.",
            ("io-slow",),
        ),
    ),
    "io-error": Fault(
        "claim",
        lambda h, t, _: h.fail_volume(t, fails=True),
        lambda h, t, _: h.fail_volume(t, fails=False),
        "the disk of a claim fails",
        story=Story(
            f"Reads end in Input/output error. No journal can be written, so {MOUNT}: healing the disk is not enough.",
            "500 of whatever reads or writes there; databases that restart do not come up; a new Pod: FailedMount.",
            "kubectl logs; kubectl exec POD -- touch FILE; kubectl describe pod; why",
            "A replica of the data on another disk, backups; after the repair kubectl delete pod.",
            ("io-error", "crash-loop"),
        ),
    ),
    "zone-volumes-lost": Fault(
        "node",
        lambda h, n, _: h.fail_zone_volumes(n, fails=True),
        lambda h, n, _: h.fail_zone_volumes(n, fails=False),
        "all network disks in the zone of a machine fail",
        story=Story(
            f"Of each disk that is attached there {MOUNT}; it can be attached nowhere else. Machines and Pods go on.",
            "Errors of every database of the zone; Pods that move wait for their disk: FailedAttachVolume.",
            "kubectl get nodes -L topology.kubernetes.io/zone; kubectl get volumeattachments; why",
            "Databases that replicate over zones; backups elsewhere; after the repair new Pods.",
            ("io-error",),
        ),
    ),
    "detach-hang": Fault(
        "claim",
        lambda h, t, _: h.hold_volume(t, held=True),
        lambda h, t, _: h.hold_volume(t, held=False),
        "the driver tries in vain to detach the disk of a claim",
        story=Story(
            "Nothing happens as long as the Pod stays. When it moves its VolumeAttachment should go, and does not; and "
            "what one node has is not given to a second one. Six minutes and the taint out-of-service are for nodes "
            "that are not heard of: a driver that hangs they do not hurry.",
            "A Pod in ContainerCreating: Multi-Attach error, FailedAttachVolume; a VolumeAttachment with a "
            "deletionTimestamp and a detachError.",
            "kubectl describe pod; kubectl get volumeattachments -o yaml",
            "A replica with a disk of its own; kubectl cordon the others, so that the Pod comes back to its disk.",
            ("detach-hang",),
        ),
    ),
}
"""Name → row."""

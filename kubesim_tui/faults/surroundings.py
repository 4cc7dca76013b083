"""Faults around the cluster: registries, disks of the cloud, systems outside, pipelines, users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.faults.fault import Fault, Options, Story
from kubesim_tui.faults.hand import Hand
from kubesim_tui.faults.options import number, text

FACTOR, SLOW = 5, 60


def _release(hand: Hand, target: Any, options: Options) -> bool:
    kind, namespace, name = target
    return hand.set_image(kind, namespace, name, text(options["image"]))


SURROUNDINGS: Mapping[str, Fault] = {
    "registry-down": Fault(
        "registry",
        lambda h, n, _: h.registry(n, up=False),
        lambda h, n, _: h.registry(n, up=True),
        "no image can be pulled",
        story=Story(
            "Kubelets that have the image start containers as ever; others cannot, and try again each time later.",
            "ErrImagePull, ImagePullBackOff for Pods that come to a new node.",
            "kubectl describe pod; kubectl get events",
            "imagePullPolicy IfNotPresent, images that are on the nodes already, a mirror.",
            ("image-pull",),
        ),
    ),
    "registry-rotate": Fault(
        "registry",
        lambda h, n, _: h.rotate(n, back=False),
        lambda h, n, _: h.rotate(n, back=True),
        "the passwords of a private registry are changed",
        story=Story(
            "Pull secrets hold the old password.",
            "ErrImagePull with 401 or 403 for images that are not on the node.",
            "kubectl describe pod; kubectl get secret",
            "New pull secrets before the old ones end.",
            ("pull-secret",),
        ),
    ),
    "storage-down": Fault(
        "storage",
        lambda h, _n, _o: h.storage(None),
        lambda h, _n, _o: h.storage(0),
        "the CSI driver does not answer: no disk is made, attached or detached",
        story=Story(
            "Calls to the driver time out; what is attached goes on working.",
            "Claims stay Pending; FailedAttachVolume; Pods with volumes stay in ContainerCreating.",
            "kubectl get pvc; kubectl get volumeattachments; kubectl describe pod",
            "Do not move Pods with volumes while it is so.",
            ("storage-down", "claim-unbound", "volume-not-mounted"),
        ),
    ),
    "storage-slow": Fault(
        "storage",
        lambda h, _n, o: h.storage(number(o.get("seconds", SLOW))),
        lambda h, _n, _o: h.storage(0),
        "disks are slow to attach and detach (with: seconds)",
        {"seconds": number},
        story=Story(
            "Each attach and detach takes so long.",
            "Pods with volumes are long in ContainerCreating when they move.",
            "kubectl get volumeattachments; kubectl describe pod",
            "A replica of the data elsewhere, instead of a disk that must move.",
            ("storage-down", "volume-not-mounted"),
        ),
    ),
    "outside-down": Fault(
        "outside",
        lambda h, n, _: h.outside(n, up=False),
        lambda h, n, _: h.outside(n, up=True),
        "a system outside the cluster is switched off",
        story=Story(
            "Calls to it time out; whoever calls it holds its workers meanwhile.",
            "503 or time-outs of all that need it; readiness probes that ask it take good Pods away.",
            "kubectl logs; why",
            "Another address in the configuration (and a rollout); short time-outs; probes that ask only the "
            "Pod itself.",
            ("outside-down", "stale-env"),
        ),
    ),
    "bad-release": Fault(
        "workload",
        _release,
        None,
        "a pipeline sets an image (with: image)",
        {"image": text},
        ("image",),
        story=Story(
            "A rollout begins, and takes old Pods away as any does. A readiness probe that fails stops it at its "
            "surge; without one it replaces everything.",
            "Errors of the new version, or a rollout that does not end: ProgressDeadlineExceeded after 600 s.",
            "kubectl rollout status; kubectl rollout history; kubectl get rs",
            "A readiness probe, maxUnavailable 0, kubectl rollout undo.",
            ("bad-release", "not-ready", "image-pull", "crash-loop", "termination-race"),
        ),
    ),
    "traffic-spike": Fault(
        "traffic",
        lambda h, n, o: h.rate(n, number(o.get("factor", FACTOR)) * 1000),
        lambda h, n, _: h.rate(n, 1000),
        "users send more (with: factor)",
        {"factor": number},
        story=Story(
            "Queues fill; each answer waits for those before it; a full queue refuses. Connections that nobody keeps "
            "fill the tables of the machines by which they come.",
            "Latency first, then 503 and time-outs; probes that time out restart busy containers.",
            "kubectl top pod; kubectl get hpa",
            "More copies before, an autoscaler with room, requests and limits that fit.",
            ("overload", "cpu-limit", "slow", "conntrack-full"),
        ),
    ),
}
"""Name → row."""

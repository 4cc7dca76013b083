"""The releases of Kubernetes that there are: with which one a cluster begins, and to which ones it can be brought.

What a cluster *does* is always 1.37. A later minor release differs in its name, and in the feature gates that it no
longer knows: 1.37's source says at each which release removes it (pkg/features/kube_features.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

VERSION = "v1.37.0"
"""With which a cluster begins."""
RELEASES = ("v1.37.0", "v1.37.1", "v1.37.2", "v1.38.0")
"""All that were published, in order."""
ETCD, COREDNS, PAUSE = "3.7.0-0", "v1.14.6", "3.10.2"
"""Of what else kubeadm installs with each of them (cmd/kubeadm/app/constants/constants.go)."""
REMOVED: Mapping[int, tuple[str, ...]] = {
    38: (
        "AllowOverwriteTerminationGracePeriodSeconds",
        "DisableCPUQuotaWithExclusiveCPUs",
        "ExecProbeTimeout",
        "ImageMaximumGCAge",
        "InPlacePodVerticalScaling",
        "JobManagedBy",
        "MutableCSINodeAllocatableCount",
        "PodObservedGenerationTracking",
        "SupplementalGroupsPolicy",
    ),
}
"""Minor release → the feature gates that it no longer knows."""


@cache
def numbers(version: str) -> tuple[int, int, int]:
    """(major, minor, patch) of `v1.37.0`, or of `1.37.0`. ValueError if it is none."""
    major, minor, patch = version.removeprefix("v").split(".")
    return int(major), int(minor), int(patch)


def minor(version: str) -> int:
    """37."""
    return numbers(version)[1]


def newest(of: int | None = None) -> str:
    """The newest release, of all or of one minor."""
    return next(one for one in reversed(RELEASES) if of is None or minor(one) == of)


def unknown_gates(version: str, gates: str) -> tuple[str, ...]:
    """Of the text of a --feature-gates flag (`A=true,B=false`) those that a release no longer knows."""
    gone = {name for removal, names in REMOVED.items() if minor(version) >= removal for name in names}
    named = (part.partition("=")[0].strip() for part in gates.split(","))
    return tuple(name for name in named if name in gone)

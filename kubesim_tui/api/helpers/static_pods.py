"""The annotations of static Pods, which a kubelet runs from a file, and of their mirrors in the API."""

from __future__ import annotations

from kubesim_tui.api.types import Pod

CONFIG_HASH, CONFIG_MIRROR = "kubernetes.io/config.hash", "kubernetes.io/config.mirror"
CONFIG_SOURCE, CONFIG_SEEN = "kubernetes.io/config.source", "kubernetes.io/config.seen"


def is_mirror(pod: Pod) -> bool:
    """Whether a Pod of the API only shows a static one."""
    return CONFIG_MIRROR in pod.metadata.annotations

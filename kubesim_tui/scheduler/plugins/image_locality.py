"""ImageLocality: nodes that have the Pod's images already score higher; a rare image counts less than a common one.

(An image that few nodes hold would draw all Pods of a Deployment to them.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from kubesim_tui.scheduler.framework import MAX_NODE_SCORE, CycleState, Plugin, Status
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo

MIB = 1024 * 1024
LEAST, MOST = 23 * MIB, 1000 * MIB
"""What is worth no point, and per container a full score."""


def spread_size(size: int, holders: int, nodes: int) -> int:
    """An image's size, scaled by the share of nodes that hold it."""
    return int(size * (holders / nodes))


def locality(sizes: int, containers: int) -> int:
    """The score of the sum of sizes."""
    if sizes <= LEAST:
        return 0
    most = MOST * containers
    return MAX_NODE_SCORE * (min(sizes, most) - LEAST) // (most - LEAST)


class ImageLocality(Plugin):
    """See the module."""

    name: ClassVar[str] = "ImageLocality"
    local_score: ClassVar[bool] = True  # and of the images' spread, which the cache counts

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], handle: Handle) -> Status | None:
        """What each of the Pod's images is worth."""
        state[self.name] = self.worth(pod, handle)
        return None

    def worth(self, pod: PodInfo, handle: Handle) -> Mapping[str, int]:
        """The scaled size of each image that any node holds."""
        cache, total = handle.cache, len(handle.nodes())
        held = {image: cache.image_nodes[image] for image in pod.facts.images if image in cache.image_nodes}
        return {image: spread_size(size, len(holders), total) for image, (size, holders) in held.items()}

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """By the images that the node holds."""
        worth: Mapping[str, int] = state[self.name]
        images, held = pod.facts.images, node.images
        return locality(sum([worth[i] for i in images if i in held]), len(images)) if worth else 0

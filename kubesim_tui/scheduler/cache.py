"""The scheduler's cache: nodes with the Pods on them, kept incrementally from watch events.

A Pod that was given a node is *assumed* to run there before its binding is written; the watch event confirms it, a
failed binding forgets it. Nodes stand in an order that alternates between zones, as upstream's node tree has it.

`log` is the list of the nodes that changed, in order: whoever keeps something per node reads on from where it was.
"""

from __future__ import annotations

from kubesim_tui.api.types import Node, Pod
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo, Register

ZONE, REGION = "topology.kubernetes.io/zone", "topology.kubernetes.io/region"
OLD_ZONE, OLD_REGION = "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"
KEPT_LOG = 8192


class Cache:
    """See the module."""

    def __init__(self) -> None:
        self.register = Register.empty()
        self.nodes: dict[str, NodeInfo] = {}  # those without a Node object, too
        self.assumed: dict[str, PodInfo] = {}  # by uid
        self.where: dict[str, NodeInfo] = {}  # by the uid of each Pod
        self.layout = 0  # grows when nodes come, go or change zones
        self.image_version = 0  # grows when images spread to other nodes
        self.image_nodes: dict[str, tuple[int, dict[str, None]]] = {}  # image → (bytes, nodes that hold it)
        self.affine = 0  # Pods with affinity terms, in all
        self.averse = 0  # Pods with required anti-affinity, in all
        self.log: list[int] = []
        self.log_start = 0
        self._zones: dict[str, dict[str, None]] = {}
        self._ordered: list[NodeInfo] | None = []
        self._names: tuple[str, ...] = ()
        self._named = -1
        self.generation = 0

    # -- order -------------------------------------------------------------------------------------------------

    def ordered(self) -> list[NodeInfo]:
        """All nodes, one zone after the other in turn."""
        if self._ordered is None:
            self._ordered = [self.nodes[name] for name in interleaved([list(z) for z in self._zones.values()])]
            for i, info in enumerate(self._ordered):
                info.index = i
        return self._ordered

    def names(self) -> tuple[str, ...]:
        """The names of all nodes, in order."""
        nodes = self.ordered()
        if len(self._names) != len(nodes) or self._named != self.layout:
            self._names, self._named = tuple([n.name for n in nodes]), self.layout
        return self._names

    def _changed(self, info: NodeInfo) -> None:
        self.generation += 1
        info.generation = self.generation
        if info.index >= 0 and self._ordered is not None:
            self.log.append(info.index)
            if len(self.log) > KEPT_LOG:
                cut = KEPT_LOG // 2
                del self.log[:cut]
                self.log_start += cut

    def _rearranged(self) -> None:
        self.layout += 1
        self._ordered = None

    # -- nodes -------------------------------------------------------------------------------------------------

    def add_node(self, node: Node) -> NodeInfo:
        """A node has come, or changed."""
        name = node.metadata.name
        info = self.nodes.get(name)
        if info is None:
            info = self.nodes[name] = NodeInfo(name)
        before = info.node
        if before is None or zone_of(before) != zone_of(node):
            self._place(before, node)
        held = info.images
        info.set_node(node)
        if info.images is not held:
            self._spread_images(name, held, info.images)
        self._changed(info)
        return info

    def _place(self, before: Node | None, node: Node) -> None:
        name = node.metadata.name
        if before is not None:
            self._leave_zone(before)
        self._zones.setdefault(zone_of(node), {})[name] = None
        self._rearranged()

    def _leave_zone(self, node: Node) -> None:
        zone = self._zones[zone_of(node)]
        zone.pop(node.metadata.name, None)
        if not zone:
            del self._zones[zone_of(node)]

    def remove_node(self, node: Node) -> None:
        """A node has gone; its Pods may still be there until their own deletions arrive."""
        info = self.nodes.get(node.metadata.name)
        if info is None or info.node is None:
            return
        self._leave_zone(info.node)
        self._spread_images(info.name, info.images, {})
        info.node, info.images, info.index = None, {}, -1
        self._rearranged()
        if not info.pods:
            del self.nodes[info.name]

    def _spread_images(self, node: str, before: dict[str, int], after: dict[str, int]) -> None:
        if before == after:
            return
        self.image_version += 1
        for image in before:
            if image not in after:
                _, holders = self.image_nodes[image]
                holders.pop(node, None)
                if not holders:
                    del self.image_nodes[image]
        for image, size in after.items():
            self.image_nodes.setdefault(image, (size, {}))[1][node] = None

    # -- Pods --------------------------------------------------------------------------------------------------

    def assume(self, info: PodInfo, node: str) -> None:
        """A Pod will run on a node: its binding is on its way."""
        self.assumed[info.uid] = info
        self._put(info, node)

    def forget(self, uid: str) -> None:
        """The binding of an assumed Pod failed."""
        info = self.assumed.pop(uid, None)
        if info is not None:
            self._take(info)

    def set_pod(self, pod: Pod) -> None:
        """A Pod is bound, as the API server says, or a bound one has changed."""
        assert pod.spec is not None
        info, node = self.register.info(pod), pod.spec.node_name
        self.assumed.pop(info.uid, None)
        there = self.where.get(info.uid)
        if there is not None and there.name == node:
            self._replace(there, info)
            return
        if there is not None:
            self._take(there.pods[info.uid])
        self._put(info, node)

    def remove_pod(self, uid: str) -> None:
        """A Pod has gone or finished."""
        self.assumed.pop(uid, None)
        there = self.where.get(uid)
        if there is not None:
            self._take(there.pods[uid])

    def _replace(self, node: NodeInfo, info: PodInfo) -> None:
        known = node.pods[info.uid]
        same = known.facts is info.facts and known.group is info.group
        self._weigh(known, -1)
        node.replace(info)
        self._weigh(info, 1)
        if not same:
            self._changed(node)

    def _put(self, info: PodInfo, name: str) -> None:
        node = self.nodes.get(name)
        if node is None:
            node = self.nodes[name] = NodeInfo(name)
        node.add(info)
        self.where[info.uid] = node
        self._weigh(info, 1)
        self._changed(node)

    def _take(self, info: PodInfo) -> None:
        node = self.where.pop(info.uid)
        node.remove(info)
        self._weigh(info, -1)
        if node.node is None and not node.pods:
            del self.nodes[node.name]
        else:
            self._changed(node)

    def _weigh(self, info: PodInfo, sign: int) -> None:
        if info.facts.has_affinity:
            self.affine += sign
            self.averse += sign * bool(info.facts.anti_affinity)


def zone_of(node: Node) -> str:
    """Region and zone of a node, "" if it has neither."""
    labels = node.metadata.labels
    region = labels.get(REGION) or labels.get(OLD_REGION, "")
    zone = labels.get(ZONE) or labels.get(OLD_ZONE, "")
    return f"{region}:{zone}" if region or zone else ""


def interleaved(groups: list[list[str]]) -> list[str]:
    """The first of each group, then the second of each, and so on."""
    longest = max((len(g) for g in groups), default=0)
    return [g[i] for i in range(longest) for g in groups if i < len(g)]

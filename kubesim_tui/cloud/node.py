"""cloud-node-controller: makes a new Node known to the cloud fit for use.

A kubelet that leaves such things to the cloud (`--cloud-provider=external`) registers its Node with the taint
`node.cloudprovider.kubernetes.io/uninitialized`. This loop asks the cloud for the machine, writes down its provider
id, type, zone and region, and takes the taint away; until then nothing is scheduled there. A cloud that does not answer
is asked again, later each time. As controllers/node/node_controller.go of k8s.io/cloud-provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.helpers.nodes import has_taint, without_taint
from kubesim_tui.api.types import Node, NodeSpec, Object
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import NORMAL, Recorder
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive
from kubesim_tui.world.balancer import CloudError
from kubesim_tui.world.instance import Instance

UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized"
_SPELLINGS = (
    ("beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"),
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
)
"""Labels in their old spelling, which leads, and their new one."""


class Instances(Protocol):
    """What is asked of the cloud."""

    def instance(self, name: str) -> Instance:
        """The machine of a Node. CloudError if nobody answers or there is none."""
        ...


def is_uninitialized(node: Node) -> bool:
    """Whether the cloud has not been asked for it yet."""
    return has_taint(node, UNINITIALIZED)


def initialized(node: Node, instance: Instance) -> Node:
    """The Node with what the cloud knows of its machine, and without the taint."""
    known = without_taint(node, UNINITIALIZED)
    spec = known.spec or NodeSpec()
    labels = dict(node.metadata.labels)
    for keys, found in zip(_SPELLINGS, (instance.type, instance.zone, instance.region), strict=True):
        labels.update(dict.fromkeys(keys, found) if found else {})
    return known.evolve(
        metadata=node.metadata.evolve(labels=FrozenMap(labels)),
        spec=spec.evolve(provider_id=spec.provider_id or instance.provider_id),
    )


def reconciled(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels with their new spellings as the old ones say."""
    return {**labels, **{new: labels[old] for old, new in _SPELLINGS if old in labels}}


class CloudNodeController(Component):
    """See the module. A key is a Node's name."""

    phase = "cloud"

    def __init__(self, engine: Engine, client: Client, process: Alive, nodes: Informer, cloud: Instances) -> None:
        super().__init__("cloud-node-controller", engine, client, process)
        self.cloud = cloud
        self.recorder = self.voice(Recorder(client, "cloud-node-controller"))
        self._nodes = self.watch(nodes)
        nodes.on_change(self._node_changed)

    def _node_changed(self, before: Object | None, now: Object | None) -> None:
        """A Node that is new, or whose labels or taints have changed."""
        if not isinstance(now, Node):
            return
        known = isinstance(before, Node) and before.metadata.labels == now.metadata.labels and before.spec == now.spec
        if not known:
            self.enqueue(now.metadata.name)

    def sync(self, key: Key) -> None:
        """Initialize the Node; one that is needs its labels' spellings kept alike only."""
        assert isinstance(key, str)
        node = self._nodes.get("", key)
        if not isinstance(node, Node):
            return
        if not is_uninitialized(node):
            labels = reconciled(node.metadata.labels)
            if labels != node.metadata.labels:
                self.client.update(node.evolve(metadata=node.metadata.evolve(labels=FrozenMap(labels))))
            return
        try:
            instance = self.cloud.instance(key)
        except CloudError as wrong:
            raise ApiError(f"failed to get instance metadata for node {key}: {wrong}") from wrong
        self.client.update(initialized(node, instance))
        self.recorder.event(node, NORMAL, "Synced", "Node synced successfully")

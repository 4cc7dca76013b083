"""cloud-node-lifecycle: removes Nodes whose machine the cloud no longer knows.

Every 5 s it asks the cloud for each Node that is not Ready; a machine that does not exist any more has its Node
deleted, and with it, by garbage collection, its Pods. A machine that is only switched off keeps its Node, with a taint
for as long as it is not Ready.
"""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.api.helpers.nodes import has_taint, is_ready, taints_of, with_taints, without_taint
from kubesim_tui.api.types import Node, Object, Taint
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import NORMAL, Recorder
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive

PERIOD = 5
SHUTDOWN = Taint(key="node.cloudprovider.kubernetes.io/shutdown", effect="NoSchedule")


class Instances(Protocol):
    """What is asked of the cloud."""

    up: bool

    def exists(self, instance: str) -> bool:
        """Whether a machine is still there."""
        ...

    def is_shut_down(self, instance: str) -> bool:
        """Whether a machine is there, but off."""
        ...


class CloudNodeLifecycle(Component):
    """See the module. A key is a Node's name."""

    phase = "cloud"

    def __init__(self, engine: Engine, client: Client, process: Alive, nodes: Informer, cloud: Instances) -> None:
        super().__init__("cloud-node-lifecycle-controller", engine, client, process)
        self.cloud = cloud
        self.recorder = self.voice(Recorder(client, "cloud-node-lifecycle-controller"))
        self._nodes = self.watch(nodes)
        nodes.on_change(self.node_changed)

    def node_changed(self, _before: Object | None, now: Object | None) -> None:
        """A Node that is not Ready, or was not and has our taint, is looked at with the next round."""
        if isinstance(now, Node) and (not is_ready(now) or has_taint(now, SHUTDOWN.key)):
            self.enqueue_after(_until_round(self.engine.clock.tick), now.metadata.name)

    def sync(self, key: Key) -> None:
        """Delete the Node if its machine is gone; otherwise ask again while it is not Ready."""
        assert isinstance(key, str)
        node = self._nodes.get("", key)
        if not isinstance(node, Node):
            return
        if is_ready(node):
            if has_taint(node, SHUTDOWN.key):
                self.client.update(without_taint(node, SHUTDOWN.key))
            return
        if self.cloud.up and not self.cloud.exists(key):
            message = f"Deleting node {key} because it does not exist in the cloud provider"
            self.recorder.event(node, NORMAL, "DeletingNode", message)
            self.client.delete(Node, "", key)
            return
        if self.cloud.up and self.cloud.is_shut_down(key) and not has_taint(node, SHUTDOWN.key):
            self.client.update(with_taints(node, (*taints_of(node), SHUTDOWN)))
        self.enqueue_after(PERIOD, key)


def _until_round(tick: int) -> int:
    return PERIOD - tick % PERIOD

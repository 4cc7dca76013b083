"""Registering the Node and reporting its status (upstream: pkg/kubelet/kubelet_node_status.go).

The status is looked at every 10 s and reported when it has changed. In a quiet cluster it does not change, so nobody
looks: whatever may change it asks for a look at the next of those moments. Leases are data, not writes (heartbeat.py).
"""

from __future__ import annotations

from attrs import define, evolve

from kubesim_tui.api.types import (
    ContainerImage,
    Lease,
    LeaseSpec,
    Node,
    NodeStatus,
    ObjectMeta,
    ObjectReference,
    OwnerReference,
)
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.heartbeat import LEASE_DURATION, NAMESPACE
from kubesim_tui.apiserver.record import NORMAL, WARNING, Recorder
from kubesim_tui.kubelet.diary import REGISTERED, REGISTERS
from kubesim_tui.kubelet.host import Host
from kubesim_tui.kubelet.node_status import MOST_IMAGES, Facts, Health, make_node, make_status
from kubesim_tui.kubelet.sync_pod import NO_NETWORK
from kubesim_tui.world.ipam import Ipam
from kubesim_tui.world.machine import KUBELET

PERIOD = 10
_EVENTS = {
    ("MemoryPressure", "False"): "NodeHasSufficientMemory",
    ("MemoryPressure", "True"): "NodeHasInsufficientMemory",
    ("DiskPressure", "False"): "NodeHasNoDiskPressure",
    ("DiskPressure", "True"): "NodeHasDiskPressure",
    ("PIDPressure", "False"): "NodeHasSufficientPID",
    ("PIDPressure", "True"): "NodeHasInsufficientPID",
    ("Ready", "True"): "NodeReady",
    ("Ready", "False"): "NodeNotReady",
}


@define(eq=False)
class NodeReporter:
    """See the module."""

    host: Host
    facts: Facts
    client: Client
    recorder: Recorder
    registered: bool = False
    started: int = 0
    planned: int = -1  # the tick of the next look
    last: NodeStatus | None = None
    settled: str = ""  # the range of addresses whose owners were looked through

    def forget(self) -> None:
        """The kubelet has stopped."""
        self.registered, self.last, self.settled = False, None, ""

    def next_look(self, now: int) -> int:
        """The next moment at which a kubelet looks at its node."""
        return now + PERIOD - (now - self.started) % PERIOD

    def sync(self, health: Health, now: int, unix: int) -> bool:
        """Register, or report what has changed; True if the network is ready. Raises ApiError."""
        if not self.registered:
            self._register(health, now, unix)
            return self.host.ipam is not None
        node = self.client.get(Node, "", self.facts.name)
        self._network(node)
        self._report(node, self._with_network(health), unix)
        return self.host.ipam is not None

    def _with_network(self, health: Health) -> Health:
        return health if self.host.ipam is not None else evolve(health, network=NO_NETWORK)

    def _network(self, node: Node) -> None:
        cidr = node.spec.pod_cidr if node.spec is not None else ""
        if not cidr or self.settled == cidr:
            return
        machine, self.settled = self.host.machine, cidr
        if machine.ipam is None or machine.ipam.cidr != cidr:
            machine.ipam = Ipam(cidr)
        machine.ipam.settle((s.ip, s.name) for s in self.host.cri.runtime.sandboxes.values() if s.ready)

    def _register(self, health: Health, now: int, unix: int) -> None:
        self.started = now
        self._say("Starting", "Starting kubelet.")
        self.host.machine.say(KUBELET, REGISTERS)
        wanted = make_node(self.facts)
        self._network(wanted)
        status = make_status(self.facts, self._with_network(health), self.images(), NodeStatus(), unix)
        try:
            node = self.client.create(wanted.evolve(status=status))
        except StatusError as refused:
            if refused.reason != "AlreadyExists":
                raise
            node = self._adopt(wanted, unix)
        self._take_lease(node)
        self.registered = True
        self.host.machine.say(KUBELET, REGISTERED)
        self._network(node)
        self._report(node, self._with_network(health), unix)

    def _take_lease(self, node: Node) -> None:
        """Our Lease is made once; that it is renewed from then on is data (heartbeat.py)."""
        name = node.metadata.name
        owner = OwnerReference(api_version="v1", kind="Node", name=name, uid=node.metadata.uid)
        lease = Lease(
            metadata=ObjectMeta(name=name, namespace=NAMESPACE, owner_references=(owner,)),
            spec=LeaseSpec(holder_identity=name, lease_duration_seconds=LEASE_DURATION),
        )
        try:
            self.client.create(lease)
        except StatusError as refused:
            if refused.reason != "AlreadyExists":
                raise

    def _adopt(self, wanted: Node, unix: int) -> Node:
        """The Node is there from an earlier life: our labels are brought up to date; a reboot is told."""
        node = self.client.get(Node, "", self.facts.name)
        labels = node.metadata.labels.merged(wanted.metadata.labels)  # type: ignore[attr-defined]
        if labels != node.metadata.labels:
            node = self.client.update(node.evolve(metadata=node.metadata.evolve(labels=labels)))
        info = node.status.node_info if node.status is not None else None
        fresh = make_status(self.facts, Health(), (), NodeStatus(), unix).node_info
        if info is not None and fresh is not None and info.boot_id != fresh.boot_id:
            said = f"Node {self.facts.name} has been rebooted, boot id: {fresh.boot_id}"
            self.warn("Rebooted", said)
        return node

    def _report(self, node: Node, health: Health, unix: int) -> None:
        old = node.status or NodeStatus()
        status = make_status(self.facts, health, self.images(), old, unix)
        self._tell(status)
        self.last = status
        if status != old:
            self.client.update_status(node.evolve(status=status))

    def _tell(self, status: NodeStatus) -> None:
        """One event for each condition that is new or has turned."""
        before = {c.type: c.status for c in self.last.conditions} if self.last is not None else {}
        for condition in status.conditions:
            reason = _EVENTS.get((condition.type, condition.status))
            if reason and before.get(condition.type) != condition.status:
                self._say(reason, f"Node {self.facts.name} status is now: {reason}")

    def warn(self, reason: str, message: str) -> None:
        """Something is wrong with the machine."""
        self.recorder.refer(self._reference(), WARNING, reason, message)

    def tell_oom(self, process: str) -> None:
        """The kernel has killed a process because the machine has no memory left."""
        self.warn("SystemOOM", f"System OOM encountered, victim process: {process}")

    def tell(self, reason: str, message: str) -> None:
        """Something has happened to the machine."""
        self._say(reason, message)

    def _say(self, reason: str, message: str) -> None:
        self.recorder.refer(self._reference(), NORMAL, reason, message)

    def _reference(self) -> ObjectReference:
        return ObjectReference(api_version="v1", kind="Node", name=self.facts.name, uid=self.facts.name)

    def images(self) -> tuple[ContainerImage, ...]:
        """The largest images of the machine, the largest first."""
        held = sorted(self.host.cri.runtime.store.images.values(), key=lambda i: (-i.size_bytes, i.reference.name))
        return tuple(
            ContainerImage(names=(image.digest, image.reference.name), size_bytes=image.size_bytes)
            for image in held[:MOST_IMAGES]
        )

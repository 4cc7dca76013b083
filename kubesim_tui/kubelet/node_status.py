"""The Node that a kubelet registers, and the status that it reports (upstream: pkg/kubelet/nodestatus/setters.go).

Pure: what the machine is goes in, a Node or NodeStatus comes out. Messages are upstream's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.releases import VERSION
from kubesim_tui.api.types import (
    ContainerImage,
    Node,
    NodeAddress,
    NodeCondition,
    NodeSpec,
    NodeStatus,
    NodeSystemInfo,
    ObjectMeta,
    Taint,
)

SHUTTING_DOWN = "node is shutting down"
MAX_PODS = 110
MOST_IMAGES = 50
EVICTION_MEMORY = 100 << 20
PLEG_THRESHOLD = 180
RUNTIME_THRESHOLD = 30
UNINITIALIZED = Taint(key="node.cloudprovider.kubernetes.io/uninitialized", value="true", effect="NoSchedule")
"""What a node waits with for the cloud-controller-manager."""


@frozen
class Facts:
    """What a machine is. Amounts are whole: millicores, bytes."""

    name: str
    ip: str
    cpu_milli: int
    memory_bytes: int
    disk_bytes: int
    pods: int = MAX_PODS
    zone: str = ""
    region: str = ""
    provider_id: str = ""
    labels: Mapping[str, str] = field(factory=dict)
    taints: tuple[Taint, ...] = ()
    pod_cidr: str = ""
    boots: int = 1
    external_cloud: bool = False
    runtime_version: str = "containerd://2.1.4"
    kernel: str = "6.8.0-79-generic"
    version: str = VERSION


@frozen
class Health:
    """What is wrong. `runtime_down` is how many seconds the container runtime has not answered, -1: it does."""

    network: str = ""  # why the network is not ready
    runtime_down: int = -1
    memory_pressure: bool = False
    disk_pressure: bool = False
    pid_pressure: bool = False
    shutting_down: bool = False


def make_node(facts: Facts) -> Node:
    """The Node to register: names, labels, taints; its status comes after."""
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": facts.name,
        "kubernetes.io/os": "linux",
    }
    if facts.zone:
        labels["topology.kubernetes.io/zone"] = facts.zone
    if facts.region:
        labels["topology.kubernetes.io/region"] = facts.region
    taints = tuple(facts.taints)
    annotations = {"volumes.kubernetes.io/controller-managed-attach-detach": "true"}
    if facts.external_cloud:
        taints = (*taints, UNINITIALIZED)
        annotations["alpha.kubernetes.io/provided-node-ip"] = facts.ip
    cidrs = (facts.pod_cidr,) if facts.pod_cidr else ()
    return Node(
        metadata=ObjectMeta(
            name=facts.name, labels=FrozenMap({**labels, **facts.labels}), annotations=FrozenMap(annotations)
        ),
        spec=NodeSpec(pod_cidr=facts.pod_cidr, pod_cidrs=cidrs, provider_id=facts.provider_id, taints=taints),
    )


def capacity(facts: Facts) -> Mapping[str, str]:
    """All that the machine has."""
    return FrozenMap(
        {
            "cpu": _cpu(facts.cpu_milli),
            "ephemeral-storage": f"{facts.disk_bytes >> 10}Ki",
            "hugepages-1Gi": "0",
            "hugepages-2Mi": "0",
            "memory": f"{facts.memory_bytes >> 10}Ki",
            "pods": str(facts.pods),
        }
    )


def allocatable(facts: Facts) -> Mapping[str, str]:
    """What Pods may have: all but what the hard eviction thresholds keep."""
    return FrozenMap(
        {
            **capacity(facts),
            "ephemeral-storage": str(facts.disk_bytes - facts.disk_bytes // 10),
            "memory": f"{(facts.memory_bytes - EVICTION_MEMORY) >> 10}Ki",
        }
    )


def _cpu(milli: int) -> str:
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def node_info(facts: Facts) -> NodeSystemInfo:
    """What `describe node` calls System Info. Ids are made of the name, the boot id also of the number of boots."""
    return NodeSystemInfo(
        architecture="amd64",
        boot_id=_uuid(f"boot {facts.name} {facts.boots}"),
        container_runtime_version=facts.runtime_version,
        kernel_version=facts.kernel,
        kube_proxy_version="",
        kubelet_version=facts.version,
        machine_id=_uuid(f"machine {facts.name}").replace("-", ""),
        operating_system="linux",
        os_image="Ubuntu 24.04.3 LTS",
        system_uu_id=_uuid(f"system {facts.name}"),
    )


def _uuid(text: str) -> str:
    digits = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def ready_condition(health: Health) -> NodeCondition:
    """Ready, with all that speaks against it."""
    wrong: list[str] = []
    if health.runtime_down > RUNTIME_THRESHOLD:
        wrong.append("container runtime is down")
    if health.runtime_down > PLEG_THRESHOLD:
        minutes, seconds = divmod(health.runtime_down, 60)
        last = f"pleg was last seen active {minutes}m{seconds}s ago; threshold is 3m0s"
        wrong.append(f"PLEG is not healthy: {last}")
    if health.network:
        wrong.append(health.network)
    if health.shutting_down:
        wrong.append(SHUTTING_DOWN)
    if not wrong:
        message = "kubelet is posting ready status"
        return NodeCondition(type="Ready", status="True", reason="KubeletReady", message=message)
    message = wrong[0] if len(wrong) == 1 else f"[{', '.join(wrong)}]"
    return NodeCondition(type="Ready", status="False", reason="KubeletNotReady", message=message)


_PRESSURES = (
    ("MemoryPressure", "KubeletHas{}Memory", "kubelet has {} memory available", ("Sufficient", "Insufficient")),
    ("DiskPressure", "KubeletHas{}DiskPressure", "kubelet has {}disk pressure", ("No", "")),
    ("PIDPressure", "KubeletHas{}PID", "kubelet has {} PID available", ("Sufficient", "Insufficient")),
)


def pressure_conditions(health: Health) -> tuple[NodeCondition, ...]:
    """MemoryPressure, DiskPressure, PIDPressure."""
    found = []
    states = (health.memory_pressure, health.disk_pressure, health.pid_pressure)
    for (kind, reason, message, words), under in zip(_PRESSURES, states, strict=True):
        word = words[under]
        said = message.format(word.lower() + " " if kind == "DiskPressure" and word else word.lower())
        status = "True" if under else "False"
        found.append(NodeCondition(type=kind, status=status, reason=reason.format(word), message=said))
    return tuple(found)


def make_status(
    facts: Facts, health: Health, images: Sequence[ContainerImage], old: NodeStatus, now: int
) -> NodeStatus:
    """The status to report. Heartbeat times are those of the last report: a report is made when something changes."""
    before = {c.type: c for c in old.conditions}
    conditions = (*pressure_conditions(health), ready_condition(health))
    own = {c.type for c in conditions}
    settled = tuple(_settled(c, before.get(c.type), now) for c in conditions)
    foreign = tuple(c for c in old.conditions if c.type not in own)
    port = FrozenMap(kubeletEndpoint=FrozenMap(Port=10250))
    return old.evolve(
        capacity=FrozenMap({**old.capacity, **capacity(facts)}),
        allocatable=FrozenMap({**old.allocatable, **allocatable(facts)}),
        conditions=(*foreign, *settled),
        addresses=(
            NodeAddress(type="InternalIP", address=facts.ip),
            NodeAddress(type="Hostname", address=facts.name),
        ),
        node_info=node_info(facts),
        images=tuple(images),
        rest=FrozenMap({**old.rest, "daemonEndpoints": port}),
    )


def _settled(new: NodeCondition, old: NodeCondition | None, now: int) -> NodeCondition:
    same = old is not None and old.status == new.status
    since = old.last_transition_time if same and old is not None else now
    if old is not None and same and (old.reason, old.message) == (new.reason, new.message):
        return old
    return new.evolve(last_transition_time=since, last_heartbeat_time=now)

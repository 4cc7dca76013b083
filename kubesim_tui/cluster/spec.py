"""What a cluster is made of before anything is applied to it: machines, systems outside, flags of its components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from attrs.validators import in_, optional

from kubesim_tui.api import types
from kubesim_tui.api.quantity import milli, value
from kubesim_tui.cloud.autoscaler.options import Options as Autoscaling
from kubesim_tui.kernel.clock import DEFAULT_EPOCH
from kubesim_tui.network.modes import EVEN, MODES
from kubesim_tui.scheduler.config import Configuration
from kubesim_tui.world.regions import Region
from kubesim_tui.world.registry import SPEED, Registry

CONTROL_PLANES = (1, 3, 5)
"""How many machines a control plane may have, and how many members etcd: it wants an odd number of them."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@frozen
class NodeGroup:
    """Some equal machines. One is called `name`, or `name-a`, `name-b` … where there are several."""

    name: str = "node"
    count: int = 1
    cpu: str = "4"
    memory: str = "8Gi"
    disk: str = "100Gi"
    zone: str = "a"
    labels: Mapping[str, str] = field(factory=dict)
    taints: tuple[str, ...] = ()  # "key=value:Effect"
    kubelet: Mapping[str, Any] = field(factory=dict)  # fields of KubeletConfiguration
    runtime: str = "containerd"  # or cri-o, or docker
    spot: bool = False  # cheap machines that may be taken back
    min: int = 0
    max: int = 0  # more than 0: cluster-autoscaler keeps as many as are needed, between the two

    @property
    def names(self) -> tuple[str, ...]:
        """The machines' names."""
        if self.count <= len(LETTERS):
            return tuple(f"{self.name}-{LETTERS[i]}" for i in range(self.count))
        return tuple(f"{self.name}-{i:0{len(str(self.count))}}" for i in range(1, self.count + 1))

    @property
    def autoscaled(self) -> bool:
        """Whether their number follows the need."""
        return self.max > 0

    @property
    def parsed_taints(self) -> tuple[types.Taint, ...]:
        """As a node bears them."""
        found = []
        for text in self.taints:
            head, _, effect = text.rpartition(":")
            key, _, given = head.partition("=")
            found.append(types.Taint(key=key, value=given, effect=effect))
        return tuple(found)

    @property
    def cpu_milli(self) -> int:
        """Thousandths of a core."""
        return milli(self.cpu)

    @property
    def memory_bytes(self) -> int:
        """Bytes."""
        return value(self.memory)

    @property
    def disk_bytes(self) -> int:
        """Bytes."""
        return value(self.disk)


@frozen
class OutsideSystem:
    """A system outside the cluster, by the name under which it is known; `source`: another, whose records it copied."""

    name: str
    image: str
    source: str = ""
    env: Mapping[str, str] = field(factory=dict)


@frozen
class RegistrySpec:
    """A registry that is not like all others: private (users: name → password), limited, or not there at all."""

    name: str
    users: Mapping[str, str] = field(factory=dict)
    forbidden: tuple[str, ...] = ()  # users that may not pull
    bytes_s: int = SPEED
    limited: bool = False
    exists: bool = True

    def make(self) -> Registry:
        """The registry."""
        return Registry(
            self.name,
            speed_bytes_s=self.bytes_s,
            limited=self.limited,
            exists=self.exists,
            users=self.users,
            forbidden=self.forbidden,
        )


@frozen
class RegionSpec:
    """A region of users: how long a round trip takes, and to which zones it takes how long instead."""

    name: str
    latency_us: int = 0
    zones: Mapping[str, int] = field(factory=dict)

    def make(self) -> Region:
        """The region."""
        return Region(self.name, self.latency_us, self.zones)


@frozen
class Flags:
    """Flags of the real components, with their real defaults (kube-apiserver, -controller-manager, -scheduler …)."""

    node_monitor_grace_period: int = 50
    node_monitor_period: int = 5
    horizontal_pod_autoscaler_sync_period: int = 15
    horizontal_pod_autoscaler_downscale_stabilization: int = 300
    default_not_ready_toleration_seconds: int = 300
    default_unreachable_toleration_seconds: int = 300
    kube_api_qps: int = 20  # of each controller's client; 0 lifts the limit
    kube_api_burst: int = 30
    scheduler_api_qps: int = 50
    scheduler_api_burst: int = 100
    kubelet_api_qps: int = 50
    kubelet_api_burst: int = 100
    service_cidr: str = "10.96.0.0/12"
    cluster_cidr: str = "10.244.0.0/16"
    node_cidr_mask_size: int = 24  # of the range that each node has for its Pods
    kube_proxy_lag: int = 1
    proxy_mode: str = field(default=EVEN, validator=in_(MODES))  # iptables, ipvs or nftables
    conntrack_max_per_core: int = 32_768  # kube-proxy's
    conntrack_min: int = 131_072
    dns_lag: int = 1
    ingress_lag: int = 1


@frozen
class CloudSpec:
    """How the cloud account behaves: seconds from an order to a machine's kubelet, and its quota of processors."""

    boot: int = 45
    cpus: int | None = None


@frozen
class ClusterSpec:
    """The whole of it."""

    nodes: tuple[NodeGroup, ...] = (NodeGroup(count=3),)
    outside: tuple[OutsideSystem, ...] = ()
    flags: Flags = Flags()
    scheduler: Configuration | None = None  # what `kube-scheduler --config` names; its client's limits then count
    epoch: int = DEFAULT_EPOCH
    ingress: bool = True  # an ingress controller runs
    snapshots: bool = False  # the kinds of snapshot.storage.k8s.io are installed
    registries: tuple[RegistrySpec, ...] = ()
    regions: tuple[RegionSpec, ...] = ()  # that users come from
    cloud: CloudSpec = CloudSpec()  # how the account behaves
    autoscaler: Autoscaling = field(factory=Autoscaling)
    control_planes: int = field(default=1, validator=in_(CONTROL_PLANES))  # machines of the control plane
    control_plane_zones: tuple[str, ...] = ("a",)  # in which they stand, in turn
    etcd_members: int | None = field(default=None, validator=optional(in_(CONTROL_PLANES)))  # on machines of their own
    etcd_zones: tuple[str, ...] = ()  # in which these stand, in turn; none: in those of the control plane

    @property
    def autoscaled(self) -> bool:
        """Whether the number of machines of any group follows the need."""
        return any(group.autoscaled for group in self.nodes)

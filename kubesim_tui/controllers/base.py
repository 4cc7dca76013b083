"""What every controller of kube-controller-manager is given, and what all of them share.

A `Kit` is handed to each constructor and not kept. A controller has two clients, as upstream each has a limit of its
own on requests; Events go by the second, so that a controller that waits for its budget still says why (FIDELITY.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from attrs import field, frozen

from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import Recorder
from kubesim_tui.controllers.disks import Disks, NoDisks
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.kernel.process import Alive

T = TypeVar("T", bound=Object)
NORMAL, WARNING = "Normal", "Warning"


@frozen
class Autoscaling:
    """The flags --horizontal-pod-autoscaler-…: seconds, and a share."""

    sync_period: int = 15
    downscale_stabilization: int = 300
    tolerance: float = 0.1
    cpu_initialization_period: int = 300
    initial_readiness_delay: int = 30


@frozen(eq=False)
class Extras:
    """What single controllers need besides the API: the lease times, the network disks, and flags of the manager."""

    heartbeats: Heartbeats = field(factory=Heartbeats)
    disks: Disks = field(factory=NoDisks)
    provisioners: tuple[str, ...] = ()  # of StorageClasses that our disks serve; (): all but no-provisioner
    zonal_disks: bool = False  # whether a disk can be used only in the zone where it was made
    cluster_cidr: str = "10.244.0.0/16"
    node_cidr_mask: int = 24
    node_monitor_grace: int = 50  # seconds; 40 before 1.32
    root_ca: str = "-----BEGIN CERTIFICATE-----\nkubesim\n-----END CERTIFICATE-----\n"
    terminated_pod_threshold: int = 12500
    autoscaling: Autoscaling = Autoscaling()


@frozen(eq=False)
class Kit:
    """What the cluster hands to a controller's constructor."""

    engine: Engine
    make_client: Callable[[str], Client]  # by service account: "deployment-controller"
    shared: Callable[[str], Informer]  # by plural: "pods"; one informer a resource for the whole process
    process: Alive
    extras: Extras = field(factory=Extras)


class Controller(Component):
    """A control loop in kube-controller-manager.

    `account` is the service account, `source` the name that Events bear as their source.
    """

    account = ""
    source = ""

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit.engine, kit.make_client(self.account or name), kit.process)
        self.recorder = self.voice(Recorder(kit.make_client(self.account or name), self.source or name))

    @property
    def now(self) -> int:
        """Unix seconds."""
        return self.engine.clock.now


def key_of(obj: Object) -> Name:
    """(namespace, name)."""
    return obj.metadata.namespace, obj.metadata.name


def lookup(informer: Informer, _cls: type[T], namespace: str, name: str) -> T | None:
    """A typed object from a cache."""
    return cast("T | None", informer.table.objects.get((namespace, name)))

"""What every part of the hand has: the cluster, and two identities that act through the API."""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.cluster.managers import Managers
from kubesim_tui.cluster.plane import ControlPlane
from kubesim_tui.cluster.power import Power
from kubesim_tui.cluster.rollouts import Rollouts
from kubesim_tui.cluster.spec import ClusterSpec
from kubesim_tui.cluster.strangers import Intruder, Siege
from kubesim_tui.cluster.trust import Trust
from kubesim_tui.cluster.waves import Wave
from kubesim_tui.cluster.witness import Witness
from kubesim_tui.kubelet.kubelet import Kubelet
from kubesim_tui.traffic.traffic import Traffic
from kubesim_tui.world.world import World


class Owner(Protocol):
    """The cluster."""

    spec: ClusterSpec
    etcd: Etcd
    world: World
    traffic: Traffic
    power: Power
    managers: Managers
    witness: Witness
    trust: Trust
    siege: Siege
    wave: Wave
    rollouts: Rollouts
    intruder: Intruder
    plane: ControlPlane
    server: ApiServer
    kubelets: dict[str, Kubelet]

    def replicate(self) -> None:
        """Live copies catch up."""
        ...

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        ...


class Base:
    """`somebody` and `pipeline`: the identities that act through the API."""

    def __init__(self, cluster: Owner, somebody: Client, pipeline: Client) -> None:
        self.cluster, self.somebody, self.pipeline = cluster, somebody, pipeline

    @property
    def _now(self) -> int:
        return self.cluster.etcd.clock.tick

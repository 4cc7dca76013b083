"""The node on which a kubelet works: what all its parts share."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field

from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.api.helpers.resources import amount
from kubesim_tui.api.types import HostIP, Pod, PodCondition
from kubesim_tui.apiserver.client import Client
from kubesim_tui.kubelet.cri import Cri
from kubesim_tui.kubelet.env import Source as EnvSource
from kubesim_tui.kubelet.events import Events
from kubesim_tui.kubelet.fieldpath import Place
from kubesim_tui.kubelet.objects import Objects
from kubesim_tui.kubelet.volume.payload import Source as VolumeSource
from kubesim_tui.world.ipam import Ipam
from kubesim_tui.world.machine import Machine


@define(eq=False)
class Host:
    """One node."""

    name: str
    ip: str
    machine: Machine
    cri: Cri
    client: Client
    objects: Objects
    events: Events
    cluster_dns: str = "10.96.0.10"
    cluster_domain: str = "cluster.local"
    allocatable: Mapping[str, str] = field(default=EMPTY)
    host_ips: tuple[HostIP, ...] = field(init=False)
    conditions: dict[tuple[object, ...], PodCondition] = field(factory=dict)  # as Pods here have them, each once
    files: dict[str, dict[str, str]] = field(factory=dict)  # of sandboxes, by the text of their resolv.conf
    resolv: dict[str, str] = field(factory=dict)  # namespace → resolv.conf

    @property
    def ipam(self) -> Ipam | None:
        """The CNI plug-in's addresses; None: the node has no podCIDR yet."""
        return self.machine.ipam

    @property
    def room(self) -> dict[str, int]:
        """What Pods may have, as integers."""
        return {name: amount(name, text) for name, text in self.allocatable.items()}

    def __attrs_post_init__(self) -> None:
        self.host_ips = (HostIP(ip=self.ip),)

    def place(self, pod_ip: str) -> Place:
        """What the downward API may tell."""
        return Place(pod_ip, self.ip, self.allocatable)

    def env_source(self, pod: Pod, pod_ip: str) -> EnvSource:
        """Where the environment of a Pod's containers comes from."""
        links = pod.spec is None or pod.spec.enable_service_links is not False
        services = self.objects.service_env(pod.metadata.namespace, links)
        return EnvSource(self.objects, self.place(pod_ip), services)

    def volume_source(self, pod: Pod, pod_ip: str) -> VolumeSource:
        """Where the contents of a Pod's volumes come from."""
        return VolumeSource(pod, self.objects, self.place(pod_ip))

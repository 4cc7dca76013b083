"""The machines of a control plane and of its etcd, as an installer sets them up: kubeadm's two topologies.

Stacked, each machine of the control plane has a member of etcd. An external etcd stands on machines of its own: their
kubelets are no nodes of the cluster, and keep nothing but etcd's static Pod (`spec.etcd_members`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any, Protocol

from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.raft import Members
from kubesim_tui.cluster import addons
from kubesim_tui.cluster.etcd_servers import EtcdServers
from kubesim_tui.cluster.kubeadm import packages
from kubesim_tui.cluster.kubeadm.manifests import etcd as etcd_pod
from kubesim_tui.cluster.kubeadm.manifests import texts
from kubesim_tui.cluster.liveness import Liveness
from kubesim_tui.cluster.managers import AUTOSCALER, CLOUD, CONTROLLER_MANAGER, SCHEDULER
from kubesim_tui.cluster.plane import ETCD, SERVER, ControlPlane, etcd_names, names
from kubesim_tui.cluster.processes import MachineProcess
from kubesim_tui.cluster.spec import ClusterSpec
from kubesim_tui.cluster.trust import Trust
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.kubelet.options import Options
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.reference import parse as parse_reference
from kubesim_tui.world.world import World

NODE_PROCESSES = ("kubelet", "kube-proxy")
CONTROL_PROCESSES = (SERVER, SCHEDULER, CONTROLLER_MANAGER, CLOUD)


class Owner(Protocol):
    """The cluster."""

    spec: ClusterSpec
    engine: Engine
    chance: Chance
    world: World
    etcd: Etcd
    trust: Trust

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        ...


def make_plane(cluster: Owner) -> ControlPlane:
    """The control plane, with all its machines on."""
    spec, world = cluster.spec, cluster.world
    more = (AUTOSCALER,) if spec.autoscaled else ()
    stacked = (ETCD,) if spec.etcd_members is None else ()
    processes, pods = (*NODE_PROCESSES, *stacked, *CONTROL_PROCESSES, *more), addons.static_pods(spec)
    places = zip(names(spec.control_planes), cycle(spec.control_plane_zones))
    machines = list(_machines(world, places, processes, addons.images(pods, spec), pods))
    hosts = list(_hosts(spec, world)) or machines
    return _join(cluster, machines, hosts)


def standalone(ip: str) -> Options:
    """Flags of the kubelet of a machine that is there for etcd."""
    return Options(ip, standalone=True)


def _hosts(spec: ClusterSpec, world: World) -> Iterator[Machine]:
    places = zip(etcd_names(spec.etcd_members or 0), cycle(spec.etcd_zones or spec.control_plane_zones))
    pods = (etcd_pod(),)
    return _machines(world, places, (NODE_PROCESSES[0], ETCD), addons.images_of(pods), pods)


def _machines(
    world: World,
    places: Iterable[tuple[str, str]],
    processes: tuple[str, ...],
    images: Sequence[str],
    pods: Sequence[Mapping[str, Any]],
) -> Iterator[Machine]:
    """Of these names, in these zones, with static Pods, whose images an installer has pulled before."""
    for name, zone in places:
        machine = world.add_machine(name, zone=zone, cpu_milli=4_000, memory_bytes=8 << 30, processes=processes)
        for image in images:
            machine.runtime.store.add(parse_reference(image), 0)
        machine.files.update(texts(pods))
        packages.provide(machine)
        yield machine


def _join(cluster: Owner, machines: Sequence[Machine], hosts: Sequence[Machine]) -> ControlPlane:
    links, look = cluster.world.links, cluster.look
    processes = {host.name: MachineProcess(host, ETCD) for host in hosts}
    members = Members(cluster.engine, cluster.etcd, processes, links, cluster.chance.stream("etcd/election"), look)
    etcds = {
        machine.name: EtcdServers(machine.name, [machine.name] if machine in hosts else list(processes), members, links)
        for machine in machines
    }
    liveness = Liveness(cluster.engine, cluster.etcd, machines, etcds, look)
    return ControlPlane(machines, hosts, members, links, cluster.trust, liveness)

"""kube-controller-manager, kube-scheduler and cloud-controller-manager: on one machine, or standing by on several.

On several machines each has all three processes, and they elect leaders by Lease. What a process does (loops, caches,
queues) exists once: it belongs to whoever leads, and a new leader begins with nothing but what it lists. On one machine
nobody elects (`--leader-elect=false`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.authentication import service_account
from kubesim_tui.apiserver.client import Client, Road
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.leaderelection import Elector, Lock
from kubesim_tui.apiserver.request import User
from kubesim_tui.apiserver.seat import Seat
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.cloud.autoscaler.autoscaler import ClusterAutoscaler
from kubesim_tui.cloud.autoscaler.groups import Groups
from kubesim_tui.cloud.node import CloudNodeController
from kubesim_tui.cloud.node_lifecycle import CloudNodeLifecycle
from kubesim_tui.cloud.service import ServiceController
from kubesim_tui.cluster.plane import ETCD, ControlPlane
from kubesim_tui.cluster.processes import MachineProcess
from kubesim_tui.cluster.roads import Roads
from kubesim_tui.cluster.spec import ClusterSpec
from kubesim_tui.controllers.base import Autoscaling, Extras, Kit
from kubesim_tui.controllers.registry import build as build_controllers
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.kernel.process import Alive
from kubesim_tui.scheduler.scheduler import Scheduler
from kubesim_tui.scheduler.simulation import Simulation
from kubesim_tui.scheduler.watching import INFORMERS
from kubesim_tui.world.world import World

CONTROLLER_MANAGER, SCHEDULER, CLOUD = "kube-controller-manager", "kube-scheduler", "cloud-controller-manager"
AUTOSCALER = "cluster-autoscaler"
LOCKS = (
    Lock(CONTROLLER_MANAGER, CONTROLLER_MANAGER),
    Lock(SCHEDULER, "default-scheduler", releases=True),
    Lock(CLOUD, CLOUD),
)
AUTOSCALER_LOCK = Lock(AUTOSCALER, AUTOSCALER)
"""A process, the component that its Events name, and whether it gives its lock back when it is told to end."""

LARGE_CIDR = "10.128.0.0/9"
"""Pod addresses of a cluster with more nodes than 10.244.0.0/16 has ranges for."""
MANY_NODES = 250


class Owner(Protocol):
    """The cluster."""

    spec: ClusterSpec
    engine: Engine
    chance: Chance
    world: World
    roads: Roads
    server: ApiServer
    plane: ControlPlane
    heartbeats: Heartbeats
    terms: Heartbeats

    @property
    def pools(self) -> Groups:
        """The pools of machines that the cloud keeps."""
        ...

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        ...


class Managers:
    """See the module."""

    def __init__(self, cluster: Owner) -> None:
        self.cluster = cluster
        self.seats: dict[str, Seat] = {}
        self.electors: list[Elector] = []
        self.loops: dict[str, Component] = {}  # by name
        self.parts: dict[str, list[Component]] = {}  # the loops of each process
        if len(cluster.plane.names) > 1:
            for lock in (*LOCKS, *((AUTOSCALER_LOCK,) if cluster.spec.autoscaled else ())):
                self._make_candidates(lock)
        self._make_controllers()
        self.scheduler = self._make_scheduler()
        self._make_cloud()
        if cluster.spec.autoscaled:
            self._make_autoscaler()

    # -- who leads ---------------------------------------------------------------------------------------------

    def acts(self, process: str) -> bool:
        """Whether a process does its work anywhere."""
        return self._process(process).runs()

    def keeper(self, process: str) -> str:
        """The machine where a process does its work, or did last."""
        seat = self.seats.get(process)
        return (seat.last if seat is not None else "") or self.cluster.plane.names[0]

    def release(self, machine: str, process: str = "") -> None:
        """A process of a machine ("": each) is told to end: it gives up what it leads, if it is one that does."""
        if process in ("", ETCD):
            self.cluster.plane.members.transfer(machine)
        for elector in self.electors:
            if elector.machine == machine and process in ("", elector.lock.name):
                elector.release()

    def _make_candidates(self, lock: Lock) -> None:
        cluster, seat = self.cluster, Seat()
        self.seats[lock.name] = seat
        for machine in cluster.plane.machines:
            process = MachineProcess(machine, lock.name, cluster.look)
            road = cluster.plane.road(machine.name)
            elector = Elector(
                cluster.engine,
                Client(cluster.server, _manager(lock.name), road),
                process,
                machine.name,
                lock,
                seat,
                cluster.terms,
                self._informer("leases"),
                cluster.chance.stream(f"leader-election/{lock.name}/{machine.name}"),
                cluster.roads.look,
            )
            self.electors.append(elector)
            cluster.roads.add(road, elector)

    def _process(self, name: str) -> Alive:
        return self.seats.get(name) or MachineProcess(self.cluster.plane.machines[0], name)

    def _road(self, name: str) -> Road:
        return self.seats.get(name) or self.cluster.plane.road(self.cluster.plane.names[0])

    # -- what they do ------------------------------------------------------------------------------------------

    def _client(self, process: str, user: User, qps: int = 0, burst: int = 0) -> Client:
        return Client(self.cluster.server, user, self._road(process), qps, burst)

    def _informer(self, plural: str) -> Informer:
        cluster = self.cluster
        return Informer(cluster.server.etcd, cluster.engine, scheme.for_plural(plural).group_resource)

    def _add(self, component: Component, process: str) -> None:
        self.loops[component.name] = component
        self.parts.setdefault(process, []).append(component)
        self.cluster.roads.add(self._road(process), component)

    def _make_controllers(self) -> None:
        cluster, flags = self.cluster, self.cluster.spec.flags
        extras = Extras(
            heartbeats=cluster.heartbeats,
            disks=cluster.world.cloud,
            cluster_cidr=flags.cluster_cidr if sum(g.count for g in cluster.spec.nodes) < MANY_NODES else LARGE_CIDR,
            node_cidr_mask=flags.node_cidr_mask_size,
            node_monitor_grace=flags.node_monitor_grace_period,
            autoscaling=Autoscaling(
                flags.horizontal_pod_autoscaler_sync_period, flags.horizontal_pod_autoscaler_downscale_stabilization
            ),
        )
        kit = Kit(cluster.engine, self._controller_client, self._shared(), self._process(CONTROLLER_MANAGER), extras)
        for controller in build_controllers(kit):
            self._add(controller, CONTROLLER_MANAGER)

    def _controller_client(self, account: str) -> Client:
        flags = self.cluster.spec.flags
        return self._client(CONTROLLER_MANAGER, _account(account), flags.kube_api_qps, flags.kube_api_burst)

    def _shared(self) -> Callable[[str], Informer]:
        """One informer a resource, for all loops of the process."""
        known: dict[str, Informer] = {}

        def one(plural: str) -> Informer:
            if plural not in known:
                known[plural] = self._informer(plural)
            return known[plural]

        return one

    def _make_cloud(self) -> None:
        engine, process, cloud = self.cluster.engine, self._process(CLOUD), self.cluster.world.cloud
        client = self._client(CLOUD, _account("cloud-node-controller"))
        initializer = CloudNodeController(engine, client, process, self._informer("nodes"), cloud)
        client = self._client(CLOUD, _account("cloud-node-lifecycle-controller"))
        nodes = CloudNodeLifecycle(engine, client, process, self._informer("nodes"), cloud)
        client = self._client(CLOUD, _account("service-controller"))
        services = ServiceController(
            engine, client, process, self._informer("services"), self._informer("nodes"), cloud
        )
        for loop in (initializer, nodes, services):
            self._add(loop, CLOUD)

    def _make_autoscaler(self) -> None:
        """Its view of the scheduler is the scheduler's own: one informer a resource, the filters of its profile."""
        cluster = self.cluster
        informers = {plural: self._informer(plural) for plural in INFORMERS}
        profile = next(iter(self.scheduler.profiles.values()))
        loop = ClusterAutoscaler(
            cluster.engine,
            self._client(AUTOSCALER, _account(AUTOSCALER)),
            self._process(AUTOSCALER),
            informers,
            cluster.pools,
            lambda: Simulation(profile, informers),
            cluster.spec.autoscaler,
        )
        self._add(loop, AUTOSCALER)

    def _make_scheduler(self) -> Scheduler:
        cluster, chosen, flags = self.cluster, self.cluster.spec.scheduler, self.cluster.spec.flags
        user = _manager(SCHEDULER)
        limits = (chosen.qps, chosen.burst) if chosen else (flags.scheduler_api_qps, flags.scheduler_api_burst)
        scheduler = Scheduler(
            cluster.engine,
            self._client(SCHEDULER, user, *limits),
            self._process(SCHEDULER),
            {plural: self._informer(plural) for plural in INFORMERS},
            cluster.chance,
            events=self._client(SCHEDULER, user, *limits),
            configuration=chosen,
        )
        self._add(scheduler, SCHEDULER)
        return scheduler


def _manager(process: str) -> User:
    """As whom a manager itself speaks; that of the cloud has no role that comes with Kubernetes."""
    masters = ("system:masters",) if process == CLOUD else ()
    return User(f"system:{process}", (*masters, "system:authenticated"))


def _account(name: str) -> User:
    """A controller's own service account; a name that begins with `system:` is that of the manager itself."""
    if name.startswith("system:"):
        return User(name, ("system:authenticated",))
    return service_account("kube-system", name)

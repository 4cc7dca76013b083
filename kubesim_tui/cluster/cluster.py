"""A whole cluster: what runs where, wired together; and the order of one tick.

`PHASES` is that order, as one tuple. Everything below hangs on one object of plain data: `copy.deepcopy(cluster)` is a
checkpoint that goes on exactly as the original would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.api import scheme, types
from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.apiserver.apiextensions.controllers import build as build_extensions
from kubesim_tui.apiserver.apiregistration.controllers import build as build_registration
from kubesim_tui.apiserver.bootstrap import API_SERVER
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.endpointreconciler import EndpointReconciler
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.leaderelection import RETRY_PERIOD
from kubesim_tui.apiserver.request import User
from kubesim_tui.cloud.service import EXCLUDED
from kubesim_tui.cluster.addons import INSTALLER, install, start
from kubesim_tui.cluster.databases import Databases
from kubesim_tui.cluster.digest import Digest
from kubesim_tui.cluster.door import make_door
from kubesim_tui.cluster.edge import ADDRESS
from kubesim_tui.cluster.etcdctl.maintenance import Maintainers
from kubesim_tui.cluster.fabric import Fabric
from kubesim_tui.cluster.front import UsersAtTheDoor
from kubesim_tui.cluster.hands import ClusterHand
from kubesim_tui.cluster.installing import NODE_PROCESSES, make_plane, standalone
from kubesim_tui.cluster.kubeadm import packages
from kubesim_tui.cluster.kubeadm.running import Runs
from kubesim_tui.cluster.managers import Managers
from kubesim_tui.cluster.net import SingleRequests
from kubesim_tui.cluster.photo import take
from kubesim_tui.cluster.plane import CONTROL_PLANE_ROLE
from kubesim_tui.cluster.polling import Polling
from kubesim_tui.cluster.pools import Pools
from kubesim_tui.cluster.power import Power
from kubesim_tui.cluster.processes import MachineProcess
from kubesim_tui.cluster.roads import Road, Roads
from kubesim_tui.cluster.rollouts import Rollouts
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup
from kubesim_tui.cluster.strangers import Intruder, Siege
from kubesim_tui.cluster.trust import KUBELET, Trust
from kubesim_tui.cluster.view import View
from kubesim_tui.cluster.waves import Wave
from kubesim_tui.cluster.webhook import WebhookHandler
from kubesim_tui.cluster.witness import Witness
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.clock import Clock
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.kubelet.configuration import read as read_configuration
from kubesim_tui.kubelet.flags import restarted
from kubesim_tui.kubelet.kubelet import Kubelet
from kubesim_tui.kubelet.options import Options
from kubesim_tui.kubelet.server import CALLS, KubeletHandler
from kubesim_tui.metrics.adapter import Metrics
from kubesim_tui.network.dns import ZoneFollower
from kubesim_tui.network.ingress import IngressController
from kubesim_tui.network.kube_proxy import KubeProxy, RulesetFollower
from kubesim_tui.network.modes import MODES
from kubesim_tui.network.policy_agent import PolicyAgent
from kubesim_tui.traffic.traffic import Traffic
from kubesim_tui.world.brands import BRANDS
from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.lifecycle import SENDER
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.records import Records
from kubesim_tui.world.world import World

PHASES = ("timers", "cloud", "controllers", "scheduler", "kubelets", "network", "traffic", "metrics")
"""One tick: due timers and faults, the cloud, control loops, scheduler, kubelets, then kube-proxy, DNS and ingress on
what they have heard, then the users' requests, then what is measured."""

CONTROL_PLANE_LABELS = {CONTROL_PLANE_ROLE: "", EXCLUDED: ""}
CONTROL_PLANE_TAINTS = (types.Taint(key=CONTROL_PLANE_ROLE, effect="NoSchedule"),)


class Cluster:
    """See the module. `images`: (file, text) of images of a level's own."""

    def __init__(self, spec: ClusterSpec, seed: str = "1", images: tuple[tuple[str, str], ...] = ()) -> None:
        self.spec, self.seed = spec, seed
        self.engine = Engine(PHASES, Clock(spec.epoch))
        self.chance = Chance(seed)
        catalogue = Catalogue.bundled()
        self.world = World(catalogue.with_texts(dict(images)) if images else catalogue, spec.epoch)
        self.world.journal.clock = self.engine.clock
        self.world.registries.update({one.name: one.make() for one in spec.registries})
        self.world.regions.update({one.name: one.make() for one in spec.regions})
        self.roads = Roads()
        self.etcd = Etcd(self.engine.clock)
        self._digest = self.etcd.reader = Digest()
        self.kubelets: dict[str, Kubelet] = {}
        self._joined = 0
        self.heartbeats, self.terms = Heartbeats(), Heartbeats(RETRY_PERIOD)
        self.trust = Trust(self.world, self.engine, self.look)
        self.plane = make_plane(self)
        self.maintainers = Maintainers(self.plane.hosts, self.plane.members, self.plane.addresses)
        addresses = tuple(self.plane.addresses[name] for name in self.plane.names)
        self.server = make_door(self.etcd, self.chance, self.heartbeats, self.plane, self.terms, addresses)
        self.server.members = self.plane.members
        install(self.server, spec)
        start(self.client(INSTALLER), spec, self.plane.names)
        self._make_network()
        self.power, self.pools = Power(self), Pools(self)
        self._make_control_plane()
        for group in spec.nodes:
            for name in group.names:
                self.add_node(name, group)
        self._make_outside()
        self.metrics = Metrics(self.etcd, self.world.machines, UsersAtTheDoor(self.traffic))
        self.server.metrics = self.metrics
        for call in CALLS:
            handler = KubeletHandler(call, self.kubelets, self.etcd, self.plane, self.plane.place)
            self.server.proxy.register(call, handler)
        self.server.proxy.register(
            "webhook", WebhookHandler(self.etcd, SingleRequests(self.fabric), self.plane, self.trust)
        )
        somebody = self.client(User("somebody", ("system:masters", "system:authenticated")))
        pipeline = self.client(User("pipeline", ("system:masters", "system:authenticated")))
        self.hand = ClusterHand(self, somebody, pipeline)
        self.siege, self.wave, self.polling = Siege(self), Wave(self), Polling(self)
        self.commands, self.rollouts = Runs(self.engine), Rollouts(self)
        self.intruder = Intruder(self, self.chance.stream("intruder"))
        self.witness = Witness(
            self.world,
            self.plane,
            self.managers,
            self.trust,
            self.server.fairness,
            self.traffic,
            self.intruder,
            SingleRequests(self.fabric),
            self.polling,
        )

    # -- the door ----------------------------------------------------------------------------------------------

    def client(self, user: User, place: str = "", qps: int = 0, burst: int = 0) -> Client:
        """A client of the API server at a place ("": where people stand)."""
        return Client(self.server, user, self.plane.road(place or self.plane.front), qps, burst)

    def informer(self, plural: str, lag: int = 0, node: str = "") -> Informer:
        """A fresh informer; its owner connects it."""
        return Informer(self.etcd, self.engine, scheme.for_plural(plural).group_resource, lag=lag, node=node)

    def _add(self, component: Component, place: str = "") -> None:
        self.roads.add(self.plane.road(place or self.plane.front), component)

    # -- the machines ------------------------------------------------------------------------------------------

    def _make_control_plane(self) -> None:
        """The kubelets of its machines, the loops of the API server, and the managers."""
        addresses = self.plane.addresses
        for machine in self.plane.machines:
            ip, group = addresses[machine.name], NodeGroup(machine.name, zone=machine.zone)
            self._add_agents(machine, group, ip, CONTROL_PLANE_LABELS, CONTROL_PLANE_TAINTS)
        for name in self.plane.external:
            self._add_kubelet(self.world.machines[name], standalone(addresses[name]), Road(self.world.links, name, ()))
        for build in (build_extensions, build_registration):
            for loop in build(self.engine, self.client(API_SERVER), self.plane):
                self._add(loop)
        servers = {addresses[door.place]: door for door in self.plane.doors}
        self._endpoints = EndpointReconciler(self.engine, self.client(API_SERVER), self.plane, servers)
        self._add(self._endpoints)
        self.managers: Managers = Managers(self)
        self.scheduler = self.managers.scheduler

    def add_node(self, name: str, group: NodeGroup) -> None:
        """A new machine joins the cluster."""
        machine = self.world.add_machine(
            name,
            zone=group.zone,
            cpu_milli=group.cpu_milli,
            memory_bytes=group.memory_bytes,
            disk_bytes=group.disk_bytes,
            processes=NODE_PROCESSES,
            brand=BRANDS[group.runtime],
            now=self.engine.clock.tick,
            spot=group.spot,
        )
        packages.provide(machine)
        self._joined += 1
        high, low = divmod(self._joined + len(self.plane.addresses) + 1, 250)
        self._add_agents(machine, group, f"172.18.{high}.{low}", dict(group.labels), group.parsed_taints)

    def _add_agents(
        self, machine: Machine, group: NodeGroup, ip: str, labels: dict[str, str], taints: tuple[types.Taint, ...]
    ) -> None:
        """Its kubelet and its kube-proxy."""
        flags, name = self.spec.flags, machine.name
        options = Options(
            ip,
            external_cloud=True,
            labels=labels,
            taints=taints,
            configuration=read_configuration(group.kubelet),
        )
        self._add_kubelet(machine, options, self.plane.road(name, KUBELET))
        road = self.plane.balanced(name)
        proxy_client = Client(self.server, User("system:kube-proxy", ("system:authenticated",)), road)
        process, conntrack = MachineProcess(machine, "kube-proxy"), (flags.conntrack_max_per_core, flags.conntrack_min)
        proxy = KubeProxy(name, self.engine, proxy_client, process, machine, self.rules, conntrack)
        self.roads.add(road, proxy)

    def _add_kubelet(self, machine: Machine, options: Options, road: Road) -> None:
        flags, name = self.spec.flags, machine.name
        user = User(f"system:node:{name}", ("system:nodes", "system:authenticated"))
        client = Client(self.server, user, road, flags.kubelet_api_qps, flags.kubelet_api_burst)
        kubelet = Kubelet(
            self.engine,
            client,
            MachineProcess(machine, "kubelet"),
            machine,
            options,
            heartbeats=self.heartbeats,
            cloud=self.world.cloud,
            steward=self,
        )
        self.kubelets[name] = kubelet
        self.roads.add(road, kubelet)

    def _make_outside(self) -> None:
        for i, system in enumerate(self.spec.outside):
            ip = f"198.51.100.{10 + i}"
            env = dict(system.env)
            self.world.add_outside(system.name, system.image, ip, copy_of=system.source, env=env or None)

    def _make_network(self) -> None:
        flags, engine, mode = self.spec.flags, self.engine, MODES[self.spec.flags.proxy_mode]
        proxy = User("system:kube-proxy", ("system:authenticated",))
        self.rules = RulesetFollower(
            engine,
            self.client(proxy),
            self.informer("services", flags.kube_proxy_lag),
            self.informer("endpointslices", flags.kube_proxy_lag),
            mode,
        )
        self._add(self.rules)
        zone = ZoneFollower(
            engine,
            self.client(User("system:serviceaccount:kube-system:coredns", ("system:authenticated",))),
            self.informer("services", flags.dns_lag),
            self.informer("endpointslices", flags.dns_lag),
        )
        self._add(zone)
        policies = PolicyAgent(
            engine,
            self.client(User("system:serviceaccount:kube-system:kindnet", ("system:authenticated",))),
            self.informer("networkpolicies", flags.kube_proxy_lag),
            self.informer("pods"),
            self.informer("namespaces"),
        )
        self._add(policies)
        self.fabric = Fabric(
            self.world,
            self.etcd,
            zone.live,
            self.rules.live,
            policies,
            self.plane,
            (flags.service_cidr, flags.cluster_cidr),
            mode,
            self.chance.stream("kube-proxy/endpoints"),
            self.chance.stream("ingress-nginx/upstreams"),
        )
        self.traffic = Traffic(engine, self.fabric, self.chance)
        self.fabric.traffic = self.traffic
        self.world.pulse.ears[SENDER] = self.traffic
        net = SingleRequests(self.fabric)
        self.world.wire(net)
        self.world.pulse.listener = Databases(engine, self.fabric, net)
        if self.spec.ingress:
            self._make_ingress()

    def _make_ingress(self) -> None:
        lag = self.spec.flags.ingress_lag
        user = User(
            "system:serviceaccount:ingress-nginx:ingress-nginx",
            ("system:serviceaccounts", "system:serviceaccounts:ingress-nginx", "system:authenticated"),
        )
        controller = IngressController(
            self.engine,
            self.client(user),
            self.fabric.edge,
            self.informer("ingresses", lag),
            self.informer("ingressclasses", lag),
            self.informer("services", lag),
            self.informer("endpointslices", lag),
            self.informer("configmaps", lag),
            self.informer("secrets", lag),
            ADDRESS,
        )
        self._add(controller)
        self.fabric.edge.open(controller)

    # -- one tick ----------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Run one tick."""
        tick = self.engine.clock.tick
        self.engine.step()
        if self.etcd.fresh or self.traffic.streams or self.traffic.generators.live:
            self._digest.tick(tick, self.etcd.fresh, self._figures())
            self.etcd.fresh.clear()
        if tick % 30 == 0:
            self.etcd.compact()

    def _figures(self) -> tuple[Any, ...]:
        return tuple(
            (s.name, s.stream.sent, s.stream.served, s.stream.failed, s.stream.last.latencies if s.stream.last else ())
            for s in self.traffic.sources()
        ) + tuple(
            (f.broker, f.name, f.stream.sent, f.stream.served, f.stream.failed, f.ready, f.unacknowledged)
            for f in self.traffic.queues.flows.values()
        )

    @property
    def digest(self) -> str:
        """The proof of all that has happened so far (of whole ticks)."""
        return self._digest.hex

    def told_to_end(self, machine: str, process: str) -> None:
        """A process of the control plane ends in good order: it gives up what it leads."""
        self.managers.release(machine, process)

    def look(self) -> None:
        """Something about processes, machines or links has changed: connect and disconnect whom it concerns."""
        for machine in self.world.machines.values():
            restarted(machine)
        self.maintainers.look()
        self.plane.members.look()
        self.plane.liveness.look()
        self._endpoints.look()
        self.roads.look()
        self.fabric.edge.look()
        self.fabric.changed()
        for kubelet in self.kubelets.values():
            kubelet.look()

    def replicate(self) -> None:
        """Systems outside that are live copies of another catch up with it, while that one is up."""
        for spec in self.spec.outside:
            source = self.world.outside.get(spec.source)
            if source is not None and source.is_up:
                self.world.outside[spec.name].copy_from(source)

    def records(self, store: str) -> Records:
        """The records of a store that lie anywhere durable: on network disks, and with systems outside."""
        found = Records()
        for volume in self.world.cloud.disks.values():
            for (_, name), kept in sorted(volume.records.items()):
                if name == store:
                    found.update(kept)
        for system in self.world.outside.values():
            found.update(system.records(store))
        return found

    def busy(self) -> int:
        """Nodes and Pods that cost something now (without kube-system)."""
        pods = self.etcd.table("pods")
        return len(self.etcd.table("nodes")) + len(pods) - len(pods.by_namespace.get("kube-system", {}))

    def picture(self, go: int | None = None, ends: int | None = None, slos: Mapping[str, int] = EMPTY) -> View:
        """The frozen picture of now."""
        return take(self, go, ends, slos)

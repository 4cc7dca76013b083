"""Takes the picture: joins what the modules of cluster.picture see into one View."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.cluster.fabric import Fabric
from kubesim_tui.cluster.managers import Managers
from kubesim_tui.cluster.picture.claims import claim_views
from kubesim_tui.cluster.picture.configs import config_views
from kubesim_tui.cluster.picture.events import event_views
from kubesim_tui.cluster.picture.look import Look
from kubesim_tui.cluster.picture.nodes import node_views
from kubesim_tui.cluster.picture.services import route_views, service_views
from kubesim_tui.cluster.picture.stale import stale_readers
from kubesim_tui.cluster.picture.streams import flows, queues, traffic_view
from kubesim_tui.cluster.picture.usage import MachineUsage
from kubesim_tui.cluster.picture.workloads import workload_views
from kubesim_tui.cluster.plane import ETCD, ControlPlane
from kubesim_tui.cluster.view import ComponentView, View
from kubesim_tui.kernel.clock import Clock
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.traffic.traffic import Traffic
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.process import Process
from kubesim_tui.world.world import World


class Owner(Protocol):
    """The cluster."""

    engine: Engine
    etcd: Etcd
    world: World
    traffic: Traffic
    fabric: Fabric
    heartbeats: Heartbeats
    plane: ControlPlane
    managers: Managers


def take(cluster: Owner, go: int | None, ends: int | None, slos: Mapping[str, int]) -> View:
    """The frozen picture of now; `slos`: the share that each stream of users is promised, per mille."""
    clock = cluster.engine.clock
    look = Look(cluster.etcd, MachineUsage(cluster.world, clock.tick), clock.now)
    workloads = workload_views(look)
    services = service_views(look, flows(cluster.traffic), queues(cluster.traffic, clock.tick))
    heard = {n: clock.tick - (cluster.heartbeats.last(n, clock.tick) or 0) for n in cluster.world.machines}
    return View(
        tick=clock.tick,
        go=go,
        clock=_wall(clock),
        ends=go + ends if go is not None and ends is not None else None,
        nodes=node_views(look, heard, cluster.world.cloud.instances),
        pending=tuple(p for p in look.pods.values() if not p.node),
        workloads=workloads,
        services=services,
        routes=route_views(look, services, controller=bool(cluster.fabric.proxies())),
        traffic=tuple(traffic_view(s, slos.get(s.name, 0)) for s in cluster.traffic.sources()),
        configs=config_views(look, workloads, stale_readers(look, cluster.world)),
        claims=claim_views(look, _stored(cluster.world)),
        events=event_views(look, clock.epoch),
        components=_components(cluster),
        outside=tuple((o.name, o.image, o.is_up) for o in cluster.world.outside.values()),
    )


def _wall(clock: Clock) -> str:
    seconds = clock.now % 86400
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _components(cluster: Owner) -> tuple[ComponentView, ...]:
    leaders = {name: seat.leader.machine for name, seat in cluster.managers.seats.items() if seat.leader is not None}
    if len(cluster.plane.hosts) > 1:
        leaders[ETCD] = cluster.plane.members.leader
    found = []
    for machine in cluster.world.machines.values():
        for process in machine.processes.values():
            runs = machine.powered and process.works
            leads = leaders.get(process.name) == machine.name
            found.append(ComponentView(process.name, machine.name, runs, _note(machine, process, leads=leads)))
    return tuple(found)


def _note(machine: Machine, process: Process, *, leads: bool) -> str:
    if not machine.powered:
        return "unreachable"
    if not process.works:
        return str(process.shown)
    return "slow" if process.slow > 1 else "leader" if leads else ""


def _stored(world: World) -> dict[str, tuple[int, int]]:
    """(records, bytes) of each network disk, by its name (volumes of claims bear the disk's)."""
    disks = world.cloud.disks
    return {name: (sum(len(r) for r in v.records.values()), v.used_bytes) for name, v in disks.items()}

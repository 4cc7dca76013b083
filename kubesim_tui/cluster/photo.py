"""Takes the picture: joins the objects (cluster.picture) with what traffic and machines say into one View."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.cluster.fabric import NAMESPACE, POD, Fabric
from kubesim_tui.cluster.picture import Board
from kubesim_tui.cluster.stale import stale
from kubesim_tui.cluster.view import ComponentView, Ref, TrafficView, View
from kubesim_tui.kernel.clock import Clock
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.traffic.histogram import Histogram, spread
from kubesim_tui.traffic.streaming import Streaming
from kubesim_tui.traffic.traffic import Traffic
from kubesim_tui.traffic.way import Destination
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.world import World

HISTORY = 600


class Owner(Protocol):
    """The cluster."""

    engine: Engine
    etcd: Etcd
    world: World
    traffic: Traffic
    fabric: Fabric
    heartbeats: Heartbeats


class MachineUsage:
    """What containers used in the last tick, by Pod and by machine."""

    def __init__(self, world: World, tick: int) -> None:
        self._pods: dict[tuple[str, str], tuple[int, int]] = {}
        self._nodes: dict[str, tuple[int, int]] = {}
        for machine in world.machines.values():
            self._add(machine, tick)

    def _add(self, machine: Machine, tick: int) -> None:
        cpu_all = memory_all = 0
        for container in machine.runtime.containers.values():
            memory = container.memory_bytes(tick)
            load = container.load
            cpu = load.cpu_us // 1000 if load is not None and load.tick >= tick - 1 else 0
            labels = container.sandbox.labels
            key = (labels.get(NAMESPACE, ""), labels.get(POD, ""))
            before = self._pods.get(key, (0, 0))
            self._pods[key] = (before[0] + cpu, before[1] + memory)
            cpu_all, memory_all = cpu_all + cpu, memory_all + memory
        self._nodes[machine.name] = (cpu_all, memory_all)

    def pod(self, namespace: str, name: str) -> tuple[int, int]:
        """(millicores, bytes) of a Pod."""
        return self._pods.get((namespace, name), (0, 0))

    def node(self, name: str) -> tuple[int, int]:
        """(millicores, bytes) of a node."""
        return self._nodes.get(name, (0, 0))


def take(cluster: Owner, go: int | None, ends: int | None, slos: Mapping[str, int]) -> View:
    """The frozen picture of now; `slos`: the share that each stream of users is promised, per mille."""
    clock = cluster.engine.clock
    board = Board(cluster.etcd, MachineUsage(cluster.world, clock.tick), clock.now)
    workloads = board.workloads()
    controller = cluster.fabric.ingress_controller
    heard = {n: clock.tick - (cluster.heartbeats.last(n, clock.tick) or 0) for n in cluster.world.machines}
    return View(
        tick=clock.tick,
        go=go,
        clock=_wall(clock),
        ends=go + ends if go is not None and ends is not None else None,
        nodes=board.nodes(heard),
        pending=tuple(p for p in board.pods.values() if not p.node),
        workloads=workloads,
        services=board.services(flows(cluster.traffic)),
        routes=board.routes(controller is not None and controller.runs()),
        traffic=tuple(_traffic(s, slos.get(n, 0)) for n, s in cluster.traffic.streams.items()),
        configs=board.configs(workloads, stale(cluster.etcd, cluster.world)),
        claims=board.claims(_stored(cluster)),
        events=board.events(clock.epoch),
        components=_components(cluster.world),
        outside=tuple((o.name, o.image, o.is_up) for o in cluster.world.outside.values()),
    )


def _wall(clock: Clock) -> str:
    seconds = clock.now % 86400
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _components(world: World) -> tuple[ComponentView, ...]:
    found = []
    for machine in world.machines.values():
        for process in machine.processes.values():
            runs = machine.powered and process.works
            note = "" if runs else ("unreachable" if not machine.powered else str(process.state))
            found.append(ComponentView(process.name, machine.name, runs, note))
    return tuple(found)


def _stored(cluster: Owner) -> dict[str, tuple[int, int]]:
    """(records, bytes) of each network disk, by its name (volumes of claims bear the disk's)."""
    disks = cluster.world.cloud.disks
    return {name: (sum(len(r) for r in v.records.values()), v.used_bytes) for name, v in disks.items()}


def flows(traffic: Traffic) -> dict[tuple[str, str], tuple[int, int, int]]:
    """What went through each Service in the last tick: (requests, per mille well, p95 in µs)."""
    found: dict[tuple[str, str], list[int]] = {}
    for streaming in traffic.streams.values():
        todo = [streaming.root] if streaming.root is not None else []
        seen: dict[int, None] = {}
        while todo:
            destination = todo.pop()
            if id(destination) in seen:
                continue
            seen[id(destination)] = None
            _count(destination, found)
            for leg in destination.legs:
                todo += leg.calls
    return {k: (n, ok * 1000 // n if n else -1, p95) for k, (n, ok, p95) in found.items()}


def _count(destination: Destination, found: dict[tuple[str, str], list[int]]) -> None:
    service = next((h for h in destination.way if h[0] == "Service"), None)
    result = destination.result
    if service is None or result is None:
        return
    row = found.setdefault((service[1], service[2]), [0, 0, 0])
    row[0] += result.total
    row[1] += result.total - result.lost
    counts = [spread(n, latency)[0] for latency, n in result.parts]
    row[2] = max(row[2], Histogram().plus(*counts).percentile(950))


def _traffic(streaming: Streaming, slo_pm: int) -> TrafficView:
    users, stream = streaming.users, streaming.stream
    samples = list(stream.samples)[-HISTORY:]
    reasons = tuple(sorted(stream.reasons.items(), key=lambda r: (-r[1], r[0])))
    last = samples[-1] if samples else None
    root = streaming.root
    hop = root.way[0] if root is not None and root.way else None
    return TrafficView(
        name=users.name,
        url=users.url,
        method=users.method,
        rate=users.rate_milli * streaming.factor_pm // 1_000_000,
        sent=stream.sent,
        served=stream.served,
        failed=reasons,
        now_ok_pm=last.ok_pm if last is not None else -1,
        now_p95_us=last.percentile(950) if last is not None else 0,
        slo_pm=slo_pm,
        ok_history=tuple(s.ok_pm for s in samples),
        rate_history=tuple(s.sent for s in samples),
        p95_history=tuple(Histogram().plus(s.latencies).percentile(950) for s in samples),
        first_hop=Ref(*hop) if hop is not None and hop[0] in ("Ingress", "Service") else None,
    )

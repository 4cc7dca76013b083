"""Builders for the tests of databases of several members: each on a machine and a volume of its own, in one network."""

from __future__ import annotations

from kubesim_tui.world.config import Mount
from kubesim_tui.world.container import Container, State
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.net import UNKNOWN_HOST, Fetched, Resolved
from kubesim_tui.world.records import Records
from kubesim_tui.world.replication import ensemble
from kubesim_tui.world.replication.member import Part
from kubesim_tui.world.replication.node import member_of
from kubesim_tui.world.urls import split
from kubesim_tui.world.world import World
from tests.world.builders import CATALOGUE

ZOOKEEPER = "registry.k8s.io/kubernetes-zookeeper:1.0-3.4.10"


class Ensemble:
    """Members 0 … n-1 of one image, named `NAME-i.hs`. It is also their network: names are known while they live."""

    def __init__(self, n: int, image: str = ZOOKEEPER, name: str = "zk", path: str = "/var/lib/zookeeper") -> None:
        self.world, self.image, self.name, self.path, self.now = World(CATALOGUE), image, name, path, 0
        self.world.wire(self)
        self.args: dict[int, tuple[str, ...]] = {}
        self.volumes = [Volume(f"disk-{i}") for i in range(n)]
        self.ids = [""] * n
        for i in range(n):
            machine = self.world.add_machine(f"node-{i}", processes=("kubelet",))
            pull = machine.runtime.pull(image, 0)
            for tick in range(pull.done + 1):
                machine.runtime.due(tick)

    # -- the network

    def host(self, i: int) -> str:
        return f"{self.name}-{i}"

    def fetch(self, machine, source, url, method="GET", body="", timeout_us=30_000_000, headers=()):
        from kubesim_tui.world import answer

        address = split(url)
        found = self.dial(machine, source, address.host, address.port)
        return answer.serve(found, address.port, method, "", body, self.now) if found else Fetched(error=UNKNOWN_HOST)

    def resolve(self, machine, source, name):
        return Resolved(name)

    def linked(self, a: str, b: str) -> bool:
        machines = self.world.machines
        return machines[a].powered and machines[b].powered and self.world.links.reachable(a, b)

    def dial(self, machine: str, source: str, host: str, port: int) -> Container | None:
        at = int(host.partition(".")[0].rpartition("-")[2]) if host.startswith(self.name) else -1
        found = self.container(at) if 0 <= at < len(self.ids) else None
        if found is None or not self.linked(machine, found.host.machine) or found.listening(port)[1] is None:
            return None
        return found

    # -- the members

    def container(self, i: int) -> Container | None:
        found = self.world.machines[f"node-{i}"].runtime.containers.get(self.ids[i])
        return found if found is not None and found.state is State.RUNNING else None

    def start(self, i: int, *args: str) -> None:
        """A new container on the member's volume."""
        runtime, ip = self.world.machines[f"node-{i}"].runtime, f"10.244.0.{i + 1}"
        self.args[i] = args or self.args.get(i, ())
        hosts = f"{ip}\t{self.host(i)}.hs\t{self.host(i)}\n"
        sandbox = runtime.run_sandbox("pod", self.host(i), ip, self.now, files={"/etc/hosts": hosts})
        mounts = (Mount(self.path, self.volumes[i]),)
        self.ids[i] = runtime.create(sandbox, "main", self.image, now=self.now, command=self.args[i], mounts=mounts)
        runtime.start(self.ids[i], self.now)

    def kill(self, i: int) -> None:
        if self.container(i) is not None:
            self.world.machines[f"node-{i}"].runtime.kill(self.ids[i], self.now)

    def tick(self, ticks: int = 1) -> None:
        for _ in range(ticks):
            self.now += 1
            for machine in self.world.machines.values():
                machine.runtime.due(self.now)
            self.look()

    def look(self) -> None:
        """What a cluster does whenever something has changed."""
        ensemble.look(self.world.pulse.members, self, self.now)

    def parts(self) -> list[Part | None]:
        found = [member_of(self.container(i)) for i in range(len(self.ids))]
        return [member.part if member is not None else None for member in found]

    def write(self, i: int, first: int, count: int = 1, port: int = 2181) -> int:
        """Records first … by way of one member; how many were acknowledged."""
        container = self.container(i)
        plan = container.plan(port, "WRITE", "") if container is not None else None
        if plan is None or plan.refused or plan.status >= 400 or plan.store is None:
            return 0
        return container.keep(plan.store, "orders", first, first + count - 1, self.now)

    def on_disk(self, i: int) -> Records:
        found = Records()
        for (_, store), kept in self.volumes[i].records.items():
            if store == "orders":
                found.update(kept)
        return found

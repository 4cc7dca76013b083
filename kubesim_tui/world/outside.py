"""Systems outside the cluster: a database on a machine of its own, reached by a DNS name.

Each is one container of a runtime that belongs to nobody's cluster, on a place of its own (its name) in the links. A
system made `from` another starts with a copy of the records that the other had at that moment.
"""

from __future__ import annotations

from attrs import define

from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.config import Mount
from kubesim_tui.world.container import Container
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.links import Links
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.net import Net
from kubesim_tui.world.pulse import Pulse
from kubesim_tui.world.records import Records
from kubesim_tui.world.reference import parse
from kubesim_tui.world.registry import Registry

_GI = 1 << 30
_ENV = {
    "POSTGRES_PASSWORD": "postgres",
    "MYSQL_ROOT_PASSWORD": "mysql",
    "MARIADB_ROOT_PASSWORD": "mysql",
}
_DATA = ("/var/lib/postgresql/data", "/var/lib/mysql", "/data/db", "/data")


@define(eq=False, repr=False)
class Outside:
    """One system. `up` is whether it runs; its disk survives."""

    name: str
    image: str
    ip: str
    machine: Machine
    disk: Volume
    env: dict[str, str]
    container_id: str = ""

    @classmethod
    def make(
        cls,
        name: str,
        image: str,
        ip: str,
        now: int,
        *,
        catalogue: Catalogue,
        links: Links,
        env: dict[str, str] | None = None,
        copy_of: Outside | None = None,
        net: Net | None = None,
        pulse: Pulse | None = None,
    ) -> Outside:
        """A running system. Its records are those of `copy_of`, up to now."""
        registries: dict[str, Registry] = {}
        machine = Machine.make(
            name,
            "",
            8_000,
            32 * _GI,
            500 * _GI,
            catalogue=catalogue,
            registries=registries,
            links=links,
            pulse=pulse,
        )
        links.remove(name)  # it lies in no zone
        machine.runtime.net = net
        system = cls(name, image, ip, machine, Volume(f"disk of {name}", 500 * _GI), {**_ENV, **(env or {})})
        if copy_of is not None:
            system.copy_from(copy_of)
        machine.runtime.store.add(parse(image), now)
        system.up(now)
        return system

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self.container_id != ""

    @property
    def container(self) -> Container | None:
        """Its container, None while it is down."""
        return self.machine.runtime.containers.get(self.container_id)

    def up(self, now: int) -> None:
        """Start it, on the disk that it had."""
        if self.is_up:
            return
        runtime = self.machine.runtime
        sandbox = runtime.run_sandbox(self.name, self.name, self.ip, now)
        mounts = tuple(Mount(path, self.disk) for path in _DATA)
        self.container_id = runtime.create(sandbox, "main", self.image, now=now, env=self.env, mounts=mounts)
        runtime.start(self.container_id, now)
        runtime.due(now + 60)  # it has been up for long

    def down(self, now: int) -> None:
        """Stop it at once; what was acknowledged lies on its disk."""
        if self.is_up:
            runtime = self.machine.runtime
            container = runtime.container(self.container_id)
            runtime.remove_sandbox(container.sandbox.id, now)
            self.container_id = ""

    def copy_from(self, other: Outside) -> None:
        """Take over all records that another has."""
        for (directory, store), kept in sorted(other.disk.records.items()):
            self.disk.records_of(directory, store).update(kept)

    def records(self, store: str) -> Records:
        """What it would find of a store, up or down."""
        found = Records()
        for (_, name), kept in sorted(self.disk.records.items()):
            if name == store:
                found.update(kept)
        return found

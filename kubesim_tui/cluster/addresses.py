"""Who has an address: the sandboxes of all machines by IP, looked up once and believed as long as it is still so."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.world.config import Sandbox
from kubesim_tui.world.container import Container
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.world import World

POD, NAMESPACE = "io.kubernetes.pod.name", "io.kubernetes.pod.namespace"
"""The labels of a sandbox that say whose it is."""


class Addresses:
    """An index over the world's sandboxes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[tuple[str, int], tuple[str, str]] = {}  # (address, port) → (machine, sandbox)

    def sandbox(self, ip: str, port: int, node: str) -> tuple[Machine, Sandbox] | None:
        """The Pod at an address. Those in their machine's own network share its address: whoever listens has it."""
        known = self._known.get((ip, port))
        if known is not None:
            machine = self.world.machines.get(known[0])
            sandbox = machine.runtime.sandboxes.get(known[1]) if machine is not None else None
            if machine is not None and sandbox is not None and _answers(machine, sandbox, ip, port):
                return machine, sandbox
            del self._known[ip, port]
        found = self._search(ip, port, node)
        if found is not None and _answers(*found, ip, port):
            self._known[ip, port] = (found[0].name, found[1].id)
        return found

    def _search(self, ip: str, port: int, node: str) -> tuple[Machine, Sandbox] | None:
        first: tuple[Machine, Sandbox] | None = None
        for machine in self._likely(node):
            for sandbox in machine.runtime.sandboxes.values():
                if sandbox.ip == ip and sandbox.ready:
                    if first is None:
                        first = (machine, sandbox)
                    if _answers(machine, sandbox, ip, port):
                        return machine, sandbox
            if first is not None:
                return first
        return None

    def _likely(self, node: str) -> Iterator[Machine]:
        if node in self.world.machines:
            yield self.world.machines[node]
        else:
            yield from self.world.machines.values()

    def listener(self, machine: Machine, sandbox: Sandbox, port: int) -> Container | None:
        """The container of a Pod that listens on a port; else the one that was meant to, else its first."""
        containers = [machine.runtime.containers[i] for i in sandbox.containers if i in machine.runtime.containers]
        for container in containers:
            if port in container.ports:
                return container
        alive = [c for c in containers if c.exit_code is None] or containers
        for container in alive:
            if port in container.config.expected_ports:
                return container
        return alive[0] if alive else None


def _answers(machine: Machine, sandbox: Sandbox, ip: str, port: int) -> bool:
    return sandbox.ready and sandbox.ip == ip and machine.runtime.neighbour(sandbox, port) is not None

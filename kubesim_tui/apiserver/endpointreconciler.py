"""Behind the Service `kubernetes`: the addresses of the API servers that are there (upstream: reconcilers/lease.go).

Each server renews a key of 15 s in etcd every 10 s, and every 10 s looks whose keys there are; so one that has gone
leaves the EndpointSlice 10 to 20 s later, and one that comes is in it at once. The last one is never taken out. As
with all heartbeats, renewals and looks are sums: `look` is told when a server may have come or gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kubesim_tui.api.types import Endpoint, EndpointConditions, EndpointSlice
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive

PERIOD, TTL = 10, 15
SLICE = ("default", "kubernetes")
READY = EndpointConditions(ready=True)


class Server(Protocol):
    """One API server."""

    def serves(self) -> bool:
        """It is ready, and so renews its key."""
        ...


def expiry(tick: int) -> int:
    """When the others find the key of a server gone that has stopped at a tick."""
    renewed = tick // PERIOD * PERIOD
    return -(-(renewed + TTL) // PERIOD) * PERIOD


class EndpointReconciler(Component):
    """See the module. `servers` by their address."""

    def __init__(self, engine: Engine, client: Client, process: Alive, servers: Mapping[str, Server]) -> None:
        super().__init__("kubernetes-endpoints", engine, client, process)
        self.servers = dict(servers)
        self._gone: dict[str, int] = {}  # address → the tick in which its key is missed; the keys are etcd's, not ours

    def look(self) -> None:
        """A server may have come or gone."""
        tick = self.engine.tick
        for address, server in self.servers.items():
            if server.serves():
                if self._gone.pop(address, None) is not None:
                    self.enqueue(SLICE)
            elif address not in self._gone:
                due = self._gone[address] = expiry(tick)
                self.enqueue_after(due - tick, SLICE)

    def connect(self) -> None:
        """A server serves (again): it looks at once."""
        super().connect()
        self.enqueue(SLICE)

    def sync(self, key: Key) -> None:  # noqa: ARG002
        """Write the addresses whose keys are there."""
        tick = self.engine.tick
        there = [a for a in self.servers if self._gone.get(a, tick + 1) > tick]
        found = self.client.get(EndpointSlice, *SLICE)
        if there and there != [address for e in found.endpoints for address in e.addresses]:
            self.client.update(found.evolve(endpoints=tuple(Endpoint((a,), conditions=READY) for a in there)))

"""kube-proxy: on every node, it turns Services and EndpointSlices into the machine's rules.

It hears of changes one tick late. All proxies that hear everything have programmed the same rules, so they share one
live Ruleset that a single follower keeps; a proxy that is stopped or cut off leaves its machine with the rules as they
were: stale, and obeyed all the same. Rules live in the machine's kernel, not in the process.
"""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.api.types import Service
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive, Always
from kubesim_tui.network.modes import EVEN, MODES, Mode
from kubesim_tui.network.ruleset import Ruleset
from kubesim_tui.network.slices import Key as ServiceKey
from kubesim_tui.network.slices import ServicesFollower

MAX_PER_CORE, MIN, MOST = 32 * 1024, 128 * 1024, 1_048_576
"""conntrack.maxPerCore and conntrack.min of a KubeProxyConfiguration, and what it never goes beyond."""


class Tracked(Protocol):
    """The kernel's connection tracking."""

    limit: int


class Kernel(Protocol):
    """The part of a machine that kube-proxy writes to."""

    rules: object
    cpu_milli: int

    @property
    def connections(self) -> Tracked:
        """Those that are tracked."""
        ...


def conntrack_max(cores: int, per_core: int = MAX_PER_CORE, least: int = MIN) -> int:
    """How many connections the kernel is told to track (upstream: getConntrackMax); 0: it is left alone."""
    if per_core <= 0:
        return 0
    scaled = per_core * cores
    return MOST if scaled > MOST else max(scaled, least)


class RulesetFollower(ServicesFollower):
    """Keeps the Ruleset that every proxy in sync has programmed."""

    def __init__(
        self, engine: Engine, client: Client, services: Informer, slices: Informer, mode: Mode = MODES[EVEN]
    ) -> None:
        super().__init__("kube-proxy/rules", engine, client, Always(), services, slices)
        self.live, self.mode = Ruleset(), mode

    def heard(self, key: ServiceKey) -> None:
        """A change comes with the next sync; the more rules are written at each, the later."""
        lag = self.mode.lag(self.live.size)
        if lag:
            self.enqueue_after(lag, key)
        else:
            self.enqueue(key)

    def sync(self, key: Key) -> None:
        """Program one Service."""
        assert isinstance(key, tuple)
        service = self._services.get(*key)
        assert service is None or isinstance(service, Service)
        self.live.replace(key, service, self._index.of(key))


class KubeProxy(Component):
    """The proxy of one node."""

    phase = "network"

    def __init__(
        self,
        node: str,
        engine: Engine,
        client: Client,
        process: Alive,
        kernel: Kernel,
        follower: RulesetFollower,
        conntrack: tuple[int, int] = (MAX_PER_CORE, MIN),
    ) -> None:
        """`conntrack`: its maxPerCore and min."""
        super().__init__(f"kube-proxy/{node}", engine, client, process)
        self.node, self.kernel, self.follower = node, kernel, follower
        self.conntrack = conntrack

    def start(self) -> None:
        """Tell the kernel how many connections to track."""
        limit = conntrack_max(max(1, self.kernel.cpu_milli // 1000), *self.conntrack)
        if limit:
            self.kernel.connections.limit = limit
        super().start()

    def connect(self) -> None:
        """In sync again: the rules are everybody's."""
        self.kernel.rules = self.follower.live

    def disconnect(self) -> None:
        """Nothing is heard any more: the rules stay as they are."""
        if self.kernel.rules is self.follower.live:
            self.kernel.rules = self.follower.live.copy()

    def stop(self) -> None:
        """The process ends; what it programmed stays in the kernel."""
        self.disconnect()

    def sync(self, key: Key) -> None:
        """Nothing to do: the follower works for all."""

"""Single requests over the fabric: what a shell's wget, an exec probe's curl or an image's start-up asks for."""

from __future__ import annotations

from attrs import evolve

from kubesim_tui.cluster.fabric import Fabric
from kubesim_tui.network.resolver import CLUSTER_DNS
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.routing import Router
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.spreading import GOLDEN, at_turn
from kubesim_tui.traffic.way import TIMED_OUT, Destination, Fail, Result
from kubesim_tui.world import answer, net, urls
from kubesim_tui.world.container import Container
from kubesim_tui.world.net import Fetched, Headers, Resolved
from kubesim_tui.world.plan import Call

ERRORS = {
    "dns": net.UNKNOWN_HOST,
    "dns-down": net.UNKNOWN_HOST,
    "dns-failed": net.UNKNOWN_HOST,
    "dns-outside": net.UNKNOWN_HOST,
    "no-such-pod": net.NO_ROUTE,
    "port-exhaustion": net.NO_PORTS,
    "no-such-address": net.NO_ROUTE,
}
_PATIENCE_US = 30_000_000
_MOST_WAYS = 16
"""So many are kept while nothing changes: scripts ask for the same again and again."""
_NOBODY = Users("", "http://localhost/", 0, timeout_us=_PATIENCE_US)


class SingleRequests:
    """Implements world.net.Net over a fabric."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self._turn = fabric.etcd.clock.tick
        self._ways: dict[tuple[str, str, Call, Headers, int], Destination] = {}  # inside the cluster, asked lately
        self._stamp: tuple[int, ...] = ()  # of when they were built

    def fetch(
        self,
        machine: str,
        source: str,
        url: str,
        method: str = "GET",
        body: str = "",
        timeout_us: int = _PATIENCE_US,
        headers: Headers = (),
    ) -> Fetched:
        """Ask `scheme://host:port/path` once."""
        address = urls.split(url)
        port = address.port or urls.PORTS.get(address.scheme, 80)
        path = urls.target(address) or "/"
        health = self.fabric.health(address.host, port)
        if health is not None:
            return health
        call = Call(address.host, port, address.scheme or "http", method, path, timeout_us)
        way = self._way(machine, source, call, headers, len(body.encode()))
        return self._asked(way, method, path, body, timeout_us)

    def dial(self, machine: str, source: str, host: str, port: int) -> Container | None:
        """Who answers on a port of a host; of many the first."""
        destination = self._way(machine, source, Call(host, port, "tcp", "PING", ""))
        ends = (leg.station for leg in destination.legs if leg.fail is None and leg.station is not None)
        station = next(ends, None)
        found: Container | None = station.container if station is not None else None
        return found

    def failure(self, machine: str, call: Call) -> Fail | None:
        """How a request of a machine's own process would fail; of several ways that it may go the first that does."""
        found = self._way(machine, "", call)
        return found.fail or next((leg.fail for leg in found.legs if leg.fail is not None), None)

    def linked(self, a: str, b: str) -> bool:
        """Whether two machines hear each other."""
        fabric = self.fabric
        return fabric.powered(a) and fabric.powered(b) and fabric.reachable(a, b)

    def from_outside(
        self, url: str, method: str = "GET", body: str = "", timeout_us: int = _PATIENCE_US, headers: Headers = ()
    ) -> Fetched:
        """The same as users ask: from outside the cluster, by its public names."""
        users = Users("", url, 0, method, timeout_us=timeout_us, body_bytes=len(body.encode()))
        health = self.fabric.health(users.host, users.port)
        if health is not None:
            return health
        destination = Router(self.fabric, users, headers=headers, follows=False).root()
        return self._asked(destination, method, urls.target(urls.split(url)) or "/", body, timeout_us)

    def _asked(self, destination: Destination, method: str, path: str, body: str, timeout_us: int) -> Fetched:
        self._turn += 1
        fail, gate = destination.fail, destination.gate
        if gate is not None and not gate.admit(1, self.fabric.etcd.clock.tick):
            return _failed(gate.told(Result()).failed[0][0], timeout_us)
        for door in destination.doors:  # one request more costs it nothing
            if door.station is not None:
                door.station.arrivals, door.arrivals = door.station.arrivals - door.arrivals, 0
        if fail is None and destination.legs:
            leg = at_turn(destination, self._turn)
            late = leg.wire.once(self._turn * GOLDEN % PPM) if leg.wire is not None else 0
            if late is None:
                return Fetched(error=net.TIMED_OUT, took_us=timeout_us)
            if leg.fail is None and leg.station is not None:
                now = self.fabric.etcd.clock.tick
                found = answer.serve(leg.station.container, leg.port, method, path, body, now)
                return _in_time(found, leg.network_us + late, timeout_us)
            fail = leg.fail
        return _failed(fail, timeout_us)

    def _way(self, machine: str, source: str, call: Call, headers: Headers = (), length: int = 0) -> Destination:
        stamp, key = self.fabric.stamp(), (machine, source, call, headers, length)
        if stamp != self._stamp or len(self._ways) >= _MOST_WAYS:
            self._ways, self._stamp = {}, stamp
        found = self._ways.get(key)
        if found is None:
            asking = evolve(_NOBODY, body_bytes=length) if length else _NOBODY
            router = Router(self.fabric, asking, headers=headers, follows=False)
            found = router.single(call, machine, self._container(machine, source))
            if not found.doors:
                self._ways[key] = found
        return found

    def _container(self, machine: str, source: str) -> Container | None:
        found = self.fabric.world.machines.get(machine)
        return found.runtime.containers.get(source) if found is not None else None

    def resolve(self, machine: str, source: str, name: str) -> Resolved:
        """Look a name up as the container's resolv.conf would."""
        container = self._container(machine, source)
        found = self.fabric.resolve(machine, container, name)
        server = next(iter(self.fabric.resolver(container).servers), CLUSTER_DNS)
        if found is None:
            return Resolved(name, server=server, error=net.TIMED_OUT)
        if not found.exists:
            return Resolved(name, server=server, error=found.failure.partition(":")[0])
        if found.alias:
            outside = self.fabric.world.outside.get(found.alias)
            return Resolved(found.alias, (outside.ip,) if outside is not None else (), server)
        return Resolved(found.name, found.addresses, server)


def _in_time(found: Fetched, network_us: int, timeout_us: int) -> Fetched:
    took = found.took_us + network_us
    if took > timeout_us:
        return Fetched(error=net.TIMED_OUT, took_us=timeout_us)
    return Fetched(found.status, found.body, found.error, took, found.headers)


def _failed(fail: Fail | None, timeout_us: int) -> Fetched:
    """Silence takes as long as somebody waits, the caller or a proxy; everything else is known at once."""
    took = max(500, fail.lasts(timeout_us)) if fail is not None else 500
    if fail is not None and (fail.reason == TIMED_OUT or took >= timeout_us):
        return Fetched(error=net.TIMED_OUT, took_us=timeout_us)
    if fail is not None and fail.reason.isdigit():
        headers = (("Location", fail.detail),) if fail.reason.startswith("3") else ()
        return Fetched(int(fail.reason), took_us=took, headers=headers)
    if fail is not None and fail.code == "certificate":
        return Fetched(body=fail.detail, error=net.UNTRUSTED, took_us=took)
    return Fetched(error=ERRORS.get(fail.code if fail is not None else "", net.REFUSED), took_us=500)

"""Single requests over the fabric: what a shell's wget, an exec probe's curl or an image's start-up asks for."""

from __future__ import annotations

from kubesim_tui.cluster.fabric import NAMESPACE, Fabric
from kubesim_tui.traffic.routing import Router
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.way import Destination
from kubesim_tui.world import answer, net, urls
from kubesim_tui.world.net import Fetched, Resolved
from kubesim_tui.world.plan import Call

ERRORS = {
    "dns": net.UNKNOWN_HOST,
    "dns-down": net.UNKNOWN_HOST,
    "black-hole": net.TIMED_OUT,
    "no-such-pod": net.NO_ROUTE,
    "no-such-address": net.NO_ROUTE,
}


class SingleRequests:
    """Implements world.net.Net over a fabric."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self._turn = 0

    def fetch(
        self, machine: str, source: str, url: str, method: str = "GET", body: str = "", timeout_us: int = 30_000_000
    ) -> Fetched:
        """Ask `scheme://host:port/path` once."""
        address = urls.split(url)
        port = address.port or urls.PORTS.get(address.scheme, 80)
        path = urls.target(address) or "/"
        call = Call(address.host, port, address.scheme or "http", method, path, timeout_us)
        destination = self._way(machine, source, call)
        self._turn += 1
        if destination.fail is not None or not destination.legs:
            code = destination.fail.code if destination.fail is not None else "refused"
            return self._failed(code, timeout_us)
        leg = destination.legs[self._turn % len(destination.legs)]
        if leg.fail is not None or leg.station is None:
            return self._failed(leg.fail.code if leg.fail is not None else "refused", timeout_us)
        now = self.fabric.etcd.clock.tick
        found = answer.serve(leg.station.container, leg.port, method, path, body, now)
        return Fetched(found.status, found.body, found.error, found.took_us + leg.network_us, found.headers)

    def _failed(self, code: str, timeout_us: int) -> Fetched:
        error = ERRORS.get(code, net.REFUSED)
        return Fetched(error=error, took_us=timeout_us if error == net.TIMED_OUT else 500)

    def _way(self, machine: str, source: str, call: Call) -> Destination:
        router = Router(self.fabric, _NOBODY)
        return router.single(call, machine, self._namespace(machine, source))

    def _namespace(self, machine: str, source: str) -> str:
        found = self.fabric.world.machines.get(machine)
        container = found.runtime.containers.get(source) if found is not None else None
        return container.sandbox.labels.get(NAMESPACE, "default") if container is not None else "default"

    def resolve(self, machine: str, source: str, name: str) -> Resolved:
        """Look a name up as the container's resolv.conf would."""
        namespace = self._namespace(machine, source)
        found = self.fabric.resolve(machine, namespace, name)
        server = "10.96.0.10"
        if found is None:
            return Resolved(name, server=server, error=net.TIMED_OUT)
        if not found.exists:
            return Resolved(name, server=server)
        if found.alias:
            outside = self.fabric.world.outside.get(found.alias)
            return Resolved(found.alias, (outside.ip,) if outside is not None else (), server)
        return Resolved(found.name, found.addresses, server)


_NOBODY = Users("", "http://localhost/", 0)

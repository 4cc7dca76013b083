"""Ways through the Pods of the ingress controller: each looks up where a request leads, and asks a Pod itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from kubesim_tui.network.ruleset import Target, Targets
from kubesim_tui.traffic.ask import Ask, Way
from kubesim_tui.traffic.network import Fabric, Place, Proxy, Spot
from kubesim_tui.traffic.split import weighed
from kubesim_tui.traffic.way import Destination, Fail, Leg


class Proxied:
    """What a router does where an endpoint is a Pod of the controller."""

    fabric: Fabric

    def _proxied(self, way: Way, spot: Spot, targets: Targets, asks: Ask) -> Destination:
        """Its Pods, each with the same share; those that work by the same configuration at like places are one."""
        alike: dict[object, list[Target]] = {}
        for target in targets:
            alike.setdefault(self._likeness(way, spot, target, asks), []).append(target)
        groups = [(len(group), partial(self._end, way, spot, group[0], asks)) for group in alike.values()]
        return mixture(way, groups)

    def _likeness(self, way: Way, spot: Spot, target: Target, asks: Ask) -> object:
        """What tells the Pods of the controller apart."""
        proxy, met = self.fabric.proxies().get(target.ip), self._met(way, spot, target, asks)
        if proxy is None or isinstance(met, Leg) or not proxy.takes(target.port):
            return target
        face = self.fabric.face(self.fabric.origin(proxy.machine, proxy.container))
        network_us = self.fabric.latency_us(spot, proxy.machine)
        return id(self.fabric.configuration(proxy)), self.fabric.spot(proxy.machine).key, face, network_us

    def _end(self, way: Way, spot: Spot, target: Target, asks: Ask) -> Destination:
        """What becomes of requests at one endpoint, which may be a Pod of the controller."""
        proxy, met = self.fabric.proxies().get(target.ip), self._met(way, spot, target, asks)
        if isinstance(met, Leg):
            return Destination(met.way, fail=met.fail)
        if proxy is None or not proxy.takes(target.port):
            leg = self._leg(way, spot, target, asks)
            leg.asker, leg.target = spot.machine, target
            return Destination(way, (leg,), uses=leg.calls, wired=leg.wire is not None)
        found = self._by_controller(proxy, asks)
        for leg in found.legs:
            leg.network_us += self.fabric.latency_us(spot, proxy.machine)
        return found

    def _by_controller(self, proxy: Proxy, asks: Ask) -> Destination:
        """A Pod of the controller looks up the location, and asks one of the Pods behind it."""
        configuration = self.fabric.configuration(proxy)
        location = configuration.match(asks.host, asks.path)
        if location is None:
            host: Way = (("Outside", "", asks.host),)
            return failing(Fail("404", "no-route", host, f"no rule for {asks.host}{asks.path}"))
        backend = configuration.backend(location)
        way: Way = (("Ingress", *location.ingress), ("Service", location.ingress[0], location.service))
        if not backend.targets:
            return failing(Fail("503", "no-endpoints" if backend.found else "no-service", way))
        origin = self.fabric.origin(proxy.machine, proxy.container)
        path = location.asked(asks.path)
        behind = Ask(asks.method, path, asks.host, origin, bad_gateway=True, container=proxy.container)
        return self._balanced(way, self.fabric.spot(proxy.machine), backend.targets, behind)

    # -- what a router does at any endpoint --------------------------------------------------------------------

    def _balanced(self, way: Way, spot: Spot, targets: Targets, asks: Ask) -> Destination:
        raise NotImplementedError

    def _leg(self, way: Way, spot: Spot, target: Target, asks: Ask) -> Leg:
        raise NotImplementedError

    def _met(self, way: Way, spot: Spot, target: Target, asks: Ask) -> tuple[Way, Place] | Leg:
        raise NotImplementedError


def mixture(way: Way, groups: Sequence[tuple[int, Callable[[], Destination]]]) -> Destination:
    """Several ends, each with its weight, as one destination; where all lead the same way, that is its way."""
    ends = [make() for _, make in groups]
    if len(ends) == 1:
        return ends[0]
    copies = weighed([n for n, _ in groups], [max(1, len(end.legs)) for end in ends])
    legs: list[Leg] = []
    for (_, make), end, n in zip(groups, ends, copies, strict=True):
        more = [make() for _ in range(n - 1)]
        legs += [leg for one in (end, *more) for leg in one.legs or (Leg(one.way, fail=one.fail),)]
    uses = {id(called): called for leg in legs for called in leg.calls}
    wired, first = any(leg.wire is not None for leg in legs), ends[0].way
    shared = first if all(end.way == first for end in ends) else way
    return Destination(shared, tuple(legs), uses=tuple(uses.values()), wired=wired)


def failing(fail: Fail) -> Destination:
    """A destination that nobody reaches."""
    return Destination(fail.way, fail=fail)

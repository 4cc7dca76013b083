"""Ways through the Pods of the ingress controller: each looks up where a request leads, and asks a Pod itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import lcm

from attrs import evolve

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.network.ingress_access import Answer
from kubesim_tui.network.ingress_backends import MISSING, Configuration
from kubesim_tui.network.ingress_balancing import IN_TURN
from kubesim_tui.network.ingress_canary import BackendKey, Canary
from kubesim_tui.network.ingress_table import ALWAYS, SECURED, Location
from kubesim_tui.network.ingress_tls import DEFAULT, Shown
from kubesim_tui.network.ingress_upstream import Upstream
from kubesim_tui.network.ruleset import Target, Targets
from kubesim_tui.traffic.ask import Ask, Way
from kubesim_tui.traffic.choosing import Chooser
from kubesim_tui.traffic.error_pages import covered
from kubesim_tui.traffic.guarded import Guarded, failing
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.network import Place, Proxy, Spot
from kubesim_tui.traffic.nginx import Nginx, opened_ppm
from kubesim_tui.traffic.patience import Patience
from kubesim_tui.traffic.speaking import spoken_to
from kubesim_tui.traffic.split import weighed
from kubesim_tui.traffic.way import Destination, Fail, Group, Leg

HTTPS, UNTRUSTED = "https", "certificate error"
READING = "upstream timed out while reading response header from upstream"


class Proxied(Guarded):
    """What a router does where an endpoint is a Pod of the controller."""

    moved: bool  # whoever asks was told to come by https

    def _proxied(self, way: Way, spot: Spot, targets: Targets, asks: Ask) -> Destination:
        """Its Pods, each with the same share; those that work by the same configuration at like places are one."""
        alike: dict[object, list[Target]] = {}
        for target in targets:
            alike.setdefault(self._likeness(way, spot, target, asks), []).append(target)
        groups = [(len(group), partial(self._end, way, spot, group[0], asks)) for group in alike.values()]
        found = mixture(way, groups)
        found.through = tuple((self._nginx(way, spot, target, asks), 1) for target in targets)
        return found

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
        nginx = self._nginx(way, spot, target, asks)
        if proxy is None or nginx is None:
            leg = self._leg(way, spot, target, asks)
            leg.asker, leg.target = spot.machine, target
            return Destination(way, (leg,), uses=leg.calls, wired=leg.wire is not None)
        found = self._by_controller(proxy, asks, secure=proxy.takes(target.port) == HTTPS)
        for leg in found.legs:
            leg.network_us += self.fabric.latency_us(spot, proxy.machine) * (2 if leg.moved else 1)
            leg.network_us += nginx.plan.service_us
        return found

    def _nginx(self, way: Way, spot: Spot, target: Target, asks: Ask) -> Nginx | None:
        """The nginx that takes requests at an endpoint; None: there is none, or it is not reached."""
        proxy, met = self.fabric.proxies().get(target.ip), self._met(way, spot, target, asks)
        if proxy is None or isinstance(met, Leg) or not proxy.takes(target.port):
            return None
        plan = proxy.container.plan(target.port, asks.method, asks.path)
        if plan.refused:
            return None
        configuration, host = self.fabric.configuration(proxy), self.headers.get("host", asks.host)
        location, secure = configuration.match(host, asks.path), proxy.takes(target.port) == HTTPS
        again = not secure and self.follows and location is not None and _moves(location, configuration.shown(host))
        handshakes = PPM // max(1, self.users.per_connection) if secure or again else 0
        limits = location.limits if location is not None else None
        limited = self._limited(limits, location.ingress, asks) if limits is not None and location is not None else None
        return Nginx.of(proxy, met[1], configuration, plan, 1 + again, handshakes, limited)

    def _by_controller(self, proxy: Proxy, asks: Ask, *, secure: bool) -> Destination:
        """A Pod of the controller looks up the location, and asks one of the Pods behind it."""
        configuration = self.fabric.configuration(proxy)
        host = self.headers.get("host", asks.host)
        location, certificate = configuration.match(host, asks.path), configuration.shown(host)
        way: Way = (("Ingress", *location.ingress),) if location is not None else (("Outside", "", host),)
        scheme, sent = "https" if secure else "http", configuration.table.sent.get(host.lower())
        if sent is not None:
            there = configuration.table.match(sent, asks.path)
            way = (("Ingress", *there.ingress),) if there is not None else way
            elsewhere = Answer(configuration.table.moved, "redirect", f"{scheme}://{sent}{asks.path}")
            return self._answered(proxy, configuration, elsewhere, way, asks)
        answer = None
        if location is not None:
            answer = location.access.before(asks.path, self.users.body_bytes, f"{scheme}://{host}")
        moves = location is not None and answer is None and not secure and _moves(location, certificate)
        if moves and not self.follows:
            return failing(Fail(configuration.table.moved, "redirect", way, f"https://{host}{asks.path}"))
        if secure or moves:
            said = (certificate or DEFAULT).complaint(host, self.fabric.now())
            if said:
                return failing(Fail(UNTRUSTED, "certificate", way, said))
        if location is None:
            return failing(Fail("404", "no-route", way, f"no rule for {host}{asks.path}"))
        if answer is not None:
            return self._answered(proxy, configuration, answer, way, asks)
        barred = self._barred(proxy, configuration, location, asks, way)
        found = barred if barred is not None else self._to_location(proxy, configuration, location, asks)
        if location.errors:
            page = partial(self._page, proxy, configuration, location, asks, way)
            found = covered(found, location.errors, page, self.fabric.luck, joins=not self._single)
        self.moved = self.moved or moves
        for leg in found.legs:
            leg.moved = moves
        return found

    def _page(self, proxy: Proxy, configuration: Configuration, location: Location, asks: Ask, way: Way) -> Destination:
        """What users get in place of an error: the answer of the default backend."""
        key = location.fallback
        if key is None or configuration.backends.get(key, MISSING).targets == ():
            return failing(Fail("404", "default-backend", way, "default backend - 404"))
        plain = evolve(location, balancing=IN_TURN, protocol="HTTP", by_service=False, rewrite="")
        return self._to_backend(proxy, configuration, plain, asks, key)

    def _to_location(self, proxy: Proxy, configuration: Configuration, location: Location, asks: Ask) -> Destination:
        """It asks the backend of a location, or the canary of that."""
        canary, ask = configuration.canary(location), partial(self._to_backend, proxy, configuration, location, asks)
        main = partial(ask, configuration.asked(location))
        if canary is None or not configuration.backend(location).targets:
            return main()
        behind = partial(ask, canary.backend, canary)
        chosen = canary.chosen(self.headers)
        weight = min(canary.weight, canary.total) if chosen is None else canary.total if chosen else 0
        if weight in (0, canary.total):
            return behind() if weight else main()
        rest = main()
        return drawn_of(rest.way, [canary.total - weight, weight], [rest, behind()], self.fabric.luck)

    def _to_backend(
        self,
        proxy: Proxy,
        configuration: Configuration,
        location: Location,
        asks: Ask,
        key: BackendKey,
        canary: Canary | None = None,
    ) -> Destination:
        """It asks one of the Pods of a backend; the next one, where that one does not take the connection."""
        backend = configuration.backends.get(key, MISSING)
        way: Way = (("Ingress", *location.ingress), ("Service", key[0], key[1]))
        origin = self.fabric.origin(proxy.machine, proxy.container)
        path = location.asked(asks.path)
        upstream, spot = location.upstream, self.fabric.spot(proxy.machine)
        service = backend.address if location.by_service else None
        targets = backend.targets if service is None else _by_service(service, spot, proxy.machine)
        if not targets:
            code = "no-endpoints" if backend.found else "no-service"
            return failing(Fail("503" if service is None else "502", code, way))
        behind = Ask(asks.method, path, asks.host, origin, upstream, proxy.container)
        found = self._balanced(way, spot, targets, behind)
        found.legs = spoken_to(found.legs, location.protocol)
        opens = opened_ppm(configuration.table.config)
        for leg in found.legs:
            leg.network_us += leg.network_us * opens // PPM
            leg.canary = canary
            if leg.fail is not None and leg.target is not None and leg.target.node:
                leg.network_us = self.fabric.latency_us(spot, leg.target.node)
        if upstream.read_us < self.users.timeout_us:
            _hurry(found, upstream)
        joins = not self._single
        chooser = Chooser(self.fabric, self.users, self.headers, returns=joins and self.follows, joins=joins)
        place = "/".join([*location.ingress, location.host, location.path, key[1], str(key[2])])
        balancing = location.balancing if service is None else IN_TURN
        return chooser.choose(found, balancing, targets, upstream, asks, place)

    # -- what a router does at any endpoint --------------------------------------------------------------------

    def _balanced(self, way: Way, spot: Spot, targets: Targets, asks: Ask) -> Destination:
        raise NotImplementedError

    def _leg(self, way: Way, spot: Spot, target: Target, asks: Ask) -> Leg:
        raise NotImplementedError

    def _met(self, way: Way, spot: Spot, target: Target, asks: Ask) -> tuple[Way, Place] | Leg:
        raise NotImplementedError


def _by_service(service: Target, spot: Spot, machine: str) -> Targets:
    """The endpoints of a Service, as the rules of a machine have them."""
    rule = spot.rules.addresses.get((service.ip, service.port, "TCP"))
    return rule.internal(machine, spot.zone) if rule is not None else ()


def _moves(location: Location, certificate: Shown | None) -> bool:
    """Whether who comes by http is sent to https."""
    return location.redirects == ALWAYS or (location.redirects == SECURED and certificate is not None)


def _hurry(found: Destination, upstream: Upstream) -> None:
    """The controller waits less than the users for who answers."""
    found.wired = True
    for leg in found.legs:
        if leg.fail is None:
            fail = Fail("504", "slow", leg.way, READING, upstream.read_us)
            leg.wire, leg.fine = Patience(fail, leg.wire), False


def mixture(way: Way, groups: Sequence[tuple[int, Callable[[], Destination]]]) -> Destination:
    """Several ends, each with its weight, as one destination; where all lead the same way, that is its way."""
    ends = [make() for _, make in groups]
    if len(ends) == 1:
        return ends[0]
    weights = [n for n, _ in groups]
    luck = next((end.draws for end in ends if end.groups), None)
    if luck is not None:
        return drawn_of(way, weights, ends, luck)
    copies = weighed(weights, [max(1, len(end.legs)) for end in ends])
    legs: list[Leg] = []
    for (_, make), end, n in zip(groups, ends, copies, strict=True):
        more = [make() for _ in range(n - 1)]
        legs += [leg for one in (end, *more) for leg in one.legs or (Leg(one.way, fail=one.fail),)]
    found = _joined(way, ends, legs)
    found.through = _through(ends, weights)
    return found


def drawn_of(way: Way, weights: Sequence[int], ends: Sequence[Destination], luck: Draws) -> Destination:
    """Several ends of which requests draw one, and with it the group of legs there."""
    wholes = [sum(group.weight for group in end.groups) or 1 for end in ends]
    common, groups = lcm(*wholes), []
    for end, weight, whole in zip(ends, weights, wholes, strict=True):
        own = end.groups or (Group(end.legs or (Leg(end.way, fail=end.fail),), 1),)
        groups += [evolve(group, weight=group.weight * weight * common // whole) for group in own]
    found = _joined(way, ends, [leg for group in groups for leg in group.legs])
    found.groups, found.draws, found.through = tuple(groups), luck, _through(ends, weights)
    return found


def _joined(way: Way, ends: Sequence[Destination], legs: Sequence[Leg]) -> Destination:
    uses = {id(called): called for leg in legs for called in leg.calls}
    wired, first = any(leg.wire is not None for leg in legs), ends[0].way
    shared = first if all(end.way == first for end in ends) else way
    return Destination(shared, tuple(legs), uses=tuple(uses.values()), wired=wired)


def _through(ends: Sequence[Destination], weights: Sequence[int]) -> tuple[tuple[Nginx | None, int], ...]:
    """By which proxies several ends are asked, each with its weight."""
    if not any(end.through for end in ends):
        return ()
    found: list[tuple[Nginx | None, int]] = []
    wholes = [sum(weight for _, weight in end.through) or 1 for end in ends]
    common = lcm(*wholes)
    for end, weight, whole in zip(ends, weights, wholes, strict=True):
        found += [(nginx, part * weight * common // whole) for nginx, part in end.through or ((None, 1),)]
    return tuple(found)

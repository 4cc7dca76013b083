"""What the ingress controller answers before it asks anybody's Pods: refusals, redirects, and whom it asks for leave.

Users follow redirects to hosts that the same controller serves; who is sent elsewhere does not come back. Who is named
by `auth-url` is asked once, when the way is built: 2xx lets in, 401 and 403 are passed on (or lead to `auth-signin`),
all else is 500.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import evolve

from kubesim_tui.network.ingress_access import Access, Answer, wrong_with
from kubesim_tui.network.ingress_backends import Configuration
from kubesim_tui.network.ingress_limits import Limits
from kubesim_tui.network.ingress_table import Location
from kubesim_tui.traffic.ask import Ask, Way
from kubesim_tui.traffic.limits import Limited
from kubesim_tui.traffic.network import Fabric, Place, Proxy
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.way import Destination, Fail
from kubesim_tui.world.links import OUTSIDE
from kubesim_tui.world.plan import Call

MOST_REDIRECTS = 20
"""After so many a client gives up."""


class Guarded:
    """What a router does at a Pod of the controller that has found the location of a request."""

    fabric: Fabric
    users: Users
    headers: Mapping[str, str]
    follows: bool  # whoever asks does what an answer tells him
    _single: bool
    _redirects = 0  # that a request has followed

    def _answered(self, proxy: Proxy, configuration: Configuration, answer: Answer, way: Way, asks: Ask) -> Destination:
        """What becomes of somebody whom nginx answers itself: he may be sent to where he is served."""
        to = urlsplit(answer.detail) if answer.code == "redirect" and self.follows else None
        known = to is not None and to.hostname is not None and configuration.table.server(to.hostname)
        if to is None or not known or self._redirects >= MOST_REDIRECTS:
            return failing(Fail(answer.status, answer.code, way, answer.detail))
        there = evolve(asks, host=to.hostname or "", path=to.path or "/")
        self._redirects += 1
        try:
            return self._by_controller(proxy, there, secure=to.scheme == "https")
        finally:
            self._redirects -= 1

    def _barred(
        self, proxy: Proxy, configuration: Configuration, location: Location, asks: Ask, way: Way
    ) -> Destination | None:
        """What becomes of somebody who may not come in; None: he may."""
        access = location.access
        secret = configuration.secrets.get(access.secret) if access.secret is not None else None
        wrong = wrong_with(access, secret)
        if wrong:
            return failing(Fail("503", "denied", way, wrong))
        stranger = access.address(asks.source)
        refused = _as_fail(stranger, way)
        if access.any_will_do and stranger is None and (access.allowed or access.barred):
            return None
        nobody = _as_fail(access.nobody(self.headers, secret), way)
        if nobody is None and access.auth_url:
            nobody = self._asked_for_leave(proxy, configuration, access, asks, way)
        if access.any_will_do and nobody is None and (access.secret is not None or access.auth_url):
            return None
        fail = nobody or refused if access.any_will_do else refused or nobody
        return failing(fail) if fail is not None else None

    def _asked_for_leave(
        self, proxy: Proxy, configuration: Configuration, access: Access, asks: Ask, way: Way
    ) -> Fail | None:
        """What who is asked by `auth-url` says of a request."""
        url = access.auth_url.replace("$http_host", asks.host).replace("$host", asks.host).replace("$scheme", "https")
        found = self._quietly(proxy, configuration, url, asks)
        leg = next((one for one in found.legs if one.fail is None), next(iter(found.legs), None))
        fail = found.fail or (leg.fail if leg is not None else None)
        status = leg.plan.status if fail is None and leg is not None and leg.plan is not None else 0
        if 200 <= status < 300:
            return None
        if status in (401, 403) or (fail is not None and fail.code == "unauthorized"):
            if access.signin and status != 403:
                return Fail("302", "unauthorized", way, access.signin)
            return Fail(str(status or 401), "unauthorized", way, f"{access.auth_url} answers {status or 401}")
        said = f"answers {status}" if status else fail.reason if fail is not None else "does not answer"
        there = fail.way if fail is not None else leg.way if leg is not None else found.way
        return Fail("500", "no-leave", (*way, *there), f"auth request to {access.auth_url}: {said}")

    def _quietly(self, proxy: Proxy, configuration: Configuration, url: str, asks: Ask) -> Destination:
        """Where a request of the controller's own leads; nothing is made of it in the tree of ways."""
        parts, single = urlsplit(url), self._single
        host, path = parts.hostname or "", parts.path or "/"
        self._single = True
        try:
            location = configuration.match(host, path) if configuration.table.server(host) else None
            if location is not None:
                return self._to_location(proxy, configuration, location, Ask("GET", path, host, asks.origin))
            port = parts.port or (443 if parts.scheme == "https" else 80)
            call = Call(host, port, parts.scheme, "GET", path)
            place = Place(proxy.machine, True, proxy.container, ("Pod", "", ""))
            return self._to(call, place, self._lead(call, place))
        finally:
            self._single = single

    def _limited(self, limits: Limits, ingress: tuple[str, str], asks: Ask) -> Limited:
        """Whose requests are counted: of one address, or of users who are seen and have an address each."""
        users = self.users
        if asks.container is not None or asks.source != self.fabric.address(OUTSIDE):
            return Limited(limits, ingress, asks.source)
        return Limited(limits, ingress, asks.source, users.addresses or users.population, users.stream or users.name)

    # -- who asks ----------------------------------------------------------------------------------------------

    def _asks(self, machine: str = OUTSIDE) -> Ask:
        """As users ask; by way of a machine with that machine's address (a node port hides theirs)."""
        users, source = self.users, self.fabric.address(machine)
        return Ask(users.method, users.path, users.host, self.fabric.origin(machine, None), source=source)

    def _asked_by(self, place: Place, call: Call) -> Ask:
        origin = self.fabric.origin(place.machine, place.container)
        source = place.container.sandbox.ip if place.container is not None else ""
        return Ask(call.method, call.path, call.host, origin, container=place.container, source=source)

    # -- what a router does anywhere ---------------------------------------------------------------------------

    def _by_controller(self, proxy: Proxy, asks: Ask, *, secure: bool) -> Destination:
        raise NotImplementedError

    def _to_location(self, proxy: Proxy, configuration: Configuration, location: Location, asks: Ask) -> Destination:
        raise NotImplementedError

    def _lead(self, call: Call, place: Place) -> Any:
        raise NotImplementedError

    def _to(self, call: Call, place: Place, lead: Any) -> Destination:
        raise NotImplementedError


def _as_fail(answer: Answer | None, way: Way) -> Fail | None:
    return Fail(answer.status, answer.code, way, answer.detail) if answer is not None else None


def failing(fail: Fail) -> Destination:
    """A destination that nobody reaches."""
    return Destination(fail.way, fail=fail)

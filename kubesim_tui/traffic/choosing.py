"""Which of a backend's Pods the ingress controller asks, where an Ingress says more than that they take turns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from attrs import evolve

from kubesim_tui.network.ingress_balancing import COOKIE, EWMA, HASH, Balancing
from kubesim_tui.network.ingress_upstream import Upstream
from kubesim_tui.network.ruleset import Targets
from kubesim_tui.traffic.ask import Ask
from kubesim_tui.traffic.ewma import Fastest
from kubesim_tui.traffic.network import Fabric
from kubesim_tui.traffic.next_upstream import STAYS, kinds_of, passed_on
from kubesim_tui.traffic.sessions import MANY, placed, subset
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.way import Destination, Group
from kubesim_tui.world.links import OUTSIDE

CALLER = ("remote_addr", "binary_remote_addr", "realip_remote_addr", "http_x_forwarded_for", "http_x_real_ip")
"""nginx's variables for who asks."""
EACH = ("request_id", "req_id", "msec", "connection", "remote_port", "request_time", "time_iso8601", "time_local")
"""… that are another with each request."""
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


class Chooser:
    """For one stream of users. `headers`: of their requests; `returns`: they come again, and bring their cookies;
    `joins`: the legs are asked every tick."""

    def __init__(self, fabric: Fabric, users: Users, headers: Mapping[str, str], *, returns: bool, joins: bool) -> None:
        self.fabric, self.users, self.headers, self.returns, self.joins = fabric, users, headers, returns, joins

    def choose(
        self, found: Destination, balancing: Balancing, targets: Targets, upstream: Upstream, asks: Ask, place: str
    ) -> Destination:
        """The legs to some endpoints, one each, as requests come to them. `place`: the location and its backend."""
        ips, patience_us = [target.ip for target in targets], self.users.timeout_us
        kinds = kinds_of(found.legs, upstream, asks.method, patience_us)
        failing = {ip for ip, kind in zip(ips, kinds, strict=True) if kind != STAYS}
        if balancing.kind == COOKIE and self.returns and asks.container is None:
            key, count = (self._stream, place), min(MANY, self.users.population or MANY)
            persistent, changes = balancing.persistent, balancing.changes
            spread = self.fabric.sessions.spread(key, count, ips, failing, persistent=persistent, changes=changes)
            return self._weighed(found, spread)
        if balancing.kind == HASH:
            return self._weighed(found, self._hashed(balancing, ips, asks))
        if balancing.kind == EWMA and self.joins and not failing and len(ips) > 1:
            scores = self.fabric.scores.of((self._stream, self.users.name, place), ips)
            fastest = Group(found.legs, 1, pool=Fastest(found.legs, scores, self.fabric.luck))
            return evolve(found, groups=(fastest,), draws=self.fabric.luck)
        return passed_on(found, upstream, asks.method, patience_us, self.fabric.luck, joins=self.joins)

    @property
    def _stream(self) -> str:
        return self.users.stream or self.users.name

    def _weighed(self, found: Destination, weights: Sequence[int]) -> Destination:
        groups = [Group((leg,), weight) for leg, weight in zip(found.legs, weights, strict=True) if weight]
        return evolve(found, groups=tuple(groups), draws=self.fabric.luck)

    def _hashed(self, balancing: Balancing, ips: Sequence[str], asks: Ask) -> Sequence[int]:
        """How many of a request's kind come to each Pod."""
        variables = _VARIABLE.findall(balancing.by)
        seen = asks.container is not None or asks.source != self.fabric.address(OUTSIDE)
        text = _VARIABLE.sub(lambda named: self._said(named[1], asks), balancing.by)
        keys = [text]
        if any(name in EACH for name in variables):
            keys = [f"{text}/{number}" for number in range(MANY)]
        elif not seen and any(name in CALLER for name in variables):
            callers = min(MANY, self.users.addresses or self.users.population or MANY)
            keys = [f"{text}/{self._stream}/{number}" for number in range(callers)]
        weights = dict.fromkeys(ips, 0)
        for key in keys:
            chosen = subset(key, ips, balancing.subset) if balancing.subset else [placed(key, ips)]
            for ip in chosen:
                weights[ip] += 1
        return list(weights.values())

    def _said(self, name: str, asks: Ask) -> str:
        """What a variable is for all requests of a kind."""
        path, _, query = asks.path.partition("?")
        known = {
            "request_uri": asks.path,
            "uri": path,
            "document_uri": path,
            "args": query,
            "query_string": query,
            "host": asks.host,
            "http_host": asks.host,
            "request_method": asks.method,
            **dict.fromkeys(CALLER, asks.source),
        }
        if name.startswith("arg_"):
            return next(iter(parse_qs(query).get(name.removeprefix("arg_"), ())), "")
        if name.startswith("http_") and name not in known:
            return self.headers.get(name.removeprefix("http_").replace("_", "-"), "")
        return known.get(name, "")

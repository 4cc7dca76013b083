"""The routing table of the ingress controller, as nginx works it. Pure.

Every host is a server of its own: exact, or a wildcard for one label, or the one that catches all the rest. Within a
server an exact path wins, then the longest prefix: `Prefix` counts whole elements, `ImplementationSpecific` characters.
What no path of its server matches goes to the server's default backend (spec.defaultBackend of the Ingress that brought
the host in), or finds nothing: 404. Of two Ingresses that claim the same place the older one has it. A
`rewrite-target` (or `use-regex`) makes all paths of its host regular expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from kubesim_tui.api.types import HTTPIngressPath, Ingress, IngressBackend
from kubesim_tui.kernel.regex import RegexError, compiled
from kubesim_tui.kernel.regex.posix import quoted
from kubesim_tui.network.ingress_access import CHALLENGES, OPEN, Access, access_of, listed
from kubesim_tui.network.ingress_balancing import IN_TURN, Balancing, balancing_of
from kubesim_tui.network.ingress_canary import FIRST, BackendKey, is_canary, key_to, merged
from kubesim_tui.network.ingress_limits import Limits, limits_of
from kubesim_tui.network.ingress_names import names_of
from kubesim_tui.network.ingress_upstream import ANNOTATIONS, Upstream, defaults, upstream_of
from kubesim_tui.network.ingress_values import boolean

EXACT, PREFIX, SPECIFIC, REGEX = "Exact", "Prefix", "ImplementationSpecific", "regex"
AS_DELIVERED = Upstream()
SECURED, ALWAYS, NEVER = "secured", "always", "never"
PROTOCOLS = ("AUTO_HTTP", "HTTP", "HTTPS", "GRPC", "GRPCS", "FCGI")
NOTHING: Mapping[str, str] = {}
_CAPTURE = re.compile(r"\$(\d)")


@frozen
class Location:
    """One path of one host. `service` is "" where the backend is no Service."""

    host: str
    path: str
    kind: str
    ingress: tuple[str, str]
    service: str
    port: int | str
    rewrite: str = ""
    upstream: Upstream = AS_DELIVERED
    instead: str = ""  # the Service that answers while that one has nobody who is ready
    redirects: str = SECURED  # http to https: where the host has a certificate, always, or never
    access: Access = OPEN
    limits: Limits | None = None
    balancing: Balancing = IN_TURN
    protocol: str = "HTTP"  # in which its Pods are asked
    errors: tuple[str, ...] = ()  # answers with these are thrown away for a page
    by_service: bool = False  # it asks the Service's address, and no Pod itself

    def __deepcopy__(self, _memo: Any) -> Location:
        return self

    @property
    def backend(self) -> BackendKey:
        """What it leads to."""
        return self.ingress[0], self.service, self.port

    @property
    def fallback(self) -> BackendKey | None:
        """What it leads to while nobody there is ready; None: nowhere."""
        return (self.ingress[0], self.instead, FIRST) if self.instead else None

    @property
    def prefix(self) -> str:
        """The path as far as it decides who is longer: a trailing slash of a Prefix does not count."""
        return self.path.rstrip("/") if self.kind == PREFIX else self.path

    def matches(self, path: str) -> bool:
        """Whether a request is for it."""
        if self.kind == EXACT:
            return path == self.path
        if self.kind == REGEX:
            return compiled(f"^(?:{self.path})", folded=True).matches(path)
        if self.kind == SPECIFIC:
            return path.startswith(self.path)
        return path == self.prefix or path.startswith(self.prefix + "/")

    def asked(self, path: str) -> str:
        """What the application is asked for: the path, or what it is rewritten to."""
        if not self.rewrite:
            return path
        found = compiled(f"^(?:{self.path})", folded=True).search(path)
        groups = found.groups() if found is not None else ()

        def captured(which: re.Match[str]) -> str:
            number = int(which[1])
            return (groups[number - 1] or "") if 0 < number <= len(groups) else ""

        return _CAPTURE.sub(captured, self.rewrite)


@define(eq=False)
class Server:
    """One host."""

    locations: list[Location] = field(factory=list)
    default: Location | None = None
    regex: bool = False

    def add(self, location: Location) -> None:
        """A path that nobody has yet."""
        if all((known.path, known.kind) != (location.path, location.kind) for known in self.locations):
            self.locations.append(location)

    def everywhere(self) -> Iterator[Location]:
        """All its locations."""
        yield from self.locations
        if self.default is not None:
            yield self.default

    def match(self, path: str) -> Location | None:
        """The location of a request."""
        fits = [location for location in self.locations if location.matches(path)]
        exact = [location for location in fits if location.kind == EXACT]
        return max(exact or fits, key=lambda one: len(one.prefix), default=self.default)


class Table:
    """All servers, from the Ingresses in order of their age."""

    __slots__ = ("aliases", "asks_who", "canaries", "config", "ordinary", "otherwise", "sent", "servers")

    def __init__(self, ingresses: Iterable[Ingress] = (), config: Mapping[str, str] = NOTHING) -> None:
        """`config`: what the controller's ConfigMap says of that of which no Ingress says anything."""
        self.config, self.otherwise = config, defaults(config)
        self.servers: dict[str, Server] = {"": Server()}
        known = sorted(ingresses, key=_age)
        self.ordinary = in_order = [ingress for ingress in known if not is_canary(ingress)]
        for ingress in in_order:
            self._hosts(ingress)
        for ingress in in_order:
            self._paths(ingress)
        self.aliases, self.sent = names_of(in_order, self.servers)
        places = {host: [*server.everywhere()] for host, server in self.servers.items()}
        self.canaries = merged([ingress for ingress in known if is_canary(ingress)], places)
        self.asks_who = any(one.limits or one.access.allowed or one.access.barred for one in self.locations())
        for server in self.servers.values():
            if server.regex:
                server.locations = [_as_regex(location) for location in server.locations]

    def _hosts(self, ingress: Ingress) -> None:
        spec = ingress.spec
        if spec is None:
            return
        default = self._location(ingress, "", HTTPIngressPath(path="/", path_type=PREFIX), spec.default_backend)
        catch_all = self.servers[""]
        if default is not None and (not spec.rules or catch_all.default is None):
            catch_all.default = default
        for rule in spec.rules:
            server = self.servers.setdefault(rule.host.lower(), Server(default=default))
            server.regex = server.regex or _uses_regex(ingress)

    def _paths(self, ingress: Ingress) -> None:
        for rule in ingress.spec.rules if ingress.spec else ():
            for path in rule.http.paths if rule.http else ():
                location = self._location(ingress, rule.host.lower(), path, path.backend)
                if location is not None:
                    self.servers[rule.host.lower()].add(location)

    def _location(
        self, ingress: Ingress, host: str, path: HTTPIngressPath, backend: IngressBackend | None
    ) -> Location | None:
        key = key_to(ingress, backend)
        if key is None:
            return None
        name, notes = (ingress.metadata.namespace, ingress.metadata.name), ingress.metadata.annotations
        rewrite, upstream = notes.get(ANNOTATIONS + "rewrite-target", ""), upstream_of(notes, self.otherwise)
        instead = notes.get(ANNOTATIONS + "default-backend", "")
        kind, where = path.path_type or SPECIFIC, path.path or "/"
        access, redirects = access_of(name[0], where, notes, self.config), self._redirects(where, notes)
        limits, balancing = limits_of(notes, self.config), balancing_of(notes, self.config)
        found = Location(host, where, kind, name, key[1], key[2], rewrite, upstream, instead, redirects)
        protocol, by_service = self._asks(notes)
        said = notes.get(ANNOTATIONS + "custom-http-errors", "") or self.config.get("custom-http-errors", "")
        errors = tuple(one.strip() for one in said.split(",") if one.strip())
        return evolve(
            found,
            access=access,
            limits=limits,
            balancing=balancing,
            protocol=protocol,
            by_service=by_service,
            errors=errors,
        )

    def _asks(self, notes: Mapping[str, str]) -> tuple[str, bool]:
        """In which protocol Pods are asked, and whether by way of their Service."""
        protocol = notes.get(ANNOTATIONS + "backend-protocol", "").strip().upper()
        return protocol if protocol in PROTOCOLS else "HTTP", self._says(notes, "service-upstream", "false")

    def _redirects(self, path: str, notes: Mapping[str, str]) -> str:
        if listed(path, self.config.get("no-tls-redirect-locations", CHALLENGES)):
            return NEVER
        if self._says(notes, "force-ssl-redirect", "false"):
            return ALWAYS
        return SECURED if self._says(notes, "ssl-redirect", "true") else NEVER

    def _says(self, notes: Mapping[str, str], key: str, otherwise: str) -> bool:
        given = boolean(notes.get(ANNOTATIONS + key, ""))
        return given if given is not None else self.config.get(key, otherwise) == "true"

    @property
    def moved(self) -> str:
        """The status with which users are sent elsewhere: `http-redirect-code`."""
        code = self.config.get("http-redirect-code", "")
        return code if code in ("301", "302", "307", "308") else "308"

    def locations(self) -> Iterator[Location]:
        """All of them."""
        for server in self.servers.values():
            yield from server.everywhere()

    def match(self, host: str, path: str) -> Location | None:
        """The location of a request; None: nobody wants it (404)."""
        return self.servers[self.server(host)].match(path)

    def server(self, host: str) -> str:
        """Which of the servers a host is: itself, the wildcard for it, or the one for all others."""
        host = self.aliases.get(host.lower(), host.lower())
        parent = "*." + host.partition(".")[2]
        return next((name for name in (host, parent) if name in self.servers), "")


def _age(ingress: Ingress) -> tuple[int, str, str]:
    return ingress.metadata.creation_timestamp or 0, ingress.metadata.namespace, ingress.metadata.name


def _uses_regex(ingress: Ingress) -> bool:
    notes = ingress.metadata.annotations
    return bool(notes.get(ANNOTATIONS + "rewrite-target")) or boolean(notes.get(ANNOTATIONS + "use-regex", "")) is True


def _as_regex(location: Location) -> Location:
    """nginx's `~*`: what was a plain path is the beginning of one."""
    path = location.path + "$" if location.kind == EXACT else location.path
    try:
        compiled(path)
    except RegexError:
        path = quoted(path)
    return evolve(location, path=path, kind=REGEX)

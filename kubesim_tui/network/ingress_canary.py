"""Canaries: Ingresses that take a part of what another Ingress's backend gets. Pure.

As ingress-nginx's mergeAlternativeBackends: an Ingress with the annotation `canary` makes no hosts or paths of its own.
Where an ordinary Ingress has the same host and path its Service stands in for that one's backend, wherever else this is
used, too. A backend has one canary: the oldest counts. A header or cookie decides first, then the weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from attrs import frozen

from kubesim_tui.api.types import Ingress, IngressBackend
from kubesim_tui.kernel.regex import RegexError, compiled
from kubesim_tui.network.ingress_upstream import ANNOTATIONS
from kubesim_tui.network.ingress_values import boolean, integer

BackendKey = tuple[str, str, int | str]
"""(namespace, Service, its port by number or name)."""
FIRST = 0
"""Stands for the first port that a Service has."""
WHOLE = 100
ALWAYS, NEVER = "always", "never"
NO_HEADERS: Mapping[str, str] = {}


class Primary(Protocol):
    """A location of an ordinary Ingress."""

    @property
    def path(self) -> str:
        """Its path."""
        ...

    @property
    def kind(self) -> str:
        """The type of its path."""
        ...

    @property
    def backend(self) -> BackendKey:
        """What it leads to."""
        ...


@frozen
class Canary:
    """Who gets a part, and which part."""

    ingress: tuple[str, str]
    backend: BackendKey
    weight: int = 0
    total: int = WHOLE
    header: str = ""
    value: str = ""
    pattern: str = ""
    cookie: str = ""

    def __deepcopy__(self, _memo: Any) -> Canary:
        return self

    def chosen(self, headers: Mapping[str, str]) -> bool | None:
        """Whether a request's headers and cookies choose it (names in small letters); None: the weight decides."""
        given = headers.get(self.header.lower()) if self.header else None
        if given is not None:
            found = self._by_header(given)
            if found is not None:
                return found
        return _by_word(_cookies(headers).get(self.cookie, "")) if self.cookie else None

    def _by_header(self, given: str) -> bool | None:
        if self.value:
            return True if given == self.value else None
        if self.pattern:
            try:
                return True if compiled(self.pattern).matches(given) else None
            except RegexError:
                return False
        return _by_word(given)


def _by_word(word: str) -> bool | None:
    return {ALWAYS: True, NEVER: False}.get(word)


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs}


def is_canary(ingress: Ingress) -> bool:
    """Whether an Ingress only takes a part of another's."""
    return boolean(ingress.metadata.annotations.get(ANNOTATIONS + "canary", "")) is True


def merged(canaries: Iterable[Ingress], places: Mapping[str, Iterable[Primary]]) -> dict[BackendKey, Canary]:
    """The canary of each backend, from the oldest Ingress on. `places`: the locations of each host."""
    found: dict[BackendKey, Canary] = {}
    primary = {place.backend for host in places.values() for place in host}
    for ingress in canaries:
        for host, path, kind, backend in _wanted(ingress):
            key = key_to(ingress, backend)
            if key is None or key in primary:
                continue  # who is asked anyway is nobody's canary
            for place in places.get(host, ()):
                if not path or (place.path, place.kind) == (path, kind):
                    found.setdefault(place.backend, _canary(ingress, key))
    return found


def _wanted(ingress: Ingress) -> Iterator[tuple[str, str, str, IngressBackend | None]]:
    """The places of which an Ingress wants a part: (host, path, type of the path, who gets it); "" is any path."""
    spec = ingress.spec
    if spec is None:
        return
    if spec.default_backend is not None:
        yield "", "", "", spec.default_backend
    for rule in spec.rules:
        for path in rule.http.paths if rule.http else ():
            yield rule.host.lower(), path.path or "/", path.path_type or "ImplementationSpecific", path.backend


def key_to(ingress: Ingress, backend: IngressBackend | None) -> BackendKey | None:
    """What a backend of an Ingress asks for; None of what is no Service."""
    service = backend.service if backend else None
    if service is None:
        return None
    return ingress.metadata.namespace, service.name, (service.port.number or service.port.name) if service.port else 0


def _canary(ingress: Ingress, key: BackendKey) -> Canary:
    notes = ingress.metadata.annotations

    def said(name: str) -> str:
        return notes.get(f"{ANNOTATIONS}canary-{name}", "")

    return Canary(
        (ingress.metadata.namespace, ingress.metadata.name),
        key,
        max(0, integer(said("weight")) or 0),
        max(WHOLE, integer(said("weight-total")) or 0),
        said("by-header"),
        said("by-header-value"),
        said("by-header-pattern"),
        said("by-cookie"),
    )

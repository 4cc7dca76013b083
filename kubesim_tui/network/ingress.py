"""The ingress controller: outside requests by host and path to Services.

It follows the Ingresses of its class, one tick late, and keeps a routing table: hosts (exact, wildcard, any), and in
each the paths, longest first and Exact before Prefix. A request goes on to the Service's address, so that the
kube-proxy of the controller's own node decides on the Pod. Answers of its own: 404 when nothing matches, 503 when the
Service is missing or has no endpoint, 502 when the Pod refuses, 504 when it does not answer in time.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from kubesim_tui.api.types import (
    Ingress,
    IngressBackend,
    IngressClass,
    IngressLoadBalancerIngress,
    IngressLoadBalancerStatus,
    IngressStatus,
    Object,
)
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import NORMAL, Recorder
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive

CONTROLLER = "k8s.io/ingress-nginx"
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"


@frozen
class Location:
    """One path of one host."""

    host: str
    path: str
    exact: bool
    ingress: tuple[str, str]
    service: str  # "" for a resource backend
    port: int | str

    def __deepcopy__(self, _memo: Any) -> Location:
        return self

    def matches(self, path: str) -> bool:
        """Exact: the same path. Prefix: element by element, a trailing slash ignored."""
        if self.exact:
            return path == self.path
        prefix = self.path.rstrip("/")
        return path == prefix or path.startswith(prefix + "/") or not prefix


def locations_of(ingress: Ingress) -> list[Location]:
    """The locations of one Ingress, a default backend as `/` of any host."""
    spec = ingress.spec
    if spec is None:
        return []
    name = (ingress.metadata.namespace, ingress.metadata.name)
    found = []
    for rule in spec.rules:
        for path in rule.http.paths if rule.http else ():
            service, port = _backend(path.backend)
            found.append(Location(rule.host.lower(), path.path or "/", path.path_type == "Exact", name, service, port))
        if rule.http is None and spec.default_backend:
            found.append(Location(rule.host.lower(), "/", False, name, *_backend(spec.default_backend)))
    if spec.default_backend is not None:
        found.append(Location("", "/", False, name, *_backend(spec.default_backend)))
    return found


def _backend(backend: IngressBackend | None) -> tuple[str, int | str]:
    service = backend.service if backend else None
    if service is None:
        return "", 0
    port = service.port
    return service.name, (port.number or port.name if port else 0)


def order(location: Location) -> tuple[int, int, tuple[str, str]]:
    """Longest path first, Exact before Prefix of the same length, then the older name."""
    return (-len(location.path.rstrip("/")), 0 if location.exact else 1, location.ingress)


class Table:
    """The routing table."""

    __slots__ = ("hosts",)

    def __init__(self, locations: list[Location]) -> None:
        self.hosts: dict[str, list[Location]] = {}
        for location in sorted(locations, key=order):
            self.hosts.setdefault(location.host, []).append(location)

    def match(self, host: str, path: str) -> Location | None:
        """The location of a request: exact host, then `*.` of its parent, then any host."""
        host = host.lower()
        parent = "*." + host.split(".", 1)[1] if "." in host else ""
        for candidate in (host, parent, ""):
            if candidate in self.hosts and (candidate or host != candidate):
                for location in self.hosts[candidate]:
                    if location.matches(path):
                        return location
        return None


class IngressController(Component):
    """ingress-nginx on one machine. `version` grows when the table changes."""

    phase = "network"

    def __init__(
        self,
        engine: Engine,
        client: Client,
        process: Alive,
        ingresses: Informer,
        classes: Informer,
        address: str,
    ) -> None:
        super().__init__("ingress-nginx-controller", engine, client, process)
        self.table = Table([])
        self.version = 0
        self.address = address
        self.recorder = Recorder(client, "nginx-ingress-controller")
        self._ingresses, self._classes = self.watch(ingresses), self.watch(classes)
        self._mine: dict[tuple[str, str], Ingress] = {}
        ingresses.on_change(self.ingress_changed)
        classes.on_change(self.class_changed)

    def ingress_changed(self, before: Object | None, now: Object | None) -> None:
        """An Ingress came, changed or went."""
        meta = (now or before).metadata  # type: ignore[union-attr]
        self.enqueue((meta.namespace, meta.name))

    def class_changed(self, _before: Object | None, _now: Object | None) -> None:
        """Classes decide whose Ingresses are ours."""
        for key in self._ingresses.table.objects:
            self.enqueue(key)

    def ours(self, ingress: Ingress) -> bool:
        """Whether an Ingress is of a class that names our controller (or of none, when ours is the default)."""
        name = ingress.spec.ingress_class_name if ingress.spec else None
        name = name or ingress.metadata.annotations.get(CLASS_ANNOTATION)
        for obj in self._classes.table:
            assert isinstance(obj, IngressClass)
            if obj.spec is None or obj.spec.controller != CONTROLLER:
                continue
            default = obj.metadata.annotations.get(DEFAULT_CLASS) == "true"
            if obj.metadata.name == name or (not name and default):
                return True
        return False

    def sync(self, key: Key) -> None:
        """Take one Ingress into the table, or out of it, and write its address."""
        assert isinstance(key, tuple)
        ingress = self._ingresses.get(*key)
        before = self._mine.pop(key, None)
        if isinstance(ingress, Ingress) and self.ours(ingress):
            self._mine[key] = ingress
            if before is None or before.spec != ingress.spec:
                self.recorder.event(ingress, NORMAL, "Sync", "Scheduled for sync")
            self._write_address(ingress)
        if before is not self._mine.get(key) and (
            before is None or self._mine.get(key) is None or before.spec != self._mine[key].spec
        ):
            self.table = Table([loc for name in sorted(self._mine) for loc in locations_of(self._mine[name])])
            self.version += 1

    def _write_address(self, ingress: Ingress) -> None:
        status = IngressStatus(
            load_balancer=IngressLoadBalancerStatus(ingress=(IngressLoadBalancerIngress(ip=self.address),))
        )
        if ingress.status != status:
            fresh = self.client.get(Ingress, ingress.metadata.namespace, ingress.metadata.name)
            self.client.update_status(fresh.evolve(status=status))

    def match(self, host: str, path: str) -> Location | None:
        """The location of a request, or None (404)."""
        return self.table.match(host, path)

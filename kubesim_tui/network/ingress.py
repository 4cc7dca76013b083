"""The ingress controller (ingress-nginx): outside requests by host and path to the Pods of Services.

Its Pods follow the Ingresses of their class, one tick late, and the endpoints of the Services that these name; out of
both each makes the configuration that its nginx works by. What all that hear everything know is known here once (as
kube-proxies share rules); when each of them takes it over is its own affair (network/ingress_sync, cluster/edge).
Requests go straight to Pods. Answers of its own: 404 when nothing matches, 503 when the Service is
missing or has no ready endpoint, 502 when a Pod refuses, 504 when it does not answer in time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from kubesim_tui.api.types import (
    ConfigMap,
    Ingress,
    IngressClass,
    IngressLoadBalancerIngress,
    IngressLoadBalancerStatus,
    IngressStatus,
    Object,
    ObjectReference,
    Secret,
    Service,
)
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.errors import Unreachable
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import NORMAL, Recorder
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Always
from kubesim_tui.network.ingress_annotations import refusal
from kubesim_tui.network.ingress_backends import Configuration, backend_of
from kubesim_tui.network.ingress_table import NOTHING, Table
from kubesim_tui.network.ingress_tls import secrets_of, shown
from kubesim_tui.network.slices import SliceIndex

CONTROLLER = "k8s.io/ingress-nginx"
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
ANNOTATED = "nginx"
CONFIG = ("ingress-nginx", "ingress-nginx-controller")
"""The ConfigMap that it is told to go by."""
SYNC = "sync"
"""The key of what all Ingresses amount to; all others are Ingresses. It comes after these."""
RELOAD = "NGINX reload triggered due to a change in configuration"


class Replicas(Protocol):
    """The controller's Pods."""

    def hear(self) -> bool:
        """Whether one of them runs and reaches the API server."""
        ...

    def ask(self, tick: int) -> None:
        """Those that hear have heard of something."""
        ...

    def advance(self, newest: Configuration, tick: int) -> tuple[Sequence[ObjectReference], int | None]:
        """They take over what they know when they may: which of them reload, and in which tick more is due."""
        ...


class IngressController(Component):
    """What the Pods of ingress-nginx do, once for all of them. `live`: what there is to be taken over."""

    phase = "network"

    def __init__(
        self,
        engine: Engine,
        client: Client,
        replicas: Replicas,
        ingresses: Informer,
        classes: Informer,
        services: Informer,
        slices: Informer,
        configs: Informer,
        secrets: Informer,
        address: str,
    ) -> None:
        super().__init__("ingress-nginx-controller", engine, client, Always())
        self.live = Configuration()
        self._config: Mapping[str, str] = NOTHING
        self._told_anew = False  # an Ingress of ours has come, changed or gone
        self._outdated = False  # there is something that `live` does not know
        self.replicas, self.address = replicas, address
        self.recorder = self.voice(Recorder(client, "nginx-ingress-controller"))
        self._ingresses, self._classes = self.watch(ingresses), self.watch(classes)
        self._services, self._index = self.watch(services), SliceIndex()
        self._configs, self._secrets = self.watch(configs), self.watch(secrets)
        self.watch(slices)
        self._mine: dict[tuple[str, str], Ingress] = {}
        self._unsaid: dict[tuple[str, str], None] = {}  # Ingresses that we have heard of, and have not said so
        self._named: frozenset[tuple[str, str]] = frozenset()  # Services that our Ingresses name
        self._shown: frozenset[tuple[str, str]] = frozenset()  # Secrets that they name
        ingresses.on_change(self.enqueue_changed)
        classes.on_change(self._class_changed)
        services.on_change(self._service_changed)
        slices.on_change(self._slice_changed)
        configs.on_change(self._config_changed)
        secrets.on_change(self._secret_changed)

    # -- events ------------------------------------------------------------------------------------------------

    def _class_changed(self, _before: Object | None, _now: Object | None) -> None:
        """Classes decide whose Ingresses are ours."""
        for key in self._ingresses.table.objects:
            self.enqueue(key)

    def _service_changed(self, before: Object | None, now: Object | None) -> None:
        obj = now or before
        assert obj is not None
        if (obj.metadata.namespace, obj.metadata.name) in self._named:
            self._ask()

    def _slice_changed(self, before: Object | None, now: Object | None) -> None:
        """The queue does not look whose endpoints they are; what is made of it does."""
        ours = any(key in self._named for key in self._index.note(before, now))
        self._ask(matters=ours)

    def _ask(self, *, matters: bool = True) -> None:
        self._outdated = self._outdated or matters
        self.replicas.ask(self.engine.clock.tick)
        self.enqueue(SYNC, priority=1)

    def _config_changed(self, before: Object | None, now: Object | None) -> None:
        obj = now or before
        assert obj is not None
        if (obj.metadata.namespace, obj.metadata.name) == CONFIG:
            self._ask()

    def _secret_changed(self, before: Object | None, now: Object | None) -> None:
        obj = now or before
        assert obj is not None
        if (obj.metadata.namespace, obj.metadata.name) in self._shown:
            self._ask()

    def _secret(self, name: tuple[str, str]) -> Secret | None:
        found = self._secrets.get(*name)
        return found if isinstance(found, Secret) else None

    # -- the loop ----------------------------------------------------------------------------------------------

    def ours(self, ingress: Ingress) -> bool:
        """Whether an Ingress is of a class that names our controller. The old annotation counts for more."""
        annotated = ingress.metadata.annotations.get(CLASS_ANNOTATION)
        if annotated is not None:
            return annotated == ANNOTATED
        name = ingress.spec.ingress_class_name if ingress.spec else None
        found = self._classes.get("", name) if name else None
        return isinstance(found, IngressClass) and found.spec is not None and found.spec.controller == CONTROLLER

    def sync(self, key: Key) -> None:
        """Take one Ingress in, or leave it out; or make the configuration anew if need be, and see to the Pods."""
        if key == SYNC:
            if self._outdated:
                self._configure()
            self._advance()
        else:
            assert isinstance(key, tuple)
            self._take(key)

    def _take(self, key: tuple[str, str]) -> None:
        ingress = self._ingresses.get(*key)
        before = self._mine.pop(key, None)
        if not isinstance(ingress, Ingress) or not self.ours(ingress):
            self._unsaid.pop(key, None)
            if before is not None:
                self._anew()
            return
        if refusal(ingress.metadata.annotations, self._data()) is not None:
            if before is not None:
                self._mine[key] = before  # as it understood it last
            return
        self._mine[key] = ingress
        if before is None or _told(before) != _told(ingress):
            self._unsaid[key] = None
            self._anew()
        self._tell(key, ingress)

    def _anew(self) -> None:
        self._told_anew = True
        self._ask()

    def _data(self) -> Mapping[str, str]:
        config = self._configs.get(*CONFIG)
        return config.data if isinstance(config, ConfigMap) else NOTHING

    def _table(self) -> Table:
        """The table, which is another one only where nginx has to load it anew."""
        data = self._data()
        if not self._told_anew and data == self._config:
            return self.live.table
        self._told_anew, self._config = False, data
        return Table(self._mine.values(), data)

    def _configure(self) -> None:
        self._outdated = False
        table = self._table()
        asked = [one.access.secret for one in table.locations() if one.access.secret is not None]
        self._shown = frozenset([*asked, *(name for ingress in table.ordinary for name in secrets_of(ingress))])
        keys = {location.backend: None for location in table.locations()}
        keys.update((one.fallback, None) for one in table.locations() if one.fallback is not None)
        keys.update((canary.backend, None) for canary in table.canaries.values())
        self._named = frozenset((namespace, name) for namespace, name, _ in keys)
        backends = {}
        for namespace, name, port in keys:
            service = self._services.get(namespace, name)
            found = service if isinstance(service, Service) else None
            backends[namespace, name, port] = backend_of(found, self._index.of((namespace, name)), port)
        self.live = Configuration(table, backends, shown(table.ordinary, self._secret), self._passwords(table))

    def _passwords(self, table: Table) -> dict[tuple[str, str], Secret]:
        named = dict.fromkeys(one.access.secret for one in table.locations() if one.access.secret is not None)
        found = {name: self._secret(name) for name in named}
        return {name: secret for name, secret in found.items() if secret is not None}

    def _advance(self) -> None:
        reloading, due = self.replicas.advance(self.live, self.engine.clock.tick)
        for pod in reloading:
            self.recorder.refer(pod, NORMAL, "RELOAD", RELOAD)
        if due is not None:
            self.engine.at(due, self.phase, self, SYNC)

    def _tell(self, key: tuple[str, str], ingress: Ingress) -> None:
        """Say that we have heard, and write our address; later, while none of our Pods can."""
        status = IngressStatus(
            load_balancer=IngressLoadBalancerStatus(ingress=(IngressLoadBalancerIngress(ip=self.address),))
        )
        if not self.replicas.hear():
            raise Unreachable("no ingress controller runs")
        if key in self._unsaid:
            del self._unsaid[key]
            self.recorder.event(ingress, NORMAL, "Sync", "Scheduled for sync")
        if ingress.status != status:
            fresh = self.client.get(Ingress, ingress.metadata.namespace, ingress.metadata.name)
            self.client.update_status(fresh.evolve(status=status))


def _told(ingress: Ingress) -> tuple[object, object]:
    """What the table depends on."""
    return ingress.spec, ingress.metadata.annotations

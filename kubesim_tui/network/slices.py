"""EndpointSlices by the Service that they belong to, and the base of who works on Services: kube-proxy and DNS."""

from __future__ import annotations

from kubesim_tui.api.types import EndpointSlice, Object
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.kernel.process import Alive

SERVICE_NAME = "kubernetes.io/service-name"
Key = tuple[str, str]


def service_of(piece: Object) -> Key | None:
    """(namespace, Service) of a slice, by its label; None if it has none."""
    name = piece.metadata.labels.get(SERVICE_NAME)
    return (piece.metadata.namespace, name) if name else None


class SliceIndex:
    """Slices by Service, kept by an informer's handler."""

    __slots__ = ("_by_service",)

    def __init__(self) -> None:
        self._by_service: dict[Key, dict[str, EndpointSlice]] = {}

    def note(self, before: Object | None, now: Object | None) -> list[Key]:
        """Take a change in; which Services it concerns."""
        touched: list[Key] = []
        if before is not None and (key := service_of(before)) is not None:
            self._by_service.get(key, {}).pop(before.metadata.name, None)
            touched.append(key)
        if now is not None and (key := service_of(now)) is not None:
            assert isinstance(now, EndpointSlice)
            self._by_service.setdefault(key, {})[now.metadata.name] = now
            if key not in touched:
                touched.append(key)
        return touched

    def of(self, key: Key) -> list[EndpointSlice]:
        """The slices of a Service, by name."""
        found = self._by_service.get(key)
        return [found[name] for name in sorted(found)] if found else []


class ServicesFollower(Component):
    """The base of who works on a Service whenever it or its slices change: `sync` gets (namespace, name)."""

    phase = "network"

    def __init__(
        self, name: str, engine: Engine, client: Client, process: Alive, services: Informer, slices: Informer
    ) -> None:
        super().__init__(name, engine, client, process)
        self._index = SliceIndex()
        self._services = self.watch(services)
        self.watch(slices)
        services.on_change(self._service_changed)
        slices.on_change(self._slice_changed)

    def stop(self) -> None:
        """The process ends, and with it all that it knew."""
        super().stop()
        self._index = SliceIndex()

    def heard(self, key: Key) -> None:
        """Something about a Service has changed."""
        self.enqueue(key)

    def _service_changed(self, before: Object | None, now: Object | None) -> None:
        service = now or before
        assert service is not None
        self.heard((service.metadata.namespace, service.metadata.name))

    def _slice_changed(self, before: Object | None, now: Object | None) -> None:
        for key in self._index.note(before, now):
            self.heard(key)

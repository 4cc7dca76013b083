"""Custom kinds, for the controllers that look at objects of every kind: an informer each, while they are served.

Upstream these controllers ask discovery again every 30 seconds; here they hear of definitions at once (FIDELITY.md).
"""

from __future__ import annotations

from kubesim_tui.api import scheme
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.informer import Handler, Informer
from kubesim_tui.controllers.base import Controller, Kit

DEFINITIONS = "customresourcedefinitions"


class CustomKinds:
    """One controller's informers of custom kinds. `handler` hears of every change of an object."""

    def __init__(self, controller: Controller, kit: Kit, handler: Handler | None = None) -> None:
        self.controller, self.handler = controller, handler
        self.informers: dict[str, tuple[Resource, Informer]] = {}
        self.known: dict[tuple[str, str], Resource] = {}
        definitions = controller.watch(kit.shared(DEFINITIONS))
        definitions.on_change(self._changed)

    def _changed(self, _before: Object | None, _now: Object | None) -> None:
        """A definition came, changed or went: watch what is served now."""
        server = self.controller.client.server
        served = {r.group_resource: r for r in reversed(tuple(server.custom.values()))}
        self.known = {(r.api_version, r.kind): r for r in server.custom.values()}
        for name in [n for n in self.informers if n not in served]:
            self._drop(name)
        for name, resource in served.items():
            if name in self.informers:
                self.informers[name] = (resource, self.informers[name][1])
            else:
                self._add(name, resource)

    def _add(self, name: str, resource: Resource) -> None:
        controller = self.controller
        informer = controller.watch(Informer(controller.client.server.etcd, controller.engine, name))
        if self.handler is not None:
            informer.on_change(self.handler)
        self.informers[name] = (resource, informer)
        informer.connect()

    def _drop(self, name: str) -> None:
        _, informer = self.informers.pop(name)
        informer.forget()
        self.controller.informers.remove(informer)

    def resource(self, api_version: str, kind: str) -> Resource | None:
        """The resource of a kind, built in or custom; None for one that is not watched."""
        return scheme.for_kind(api_version, kind) or self.known.get((api_version, kind))


def informer(controller: Controller, name: str) -> Informer:
    """An informer of one custom resource, by its full name; there is nothing to hear as long as it is not served."""
    return controller.watch(Informer(controller.client.server.etcd, controller.engine, name))

"""The aggregator's control loops: custom kinds are registered, and what a Service answers for is looked at.

`autoregister` makes an APIService of each served version of a definition, and takes it away again; one that somebody
else has made it leaves alone. `available` says of those that name a Service whether that can answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import freeze
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.aggregation import GROUPS
from kubesim_tui.apiserver.apiextensions.definitions import with_condition
from kubesim_tui.apiserver.apiextensions.overlay import DEFINITIONS
from kubesim_tui.apiserver.apiregistration.registered import AUTOMANAGED, CUSTOM, api_service
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.request import Request
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive

JsonMap = dict[str, Any]
API_SERVICES = "apiservices.apiregistration.k8s.io"
SLICES = "endpointslices.discovery.k8s.io"


class AutoRegisterController(Component):
    """One APIService for each group version of custom kinds. Keys: its name."""

    def __init__(self, name: str, engine: Engine, client: Client, process: Alive) -> None:
        super().__init__(name, engine, client, process)
        etcd = client.server.etcd
        self.definitions = self.watch(Informer(etcd, engine, DEFINITIONS))
        self.services = self.watch(Informer(etcd, engine, API_SERVICES))
        self.definitions.on_change(self.defined)
        self.services.on_change(self.changed)

    def defined(self, before: Object | None, now: Object | None) -> None:
        """A definition came, changed or went."""
        for obj in (before, now):
            for group, version in _versions(obj):
                self.enqueue(f"{version}.{group}")

    def changed(self, before: Object | None, now: Object | None) -> None:
        """An APIService came, changed or went: of custom kinds it may have to come back."""
        obj = now or before
        assert obj is not None
        if obj.metadata.labels.get(AUTOMANAGED) == "true":
            self.enqueue(obj.metadata.name)

    def sync(self, key: Key) -> None:
        """Make it, set it right, or take it away."""
        name = cast(str, key)
        version, _, group = name.partition(".")
        served = any((group, version) in _versions(o, served=True) for o in self.definitions.table)
        wanted = api_service(group, version, CUSTOM, "true") if served else None
        found = self.services.get("", name)
        if found is None:
            if wanted is not None:
                self._send("create", wanted)
        elif found.metadata.labels.get(AUTOMANAGED) == "true":
            self._correct(found, wanted)

    def _correct(self, found: Object, wanted: JsonMap | None) -> None:
        data = encode_object(found)
        if wanted is None:
            self._send("delete", data)
        elif data["spec"] != wanted["spec"]:
            self._send("update", {**data, "spec": wanted["spec"]})

    def _send(self, verb: str, data: JsonMap) -> None:
        resource, name = scheme.for_plural("apiservices"), data["metadata"]["name"]
        self.client.send(Request(self.client.user, verb, resource, "", name, body=data))


def _versions(obj: Object | None, *, served: bool = False) -> list[tuple[str, str]]:
    """The group versions of a definition."""
    if not isinstance(obj, Unstructured):
        return []
    spec = obj.rest.get("spec") or {}
    return [(spec["group"], v["name"]) for v in spec.get("versions") or () if v.get("served") or not served]


class AvailableConditionController(Component):
    """Says of what a Service answers for whether it is there. Keys: names of APIServices."""

    def __init__(self, name: str, engine: Engine, client: Client, process: Alive) -> None:
        super().__init__(name, engine, client, process)
        etcd = client.server.etcd
        self.api_services = self.watch(Informer(etcd, engine, API_SERVICES))
        self.services = self.watch(Informer(etcd, engine, "services"))
        self.slices = self.watch(Informer(etcd, engine, SLICES))
        self.api_services.on_change(self.changed)
        self.services.on_change(self.service_changed)
        self.slices.on_change(self.slice_changed)

    def changed(self, _before: Object | None, now: Object | None) -> None:
        """An APIService came or changed."""
        if now is not None and _service_of(now) is not None:
            self.enqueue(now.metadata.name)

    def service_changed(self, before: Object | None, now: Object | None) -> None:
        """A Service came, changed or went."""
        obj = now or before
        assert obj is not None
        self._asked_about(obj.metadata.namespace, obj.metadata.name)

    def slice_changed(self, before: Object | None, now: Object | None) -> None:
        """The endpoints of a Service have changed."""
        obj = now or before
        assert obj is not None
        self._asked_about(obj.metadata.namespace, obj.metadata.labels.get("kubernetes.io/service-name", ""))

    def _asked_about(self, namespace: str, name: str) -> None:
        for obj in self.api_services.table:
            service = _service_of(obj)
            if service is not None and (service["namespace"], service["name"]) == (namespace, name):
                self.enqueue(obj.metadata.name)

    def sync(self, key: Key) -> None:
        """Write the condition, if it has changed."""
        found = self.api_services.get("", cast(str, key))
        wanted = _service_of(found)
        if not isinstance(found, Unstructured) or wanted is None:
            return
        service = self.services.get(wanted["namespace"], wanted["name"])
        slices = [
            s
            for s in self.slices.table.in_namespace(wanted["namespace"])
            if isinstance(s, types.EndpointSlice)
            and s.metadata.labels.get("kubernetes.io/service-name") == wanted["name"]
        ]
        data = encode_object(found)
        reason, message = decide(data["spec"], service, slices)
        status = "True" if reason == "Passed" else "False"
        condition = {"type": "Available", "status": status, "reason": reason, "message": message}
        made = with_condition(data.get("status") or {}, condition, self.engine.clock.now)
        if made != data.get("status"):
            rest = found.rest.merged(status=freeze(made))  # type: ignore[attr-defined]
            self.client.update_status(found.evolve(rest=rest))


def _service_of(obj: Object | None) -> Mapping[str, Any] | None:
    return (obj.rest.get("spec") or {}).get("service") if isinstance(obj, Unstructured) else None


def decide(spec: JsonMap, service: Object | None, slices: Iterable[types.EndpointSlice]) -> tuple[str, str]:
    """(reason, message) of an APIService that a Service answers for. Pure."""
    wanted = spec["service"]
    name, where, port = wanted["name"], f'service/{wanted["name"]} in "{wanted["namespace"]}"', wanted.get("port", 443)
    if not isinstance(service, types.Service) or service.spec is None:
        return "ServiceNotFound", f"{where} is not present"
    if service.spec.type == "ClusterIP":
        found = next((p for p in service.spec.ports if p.port == port), None)
        if found is None:
            return "ServicePortError", f"{where} is not listening on port {port}"
        known = list(slices)
        if not known:
            return "EndpointsNotFound", f"cannot find endpointslices for {where}"
        if not any(_answers(s, found.name) for s in known):
            return "MissingEndpoints", f'endpointslices for {where} have no addresses with port name "{found.name}"'
    if spec.get("group") in GROUPS:
        return "Passed", "all checks passed"
    url = f"https://{service.spec.cluster_ip or name}:{port}/apis/{spec.get('group')}/{spec['version']}"
    return "FailedDiscoveryCheck", f"failing or missing response from {url}: bad status from {url}: 404"


def _answers(found: types.EndpointSlice, port: str) -> bool:
    named = any((p.name or "") == (port or "") for p in found.ports)
    return named and any(
        e.addresses and (e.conditions is None or e.conditions.ready is not False) for e in found.endpoints
    )


CONTROLLERS: tuple[tuple[str, type[Component]], ...] = (
    ("autoregister", AutoRegisterController),
    ("RemoteAvailabilityController", AvailableConditionController),
)
"""By the names of their work queues."""


def build(engine: Engine, client: Client, process: Alive) -> list[Component]:
    """All of them, not started yet."""
    return [cls(name, engine, client, process) for name, cls in CONTROLLERS]

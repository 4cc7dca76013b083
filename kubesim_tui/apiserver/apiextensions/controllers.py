"""The API server's own control loops for definitions: names, establishing, and the end.

Upstream's NamingConditionController, EstablishingController and CRDFinalizer, which run inside kube-apiserver. A
definition whose names nobody has is served within the tick in which it is made; one that is deleted takes its objects
with it.
"""

from __future__ import annotations

from typing import Any, cast

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import freeze
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.apiextensions import naming
from kubesim_tui.apiserver.apiextensions.definitions import CLEANUP, with_condition
from kubesim_tui.apiserver.apiextensions.overlay import DEFINITIONS, of_group_resource
from kubesim_tui.apiserver.apiextensions.resource import condition_true
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.request import Request
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive

JsonMap = dict[str, Any]
SECONDS_BETWEEN_LOOKS = 5
"""How often the finalizer looks whether objects that wait for finalizers of their own are gone."""


class DefinitionController(Component):
    """One loop over definitions. Subclasses change a definition's status."""

    def __init__(self, name: str, engine: Engine, client: Client, process: Alive) -> None:
        super().__init__(name, engine, client, process)
        self.definitions = self.watch(Informer(client.server.etcd, engine, DEFINITIONS))
        self.definitions.on_change(self.changed)

    def changed(self, before: Object | None, now: Object | None) -> None:
        """A definition came, changed or went."""
        obj = now or before
        assert obj is not None
        self.enqueue(obj.metadata.name)

    def sync(self, key: Key) -> None:
        """Look at one definition."""
        found = self.definitions.get("", cast(str, key))
        if isinstance(found, Unstructured):
            self.look(found, encode_object(found))
        else:
            self.gone(cast(str, key))

    def look(self, obj: Unstructured, data: JsonMap) -> None:
        """Bring a definition's status in line."""
        raise NotImplementedError

    def gone(self, name: str) -> None:
        """A definition is no more: a hook."""

    def write(self, obj: Unstructured, status: JsonMap) -> Unstructured | None:
        """Write a status; None if somebody was faster (we shall hear of it)."""
        try:
            rest = obj.rest.merged(status=freeze(status))  # type: ignore[attr-defined]
            return self.client.update_status(obj.evolve(rest=rest))
        except StatusError as refused:
            if refused.code in (404, 409):
                return None
            raise


class NamingConditionController(DefinitionController):
    """Gives names to definitions, in the order in which they come: NamesAccepted."""

    def look(self, obj: Unstructured, data: JsonMap) -> None:
        """Accept what names are free; others of the group may now have ours."""
        status = naming.decide(data, self._taken(data), self.engine.clock.now)
        if status is not None and self.write(obj, status) is not None:
            self._others(obj.metadata.name)

    def gone(self, name: str) -> None:
        """Its names are free."""
        self._others(name)

    def _taken(self, data: JsonMap) -> naming.Taken:
        group = data["spec"]["group"]
        all_of_group = [encode_object(o) for o in self.definitions.table]
        return naming.taken([d for d in all_of_group if d["spec"]["group"] == group])

    def _others(self, name: str) -> None:
        group = name.partition(".")[2]
        for _, other in sorted(self.definitions.table.objects):
            if other != name and other.partition(".")[2] == group:
                self.enqueue(other)


class EstablishingController(DefinitionController):
    """Lets a definition whose names are accepted be served: Established."""

    def look(self, obj: Unstructured, data: JsonMap) -> None:
        """Set the condition, once."""
        if not condition_true(data, "NamesAccepted") or condition_true(data, "Established"):
            return
        condition = {
            "type": "Established",
            "status": "True",
            "reason": "InitialNamesAccepted",
            "message": "the initial names have been accepted",
        }
        self.write(obj, with_condition(data.get("status") or {}, condition, self.engine.clock.now))


class CRDFinalizer(DefinitionController):
    """Deletes the objects of a definition that is being deleted, and then lets it go."""

    def look(self, obj: Unstructured, data: JsonMap) -> None:
        """Delete what there is; look again while something is left."""
        meta = obj.metadata
        if meta.deletion_timestamp is None or CLEANUP not in meta.finalizers:
            return
        if not condition_true(data, "Established"):
            self._let_go(obj, data, "NeverEstablished", "resource was never established")
            return
        table = self.client.server.etcd.table(meta.name)
        written = self._say(obj, data, "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress")
        if written is None:
            return
        self._delete_all(meta.name)
        if len(table):
            self.enqueue_after(SECONDS_BETWEEN_LOOKS, meta.name)
            return
        self._let_go(written, encode_object(written), "InstanceDeletionCompleted", "removed all instances")

    def _delete_all(self, name: str) -> None:
        resource = of_group_resource(self.client.server.custom, name)
        if resource is None:
            return
        for namespace in sorted({key[0] for key in self.client.server.etcd.table(name).objects}):
            self.client.send(Request(self.client.user, "deletecollection", resource, namespace))

    def _say(self, obj: Unstructured, data: JsonMap, status: str, reason: str, message: str) -> Unstructured | None:
        condition = {"type": "Terminating", "status": status, "reason": reason, "message": message}
        made = with_condition(data.get("status") or {}, condition, self.engine.clock.now)
        return obj if made == data.get("status") else self.write(obj, made)

    def _let_go(self, obj: Unstructured, data: JsonMap, reason: str, message: str) -> None:
        written = self._say(obj, data, "False", reason, message)
        if written is not None:
            kept = tuple(f for f in written.metadata.finalizers if f != CLEANUP)
            self.client.update(written.evolve(metadata=written.metadata.evolve(finalizers=kept)))


CONTROLLERS: tuple[tuple[str, type[DefinitionController]], ...] = (
    ("crd_naming_condition_controller", NamingConditionController),
    ("crd_establishing_controller", EstablishingController),
    ("crd_finalizer", CRDFinalizer),
)
"""By the names of their work queues."""


def build(engine: Engine, client: Client, process: Alive) -> list[DefinitionController]:
    """All of them, not started yet."""
    return [cls(name, engine, client, process) for name, cls in CONTROLLERS]

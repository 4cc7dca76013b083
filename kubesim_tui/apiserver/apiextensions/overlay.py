"""The custom kinds of one cluster, beside the built-in ones: what its API server knows from watching definitions."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.apiextensions.resource import CustomResource, served
from kubesim_tui.apiserver.etcd import DELETED, Change, Etcd

DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"


class Overlay:
    """By apiVersion and kind. Plain data: a copy of the cluster has a copy of it."""

    def __init__(self, etcd: Etcd) -> None:
        self._by_definition: dict[str, list[CustomResource]] = {}
        self._by_kind: dict[tuple[str, str], CustomResource] = {}
        etcd.subscribe(DEFINITIONS, self)

    def deliver(self, change: Change) -> None:
        """A definition came, changed or went."""
        name = change.key[1]
        for resource in self._by_definition.pop(name, ()):
            self._by_kind.pop((resource.api_version, resource.kind), None)
        if change.type == DELETED:
            return
        found = served(encode_object(change.object))
        if found:
            self._by_definition[name] = found
            self._by_kind.update({(r.api_version, r.kind): r for r in found})

    def get(self, api_version: str, kind: str) -> CustomResource | None:
        """The resource of a kind, or None."""
        return self._by_kind.get((api_version, kind))

    def of_stored(self, api_version: str, kind: str) -> CustomResource | None:
        """A resource by which an object can be written that is stored as this kind, though that is not served."""
        return next((r for r in self.values() if (r.stored, r.kind) == (api_version, kind)), None)

    def values(self) -> Iterator[CustomResource]:
        """Every custom resource, in the order of their definitions' names."""
        for name in sorted(self._by_definition):
            yield from self._by_definition[name]

    def __bool__(self) -> bool:
        return bool(self._by_definition)


def of_group_resource(overlay: Overlay, name: str) -> CustomResource | None:
    """The first served version of a resource by its full name (`widgets.example.com`)."""
    return next((r for r in overlay.values() if r.group_resource == name), None)

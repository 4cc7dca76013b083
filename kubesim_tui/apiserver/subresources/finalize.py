"""namespaces/finalize: only here spec.finalizers change; a deleted namespace without any is gone."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, body, parent


class Finalize(Subresource):
    """Update the finalizers of a namespace."""

    def update(self, door: Door, request: Request) -> Object:
        """Set spec.finalizers."""
        old = parent(door, request)
        assert isinstance(old, types.Namespace)
        finalizers = tuple((body(request).get("spec") or {}).get("finalizers") or ())
        new = old.evolve(spec=(old.spec or types.NamespaceSpec()).evolve(finalizers=finalizers))
        return door.registry.update(request.resource, new, old, request.options)

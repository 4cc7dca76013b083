"""namespaces/finalize: only here spec.finalizers change; a deleted namespace without any is gone."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, body, parent
from kubesim_tui.apiserver.validation.kinds import validate_update


class Finalize(Subresource):
    """Update the finalizers of a namespace."""

    def update(self, door: Door, request: Request) -> Object:
        """Set spec.finalizers."""
        old = parent(door, request)
        assert isinstance(old, types.Namespace)
        before = encode_object(old)
        finalizers = (body(request).get("spec") or {}).get("finalizers") or []
        data = {**before, "spec": {**(before.get("spec") or {}), "finalizers": list(finalizers)}}
        if causes := validate_update(request.resource, data, before, "finalize"):
            raise errors.invalid("", "Namespace", request.name, causes).at("validation")
        new = old.evolve(spec=(old.spec or types.NamespaceSpec()).evolve(finalizers=tuple(finalizers)))
        return door.registry.update(request.resource, new, old, request.options)

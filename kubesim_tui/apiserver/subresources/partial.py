"""Subresources that change one part of a Pod's spec: the rest of the body is ignored, then all is validated."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import patch
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, body, parent

JsonMap = dict[str, Any]


class Partial(Subresource):
    """Get, update and patch a part of a Pod."""

    def get(self, door: Door, request: Request) -> Object:
        """The whole Pod."""
        return parent(door, request)

    def update(self, door: Door, request: Request) -> Object:
        """Take over the part from the body."""
        return self._set(door, request, parent(door, request), body(request))

    def patch(self, door: Door, request: Request) -> Object:
        """Patch the Pod and take over the part."""
        pod = parent(door, request)
        data = patch.apply(request.resource, encode_object(pod), request.body, request.patch_type, request.options)
        return self._set(door, request, pod, data)

    def _set(self, door: Door, request: Request, pod: Object, data: JsonMap) -> Object:
        new = encode_object(pod)
        new["metadata"]["resourceVersion"] = (data.get("metadata") or {}).get("resourceVersion")
        self.take(new["spec"], data.get("spec") or {})
        return door.registry.update(request.resource, door.decoded(request, new, pod), pod, request.options)

    def take(self, spec: JsonMap, given: JsonMap) -> None:
        """Copy the part into the Pod's spec."""
        raise NotImplementedError

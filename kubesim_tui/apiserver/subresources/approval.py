"""certificatesigningrequests/approval: only the conditions of the status change."""

from __future__ import annotations

from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, body, parent


class Approval(Subresource):
    """Update the approval of a certificate signing request."""

    def get(self, door: Door, request: Request) -> Object:
        """The request itself."""
        return parent(door, request)

    def update(self, door: Door, request: Request) -> Object:
        """Set status.conditions."""
        old = parent(door, request)
        data = encode_object(old)
        status = dict(data.get("status") or {})
        status["conditions"] = (body(request).get("status") or {}).get("conditions") or []
        new = decode_object(request.resource.cls, {**data, "status": status})
        return door.registry.update(request.resource, new, old, request.options, status=True)

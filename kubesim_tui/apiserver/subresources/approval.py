"""certificatesigningrequests/approval: only the conditions of the status change."""

from __future__ import annotations

from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.registry.certificates import stamped
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, body, parent
from kubesim_tui.apiserver.validation.kinds import validate_update


class Approval(Subresource):
    """Update the approval of a certificate signing request."""

    def get(self, door: Door, request: Request) -> Object:
        """The request itself."""
        return parent(door, request)

    def update(self, door: Door, request: Request) -> Object:
        """Set status.conditions."""
        resource, old = request.resource, parent(door, request)
        before, given = encode_object(old), body(request)
        status, version = before.get("status") or {}, (given.get("metadata") or {}).get("resourceVersion")
        conditions = (given.get("status") or {}).get("conditions") or []
        now = stamped(conditions, status.get("conditions") or [], door.registry.context.now())
        data = {**before, "status": {**status, "conditions": now}}
        if version:
            data["metadata"] = {**before["metadata"], "resourceVersion": version}
        if causes := validate_update(resource, data, before, "approval"):
            raise errors.invalid(resource.group, resource.kind, request.name, causes).at("validation")
        return door.registry.update(resource, decode_object(resource.cls, data), old, request.options, status=True)

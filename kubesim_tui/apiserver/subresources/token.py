"""serviceaccounts/token: a token request. The token is a name for the account, not a signed JWT (FIDELITY.md)."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import authentication
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, body, parent

HOUR = 3600
AUDIENCE = "https://kubernetes.default.svc.cluster.local"


class Token(Subresource):
    """Create a TokenRequest."""

    def create(self, door: Door, request: Request) -> Object:
        """The request with its status filled in."""
        account = parent(door, request)
        spec: dict[str, Any] = dict((body(request) if request.body else {}).get("spec") or {})
        spec.setdefault("audiences", [AUDIENCE])
        spec.setdefault("expirationSeconds", HOUR)
        now = door.registry.etcd.clock.now
        meta = account.metadata
        status = {
            "token": authentication.token(meta.namespace, meta.name, meta.uid),
            "expirationTimestamp": format_time(now + spec["expirationSeconds"]),
        }
        data = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec, "status": status}
        kept = types.ObjectMeta(name=meta.name, namespace=meta.namespace, creation_timestamp=now)
        return decode_object(types.Unstructured, data).evolve(metadata=kept)

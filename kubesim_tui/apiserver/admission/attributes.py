"""What webhooks and policies are asked about: a request, and the object before and after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request

Json = Mapping[str, Any]
CONNECTS = frozenset({"exec", "attach", "portforward", "proxy"})


@frozen(eq=False)
class Attributes:
    """What webhooks are asked about: the request, and the object before and after it (JSON)."""

    request: Request
    operation: str  # CREATE, UPDATE, DELETE, CONNECT
    object: Json | None
    old: Json | None
    namespace_labels: Mapping[str, str] | None  # of the object's namespace; None: it has none

    @property
    def name(self) -> str:
        """The name of the object, if it has one yet."""
        own = (self.object or self.old or {}).get("metadata") or {}
        return self.request.name or own.get("name") or ""


def operation(request: Request, *, exists: bool) -> str:
    """What a request does to an object, as rules name it."""
    if request.verb in ("delete", "deletecollection"):
        return "DELETE"
    if request.subresource in CONNECTS:
        return "CONNECT"
    return "UPDATE" if exists and request.verb in ("update", "patch") else "CREATE"


def attributes(etcd: Etcd, request: Request, data: Json | None, old: Object | None) -> Attributes:
    """What is asked about a request."""
    before = encode_object(old) if old is not None else None
    labels = _labels(etcd, request, data or before or {})
    return Attributes(request, operation(request, exists=old is not None), data, before, labels)


def _labels(etcd: Etcd, request: Request, data: Json) -> Mapping[str, str] | None:
    """The labels by which a namespaceSelector chooses: of a namespace its own."""
    if request.resource.group_resource == "namespaces":
        return (data.get("metadata") or {}).get("labels") or {}
    if not request.namespace:
        return None
    found = etcd.get("namespaces", ("", request.namespace))
    return found.metadata.labels if found is not None else {}

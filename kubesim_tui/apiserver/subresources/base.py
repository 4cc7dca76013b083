"""What every subresource can be asked; by default it refuses (405)."""

from __future__ import annotations

from typing import Any, Protocol

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.admission.admission import Admission
from kubesim_tui.apiserver.proxy import Proxy
from kubesim_tui.apiserver.registry.store import Registry
from kubesim_tui.apiserver.request import Request


class Door(Protocol):
    """What a subresource needs of the API server."""

    registry: Registry
    proxy: Proxy
    admission: Admission

    def decoded(self, request: Request, data: dict[str, Any], old: Object | None) -> Object:
        """JSON through strict decoding, admission, defaulting and validation; then typed."""
        ...


class Subresource:
    """One subresource."""

    def get(self, door: Door, request: Request) -> Any:  # noqa: ARG002
        """Read it."""
        raise self.refused(request, "get")

    def create(self, door: Door, request: Request) -> Any:  # noqa: ARG002
        """POST to it."""
        raise self.refused(request, "create")

    def update(self, door: Door, request: Request) -> Any:  # noqa: ARG002
        """PUT to it."""
        raise self.refused(request, "update")

    def patch(self, door: Door, request: Request) -> Any:  # noqa: ARG002
        """PATCH it."""
        raise self.refused(request, "patch")

    def refused(self, request: Request, verb: str) -> errors.StatusError:
        """405."""
        return errors.method_not_allowed(request.resource.group, request.resource.plural, verb)


def parent(door: Door, request: Request) -> Object:
    """The object that the subresource belongs to; 404 if there is none."""
    return door.registry.get(request.resource, request.namespace, request.name)


def body(request: Request) -> dict[str, Any]:
    """The body of a request as plain JSON; 400 if it is no object."""
    found = request.body
    if isinstance(found, Object):
        return encode_object(found)
    if not isinstance(found, dict):
        raise errors.bad_request("the body of the request is no object")
    return dict(found)

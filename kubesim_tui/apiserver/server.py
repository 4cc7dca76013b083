"""kube-apiserver: the one door to the store.

A request passes, in this order: authentication (a User is given) → authorization → (for a write) strict decoding →
mutating admission → defaulting → validation → validating admission → etcd. Each request leaves a record of who did what
to what and which station decided. The server keeps no objects of its own: all state is in etcd.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import defaults, errors, patch, selection
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.registry.store import Registry
from kubesim_tui.apiserver.request import Options, Record, Request, User
from kubesim_tui.apiserver.subresources import SUBRESOURCES
from kubesim_tui.apiserver.validation import strict
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_update
from kubesim_tui.kernel.process import Alive
from kubesim_tui.kernel.trace import Ring

TRUSTED = frozenset({"events", "endpointslices.discovery.k8s.io", "leases.coordination.k8s.io"})
"""Written by components in their typed form, thousands of times: neither admission nor validation looks at these."""


class Authorizer(Protocol):
    """Whether a user may do a thing; the reason is printed when not."""

    def authorize(
        self, user: User, verb: str, resource: Resource, subresource: str, namespace: str, name: str
    ) -> tuple[bool, str]:
        """(allowed, reason)."""
        ...


class Admission(Protocol):
    """The chain of admission plugins."""

    def mutate(self, request: Request, data: dict[str, Any], old: Object | None) -> None:
        """Change the JSON object on its way in; StatusError to refuse."""
        ...

    def validate(self, request: Request, obj: Object | None, old: Object | None) -> None:
        """Refuse with a StatusError."""
        ...

    def version(self, namespace: str) -> int:
        """Grows when anything changes that mutating admission reads for objects of a namespace."""
        ...


class ApiServer:
    """The door. `handle` answers with an Object (get, create, update, patch, delete) or a list of them (list)."""

    def __init__(
        self, etcd: Etcd, registry: Registry, authorizer: Authorizer, admission: Admission, process: Alive
    ) -> None:
        self.etcd, self.registry = etcd, registry
        self.authorizer, self.admission, self.process = authorizer, admission, process
        self.trace: Ring[Record] = Ring(4096)
        self.custom: dict[tuple[str, str], Resource] = {}  # the overlay of custom kinds
        self._templates: dict[tuple[str, int], tuple[object, int, types.PodSpec]] = {}

    # -- discovery ---------------------------------------------------------------------------------------------

    def resource_for_kind(self, api_version: str, kind: str) -> Resource | None:
        """The resource of a kind, built in or custom; None if it is not served."""
        return scheme.for_kind(api_version, kind) or self.custom.get((api_version, kind))

    def resources(self) -> tuple[Resource, ...]:
        """Every served resource."""
        return (*scheme.builtin(), *self.custom.values())

    # -- requests ----------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Any:
        """Answer a request, or raise StatusError; either way it leaves a record."""
        station = "authorization"
        try:
            self._authorize(request)
            station = ""
            answer = self._VERBS[request.verb](self, request)
        except StatusError as refused:
            self._record(request, refused.code, getattr(refused, "station", station), refused.message)
            raise
        if request.verb not in ("get", "list"):
            self._record(request, 201 if request.verb == "create" else 200, "", "")
        return answer

    def _authorize(self, request: Request) -> None:
        r = request.resource
        allowed, reason = self.authorizer.authorize(
            request.user, request.verb, r, request.subresource, request.namespace, request.name
        )
        if allowed:
            return
        plural = f"{r.plural}/{request.subresource}" if request.subresource else r.plural
        where = f' in the namespace "{request.namespace}"' if request.namespace else " at the cluster scope"
        why = f'User "{request.user.name}" cannot {request.verb} resource "{plural}" in API group "{r.group}"{where}'
        raise errors.forbidden(r.group, r.plural, request.name, why + (f": {reason}" if reason else ""))

    def _record(self, request: Request, code: int, station: str, message: str) -> None:
        self.trace.add(
            Record(
                self.etcd.clock.tick,
                request.user.name,
                request.verb,
                request.resource.group_resource,
                request.namespace,
                request.name,
                request.subresource,
                code,
                station,
                message,
                self.etcd.revision,
            )
        )

    def _get(self, request: Request) -> Any:
        if request.subresource and request.subresource in SUBRESOURCES:
            return SUBRESOURCES[request.subresource].get(self, request)
        return self.registry.get(request.resource, request.namespace, request.name)

    def _list(self, request: Request) -> list[Object]:
        found = self.etcd.table(request.resource.group_resource).in_namespace(request.namespace)
        if self.registry.views:
            found = [self.registry.view(request.resource, obj) for obj in found]
        chosen = selection.select(request.resource, found, request.label_selector, request.field_selector)
        return sorted(chosen, key=_by_name)

    # -- writes ------------------------------------------------------------------------------------------------

    def _create(self, request: Request) -> Any:
        if request.subresource:
            return SUBRESOURCES[request.subresource].create(self, request)
        body, resource = request.body, request.resource
        if isinstance(body, Object):
            obj = self._named(body)
            if resource.group_resource not in TRUSTED:
                obj = self._through_admission(request, obj)
        else:
            obj = self._decoded(request, dict(body), None)
        if resource.group_resource not in TRUSTED:
            self.admission.validate(request, obj, None)
        return self.registry.create(resource, obj, request.options)

    def _named(self, obj: Object) -> Object:
        meta = obj.metadata
        if not meta.name and meta.generate_name:
            return obj.evolve(metadata=meta.evolve(name=self.registry.generate_name(meta.generate_name)))
        return obj

    def _through_admission(self, request: Request, obj: Object) -> Object:
        """A typed object from a component: as JSON through the stations. Pods of one template share the result."""
        if type(obj) is not types.Pod or obj.spec is None:
            return self._decoded(request, encode_object(obj), None)
        version = self.admission.version(request.namespace)
        known = self._templates.get((request.namespace, id(obj.spec)))
        if known is not None and known[0] is obj.spec and known[1] == version:
            return obj.evolve(spec=known[2])
        made = self._decoded(request, encode_object(obj), None)
        if len(self._templates) > 4096:
            self._templates.clear()
        self._templates[request.namespace, id(obj.spec)] = (obj.spec, version, made.spec)  # type: ignore[attr-defined]
        return made

    def _decoded(self, request: Request, data: dict[str, Any], old: Object | None) -> Object:
        """JSON through strict decoding, mutating admission, defaulting and validation; then typed."""
        resource = request.resource
        strict.check(resource, data, request.options.validation)
        meta = data.setdefault("metadata", {}) or {}
        data["metadata"] = meta
        if resource.namespaced:
            meta.setdefault("namespace", request.namespace)
        else:
            meta.pop("namespace", None)
        if not meta.get("name") and meta.get("generateName") and old is None:
            meta["name"] = self.registry.generate_name(meta["generateName"])
        defaults.set_defaults(resource, data)
        self.admission.mutate(request, data, old)
        defaults.set_defaults(resource, data)
        if old is None:
            causes = validate_create(resource, data)
        else:
            causes = validate_update(resource, data, encode_object(old))
        if causes:
            raise errors.invalid(resource.group, resource.kind, meta.get("name", ""), causes)
        return decode_object(resource.cls, data)

    def _update(self, request: Request) -> Any:
        if request.subresource and request.subresource != "status":
            return SUBRESOURCES[request.subresource].update(self, request)
        resource, status = request.resource, request.subresource == "status"
        old = self.registry.get(resource, request.namespace, request.name)
        body = request.body
        new = body if isinstance(body, Object) else self._decoded(request, dict(body), old)
        if not isinstance(body, Object):
            self.admission.validate(request, new, old)
        return self.registry.update(resource, new, old, request.options, status=status)

    def _patch(self, request: Request) -> Any:
        if request.subresource and request.subresource != "status":
            return SUBRESOURCES[request.subresource].patch(self, request)
        resource, status = request.resource, request.subresource == "status"
        old = self.etcd.get(resource.group_resource, (request.namespace, request.name))
        if old is None:
            if request.patch_type == "apply":
                return self._create_by_apply(request)
            raise errors.not_found(resource.group, resource.plural, request.name)
        data = patch.apply(resource, encode_object(old), request.body, request.patch_type, request.options)
        new = self._decoded(request, data, old)
        self.admission.validate(request, new, old)
        return self.registry.update(resource, new, old, request.options, status=status)

    def _create_by_apply(self, request: Request) -> Any:
        data = patch.apply(request.resource, {}, request.body, "apply", request.options)
        obj = self._decoded(request, data, None)
        self.admission.validate(request, obj, None)
        return self.registry.create(request.resource, obj, request.options)

    def _delete(self, request: Request) -> Any:
        old = self.registry.get(request.resource, request.namespace, request.name)
        self.admission.validate(request, None, old)
        return self.registry.delete(request.resource, request.namespace, request.name, request.options)

    def _delete_collection(self, request: Request) -> list[Object]:
        gone = self._list(request)
        for obj in gone:
            self.registry.delete(request.resource, obj.metadata.namespace, obj.metadata.name, request.options)
        return gone

    _VERBS: Mapping[str, Any] = {
        "get": _get,
        "list": _list,
        "create": _create,
        "update": _update,
        "patch": _patch,
        "delete": _delete,
        "deletecollection": _delete_collection,
    }


def _by_name(obj: Object) -> tuple[str, str]:
    return obj.metadata.namespace, obj.metadata.name


NO_OPTIONS = Options()

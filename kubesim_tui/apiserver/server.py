"""kube-apiserver: the one door to the store.

A request passes, in this order: authentication (a User is given) → authorization → (for a write) strict decoding →
defaulting → mutating admission → validation → validating admission → etcd. Each request leaves a record of who did
what to what and which station decided. The server keeps no objects of its own: all state is in etcd.

Objects come in two forms. JSON (from clients) passes every station. Typed objects (from the cluster's components) are
turned into JSON when they are created, except for what thousands of are made: Events, Leases, EndpointSlices and
Endpoints, which their makers are trusted with, and Pods of a template that has passed the stations before.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Protocol

from attrs import evolve

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import conversion, decoding, errors, listing, partial, patch, selection, status_decoding
from kubesim_tui.apiserver.admission.admission import Admission
from kubesim_tui.apiserver.apiextensions.overlay import Overlay
from kubesim_tui.apiserver.apiextensions.resource import CustomResource
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.fairness import Fairness
from kubesim_tui.apiserver.listing import ListOptions, Page
from kubesim_tui.apiserver.patch import managed
from kubesim_tui.apiserver.proxy import Proxy
from kubesim_tui.apiserver.raft import Members
from kubesim_tui.apiserver.registry.store import Registry
from kubesim_tui.apiserver.request import Record, Request, User
from kubesim_tui.apiserver.subresources import NOT_SERVED, subresource
from kubesim_tui.kernel.process import Alive
from kubesim_tui.kernel.trace import Ring

TRUSTED = frozenset({"endpoints", "events", "endpointslices.discovery.k8s.io", "leases.coordination.k8s.io"})
"""Written by components in their typed form, thousands of times: neither plugins nor validation look at these."""
PREPARED = frozenset({"services"})
"""Updates of these go through JSON even from components: what an update leaves out is filled in there."""
MOST_TEMPLATES = 4096
TRACE_LENGTH = 4096


class Authorizer(Protocol):
    """Whether a user may do a thing; the reason is printed when not."""

    def authorize(
        self, user: User, verb: str, resource: Resource, subresource: str, namespace: str, name: str
    ) -> tuple[bool, str]:
        """(allowed, reason)."""
        ...


class ApiServer:
    """The door. `handle` answers with an Object (get, create, update, patch, delete) or a list of them (list)."""

    def __init__(
        self,
        etcd: Etcd,
        registry: Registry,
        authorizer: Authorizer,
        admission: Admission,
        process: Alive,
        proxy: Proxy | None = None,
    ) -> None:
        self.etcd, self.registry = etcd, registry
        self.authorizer, self.admission, self.process = authorizer, admission, process
        self.proxy = proxy or Proxy()
        self.metrics: Any = (
            None  # who answers for metrics.k8s.io (metrics.usage.Metrics), None without a metrics server
        )
        self.members: Members | None = None  # of etcd: who says whether it can write as much (raft.py)
        self.fairness = Fairness(etcd)
        self.trace: Ring[Record] = Ring(TRACE_LENGTH)
        self.warnings: list[str] = []  # what the last request has to say besides its answer
        self.custom = Overlay(etcd)
        self._specs = status_decoding.Specs()
        self._templates: dict[tuple[str, int], tuple[object, int, types.PodSpec, Mapping[str, str]]] = {}

    # -- discovery ---------------------------------------------------------------------------------------------

    def resource_for_kind(self, api_version: str, kind: str) -> Resource | None:
        """The resource of a kind, built in or custom; None if it is not served."""
        return scheme.for_kind(api_version, kind) or self.custom.get(api_version, kind)

    def resources(self) -> tuple[Resource, ...]:
        """Every served resource."""
        return (*scheme.builtin(), *self.custom.values())

    # -- requests ----------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Any:
        """Answer a request, or raise StatusError; either way it leaves a record."""
        self.warnings.clear()
        before = self.etcd.revision
        try:
            self.fairness.admit(request)
            self.authorize(request)
            if isinstance(request.body, dict | list):
                decoding.check_limits(request.body)
            if isinstance(request.resource, CustomResource):
                _serves(request.resource, request)
            if self.members is not None and request.verb not in ("get", "list"):
                self.members.admit(request)
            answer = self._VERBS[request.verb](self, request)
        except StatusError as refused:
            self._record(request, refused.code, refused.station, refused.message)
            raise
        if request.verb not in ("get", "list"):
            code, stored = 201 if request.verb == "create" else 200, self.etcd.revision > before
            self._record(request, code, "", "", stored=stored)
        if request.metadata_only:
            return partial.answer(answer)
        return conversion.answer(request.resource, answer) if conversion.converts(request.resource) else answer

    def authorize(self, request: Request) -> None:
        """403 unless the user may do what a request wants."""
        r = request.resource
        allowed, reason = self.authorizer.authorize(
            request.user, request.verb, r, request.subresource, request.namespace, request.name
        )
        if allowed:
            if request.notes is not None:
                request.notes.passed("authorization", reason)
            return
        plural = f"{r.plural}/{request.subresource}" if request.subresource else r.plural
        where = f' in the namespace "{request.namespace}"' if request.namespace else " at the cluster scope"
        why = f'User "{request.user.name}" cannot {request.verb} resource "{plural}" in API group "{r.group}"{where}'
        refused = errors.forbidden(r.group, r.plural, request.name, why + (f": {reason}" if reason else ""))
        raise refused.at("authorization")

    def _record(self, request: Request, code: int, station: str, message: str, *, stored: bool = False) -> None:
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
                tuple(request.notes.stops) if request.notes is not None else (),
                request.user.groups if request.notes is not None else (),
                stored,
            )
        )

    def _get(self, request: Request) -> Any:
        if request.subresource and request.subresource != "status":
            return subresource(request).get(self, request)
        return self.registry.get(request.resource, request.namespace, request.name)

    def _list(self, request: Request) -> list[Object]:
        found = self.etcd.table(request.resource.group_resource).in_namespace(request.namespace)
        chosen = selection.select(request.resource, found, request.label_selector, request.field_selector)
        shown = self.registry.viewed(request.resource, chosen)
        return sorted(shown, key=_by_object if request.resource.kind == "Event" else _BY_NAME)

    def page(self, request: Request, options: ListOptions) -> Page:
        """A portion of a list; 410, 400, 422 or 504 for options that cannot be met."""
        self.fairness.admit(request)
        self.authorize(request)
        found = listing.page(self.etcd, request, options)
        found = evolve(found, items=tuple(self.registry.viewed(request.resource, found.items)))
        if request.metadata_only:
            return evolve(found, items=tuple(partial.answer(list(found.items))))
        if not conversion.converts(request.resource):
            return found
        return evolve(found, items=tuple(conversion.answer(request.resource, list(found.items))))

    # -- writes ------------------------------------------------------------------------------------------------

    def decoded(self, request: Request, data: dict[str, Any], old: Object | None) -> Object:
        """JSON through strict decoding, defaulting, admission and validation; then typed."""
        return decoding.decode(self, request, data, old)

    def _create(self, request: Request) -> Any:
        if request.subresource:
            self.admission.validate(request, None, None)
            return subresource(request).create(self, request)
        body, resource, uid = request.body, request.resource, ""
        trusted = resource.group_resource in TRUSTED and not self.admission.hooked(request)
        if not isinstance(body, Object):
            obj = self.decoded(request, decoding.json_object(body), None)
            uid = obj.metadata.uid
        elif trusted:
            obj = self._named(resource, body)
        else:
            obj, uid = self._through_admission(request, self._named(resource, body))
        self.admission.validate(request, obj, None)
        decoding.check_unversioned(request)
        return self.registry.create(resource, obj, request.options, uid)

    def _named(self, resource: Resource, obj: Object) -> Object:
        meta = obj.metadata
        if not meta.name and meta.generate_name:
            name = self.registry.free_name(resource, meta.namespace, meta.generate_name)
            return obj.evolve(metadata=meta.evolve(name=name))
        return obj

    def _through_admission(self, request: Request, obj: Object) -> tuple[Object, str]:
        """A typed object from a component: as JSON through the stations. Pods of one template share the result.

        Also the uid that the stations have drawn, if it has passed them.
        """
        if type(obj) is not types.Pod or obj.spec is None:
            made = self.decoded(request, encode_object(obj), None)
            return made, made.metadata.uid
        version = self.admission.version(request.namespace)
        key = (request.namespace, id(obj.spec))
        known = self._templates.get(key)
        if known is not None and known[0] is obj.spec and known[1] == version:
            if known[3]:
                annotations = FrozenMap({**obj.metadata.annotations, **known[3]})
                obj = obj.evolve(metadata=obj.metadata.evolve(annotations=annotations))
            return obj.evolve(spec=known[2]), ""
        pod = self.decoded(request, encode_object(obj), None)
        assert isinstance(pod, types.Pod)
        assert pod.spec is not None
        before = obj.metadata.annotations
        added = {k: v for k, v in pod.metadata.annotations.items() if before.get(k) != v}
        if len(self._templates) >= MOST_TEMPLATES:
            self._templates.clear()
        self._templates[key] = (obj.spec, version, pod.spec, added)
        return pod, pod.metadata.uid

    def _update(self, request: Request) -> Any:
        status = request.subresource == "status"
        if request.subresource and not status:
            return subresource(request).update(self, request)
        resource, body = request.resource, request.body
        old = self.registry.get(resource, request.namespace, request.name)
        free = status or resource.group_resource not in PREPARED
        if isinstance(body, Object) and free and not self.admission.hooked(request):
            tracked = body if status else self._tracked(request, old, body)
            return self.registry.update(resource, tracked, old, request.options, status=status)
        if status and hasattr(old, "status") and not self.admission.hooked(request):
            new = status_decoding.decode(self, self._specs, request, old)
            self.admission.validate(request, new, old)
            return self.registry.update(resource, new, old, request.options, status=True)
        data = encode_object(body) if isinstance(body, Object) else decoding.json_object(body)
        new = self._tracked(request, old, self.decoded(request, data, old))
        self.admission.validate(request, new, old)
        return self.registry.update(resource, new, old, request.options, status=status)

    def _tracked(self, request: Request, old: Object, new: Object) -> Object:
        """With the managers of fields that it has after the write, if they are recorded (server-side apply)."""
        return managed.track(request, old, new, self.etcd.clock.now)

    def _patch(self, request: Request) -> Any:
        status = request.subresource == "status"
        if request.subresource and not status:
            return subresource(request).patch(self, request)
        resource = request.resource
        old = self.etcd.get(resource.group_resource, (request.namespace, request.name))
        if old is None:
            if request.patch_type == "apply":
                return self._create_by_apply(request)
            raise errors.not_found(resource.group, resource.plural, request.name)
        was = conversion.to_version(resource, encode_object(old))
        now = self.etcd.clock.now
        data = patch.apply(resource, was, request.body, request.patch_type, request.options, now)
        new = self.decoded(request, data, old)
        if request.patch_type != "apply" and not status:
            new = self._tracked(request, old, new)
        self.admission.validate(request, new, old)
        return self.registry.update(resource, new, old, request.options, status=status)

    def _create_by_apply(self, request: Request) -> Any:
        data = patch.apply(request.resource, {}, request.body, "apply", request.options, self.etcd.clock.now)
        obj = self.decoded(request, data, None)
        self.admission.validate(request, obj, None)
        return self.registry.create(request.resource, obj, request.options, obj.metadata.uid)

    def _delete(self, request: Request) -> Any:
        old = self.registry.get(request.resource, request.namespace, request.name)
        self.admission.validate(request, None, old)
        return self.registry.delete(request.resource, request.namespace, request.name, request.options)

    def _delete_collection(self, request: Request) -> list[Object]:
        gone = self._list(request)
        for obj in gone:
            self.admission.validate(request, None, obj)
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


def _serves(resource: CustomResource, request: Request) -> None:
    """404 for a subresource that a custom kind does not have; nothing new is made of a kind that is going."""
    if request.subresource and request.subresource not in resource.subresources:
        raise StatusError(404, "NotFound", NOT_SERVED)
    if resource.terminating and request.verb == "create":
        text = "create not allowed while custom resource definition is terminating"
        raise StatusError(405, "MethodNotAllowed", text)


_BY_NAME = attrgetter("metadata.namespace", "metadata.name")
"""The order of a list."""


def _by_object(obj: Object) -> tuple[str, str]:
    """Events of one object stay in the order of their making, as their real names (times) have it."""
    if isinstance(obj, types.Event) and obj.involved_object is not None:
        return obj.metadata.namespace, obj.involved_object.name
    return obj.metadata.namespace, obj.metadata.name

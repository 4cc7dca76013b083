"""scale: the replicas of a workload as an autoscaling/v1 Scale, whatever the workload is."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import labels, types
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object, ObjectMeta
from kubesim_tui.apiserver import errors, patch
from kubesim_tui.apiserver.patch import managed
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, body, parent
from kubesim_tui.apiserver.validation.kinds import validate_create

SCALE = Resource("autoscaling.v1.Scale", "autoscaling", "v1", "", "scale", (), True, (), "Scale", types.Unstructured)


class Scale(Subresource):
    """Get, update and patch the scale of a workload."""

    def get(self, door: Door, request: Request) -> Object:
        """The Scale of a workload."""
        return self.shown(request, parent(door, request))

    def update(self, door: Door, request: Request) -> Object:
        """Set the replicas."""
        return self._set(door, request, parent(door, request), body(request))

    def patch(self, door: Door, request: Request) -> Object:
        """Patch the Scale."""
        workload = parent(door, request)
        kind = "merge" if request.patch_type in ("strategic", "apply") else request.patch_type
        data = patch.apply(SCALE, encode_object(self.shown(request, workload)), request.body, kind, request.options)
        return self._set(door, request, workload, data)

    def _set(self, door: Door, request: Request, workload: Object, data: dict[str, Any]) -> Object:
        meta = data.get("metadata") or {}
        replicas = (data.get("spec") or {}).get("replicas") or 0
        named = {"name": request.name, "namespace": request.namespace}
        _validate({**data, "metadata": {**named, **meta}}, replicas)
        version = int(meta.get("resourceVersion") or 0)
        changed = self.scaled(request, workload, replicas)
        kept = workload.metadata.evolve(resource_version=version, uid=meta.get("uid") or "")
        changed = managed.track(request, workload, changed.evolve(metadata=kept), door.registry.etcd.clock.now)
        return self.shown(request, door.registry.update(request.resource, changed, workload, request.options))

    def shown(self, request: Request, workload: Object) -> Object:  # noqa: ARG002 - custom kinds have paths of their own
        """The Scale of a workload."""
        return as_scale(workload)

    def scaled(self, request: Request, workload: Object, replicas: int) -> Object:  # noqa: ARG002
        """The workload with other replicas."""
        return workload.evolve(spec=workload.spec.evolve(replicas=replicas))  # type: ignore[attr-defined]


def _validate(data: dict[str, Any], replicas: Any) -> None:
    if isinstance(replicas, bool) or not isinstance(replicas, int):
        raise errors.bad_request(f"json: cannot unmarshal {replicas!r} into Go struct field ScaleSpec.spec.replicas")
    if causes := validate_create(SCALE, data):
        raise errors.invalid("autoscaling", "Scale", data["metadata"]["name"], causes)


def as_scale(workload: Object) -> Object:
    """The Scale that stands for a workload."""
    data = encode_object(workload)
    spec, status = data.get("spec") or {}, data.get("status") or {}
    text = selector_text(spec.get("selector"))
    return scale_of(workload.metadata, spec.get("replicas", 0), status.get("replicas", 0), text)


def scale_of(meta: ObjectMeta, wanted: int, found: int, selector: str) -> Object:
    """A Scale: the replicas that are wanted, those that there are, and which Pods they are."""
    kept = ObjectMeta(
        name=meta.name,
        namespace=meta.namespace,
        uid=meta.uid,
        resource_version=meta.resource_version,
        creation_timestamp=meta.creation_timestamp,
    )
    shown: dict[str, Any] = {"replicas": found}
    if selector:
        shown["selector"] = selector
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": wanted}}
    return decode_object(types.Unstructured, {**scale, "status": shown}).evolve(metadata=kept)


def selector_text(selector: dict[str, Any] | None) -> str:
    """A selector as text: `app=web,tier in (a,b)`."""
    if not selector:
        return ""
    if set(selector) <= {"matchLabels", "matchExpressions"}:
        return str(labels.from_object(selector))
    return str(labels.from_map(selector))

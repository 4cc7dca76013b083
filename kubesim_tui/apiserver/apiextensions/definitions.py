"""What is particular to a CustomResourceDefinition when it is written (registry/customresourcedefinition).

It remembers in which versions objects have been stored; its deletion waits until its objects are gone.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.frozen import freeze, thaw
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.registry.context import Context

CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
JsonMap = dict[str, Any]


def created(obj: Object, _context: Context) -> Object:
    """A new definition has no names and no conditions yet."""
    return changed(obj, obj, _context)


def changed(new: Object, _old: Object, _context: Context) -> Object:
    """The storage version is one of the stored versions."""
    assert isinstance(new, Unstructured)
    versions = (new.rest.get("spec") or {}).get("versions") or ()
    storage = next((v["name"] for v in versions if v.get("storage")), None)
    status = thaw(new.rest.get("status") or {})
    stored = status.get("storedVersions") or []
    if storage is None or storage in stored:
        return new
    return _with_status(new, {**status, "storedVersions": [*stored, storage]})


def leaving(obj: Object, context: Context) -> Object:
    """A definition that is to be deleted says so, and waits for the finalizer."""
    assert isinstance(obj, Unstructured)
    condition = {
        "type": "Terminating",
        "status": "True",
        "reason": "InstanceDeletionPending",
        "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    }
    status = with_condition(thaw(obj.rest.get("status") or {}), condition, context.etcd.clock.now)
    meta = obj.metadata
    if CLEANUP not in meta.finalizers:
        obj = obj.evolve(metadata=meta.evolve(finalizers=(*meta.finalizers, CLEANUP)))
    return _with_status(obj, status)


def _with_status(obj: Unstructured, status: JsonMap) -> Unstructured:
    return obj.evolve(rest=obj.rest.merged(status=freeze(status)))  # type: ignore[attr-defined]


def with_condition(status: JsonMap, condition: JsonMap, now: int) -> JsonMap:
    """A status with a condition set; its time changes with its status."""
    known = status.get("conditions") or []
    old = next((c for c in known if c["type"] == condition["type"]), None)
    same = old is not None and old.get("status") == condition["status"]
    since = old["lastTransitionTime"] if old is not None and same else format_time(now)
    made = {**condition, "lastTransitionTime": since}
    if old is None:
        return {**status, "conditions": [*known, made]}
    return {**status, "conditions": [made if c is old else c for c in known]}

"""Plugins that look up a class: the default StorageClass, the default IngressClass, RuntimeClass.

Of several default classes the newest counts, of those made in the same second the first by name.
"""

# ruff: noqa: ARG002 - every plugin is asked in the same way

from __future__ import annotations

from typing import ClassVar

from kubesim_tui.api import quantity
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.types import Object, PersistentVolumeClaim, StorageClass, Unstructured
from kubesim_tui.apiserver.admission.plugin import PODS, JsonMap, Plugin, Refused
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request

STORAGE_CLASSES, STORAGE_DEFAULT = "storageclasses.storage.k8s.io", "storageclass.kubernetes.io/is-default-class"
STORAGE_DEFAULT_BETA = "storageclass.beta.kubernetes.io/is-default-class"
INGRESS_CLASSES, INGRESS_DEFAULT = "ingressclasses.networking.k8s.io", "ingressclass.kubernetes.io/is-default-class"
INGRESS_ANNOTATION = "kubernetes.io/ingress.class"
CLAIM_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
RUNTIME_CLASSES = "runtimeclasses.node.k8s.io"


def default_class(etcd: Etcd, resource: str, *annotations: str) -> str | None:
    """The name of the default class of a resource, or None."""
    marked = [c for c in etcd.table(resource) if any(c.metadata.annotations.get(a) == "true" for a in annotations)]
    return min(marked, key=_newest).metadata.name if marked else None


def _newest(found: Object) -> tuple[int, str]:
    return -(found.metadata.creation_timestamp or 0), found.metadata.name


class DefaultStorageClass(Plugin):
    """A claim that names no class asks for the default one."""

    name: ClassVar[str] = "DefaultStorageClass"
    resources: ClassVar[frozenset[str]] = frozenset({"persistentvolumeclaims"})

    def admit(self, request: Request, data: JsonMap, old: Object | None) -> None:
        """Name the class. (An empty name asks for none.)"""
        annotations = data["metadata"].get("annotations") or {}
        if old is not None or data["spec"].get("storageClassName") is not None or CLAIM_ANNOTATION in annotations:
            return
        found = default_class(self.etcd, STORAGE_CLASSES, STORAGE_DEFAULT, STORAGE_DEFAULT_BETA)
        if found is not None:
            data["spec"]["storageClassName"] = found


class PersistentVolumeClaimResize(Plugin):
    """A claim may grow if its class says so."""

    name: ClassVar[str] = "PersistentVolumeClaimResize"
    resources: ClassVar[frozenset[str]] = frozenset({"persistentvolumeclaims"})

    def review(self, request: Request, data: JsonMap, old: Object | None) -> tuple[str, ...]:
        """Compare the sizes."""
        if not isinstance(old, PersistentVolumeClaim) or request.subresource or not _grows(data, old):
            return ()
        class_ = self.etcd.get(STORAGE_CLASSES, ("", data["spec"].get("storageClassName") or ""))
        if not isinstance(class_, StorageClass) or not class_.allow_volume_expansion:
            raise Refused(
                "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must "
                "support resize"
            )
        return ()


def _grows(data: JsonMap, old: PersistentVolumeClaim) -> bool:
    before = old.spec.resources.requests if old.spec is not None and old.spec.resources is not None else {}
    wanted = ((data["spec"].get("resources") or {}).get("requests") or {}).get("storage")
    return wanted is not None and quantity.value(str(wanted)) > quantity.value(before.get("storage", "0"))


class DefaultIngressClass(Plugin):
    """An Ingress that names no class gets the default one."""

    name: ClassVar[str] = "DefaultIngressClass"
    resources: ClassVar[frozenset[str]] = frozenset({"ingresses.networking.k8s.io"})

    def admit(self, request: Request, data: JsonMap, old: Object | None) -> None:
        """Name the class."""
        annotations = data["metadata"].get("annotations") or {}
        spec = data["spec"] = data.get("spec") or {}
        if old is not None or spec.get("ingressClassName") is not None or INGRESS_ANNOTATION in annotations:
            return
        found = default_class(self.etcd, INGRESS_CLASSES, INGRESS_DEFAULT)
        if found is not None:
            spec["ingressClassName"] = found


class StorageObjectInUseProtection(Plugin):
    """Claims and volumes get the finalizers that keep them while they are used."""

    name: ClassVar[str] = "StorageObjectInUseProtection"
    resources: ClassVar[frozenset[str]] = frozenset({"persistentvolumeclaims", "persistentvolumes"})

    def admit(self, request: Request, data: JsonMap, old: Object | None) -> None:
        """Add the finalizer to a new object."""
        if old is not None:
            return
        claim = request.resource.group_resource == "persistentvolumeclaims"
        wanted = "kubernetes.io/pvc-protection" if claim else "kubernetes.io/pv-protection"
        finalizers = list(data["metadata"].get("finalizers") or ())
        if wanted not in finalizers:
            data["metadata"]["finalizers"] = [*finalizers, wanted]


class RuntimeClasses(Plugin):
    """The class that a Pod names must exist; its overhead and its nodes become the Pod's."""

    name: ClassVar[str] = "RuntimeClass"
    resources: ClassVar[frozenset[str]] = frozenset({PODS})

    def admit(self, request: Request, data: JsonMap, old: Object | None) -> None:
        """Take over overhead, node selector and tolerations."""
        spec = data["spec"]
        name = spec.get("runtimeClassName")
        if old is not None:
            return
        if not name:
            _overhead(spec, {})
            return
        found = self.etcd.get(RUNTIME_CLASSES, ("", name))
        if not isinstance(found, Unstructured):
            raise Refused(f'pod rejected: RuntimeClass "{name}" not found')
        _overhead(spec, (found.rest.get("overhead") or {}).get("podFixed") or {})
        _scheduling(spec, found.rest.get("scheduling") or {})


def _overhead(spec: JsonMap, fixed: JsonMap) -> None:
    given = spec.get("overhead") or {}
    if fixed:
        if given and given != fixed:
            raise Refused("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
        spec["overhead"] = dict(fixed)
    elif given:
        raise Refused("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")


def _scheduling(spec: JsonMap, scheduling: JsonMap) -> None:
    selector = dict(spec.get("nodeSelector") or {})
    for key, value in (scheduling.get("nodeSelector") or {}).items():
        if selector.get(key, value) != value:
            theirs = f"runtimeClass.scheduling.nodeSelector[{key}] = {value}"
            raise Refused(f"conflict: {theirs}; pod.spec.nodeSelector[{key}] = {selector[key]}")
        selector[key] = value
    if selector:
        spec["nodeSelector"] = selector
    tolerations = list(spec.get("tolerations") or ())
    spec["tolerations"] = tolerations + [t for t in thaw(scheduling.get("tolerations") or ()) if t not in tolerations]

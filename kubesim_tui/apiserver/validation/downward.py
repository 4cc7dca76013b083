"""References from a Pod to its own fields and to the resources of its containers (the downward API)."""

from __future__ import annotations

import re

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation.report import JsonMap, Report, text
from kubesim_tui.apiserver.validation.resources import quantity

META = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
VOLUME_FIELDS = META
SPEC = ("spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName")
RENAMED = {"spec.host": "spec.nodeName"}
STATUS = ("status.phase", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs")
ENV_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
CONVERTIBLE = frozenset({*META, *SPEC, *STATUS, *RENAMED})
RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
HUGE = ("limits.hugepages-", "requests.hugepages-")
_SUBSCRIPT = re.compile(r"(.*)\['(.*)'\]", re.DOTALL)
_SIZES = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")


def field_ref(r: Report, reference: JsonMap, path: str, allowed: tuple[str, ...]) -> None:
    """A field of the Pod: `metadata.name`, `metadata.labels['app']` …."""
    version, field = text(reference, "apiVersion"), text(reference, "fieldPath")
    if not version:
        r.required(f"{path}.apiVersion")
        return
    if not field:
        r.required(f"{path}.fieldPath")
        return
    found = _SUBSCRIPT.fullmatch(field)
    if version != "v1":
        said = f"error converting fieldPath: unsupported pod version: {version}"
        r.invalid(f"{path}.fieldPath", field, said)
    elif found is not None:
        _subscripted(r, found[1], found[2], field, path)
    elif field not in CONVERTIBLE:
        said = f"error converting fieldPath: field label not supported: {field}"
        r.invalid(f"{path}.fieldPath", field, said)
    elif (kept := RENAMED.get(field, field)) not in allowed:
        r.not_supported(f"{path}.fieldPath", kept, allowed)


def _subscripted(r: Report, field: str, key: str, whole: str, path: str) -> None:
    if field == "metadata.annotations":
        r.syntax(names.is_qualified_name, path, key.lower())
    elif field == "metadata.labels":
        r.syntax(names.is_qualified_name, path, key)
    else:
        said = f"error converting fieldPath: field label does not support subscript: {whole}"
        r.invalid(f"{path}.fieldPath", whole, said)


def resource_ref(r: Report, reference: JsonMap, path: str, *, volume: bool) -> None:
    """A limit or request of a container."""
    resource = text(reference, "resource")
    if volume and not text(reference, "containerName"):
        r.required(f"{path}.containerName")
    elif not resource:
        r.required(f"{path}.resource")
    elif resource not in RESOURCES and not resource.startswith(HUGE):
        r.not_supported(f"{path}.resource", resource, RESOURCES)
    _divisor(r, resource, reference.get("divisor"), path)


def _divisor(r: Report, resource: str, value: object, path: str) -> None:
    divisor = quantity(value) if value is not None else None
    if divisor is None or divisor.is_zero():
        return
    kind = resource.partition(".")[2]
    if kind == "cpu":
        if str(divisor) not in ("1m", "1"):
            said = "only divisor's values 1m and 1 are supported with the cpu resource"
            r.invalid(f"{path}.divisor", resource, said)
    elif (kind in ("memory", "ephemeral-storage") or kind.startswith("hugepages-")) and str(divisor) not in _SIZES:
        what = {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}.get(kind, "hugepages")
        said = f"only divisor's values {', '.join(_SIZES)} are supported with the {what} resource"
        r.invalid(f"{path}.divisor", resource, said)

"""Sources of PersistentVolumes: those of Pods, except that Secrets and Endpoints may lie in any namespace.

The order is upstream's: of several sources the first is checked and each further one refused. FlexVolume alone is never
refused for being one too many.
"""

from __future__ import annotations

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation import drivers, volumes
from kubesim_tui.apiserver.validation.paths import no_backsteps
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, text

MOST_OF_ISCSI_NAME = 64
BLAMED = {"gcePersistentDisk": "persistentDisk"}
"""Sources whose errors stand at another path than the field's."""
SURPLUS = {"cephfs": "cephFS"}
"""The path at which a source is refused for being one too many, if it is not the field's."""


def source(r: Report, spec: JsonMap, volume: str) -> None:
    """Exactly one source, and that one right; `volume` is the PersistentVolume's name."""
    given = [name for name in SOURCES if spec.get(name) is not None]
    for i, name in enumerate(given):
        if i and name != "flexVolume":
            r.forbidden(f"spec.{SURPLUS.get(name, name)}", drivers.ONE_TYPE)
            continue
        path = f"spec.{BLAMED.get(name, name)}"
        if name == "iscsi":
            _iscsi(r, spec[name], path, volume)
        else:
            SOURCES[name](r, spec[name], path)
        if name == "local" and spec.get("nodeAffinity") is None:
            r.required("spec.nodeAffinity", "Local volume requires node affinity")
    if not given:
        r.required("spec", "must specify a volume type")


def secret_reference(r: Report, data: JsonMap, field: str, path: str) -> None:
    """A Secret of some namespace, both names well formed."""
    found = data.get(field)
    if found is None:
        return
    for name, rule in (("name", names.is_dns1123_subdomain), ("namespace", names.is_dns1123_label)):
        if not text(found, name):
            r.required(f"{path}.{field}.{name}")
        else:
            r.syntax(rule, f"{path}.{field}.{name}", found[name])


def _complete_reference(r: Report, data: JsonMap, path: str) -> None:
    """A secretRef with both names, whatever they are."""
    if data.get("secretRef") is not None:
        drivers.needs("name", "namespace")(r, data["secretRef"], f"{path}.secretRef")


def _iscsi(r: Report, data: JsonMap, path: str, volume: str) -> None:
    portal = text(data, "targetPortal")
    long = len(f"{volume}:{portal}".encode()) > MOST_OF_ISCSI_NAME
    drivers.iscsi_target(r, data, path)
    if data.get("initiatorName") is not None and long:
        said = (
            "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters"
            " if iscsi.initiatorName is specified."
        )
        r.invalid(f"{path}.targetportal", portal, said)
    drivers.iscsi_rest(r, data, path, drivers.FORMAT)
    if data.get("secretRef") is not None:
        drivers.needs("name")(r, data["secretRef"], f"{path}.secretRef")


def _glusterfs(r: Report, data: JsonMap, path: str) -> None:
    drivers.needs("endpoints", "path")(r, data, path)
    namespace = data.get("endpointsNamespace")
    if namespace == "":
        said = "if the endpointnamespace is set, it must be a valid namespace name"
        r.invalid(f"{path}.endpointsNamespace", namespace, said)
    elif namespace is not None:
        r.syntax(names.is_dns1123_label, f"{path}.endpointsNamespace", namespace)


def _cinder(r: Report, data: JsonMap, path: str) -> None:
    drivers.needs("volumeID")(r, data, path)
    _complete_reference(r, data, path)


def _azure_file(r: Report, data: JsonMap, path: str) -> None:
    drivers.needs("secretName", "shareName")(r, data, path)
    if data.get("secretNamespace") == "":
        r.required(f"{path}.secretNamespace")


def _local(r: Report, data: JsonMap, path: str) -> None:
    place = text(data, "path")
    if not place:
        r.required(f"{path}.path")
    else:
        no_backsteps(r, place, f"{path}.path")


def _storage_os(r: Report, data: JsonMap, path: str) -> None:
    drivers.storage_os_names(r, data, path)
    _complete_reference(r, data, path)


def _csi(r: Report, data: JsonMap, path: str) -> None:
    volumes.csi_driver_name(r, text(data, "driver"), f"{path}.driver")
    drivers.needs("volumeHandle")(r, data, path)
    for whose in ("controllerPublish", "controllerExpand", "nodePublish", "nodeExpand"):
        secret_reference(r, data, f"{whose}SecretRef", path)


SOURCES: dict[str, drivers.SourceRule] = {
    "hostPath": volumes.host_path,
    "gcePersistentDisk": volumes.SOURCES["gcePersistentDisk"],
    "awsElasticBlockStore": volumes.SOURCES["awsElasticBlockStore"],
    "glusterfs": _glusterfs,
    "flocker": drivers.flocker,
    "nfs": drivers.nfs,
    "rbd": volumes.SOURCES["rbd"],
    "quobyte": drivers.quobyte,
    "cephfs": volumes.SOURCES["cephfs"],
    "iscsi": volumes.SOURCES["iscsi"],
    "cinder": _cinder,
    "fc": drivers.fibre_channel,
    "flexVolume": drivers.flex_volume,
    "azureFile": _azure_file,
    "vsphereVolume": volumes.SOURCES["vsphereVolume"],
    "photonPersistentDisk": volumes.SOURCES["photonPersistentDisk"],
    "portworxVolume": volumes.SOURCES["portworxVolume"],
    "azureDisk": drivers.azure_disk,
    "scaleIO": volumes.SOURCES["scaleIO"],
    "local": _local,
    "storageos": _storage_os,
    "csi": _csi,
}
MOUNT_OPTIONS = frozenset(
    {"gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "iscsi", "cinder", "cephfs"}
    | {"azureFile", "vsphereVolume", "azureDisk", "photonPersistentDisk"}
)
"""Sources that take the annotation for mount options (pkg/volume/validation)."""
OPTIONS = "volume.beta.kubernetes.io/mount-options"


def mount_options(r: Report, data: JsonMap) -> None:
    """The annotation for mount options only where the source takes it (`spec.mountOptions` is free)."""
    spec, annotations = part(data, "spec"), part(part(data, "metadata"), "annotations")
    if OPTIONS in annotations and not any(spec.get(name) is not None for name in MOUNT_OPTIONS):
        r.forbidden(f"metadata.annotations.{OPTIONS}", "may not specify mount options for this volume type")

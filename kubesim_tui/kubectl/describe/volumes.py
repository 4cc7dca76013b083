"""The volumes of a Pod or a template, and the sources of PersistentVolumes."""

from __future__ import annotations

from typing import Any

from kubesim_tui.kubectl.describe.writer import NONE, UNSET, Data, Writer, go_list, lower, shorten

Rows = list[tuple[str, Any]]


def describe(w: Writer, volumes: list[Data], space: str) -> None:
    """All volumes."""
    if not volumes:
        w(0, f"{space}Volumes:\t{NONE}")
        return
    w(0, f"{space}Volumes:")
    for volume in volumes:
        w(1, f"{' ' if space else ''}{volume.get('name', '')}:")
        source(w, volume)


def source(w: Writer, volume: Data) -> None:
    """What a volume is made of."""
    for key, (title, rows) in SOURCES.items():
        if key in volume:
            found = volume[key] or {}
            w(2, f"Type:\t{title}")
            for name, value in rows(found):
                w(2, f"{name}:\t{value}")
            _more(w, key, found)
            return
    w(1, "<unknown>")


def _more(w: Writer, key: str, found: Data) -> None:
    if key == "projected":
        _projected(w, found)
    elif key == "downwardAPI":
        w(2, "Items:")
        for item in found.get("items") or ():
            ref = item.get("fieldRef") or {}
            what = ref.get("fieldPath") or (item.get("resourceFieldRef") or {}).get("resource", "")
            w(3, f"{what} -> {item.get('path', '')}")
    elif key == "csi":
        attributes = sorted((found.get("volumeAttributes") or {}).items())
        texts = [f"    {shorten(f'{k}={v}', 140)}" for k, v in attributes] or [NONE]
        for i, text in enumerate(texts):
            w(2, f"VolumeAttributes:\t{text}" if not i else f"    \t{text}")
    elif key == "ephemeral" and found.get("volumeClaimTemplate"):
        from kubesim_tui.kubectl.describe.persistentvolumeclaim import template

        template(w, found["volumeClaimTemplate"])


def _projected(w: Writer, found: Data) -> None:
    for part in found.get("sources") or ():
        if "secret" in part:
            w(2, f"SecretName:\t{part['secret'].get('name', '')}")
            w(2, f"Optional:\t{lower(part['secret'].get('optional'))}")
        elif "downwardAPI" in part:
            w(2, "DownwardAPI:\ttrue")
        elif "configMap" in part:
            w(2, f"ConfigMapName:\t{part['configMap'].get('name', '')}")
            w(2, f"Optional:\t{lower(part['configMap'].get('optional'))}")
        elif "serviceAccountToken" in part:
            w(2, f"TokenExpirationSeconds:\t{part['serviceAccountToken'].get('expirationSeconds', 3600)}")


def _host_path(s: Data) -> Rows:
    return [("Path", s.get("path", "")), ("HostPathType", s.get("type", "") if s.get("type") is not None else NONE)]


def _empty_dir(s: Data) -> Rows:
    limit = s.get("sizeLimit")
    return [("Medium", s.get("medium", "")), ("SizeLimit", limit if limit not in (None, "0") else UNSET)]


def _named(*pairs: tuple[str, str]) -> Any:
    return _Rows(pairs)


class _Rows:
    """Rows of texts by their keys; ReadOnly and Optional are booleans."""

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        self.pairs = pairs

    def __call__(self, s: Data) -> Rows:
        rows: Rows = []
        for title, key in self.pairs:
            value = s.get(key)
            if title in ("ReadOnly", "Optional"):
                value = lower(value)
            rows.append((title, go_list(value) if isinstance(value, list) else "" if value is None else value))
        return rows


_CLAIM = "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)"
_EPHEMERAL = "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)"
_ISCSI = "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)"
SOURCES: dict[str, tuple[str, Any]] = {
    "hostPath": ("HostPath (bare host directory volume)", _host_path),
    "emptyDir": ("EmptyDir (a temporary directory that shares a pod's lifetime)", _empty_dir),
    "secret": (
        "Secret (a volume populated by a Secret)",
        _named(("SecretName", "secretName"), ("Optional", "optional")),
    ),
    "configMap": (
        "ConfigMap (a volume populated by a ConfigMap)",
        _named(("Name", "name"), ("Optional", "optional")),
    ),
    "nfs": (
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        _named(("Server", "server"), ("Path", "path"), ("ReadOnly", "readOnly")),
    ),
    "persistentVolumeClaim": (_CLAIM, _named(("ClaimName", "claimName"), ("ReadOnly", "readOnly"))),
    "ephemeral": (_EPHEMERAL, _named()),
    "downwardAPI": ("DownwardAPI (a volume populated by information about the pod)", _named()),
    "projected": ("Projected (a volume that contains injected data from multiple sources)", _named()),
    "csi": (
        "CSI (a Container Storage Interface (CSI) volume source)",
        _named(("Driver", "driver"), ("FSType", "fsType"), ("VolumeHandle", "volumeHandle"), ("ReadOnly", "readOnly")),
    ),
    "local": ("LocalVolume (a persistent volume backed by local storage on a node)", _named(("Path", "path"))),
    "image": (
        "Image (a container image or OCI artifact)",
        _named(("Reference", "reference"), ("PullPolicy", "pullPolicy")),
    ),
    "gcePersistentDisk": (
        "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        _named(("PDName", "pdName"), ("FSType", "fsType"), ("Partition", "partition"), ("ReadOnly", "readOnly")),
    ),
    "awsElasticBlockStore": (
        "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        _named(("VolumeID", "volumeID"), ("FSType", "fsType"), ("Partition", "partition"), ("ReadOnly", "readOnly")),
    ),
    "gitRepo": (
        "GitRepo (a volume that is pulled from git when the pod is created)",
        _named(("Repository", "repository"), ("Revision", "revision")),
    ),
    "iscsi": (
        _ISCSI,
        _named(("TargetPortal", "targetPortal"), ("IQN", "iqn"), ("Lun", "lun"), ("FSType", "fsType")),
    ),
    "cephfs": (
        "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
        _named(("Monitors", "monitors"), ("Path", "path"), ("User", "user"), ("ReadOnly", "readOnly")),
    ),
    "azureFile": (
        "AzureFile (an Azure File Service mount on the host and bind mount to the pod)",
        _named(("SecretName", "secretName"), ("ShareName", "shareName"), ("ReadOnly", "readOnly")),
    ),
    "azureDisk": (
        "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)",
        _named(("DiskName", "diskName"), ("DiskURI", "diskURI"), ("FSType", "fsType"), ("ReadOnly", "readOnly")),
    ),
}

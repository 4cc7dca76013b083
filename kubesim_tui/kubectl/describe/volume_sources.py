"""What `kubectl describe` says of each source of a volume: a title, and rows of a name, a field and its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubesim_tui.kubectl.describe.writer import NONE, UNSET, Data, go_list, lower

Row = tuple[str, str, Callable[[Any], str]]


def rows(key: str, found: Data, persistent: bool) -> Iterator[str]:
    """The lines of a source. `persistent`: as it stands in a PersistentVolume."""
    title, shown = SOURCES[key]
    yield f"Type:\t{title}"
    for name, field, printed in PERSISTENT.get(key, shown) if persistent else shown:
        yield f"{name}\t{printed(found.get(field))}"


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _number(value: Any) -> str:
    return str(value or 0)


def _or(missing: str) -> Callable[[Any], str]:
    return lambda value: missing if value is None else str(value)


def _limit(value: Any) -> str:
    return UNSET if value in (None, "0") else str(value)


def _joined(value: Any) -> str:
    return ", ".join(value or ())


def _options(value: Any) -> str:
    return f"map[{' '.join(f'{k}:{v}' for k, v in sorted((value or {}).items()))}]"


def _reference(kind: str, *fields: str) -> Callable[[Any], str]:
    """A pointer to a struct as Go prints it."""

    def printed(value: Any) -> str:
        if value is None:
            return "nil"
        shown = "".join(f"{field}:{value.get(field.lower(), '')}," for field in fields)
        return f"&{kind}{{{shown}}}"

    return printed


_local, _secret = _reference("LocalObjectReference", "Name"), _reference("SecretReference", "Name", "Namespace")
_FS, _READ_ONLY = ("FSType:", "fsType", _text), ("ReadOnly:", "readOnly", lower)
_OPTIONAL, _VOLUME_ID = ("Optional:", "optional", lower), ("VolumeID:", "volumeID", _text)
_ISCSI: tuple[Row, ...] = (
    ("TargetPortal:", "targetPortal", _text),
    ("IQN:", "iqn", _text),
    ("Lun:", "lun", _number),
    ("ISCSIInterface", "iscsiInterface", _text),
    _FS,
    _READ_ONLY,
    ("Portals:", "portals", go_list),
    ("DiscoveryCHAPAuth:", "chapAuthDiscovery", lower),
    ("SessionCHAPAuth:", "chapAuthSession", lower),
)
_INITIATOR: Row = ("InitiatorName:", "initiatorName", _or(NONE))
_RBD: tuple[Row, ...] = (
    ("CephMonitors:", "monitors", go_list),
    ("RBDImage:", "image", _text),
    _FS,
    ("RBDPool:", "pool", _text),
    ("RadosUser:", "user", _text),
    ("Keyring:", "keyring", _text),
)
_CEPHFS: tuple[Row, ...] = (
    ("Monitors:", "monitors", go_list),
    ("Path:", "path", _text),
    ("User:", "user", _text),
    ("SecretFile:", "secretFile", _text),
)
_SCALE_IO: tuple[Row, ...] = (
    ("Gateway:", "gateway", _text),
    ("System:", "system", _text),
    ("Protection Domain:", "protectionDomain", _text),
    ("Storage Pool:", "storagePool", _text),
    ("Storage Mode:", "storageMode", _text),
    ("VolumeName:", "volumeName", _text),
)
_FLEX: tuple[Row, ...] = (("Driver:", "driver", _text), _FS)
_OPTIONS: Row = ("Options:", "options", _options)
_CLAIM = "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)"
_EPHEMERAL = "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)"
_ISCSI_DISK = "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)"
_FLEX_VOLUME = "FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)"


def _secret_ref(printed: Callable[[Any], str]) -> Row:
    return ("SecretRef:", "secretRef", printed)


SOURCES: Mapping[str, tuple[str, tuple[Row, ...]]] = {
    "hostPath": (
        "HostPath (bare host directory volume)",
        (("Path:", "path", _text), ("HostPathType:", "type", _or(NONE))),
    ),
    "emptyDir": (
        "EmptyDir (a temporary directory that shares a pod's lifetime)",
        (("Medium:", "medium", _text), ("SizeLimit:", "sizeLimit", _limit)),
    ),
    "gcePersistentDisk": (
        "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        (("PDName:", "pdName", _text), _FS, ("Partition:", "partition", _number), _READ_ONLY),
    ),
    "awsElasticBlockStore": (
        "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        (_VOLUME_ID, _FS, ("Partition:", "partition", _number), _READ_ONLY),
    ),
    "gitRepo": (
        "GitRepo (a volume that is pulled from git when the pod is created)",
        (("Repository:", "repository", _text), ("Revision:", "revision", _text)),
    ),
    "secret": ("Secret (a volume populated by a Secret)", (("SecretName:", "secretName", _text), _OPTIONAL)),
    "configMap": ("ConfigMap (a volume populated by a ConfigMap)", (("Name:", "name", _text), _OPTIONAL)),
    "nfs": (
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        (("Server:", "server", _text), ("Path:", "path", _text), _READ_ONLY),
    ),
    "iscsi": (_ISCSI_DISK, (*_ISCSI, _secret_ref(_local), _INITIATOR)),
    "glusterfs": (
        "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)",
        (("EndpointsName:", "endpoints", _text), ("Path:", "path", _text), _READ_ONLY),
    ),
    "persistentVolumeClaim": (_CLAIM, (("ClaimName:", "claimName", _text), _READ_ONLY)),
    "ephemeral": (_EPHEMERAL, ()),
    "rbd": (
        "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)",
        (*_RBD, _secret_ref(_local), _READ_ONLY),
    ),
    "quobyte": (
        "Quobyte (a Quobyte mount on the host that shares a pod's lifetime)",
        (("Registry:", "registry", _text), ("Volume:", "volume", _text), _READ_ONLY),
    ),
    "downwardAPI": ("DownwardAPI (a volume populated by information about the pod)", ()),
    "azureDisk": (
        "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)",
        (
            ("DiskName:", "diskName", _text),
            ("DiskURI:", "diskURI", _text),
            ("Kind: ", "kind", _text),
            _FS,
            ("CachingMode:", "cachingMode", _text),
            _READ_ONLY,
        ),
    ),
    "vsphereVolume": (
        "vSphereVolume (a Persistent Disk resource in vSphere)",
        (("VolumePath:", "volumePath", _text), _FS, ("StoragePolicyName:", "storagePolicyName", _text)),
    ),
    "cinder": (
        "Cinder (a Persistent Disk resource in OpenStack)",
        (_VOLUME_ID, _FS, _READ_ONLY, _secret_ref(_local)),
    ),
    "photonPersistentDisk": (
        "PhotonPersistentDisk (a Persistent Disk resource in photon platform)",
        (("PdID:", "pdID", _text), _FS),
    ),
    "portworxVolume": ("PortworxVolume (a Portworx Volume resource)", (_VOLUME_ID,)),
    "scaleIO": (
        "ScaleIO (a persistent volume backed by a block device in ScaleIO)",
        (*_SCALE_IO, _FS, _READ_ONLY),
    ),
    "cephfs": (
        "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
        (*_CEPHFS, _secret_ref(_local), _READ_ONLY),
    ),
    "storageos": (
        "StorageOS (a StorageOS Persistent Disk resource)",
        (("VolumeName:", "volumeName", _text), ("VolumeNamespace:", "volumeNamespace", _text), _FS, _READ_ONLY),
    ),
    "fc": (
        "FC (a Fibre Channel disk)",
        (("TargetWWNs:", "targetWWNs", _joined), ("LUN:", "lun", _or(NONE)), _FS, _READ_ONLY),
    ),
    "azureFile": (
        "AzureFile (an Azure File Service mount on the host and bind mount to the pod)",
        (("SecretName:", "secretName", _text), ("ShareName:", "shareName", _text), _READ_ONLY),
    ),
    "flexVolume": (_FLEX_VOLUME, (*_FLEX, _secret_ref(_local), _READ_ONLY, _OPTIONS)),
    "flocker": (
        "Flocker (a Flocker volume mounted by the Flocker agent)",
        (("DatasetName:", "datasetName", _text), ("DatasetUUID:", "datasetUUID", _text)),
    ),
    "projected": ("Projected (a volume that contains injected data from multiple sources)", ()),
    "csi": (
        "CSI (a Container Storage Interface (CSI) volume source)",
        (("Driver:", "driver", _text), _FS, _READ_ONLY),
    ),
    "image": (
        "Image (a container image or OCI artifact)",
        (("Reference:", "reference", _text), ("PullPolicy:", "pullPolicy", _text)),
    ),
    "local": ("LocalVolume (a persistent volume backed by local storage on a node)", (("Path:", "path", _text),)),
}
"""In the order in which upstream looks for them."""

PERSISTENT: Mapping[str, tuple[Row, ...]] = {
    "iscsi": (*_ISCSI, _secret_ref(_secret), _INITIATOR),
    "rbd": (*_RBD, _secret_ref(_secret), _READ_ONLY),
    "cinder": (_VOLUME_ID, _FS, _READ_ONLY, _secret_ref(_secret)),
    "cephfs": (*_CEPHFS, _secret_ref(_secret), _READ_ONLY),
    "flexVolume": (*_FLEX, _secret_ref(_secret), _READ_ONLY, _OPTIONS),
    "glusterfs": (
        ("EndpointsName:", "endpoints", _text),
        ("EndpointsNamespace:", "endpointsNamespace", _or(UNSET)),
        ("Path:", "path", _text),
        _READ_ONLY,
    ),
    "scaleIO": (
        *_SCALE_IO,
        ("SecretName:", "secretRef", lambda ref: str((ref or {}).get("name", ""))),
        ("SecretNamespace:", "secretRef", lambda ref: str((ref or {}).get("namespace", ""))),
        _FS,
        _READ_ONLY,
    ),
    "azureFile": (
        ("SecretName:", "secretName", _text),
        ("SecretNamespace:", "secretNamespace", _text),
        ("ShareName:", "shareName", _text),
        _READ_ONLY,
    ),
    "csi": (("Driver:", "driver", _text), _FS, ("VolumeHandle:", "volumeHandle", _text), _READ_ONLY),
}
"""The rows of those that a PersistentVolume has in another form."""

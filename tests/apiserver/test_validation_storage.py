"""PersistentVolumes and their sources: a row a rule of upstream's ValidatePersistentVolume."""

import pytest

from tests.apiserver.door import document
from tests.apiserver.rules import changed, created

LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
NEEDED = "Required value"
PAIRS = "must be a host:port pair or multiple pairs separated by commas"
CSI = {"driver": "disk.example.com", "volumeHandle": "a"}
ISCSI = {"targetPortal": "10.0.0.1:3260", "iqn": "iqn.2015-02.example.com:test", "lun": 0}
AZURE = {"diskName": "a", "diskURI": "/disks/a"}
MANAGED = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
BLOB = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
OPTIONS = "volume.beta.kubernetes.io/mount-options"


def volume(annotations=None, **spec):
    made = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], **spec}
    data = document("PersistentVolume", "v1", "disk", spec=made)
    data["metadata"]["annotations"] = annotations or {}
    return data


def csi(**more):
    return volume(csi=CSI | more)


REFUSED = [
    (volume(glusterfs={"endpoints": "a", "path": "b", "endpointsNamespace": ""}), "spec.glusterfs.endpointsNamespace",
     'Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name'),
    (volume(glusterfs={"endpoints": "a", "path": "b", "endpointsNamespace": "A"}), "spec.glusterfs.endpointsNamespace",
     f'Invalid value: "A": {LABEL}'),
    (volume(iscsi=ISCSI | {"iqn": "a"}), "spec.iscsi.iqn", 'Invalid value: "a": must be valid format'),
    (volume(iscsi=ISCSI | {"secretRef": {"namespace": "a"}}), "spec.iscsi.secretRef.name", NEEDED),
    (volume(iscsi=ISCSI | {"targetPortal": "a" * 60, "initiatorName": "iqn.2015-02.example.com:me"}),
     "spec.iscsi.targetportal", f'Invalid value: "{"a" * 60}": Total length of <volume name>:<iscsi.targetPortal> must '
     "be under 64 characters if iscsi.initiatorName is specified."),
    (volume(cinder={"volumeID": "a", "secretRef": {"name": "a"}}), "spec.cinder.secretRef.namespace", NEEDED),
    (volume(azureFile={"secretName": "a", "shareName": "b", "secretNamespace": ""}), "spec.azureFile.secretNamespace",
     NEEDED),
    (volume(azureDisk=AZURE | {"kind": "Managed"}), "spec.azureDisk.diskURI",
     f'Unsupported value: "/disks/a": supported values: "{MANAGED}"'),
    (volume(azureDisk=AZURE | {"kind": "Shared"}), "spec.azureDisk.diskURI",
     f'Unsupported value: "/disks/a": supported values: "{BLOB}"'),
    (volume(quobyte={"registry": "host", "volume": "a"}), "spec.quobyte.registry", f'Invalid value: "host": {PAIRS}'),
    (volume(quobyte={"volume": "a"}), "spec.quobyte.registry", f"{NEEDED}: {PAIRS}"),
    (volume(quobyte={"registry": "a:1", "volume": "a", "tenant": "a" * 65}), "spec.quobyte.tenant",
     f"{NEEDED}: must be a UUID and may not exceed a length of 64 characters"),
    (volume(storageos={"volumeName": "A", "volumeNamespace": "a"}), "spec.storageos.volumeName",
     f'Invalid value: "A": {LABEL}'),
    (volume(storageos={"volumeName": "a", "secretRef": {"name": "a"}}), "spec.storageos.secretRef.namespace", NEEDED),
    (volume(gcePersistentDisk={"partition": 1}), "spec.persistentDisk.pdName", NEEDED),
    (csi(controllerPublishSecretRef={"name": "a"}), "spec.csi.controllerPublishSecretRef.namespace", NEEDED),
    (csi(controllerExpandSecretRef={"namespace": "a"}), "spec.csi.controllerExpandSecretRef.name", NEEDED),
    (csi(nodePublishSecretRef={"name": "a", "namespace": "A"}), "spec.csi.nodePublishSecretRef.namespace",
     f'Invalid value: "A": {LABEL}'),
    (csi(nodeExpandSecretRef={"name": "a"}), "spec.csi.nodeExpandSecretRef.namespace", NEEDED),
    (volume(nfs={"server": "a", "path": "/"}, cephfs={"monitors": []}), "spec.cephFS",
     "Forbidden: may not specify more than 1 volume type"),
    (volume(hostPath={"path": "/a"}, flexVolume={}), "spec.flexVolume.driver", NEEDED),
    (volume(csi=CSI, volumeAttributesClassName=""), "spec.volumeAttributesClassName",
     f"{NEEDED}: an empty string is disallowed"),
    (volume(hostPath={"path": "/a"}, volumeAttributesClassName="a"), "spec.csi",
     f"{NEEDED}: has to be specified when using volumeAttributesClassName"),
    (volume({OPTIONS: "ro"}, hostPath={"path": "/a"}), f"metadata.annotations.{OPTIONS}",
     "Forbidden: may not specify mount options for this volume type"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "field", "message"), REFUSED)
def test_a_persistent_volume_is_refused_for_one_reason(data, field, message):
    assert [(field, message)] == created(data)


def test_an_amount_below_zero_is_no_capacity():
    assert created(volume(capacity={"storage": "-1"}, hostPath={"path": "/a"})) == [
        ("spec.capacity[storage]", "Invalid value: -1: must be a valid resource quantity"),
        ("spec.capacity[storage]", 'Invalid value: "-1": must be greater than zero'),
    ]


@pytest.mark.parametrize(
    "data",
    [
        volume(iscsi=ISCSI | {"initiatorName": "iqn.2015-02.example.com:me"}),
        volume(quobyte={"registry": "a:1,[::1]:2,:", "volume": "a", "tenant": "a" * 64}),
        volume(azureDisk=AZURE),
        volume(storageos={"volumeName": "a", "secretRef": {"name": "a", "namespace": "b"}}),
        volume({OPTIONS: "ro"}, nfs={"server": "a", "path": "/"}),
        csi(nodePublishSecretRef={"name": "a", "namespace": "b"}),
    ],
)
def test_a_persistent_volume_is_accepted(data):
    assert created(data) == []


def test_the_secret_for_growing_a_volume_can_be_named_later_but_not_changed():
    one, two = ({"name": name, "namespace": "default"} for name in ("a", "b"))
    assert changed(csi(), csi(controllerExpandSecretRef=one)) == []
    (refused,) = changed(csi(controllerExpandSecretRef=one), csi(controllerExpandSecretRef=two))
    assert refused[0] == "spec.persistentvolumesource"


def test_a_volume_does_not_lose_its_attributes_class():
    before, after = volume(csi=CSI, volumeAttributesClassName="a"), csi()
    path = "spec.volumeAttributesClassName"
    assert [(path, "Forbidden: update from non-nil value to nil is forbidden")] == changed(before, after)

"""Volumes that grow."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.controllers.base import Extras
from kubesim_tui.controllers.disks import NoDisks
from kubesim_tui.controllers.persistentvolume.binder import PersistentVolumeBinder
from kubesim_tui.controllers.persistentvolume.provisioner import Provisioner
from kubesim_tui.controllers.persistentvolume.resizer import VolumeResizer
from tests.boards import Board
from tests.controllers.bench import Manager
from tests.controllers.test_persistentvolume import claim, storage_class

MIB = 1 << 20
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "db"},
    "spec": {
        "containers": [{"name": "c", "image": "app:v1"}],
        "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}],
    },
}


def bound():
    m = Manager(PersistentVolumeBinder, Provisioner, VolumeResizer, extras=Extras(disks=NoDisks()))
    storage_class(m, allowVolumeExpansion=True)
    claim(m, size="1Gi", klass="fast")
    m.settle(3)
    return m


def grow(m, size):
    m.patch(types.PersistentVolumeClaim, "data", {"spec": {"resources": {"requests": {"storage": size}}}})
    m.settle(2)


def state(m):
    found = m.get(types.PersistentVolumeClaim, "data")
    volume = m.list(types.PersistentVolume)[0]
    kinds = [c.type for c in found.status.conditions]
    return found.status.capacity["storage"], volume.spec.capacity["storage"], kinds


def test_the_disk_grows_and_its_file_system_waits_for_a_pod():
    m = bound()
    grow(m, "2Gi")
    assert state(m) == ("1Gi", "2Gi", ["FileSystemResizePending"])
    assert list(m.extras.disks.sizes.values()) == [2048 * MIB]
    m.create(POD)
    m.settle(3)
    assert state(m) == ("2Gi", "2Gi", [])


def test_under_a_running_pod_all_is_done_at_once():
    m = bound()
    m.create(POD)
    m.settle(3)
    grow(m, "3Gi")
    assert state(m) == ("3Gi", "3Gi", [])
    volume = m.list(types.PersistentVolume)[0].metadata.name
    growing = ("ExternalExpanding", "Resizing", "FileSystemResizeRequired", "FileSystemResizeSuccessful")
    assert [(r, text) for r, text in m.said() if r in growing] == [
        ("ExternalExpanding", "waiting for an external controller to expand this PVC"),
        ("Resizing", f"External resizer is resizing volume {volume}"),
        ("FileSystemResizeRequired", "Require file system resize of volume on node"),
        ("FileSystemResizeSuccessful", f'MountVolume.NodeExpandVolume succeeded for volume "{volume}"'),
    ]


def test_a_class_that_does_not_allow_it():
    board = Board(nodes=1, warm=5)
    board.create(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "rigid"},
            "provisioner": "disk.example.com",
        }
    )
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "rigid",
        "resources": {"requests": {"storage": "1Gi"}},
    }
    board.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec})
    board.tick(5)
    with pytest.raises(StatusError) as refused:
        board.patch(types.PersistentVolumeClaim, "data", {"spec": {"resources": {"requests": {"storage": "2Gi"}}}})
    assert refused.value.message == (
        'persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the '
        "storageclass that provisions the pvc must support resize"
    )

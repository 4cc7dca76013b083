import pytest

from kubesim_tui.api import types
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers.attachdetach import AttachDetachController, multi_attach_message
from kubesim_tui.controllers.base import Extras
from kubesim_tui.controllers.disks import DiskError, NoDisks
from kubesim_tui.controllers.persistentvolume.binder import PersistentVolumeBinder
from kubesim_tui.controllers.persistentvolume.provisioner import Provisioner
from tests.controllers.bench import Manager
from tests.controllers.test_nodes import speak
from tests.controllers.test_persistentvolume import claim, storage_class, user, volume


def manager(modes=("ReadWriteOnce",), disks=None):
    m = Manager(PersistentVolumeBinder, Provisioner, AttachDetachController, extras=Extras(disks=disks or NoDisks()))
    for name in ("node-a", "node-b"):
        speak(m, name)
    storage_class(m)
    claim(m, klass="fast", accessModes=list(modes))
    m.tick(2)
    return m


def places(m):
    """Nodes to which the disk is attached."""
    (nodes,) = m.extras.disks.attached.values() or ([],)
    return nodes


def test_a_disk_goes_to_the_node_of_its_pod():
    m = manager()
    user(m, "p", "node-a")
    m.tick()
    (made,) = m.list(types.PersistentVolume)
    assert places(m) == ["node-a"]
    assert m.said("SuccessfulAttachVolume")[0][1] == f'AttachVolume.Attach succeeded for volume "{made.metadata.name}" '
    (attachment,) = m.etcd.table("volumeattachments.storage.k8s.io")
    assert attachment.rest["status"] == {"attached": True}


def test_it_leaves_when_the_pod_is_gone():
    m = manager()
    user(m, "p", "node-a")
    m.tick()
    m.gone("p")
    m.tick()
    assert (places(m), len(m.etcd.table("volumeattachments.storage.k8s.io"))) == ([], 0)


def test_a_second_node_must_wait_and_is_told_who_has_it():
    m = manager()
    user(m, "p", "node-a")
    m.tick()
    user(m, "q", "node-b")
    m.tick()
    (made,) = m.list(types.PersistentVolume)
    told = f'Multi-Attach error for volume "{made.metadata.name}" Volume is already used by pod(s) p'
    assert (places(m), m.said("FailedAttachVolume")) == (["node-a"], [("FailedAttachVolume", told)])
    m.gone("p")
    m.tick()
    assert places(m) == ["node-b"]


def test_two_pods_on_one_node_share_it():
    m = manager()
    user(m, "p", "node-a")
    user(m, "q", "node-a")
    m.tick()
    m.gone("p")
    m.tick()
    assert (places(m), m.said("FailedAttachVolume")) == (["node-a"], [])


def test_a_volume_for_many_goes_to_many():
    m = manager(("ReadWriteMany",))
    user(m, "p", "node-a")
    user(m, "q", "node-b")
    m.tick()
    assert places(m) == ["node-a", "node-b"]


def lost_node(m):
    """node-a falls silent, its Pod is forced away, another Pod wants the disk on node-b."""
    user(m, "p", "node-a")
    m.tick()
    speak(m, "node-a", "Unknown")
    m.admin.delete(types.Pod, "default", "p", Options(grace=0))
    user(m, "q", "node-b")
    m.tick()


def test_a_node_that_is_not_heard_of_keeps_its_disk_for_six_minutes():
    m = manager()
    lost_node(m)
    (made,) = m.list(types.PersistentVolume)
    assert m.said("FailedAttachVolume") == [
        (
            "FailedAttachVolume",
            f'Multi-Attach error for volume "{made.metadata.name}" Volume is already exclusively attached to one node '
            "and can't be attached to another",
        )
    ]
    m.tick(359)
    before = list(places(m))
    m.tick(2)
    assert (before, places(m)) == (["node-a"], ["node-b"])


def test_a_node_that_comes_back_gives_its_disk_up_at_once():
    m = manager()
    lost_node(m)
    speak(m, "node-a")
    m.tick(2)
    assert places(m) == ["node-b"]


def test_a_node_out_of_service_gives_its_disk_up_at_once():
    m = manager()
    lost_node(m)
    found = m.get(types.Node, "node-a", "")
    taint = types.Taint(key="node.kubernetes.io/out-of-service", value="x", effect="NoExecute")
    m.admin.update(found.evolve(spec=types.NodeSpec(taints=(taint,))))
    m.tick(2)
    assert places(m) == ["node-b"]


def test_a_directory_of_a_node_is_not_attached():
    m = Manager(PersistentVolumeBinder, AttachDetachController, extras=Extras(disks=NoDisks()))
    volume(m)
    claim(m)
    m.tick()
    user(m, "p", "node-a")
    m.tick()
    assert m.extras.disks.attached == {}


class Stubborn(NoDisks):
    """Refuses to attach while `refuses`."""

    def __init__(self):
        super().__init__()
        self.refuses = True

    def attach(self, id, node):
        if self.refuses:
            raise DiskError("rpc error: code = Internal desc = the cloud is down")
        super().attach(id, node)


def test_a_refused_attachment_is_said_and_tried_again():
    m = manager(disks=Stubborn())
    user(m, "p", "node-a")
    m.tick()
    said = m.said("FailedAttachVolume")
    m.extras.disks.refuses = False
    m.tick(3)
    assert said[0][1].endswith(": rpc error: code = Internal desc = the cloud is down")
    assert places(m) == ["node-a"]


@pytest.mark.parametrize(
    "others, text",
    [
        ([("a", "x"), ("b", "x")], "Volume is already used by pod(s) a, b"),
        ([("a", "x"), ("b", "y")], "Volume is already used by pod(s) a and 1 pod(s) in different namespaces"),
        ([("b", "y")], "Volume is already used by 1 pod(s) in different namespaces"),
    ],
)
def test_only_names_of_the_own_namespace_are_told(others, text):
    def typed(name, namespace):
        return types.Pod(metadata=types.ObjectMeta(name=name, namespace=namespace))

    found = multi_attach_message("v", typed("p", "x"), [typed(*o) for o in others])
    assert found == f'Multi-Attach error for volume "v" {text}'


def test_a_quiet_disk_costs_nothing():
    m = manager()
    user(m, "p", "node-a")
    m.tick(2)
    before = m.etcd.revision
    m.tick(30)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)


# a driver that is slow, or does not answer


def test_a_slow_driver_takes_its_time_to_attach_and_to_detach():
    disks = NoDisks()
    m = manager(disks=disks)
    disks.seconds = 20
    user(m, "p", "node-a")
    m.tick(20)
    before = list(places(m))
    m.tick(2)
    during = list(places(m))
    m.gone("p")
    m.tick(19)
    leaving = list(places(m))
    m.tick(3)
    assert (before, during, leaving, places(m)) == ([], ["node-a"], ["node-a"], [])


def test_of_a_driver_that_does_not_answer_pods_are_told_after_two_minutes():
    disks = NoDisks()
    m = manager(disks=disks)
    disks.seconds = None
    user(m, "p", "node-a")
    m.tick(115)
    early = m.said("FailedAttachVolume")
    m.tick(20)
    (made,) = m.list(types.PersistentVolume)
    name, driver = made.metadata.name, made.spec.csi.driver
    told = (
        f"timed out waiting for external-attacher of {driver} CSI driver to attach volume {made.spec.csi.volume_handle}"
    )
    assert (early, m.said("FailedAttachVolume")) == (
        [],
        [("FailedAttachVolume", f'AttachVolume.Attach failed for volume "{name}" : {told}')],
    )
    disks.seconds = 0
    m.tick(12)
    assert places(m) == ["node-a"]

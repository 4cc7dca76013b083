"""Snapshots of volumes in a whole cluster: taken, restored, cloned, refused, deleted."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.apiserver.request import Request
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup
from kubesim_tui.controllers.snapshot.common import carried_over
from kubesim_tui.kubectl import Config, run
from tests.boards import ADMIN
from tests.kubectl.board import Terminal

API = "snapshot.storage.k8s.io/v1"
DRIVER = "disk.csi.kubesim.dev"
DEFAULT = {"snapshot.storage.kubernetes.io/is-default-class": "true"}


class Store:
    """A cluster with a class of disks, a claim that is bound, and what kubectl says of it."""

    def __init__(self, claim=True):
        self.cluster = Cluster(ClusterSpec((NodeGroup(count=1),), snapshots=True), "1")
        self.tick(3)
        self.create(
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": "fast"},
                "provisioner": DRIVER,
            }
        )
        if claim:
            self.claim("data")
            self.tick(3)

    def tick(self, ticks=3):
        for _ in range(ticks):
            self.cluster.step()

    def send(self, verb, data, **more):
        resource = self.cluster.server.resource_for_kind(data["apiVersion"], data["kind"])
        namespace = "default" if resource.namespaced else ""
        request = Request(ADMIN, verb, resource, namespace, data["metadata"]["name"], **more)
        return self.cluster.server.handle(request)

    def create(self, data):
        return self.send("create", data, body=data)

    def claim(self, name, size="1Gi", **spec):
        spec = {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"], **spec}
        spec["resources"] = {"requests": {"storage": size}}
        self.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec})

    def restore(self, name, snapshot="snap", size="1Gi"):
        source = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": snapshot}
        self.claim(name, size, dataSource=source)
        self.tick()

    def class_(self, name="csi", policy="Delete", driver=DRIVER, annotations=DEFAULT):
        meta = {"name": name, "annotations": dict(annotations)}
        self.create(
            {"apiVersion": API, "kind": "VolumeSnapshotClass", "metadata": meta, "driver": driver}
            | {"deletionPolicy": policy}
        )

    def snapshot(self, name="snap", claim="data", **spec):
        spec.setdefault("source", {"persistentVolumeClaimName": claim})
        self.create({"apiVersion": API, "kind": "VolumeSnapshot", "metadata": {"name": name}, "spec": spec})
        self.tick()

    def disk(self, claim="data"):
        found = self.cluster.etcd.get("persistentvolumeclaims", ("default", claim))
        return self.cluster.world.cloud.disks[found.spec.volume_name]

    def phase(self, claim):
        return self.cluster.etcd.get("persistentvolumeclaims", ("default", claim)).status.phase

    def type(self, line):
        reply = run(line, self.cluster.client(ADMIN), Terminal({}), self.cluster.engine.clock.now, Config())
        return [*reply.out, *reply.err]

    def said(self, kind, name):
        events = [e for e in self.cluster.etcd.table("events") if isinstance(e, types.Event)]
        mine = [e for e in events if (e.involved_object.kind, e.involved_object.name) == (kind, name)]
        return [(e.reason, e.message) for e in sorted(mine, key=lambda e: e.metadata.resource_version)]

    def status(self, name="snap"):
        found = self.cluster.etcd.get("volumesnapshots.snapshot.storage.k8s.io", ("default", name))
        return dict(found.rest.get("status") or {})


@pytest.fixture
def store():
    made = Store()
    made.class_()
    return made


def test_a_snapshot_gives_back_what_was_there_when_it_was_taken(store):
    store.disk().write("orders", "one")
    store.disk().append("", "orders", 1, 10, tick=1)
    store.snapshot()
    store.disk().write("orders", "two")
    store.disk().append("", "orders", 11, 20, tick=2)
    store.restore("old")
    assert store.disk("old").files == {"orders": "one"}
    assert len(store.disk("old").records_of("", "orders")) == 10
    assert store.disk().files == {"orders": "two"}
    assert len(store.disk().records_of("", "orders")) == 20


def test_a_clone_has_what_its_source_has_now_and_goes_its_own_way(store):
    store.disk().write("orders", "one")
    store.claim("copy", dataSource={"kind": "PersistentVolumeClaim", "name": "data"})
    store.tick()
    store.disk("copy").write("orders", "two")
    assert (store.disk().files, store.disk("copy").files) == ({"orders": "one"}, {"orders": "two"})


def test_what_kubectl_and_events_say_of_a_snapshot(store):
    store.snapshot()
    uid = store.cluster.etcd.get("volumesnapshots.snapshot.storage.k8s.io", ("default", "snap")).metadata.uid
    rows = store.type("kubectl get vs")
    assert rows[0].split() == [
        "NAME", "READYTOUSE", "SOURCEPVC", "SOURCESNAPSHOTCONTENT", "RESTORESIZE", "SNAPSHOTCLASS", "SNAPSHOTCONTENT",
        "CREATIONTIME", "AGE",
    ]  # fmt: skip
    assert rows[1].split()[:6] == ["snap", "true", "data", "1Gi", "csi", f"snapcontent-{uid}"]
    assert store.type("kubectl get vsc")[1].split()[1:7] == ["true", "1073741824", "Delete", DRIVER, "csi", "snap"]
    assert store.said("VolumeSnapshot", "snap") == [
        ("CreatingSnapshot", "Waiting for a snapshot default/snap to be created by the CSI driver."),
        ("SnapshotCreated", "Snapshot default/snap was successfully created by the CSI driver."),
        ("SnapshotReady", "Snapshot default/snap is ready to use."),
    ]


@pytest.mark.parametrize(
    ("spec", "reason", "text"),
    [
        (
            {"volumeSnapshotClassName": "none"},
            "GetSnapshotClassFailed",
            'Failed to get snapshot class with error volumesnapshotclass.snapshot.storage.k8s.io "none" not found',
        ),
        (
            {"source": {"persistentVolumeClaimName": "none"}},
            "SetDefaultSnapshotClassFailed",
            "Failed to set default snapshot class with error failed to retrieve PVC none from the lister: "
            '"persistentvolumeclaim \\"none\\" not found"',
        ),
        (
            {"source": {"persistentVolumeClaimName": "none"}, "volumeSnapshotClassName": "csi"},
            "SnapshotContentCreationFailed",
            "Failed to create snapshot content with error snapshot controller failed to update snap on API server: "
            "cannot get claim from snapshot",
        ),
        (
            {"source": {"volumeSnapshotContentName": "none"}},
            "SnapshotContentMissing",
            "VolumeSnapshotContent is missing",
        ),
    ],
)
def test_what_is_missing_stands_in_status_and_events(store, spec, reason, text):
    store.snapshot(**spec)
    assert store.status()["error"]["message"] == text
    assert (reason, text) in store.said("VolumeSnapshot", "snap")


def test_a_snapshot_waits_for_its_claim_and_is_then_taken():
    store = Store(claim=False)
    store.class_()
    store.snapshot(volumeSnapshotClassName="csi")
    store.claim("data")
    store.tick(20)
    assert store.status()["readyToUse"] is True
    assert "error" not in store.status()


def test_without_one_default_class_the_driver_has_none():
    store = Store()
    store.class_("a")
    store.class_("b")
    store.snapshot()
    assert store.status()["error"]["message"].endswith("2 default snapshot classes were found")


def test_a_class_of_a_driver_that_is_not_here_leaves_the_snapshot_waiting(store):
    store.class_("other", driver="ebs.csi.aws.com", annotations={})
    store.snapshot(volumeSnapshotClassName="other")
    assert store.status()["readyToUse"] is False
    assert [r for r, _ in store.said("VolumeSnapshot", "snap")] == ["CreatingSnapshot"]


def test_a_deleted_snapshot_takes_its_data_along_or_leaves_it(store):
    store.class_("keep", policy="Retain", annotations={})
    store.snapshot()
    store.snapshot("kept", volumeSnapshotClassName="keep")
    assert len(store.cluster.world.cloud.snapshots) == 2
    store.type("kubectl delete vs snap kept --wait=false")
    store.tick(5)
    assert store.type("kubectl get vs") == ["No resources found in default namespace."]
    assert [row.split()[3] for row in store.type("kubectl get vsc")[1:]] == ["Retain"]
    assert len(store.cluster.world.cloud.snapshots) == 1


def test_a_retained_content_can_be_bound_again(store):
    store.class_("keep", policy="Retain", annotations={})
    store.disk().write("orders", "one")
    store.snapshot(volumeSnapshotClassName="keep")
    (handle,) = store.cluster.world.cloud.snapshots
    store.create(
        {
            "apiVersion": API,
            "kind": "VolumeSnapshotContent",
            "metadata": {"name": "again"},
            "spec": {
                "deletionPolicy": "Retain",
                "driver": DRIVER,
                "source": {"snapshotHandle": handle},
                "volumeSnapshotRef": {"name": "again", "namespace": "default"},
            },
        }
    )
    store.snapshot("again", source={"volumeSnapshotContentName": "again"})
    store.restore("old", "again")
    assert store.disk("old").files == {"orders": "one"}


def test_a_volume_smaller_than_its_snapshot_is_not_made(store):
    store.snapshot()
    store.restore("old", size="512Mi")
    text = (
        'failed to provision volume with StorageClass "fast": error getting handle for DataSource Type VolumeSnapshot '
        "by Name snap: requested volume size 536870912 is less than the size 1073741824 for the source snapshot snap"
    )
    assert ("ProvisioningFailed", text) in store.said("PersistentVolumeClaim", "old")


def test_a_claim_of_a_snapshot_that_comes_later_is_provisioned_then(store):
    store.restore("old")
    assert store.phase("old") == "Pending"
    text = 'error getting snapshot snap from api server: volumesnapshots.snapshot.storage.k8s.io "snap" not found'
    assert store.said("PersistentVolumeClaim", "old")[-1][1].endswith(text)
    store.snapshot()
    store.tick(20)
    assert store.phase("old") == "Bound"


def test_a_source_that_is_no_snapshot_is_left_to_its_populator(store):
    store.claim("filled", dataSourceRef={"apiGroup": "example.com", "kind": "Dump", "name": "x"})
    store.tick()
    told = ("Provisioning", "Assuming an external populator will provision the volume")
    assert told in store.said("PersistentVolumeClaim", "filled")


def test_the_claim_is_held_while_its_snapshot_is_taken(store):
    store.cluster.world.cloud.seconds = None
    store.snapshot()
    held = "snapshot.storage.kubernetes.io/pvc-as-source-protection"
    claim = store.cluster.etcd.get("persistentvolumeclaims", ("default", "data"))
    assert held in claim.metadata.finalizers
    store.cluster.world.cloud.seconds = 0
    store.tick(15)
    claim = store.cluster.etcd.get("persistentvolumeclaims", ("default", "data"))
    assert held not in claim.metadata.finalizers


def test_an_error_goes_when_the_snapshot_is_ready():
    known = {"boundVolumeSnapshotContentName": "c", "readyToUse": False, "error": {"message": "x"}}
    content = {"readyToUse": True, "creationTime": 1_000_000_000, "restoreSize": 1 << 30}
    assert carried_over(known, content, "c") == {
        "boundVolumeSnapshotContentName": "c",
        "readyToUse": True,
        "creationTime": "1970-01-01T00:00:01Z",
        "restoreSize": "1Gi",
    }

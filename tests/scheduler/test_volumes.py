"""Claims and nodes that must suit each other: bound ones, those that wait for the first consumer, limits."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.frozen import FrozenMap
from tests.scheduler.bench import Cluster

SELECTED = "volume.kubernetes.io/selected-node"
PREEMPTION = (
    " no new claims to deallocate, preemption: 0/{n} nodes are available: {n} Preemption is not helpful for scheduling."
)


class Storage(Cluster):
    """A cluster with claims, volumes and classes."""

    def storage_class(self, name, mode="WaitForFirstConsumer", provisioner="disk.example.com", **more):
        meta = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}}
        self.create({**meta, "provisioner": provisioner, "volumeBindingMode": mode, **more})

    def claim(self, name, class_name="", size="1Gi", mode="ReadWriteOnce", volume=""):
        spec = {"accessModes": [mode], "resources": {"requests": {"storage": size}}, "storageClassName": class_name}
        if volume:
            spec["volumeName"] = volume
        self.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec})
        if volume:
            self.bound(name, volume)

    def volume(self, name, class_name="", size="2Gi", node="", labels=None, csi=None):
        spec = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": class_name}
        spec |= {"csi": csi} if csi else {"hostPath": {"path": "/x"}}
        if node:
            at = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
            spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [at]}]}}
        meta = {"name": name, "labels": labels or {}}
        made = self.create({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": meta, "spec": spec})
        self.admin.update_status(made.evolve(status=types.PersistentVolumeStatus(phase="Available")))

    def bound(self, claim, volume):
        """What the volume controller does in the end."""
        found = self.get(types.PersistentVolumeClaim, claim)
        notes = FrozenMap({**found.metadata.annotations, "pv.kubernetes.io/bind-completed": "yes"})
        found = self.admin.update(
            found.evolve(metadata=found.metadata.evolve(annotations=notes), spec=found.spec.evolve(volume_name=volume))
        )
        self.admin.update_status(found.evolve(status=types.PersistentVolumeClaimStatus(phase="Bound")))

    def using(self, name, *claims, **more):
        volumes = [{"name": c, "persistentVolumeClaim": {"claimName": c}} for c in claims]
        return self.pod(name, volumes=volumes, **more)


def refused(cluster, name):
    """The message without what preemption has to say."""
    return cluster.condition(name)[2].split(" no new claims")[0]


def test_an_immediate_claim_must_be_bound_first():
    c = Storage(nodes=2)
    c.claim("data")
    c.using("db", "data")
    c.tick()
    assert c.condition("db")[2] == (
        "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims." + PREEMPTION.format(n=2)
    )
    c.volume("pv1")
    c.bound("data", "pv1")
    c.tick()
    assert c.node_of("db")


def test_a_claim_that_does_not_exist_is_named():
    c = Storage(nodes=1)
    c.using("db", "data")
    c.tick()
    assert refused(c, "db") == '0/1 nodes are available: persistentvolumeclaim "data" not found.'
    c.volume("pv1")
    c.claim("data", volume="pv1")
    c.tick()
    assert c.node_of("db") == "node-a"


def test_a_pod_follows_its_bound_volume():
    c = Storage(nodes=3)
    c.volume("pv1", node="node-b")
    c.claim("data", volume="pv1")
    c.using("db", "data")
    c.tick()
    assert c.node_of("db") == "node-b"


def test_a_volume_elsewhere_is_a_conflict():
    c = Storage(nodes=2)
    c.volume("pv1", node="gone")
    c.claim("data", volume="pv1")
    c.using("db", "data")
    c.tick()
    assert refused(c, "db") == "0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity."


def test_a_claim_bound_to_a_volume_that_is_gone():
    c = Storage(nodes=1)
    c.claim("data", volume="lost")
    c.using("db", "data")
    c.tick()
    assert refused(c, "db") == '0/1 nodes are available: persistentvolume "lost" not found.'


def test_a_claim_that_waits_names_the_node_and_the_pod_waits_for_its_volume():
    c = Storage(nodes=3)
    c.storage_class("fast")
    c.claim("data", "fast")
    c.using("db", "data")
    c.tick()
    node = c.get(types.PersistentVolumeClaim, "data").metadata.annotations[SELECTED]
    assert node.startswith("node-")
    assert (c.node_of("db"), c.said("db")) == ("", [])
    c.tick(5)
    c.volume("made", "fast")
    c.bound("data", "made")
    c.tick()
    assert c.node_of("db") == node


def test_a_claim_that_waits_takes_a_volume_that_is_there():
    c = Storage(nodes=3)
    c.storage_class("local", provisioner="kubernetes.io/no-provisioner")
    c.volume("pv-b", "local", node="node-b")
    c.claim("data", "local")
    c.using("db", "data")
    c.tick()
    reference = c.get(types.PersistentVolume, "pv-b", "").spec.claim_ref
    assert (reference.name, reference.uid) == ("data", c.get(types.PersistentVolumeClaim, "data").metadata.uid)
    c.bound("data", "pv-b")
    c.tick()
    assert c.node_of("db") == "node-b"


def test_two_pods_do_not_take_the_same_volume():
    c = Storage(nodes=3)
    c.storage_class("local", provisioner="kubernetes.io/no-provisioner")
    c.volume("pv-b", "local", node="node-b")
    c.claim("one", "local")
    c.claim("two", "local")
    c.using("first", "one")
    c.using("second", "two")
    c.tick()
    assert c.get(types.PersistentVolume, "pv-b", "").spec.claim_ref.name == "one"
    assert refused(c, "second") == (
        "0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind."
    )


def test_a_provisioner_that_gives_up_sends_the_pod_back():
    c = Storage(nodes=1)
    c.storage_class("fast")
    c.claim("data", "fast")
    c.using("db", "data")
    c.tick()
    c.patch(types.PersistentVolumeClaim, "data", {"metadata": {"annotations": {SELECTED: None}}})
    c.tick()
    assert c.said("db")[-1] == (
        "FailedScheduling",
        'running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "data"',
    )
    c.tick(2)
    assert SELECTED in c.get(types.PersistentVolumeClaim, "data").metadata.annotations


def test_waiting_for_a_volume_ends_after_ten_minutes():
    c = Storage(nodes=1)
    c.storage_class("fast")
    c.claim("data", "fast")
    c.using("db", "data")
    c.tick(601)
    assert c.said("db")[-1][1].endswith("binding volumes: context deadline exceeded")


def test_a_topology_that_the_class_does_not_allow_is_no_place():
    c = Storage()
    c.node("a", labels={"topology.kubernetes.io/zone": "z1"})
    c.node("b", labels={"topology.kubernetes.io/zone": "z2"})
    terms = [{"matchLabelExpressions": [{"key": "topology.kubernetes.io/zone", "values": ["z2"]}]}]
    c.storage_class("fast", allowedTopologies=terms)
    c.claim("data", "fast")
    c.using("db", "data")
    c.tick()
    assert c.get(types.PersistentVolumeClaim, "data").metadata.annotations[SELECTED] == "b"


def test_a_volume_of_a_zone_keeps_its_pod_there():
    c = Storage()
    for name, zone in (("a", "z1"), ("b", "z2")):
        c.node(name, labels={"topology.kubernetes.io/zone": zone})
    c.volume("pv1", labels={"topology.kubernetes.io/zone": "z2"})
    c.claim("data", volume="pv1")
    c.using("db", "data")
    c.tick()
    assert c.node_of("db") == "b"


def test_only_one_pod_at_a_time_has_a_read_write_once_pod_claim():
    c = Storage(nodes=2)
    c.volume("pv1")
    c.claim("data", volume="pv1", mode="ReadWriteOncePod")
    c.using("first", "data")
    c.using("second", "data")
    c.tick()
    assert refused(c, "second") == (
        "0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and "
        "ReadWriteOncePod access mode."
    )
    c.gone("first")
    c.tick()
    assert c.node_of("second")


def test_a_node_takes_no_more_volumes_than_its_driver_attaches():
    c = Storage(nodes=1)
    driver = {"name": "csi.example.com", "nodeID": "a", "allocatable": {"count": 1}}
    node = {"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": {"name": "node-a"}}
    c.create({**node, "spec": {"drivers": [driver]}})
    for i in (1, 2):
        c.volume(f"pv{i}", csi={"driver": "csi.example.com", "volumeHandle": f"disk-{i}"})
        c.claim(f"data-{i}", volume=f"pv{i}")
        c.using(f"db-{i}", f"data-{i}")
    c.tick()
    assert c.node_of("db-1") == "node-a"
    assert refused(c, "db-2") == "0/1 nodes are available: 1 node(s) exceed max volume count."


@pytest.mark.parametrize("sizes, node", [(("10Gi", "2Gi"), "node-a"), (("2Gi", "10Gi"), "node-b")])
def test_of_two_volumes_the_one_with_more_room_is_preferred(sizes, node):
    c = Storage(nodes=2)
    c.storage_class("local", provisioner="kubernetes.io/no-provisioner")
    for name, size in zip(("a", "b"), sizes, strict=True):
        c.volume(f"pv-{name}", "local", size=size, node=f"node-{name}")
    c.claim("data", "local")
    c.using("db", "data")
    c.tick()
    claimed = [v.metadata.name for v in c.list(types.PersistentVolume) if v.spec.claim_ref is not None]
    assert claimed == [f"pv-{node[-1]}"]


class Pools(Storage):
    """Two nodes, and a driver that says how much room each of them has."""

    def __init__(self):
        super().__init__(nodes=2)
        self.storage_class("local", provisioner="csi.example.com")
        driver = {"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": "csi.example.com"}}
        self.create({**driver, "spec": {"storageCapacity": True, "attachRequired": False}})

    def capacity(self, node, capacity):
        meta = {"apiVersion": "storage.k8s.io/v1", "kind": "CSIStorageCapacity", "metadata": {"name": node}}
        topology = {"matchLabels": {"kubernetes.io/hostname": node}}
        self.create({**meta, "storageClassName": "local", "capacity": capacity, "nodeTopology": topology})


def names_of(c):
    return sorted(n.metadata.name for n in c.list(types.Node))


def test_a_driver_without_room_anywhere_refuses_all_nodes():
    c = Pools()
    c.claim("data", "local", "1Gi")
    c.using("db", "data")
    c.tick(2)
    assert refused(c, "db") == "0/2 nodes are available: 2 node(s) did not have enough free storage."


def test_a_volume_is_made_where_its_driver_has_room():
    c = Pools()
    first, second = names_of(c)
    c.capacity(first, "500Mi")
    c.capacity(second, "2Gi")
    c.claim("data", "local", "1Gi")
    c.using("db", "data")
    c.tick(2)
    assert c.get(types.PersistentVolumeClaim, "data").metadata.annotations[SELECTED] == second


def test_of_several_nodes_the_one_with_most_room_is_preferred():
    c = Pools()
    first, second = names_of(c)
    c.capacity(first, "2Gi")
    c.capacity(second, "100Gi")
    c.claim("data", "local", "1Gi")
    c.using("db", "data")
    c.tick(2)
    assert c.get(types.PersistentVolumeClaim, "data").metadata.annotations[SELECTED] == second


def test_more_room_wakes_a_pod_that_waits_for_it():
    c = Pools()
    first, _ = names_of(c)
    c.claim("data", "local", "1Gi")
    c.using("db", "data")
    c.tick(2)
    c.capacity(first, "2Gi")
    c.tick(15)
    assert c.get(types.PersistentVolumeClaim, "data").metadata.annotations[SELECTED] == first

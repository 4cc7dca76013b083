"""What wakes a Pod that was refused for its claims and volumes: the events that can help, for each plugin."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.frozen import freeze, merged
from tests.scheduler.test_volumes import SELECTED, Storage

ZONE = "topology.kubernetes.io/zone"
DRIVER = "csi.example.com"
NO_PROVISIONER = "kubernetes.io/no-provisioner"


def made(what, *args, **more):
    return lambda c: getattr(c, what)(*args, **more)


def node_label(name, key, value):
    return lambda c: c.patch(types.Node, name, {"metadata": {"labels": {key: value}}}, namespace="")


def volume_is(name, **body):
    return lambda c: c.patch(types.PersistentVolume, name, body, namespace="")


def gone(name):
    return lambda c: c.gone(name)


def all_of(*steps):
    def change(c):
        for step in steps:
            step(c)

    return change


def csi_node(count):
    """A CSINode says how many volumes a can have."""
    driver = {"name": DRIVER, "nodeID": "a", "allocatable": {"count": count}}
    head = {"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": {"name": "a"}}
    return made("create", {**head, "spec": {"drivers": [driver]}})


def more_disks(count):
    """The CSINode of a says that it can have more."""

    def change(c):
        found = c.etcd.table("csinodes.storage.k8s.io").objects["", "a"]
        driver = freeze({"name": DRIVER, "nodeID": "a", "allocatable": {"count": count}})
        c.admin.update(found.evolve(rest=merged(found.rest, {"spec": freeze({"drivers": [driver]})})))

    return change


def disk(number):
    """A bound claim to a disk of the driver."""
    return all_of(
        made("volume", f"pv{number}", csi={"driver": DRIVER, "volumeHandle": f"disk-{number}"}),
        made("claim", f"disk-{number}", volume=f"pv{number}"),
    )


A = made("node", "a")
IN_1, IN_2 = (made("node", n, labels={ZONE: z}) for n, z in (("a", "1"), ("b", "2")))
LOCAL = made("storage_class", "local", provisioner=NO_PROVISIONER)
PV = made("volume", "pv")
WAITING = made("claim", "data", "local")
OF_ZONE_2 = all_of(made("volume", "pv", labels={ZONE: "2"}), made("claim", "data", volume="pv"))
TERMS = [{"matchLabelExpressions": [{"key": ZONE, "values": ["2"]}]}]
ALLOWED = {"allowedTopologies": TERMS}
FULL = [A, csi_node(1), disk(1), made("using", "other", "disk-1")]

# name: (what is there, the claim of the Pod, what happens)
WAKES = {
    "the claim comes": ([A, PV], "data", made("claim", "data", volume="pv")),
    "an immediate claim is bound": ([A, PV, made("claim", "data")], "data", made("bound", "data", "pv")),
    "the class comes": ([A, made("claim", "data", "fast")], "data", made("storage_class", "fast")),
    "a volume comes": ([A, LOCAL, WAITING], "data", made("volume", "pv", "local")),
    "a volume is of the class now": (
        [A, LOCAL, WAITING, made("volume", "pv", "other")],
        "data",
        volume_is("pv", spec={"storageClassName": "local"}),
    ),
    "a node with the volume comes": (
        [A, LOCAL, WAITING, made("volume", "pv", "local", node="b")],
        "data",
        made("node", "b"),
    ),
    "the node gets the label": (
        [A, made("volume", "pv", node="x"), made("claim", "data", volume="pv")],
        "data",
        node_label("a", "kubernetes.io/hostname", "x"),
    ),
    "a class allows another place": (
        [IN_1, made("storage_class", "fast", **ALLOWED), made("claim", "data", "fast")],
        "data",
        lambda c: c.patch(types.StorageClass, "fast", {"allowedTopologies": None}, namespace=""),
    ),
    "a node of the volume's zone comes": ([IN_1, OF_ZONE_2], "data", IN_2),
    "a node is in the volume's zone now": ([IN_1, OF_ZONE_2], "data", node_label("a", ZONE, "2")),
    "a volume is in another zone now": ([IN_1, OF_ZONE_2], "data", volume_is("pv", metadata={"labels": {ZONE: "1"}})),
    "a Pod with a disk goes": ([*FULL, disk(2)], "disk-2", gone("other")),
    "a node takes more disks": ([*FULL, disk(2)], "disk-2", more_disks(2)),
    "a node for more disks comes": ([*FULL, disk(2)], "disk-2", made("node", "b")),
}


@pytest.mark.parametrize("name", WAKES)
def test_an_event_that_can_help_wakes_the_pod(name):
    given, claim, change = WAKES[name]
    c = Storage()
    for step in given:
        step(c)
        c.tick()
    c.using("it", claim)
    c.tick()
    assert c.condition("it")[0] == "False"
    c.tick(20)
    change(c)
    c.tick()
    chosen = c.get(types.PersistentVolumeClaim, claim).metadata.annotations.get(SELECTED)
    taken = [v for v in c.list(types.PersistentVolume) if v.spec.claim_ref is not None]
    assert c.node_of("it") or chosen or taken


def test_a_claim_of_another_name_wakes_nobody():
    c = Storage(nodes=1)
    c.using("it", "data")
    c.tick()
    c.volume("pv")
    c.claim("other", volume="pv")
    c.tick(20)
    assert c.scheduler.queue.pods[c.get(types.Pod, "it").metadata.uid].attempts == 1

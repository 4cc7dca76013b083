import pytest

from kubesim_tui.api import types
from kubesim_tui.controllers.base import Extras
from kubesim_tui.controllers.disks import NoDisks
from kubesim_tui.controllers.persistentvolume import names
from kubesim_tui.controllers.persistentvolume.binder import PersistentVolumeBinder
from kubesim_tui.controllers.persistentvolume.protection import ClaimProtection, VolumeProtection
from kubesim_tui.controllers.persistentvolume.provisioner import Provisioner
from tests.controllers.bench import Manager


def manager(**extras):
    extras.setdefault("disks", NoDisks())
    return Manager(PersistentVolumeBinder, Provisioner, ClaimProtection, VolumeProtection, extras=Extras(**extras))


def claim(m, name="data", size="1Gi", klass=None, **spec):
    if klass is not None:
        spec["storageClassName"] = klass
    return m.create(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec},
        }
    )


def volume(m, name="pv1", size="2Gi", **spec):
    return m.create(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name},
            "spec": {
                "capacity": {"storage": size},
                "accessModes": ["ReadWriteOnce"],
                "hostPath": {"path": "/x"},
                "persistentVolumeReclaimPolicy": "Retain",
                **spec,
            },
        }
    )


def storage_class(m, name="fast", provisioner="disk.example.com", default=False, **fields):
    annotations = {names.DEFAULT_CLASS: "true"} if default else {}
    return m.create(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": name, "annotations": annotations},
            "provisioner": provisioner,
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "Immediate",
            **fields,
        }
    )


def user(m, name="p", node="node-a", claim="data"):
    made = m.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {
                "containers": [{"name": "c", "image": "app"}],
                "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}],
            },
        }
    )
    return m.admin.update(made.evolve(spec=made.spec.evolve(node_name=node))) if node else made


def phases(m):
    claims = {c.metadata.name: c.status.phase for c in m.list(types.PersistentVolumeClaim)}
    return claims, {v.metadata.name: v.status.phase for v in m.list(types.PersistentVolume)}


def test_a_claim_without_volume_or_class_waits_and_says_so():
    m = manager()
    claim(m)
    m.tick()
    assert (phases(m), m.said()) == (({"data": "Pending"}, {}), [("FailedBinding", names.NO_VOLUMES)])


def test_it_is_bound_when_a_volume_comes():
    m = manager()
    claim(m)
    m.tick()
    volume(m)
    m.tick()
    found = m.get(types.PersistentVolumeClaim, "data")
    assert (phases(m), found.spec.volume_name, dict(found.status.capacity)) == (
        ({"data": "Bound"}, {"pv1": "Bound"}),
        "pv1",
        {"storage": "2Gi"},
    )
    assert found.metadata.annotations[names.BIND_COMPLETED] == "yes"


def test_the_smallest_volume_that_fits_is_taken():
    m = manager()
    volume(m, "large", "10Gi")
    volume(m, "small", "1Gi")
    volume(m, "tiny", "500Mi")
    m.tick()
    claim(m)
    m.tick()
    assert m.get(types.PersistentVolumeClaim, "data").spec.volume_name == "small"


def test_two_claims_do_not_get_the_same_volume():
    m = manager()
    claim(m, "a")
    claim(m, "b")
    volume(m)
    m.tick(2)
    assert sorted(phases(m)[0].values()) == ["Bound", "Pending"]


def test_a_class_provisions_a_volume_named_after_the_claim():
    m = manager()
    storage_class(m)
    made = claim(m, klass="fast")
    m.tick(2)
    name = f"pvc-{made.metadata.uid}"
    assert (phases(m), m.extras.disks.sizes) == (({"data": "Bound"}, {name: "Bound"}), {name: 2**30})
    assert m.said() == [
        ("ExternalProvisioning", names.external("disk.example.com")),
        ("Provisioning", 'External provisioner is provisioning volume for claim "default/data"'),
        ("ProvisioningSucceeded", f"Successfully provisioned volume {name}"),
    ]


def test_a_class_of_a_cloud_that_is_not_here_is_served_by_the_clusters_own_driver():
    m = manager()
    storage_class(m, provisioner="kubernetes.io/gce-pd")
    claim(m, klass="fast")
    m.tick(3)
    assert [v.spec.csi.driver for v in m.list(types.PersistentVolume)] == ["disk.csi.kubesim.dev"]


def test_a_missing_class_is_said():
    m = manager()
    claim(m, klass="nowhere")
    m.tick()
    assert m.said() == [("ProvisioningFailed", 'storageclass.storage.k8s.io "nowhere" not found')]


def test_a_class_that_comes_later_helps():
    m = manager()
    claim(m, klass="fast")
    m.tick()
    storage_class(m)
    m.tick(2)
    assert phases(m)[0] == {"data": "Bound"}


def test_the_default_class_is_given_to_claims_that_name_none():
    m = manager()
    storage_class(m, default=True)
    claim(m)
    m.tick(2)
    assert m.get(types.PersistentVolumeClaim, "data").spec.storage_class_name == "fast"


def test_an_empty_class_is_not_the_default_one():
    m = manager()
    storage_class(m, default=True)
    claim(m, klass="")
    m.tick(2)
    assert phases(m)[0] == {"data": "Pending"}


def test_a_late_binding_class_waits_for_the_first_consumer():
    m = manager(zonal_disks=True)
    storage_class(m, volumeBindingMode="WaitForFirstConsumer")
    claim(m, klass="fast")
    m.tick()
    waiting = (phases(m), m.said())
    found = m.get(types.PersistentVolumeClaim, "data")
    annotations = found.metadata.annotations.merged({names.SELECTED_NODE: "node-b"})
    m.admin.update(found.evolve(metadata=found.metadata.evolve(annotations=annotations)))
    m.tick(2)
    (made,) = m.list(types.PersistentVolume)
    (term,) = made.spec.node_affinity.required.node_selector_terms
    assert waiting == (({"data": "Pending"}, {}), [("WaitForFirstConsumer", names.WAITING)])
    assert (phases(m)[0], term.match_expressions[0].values) == ({"data": "Bound"}, ("z2",))


def test_a_deleted_claim_takes_its_provisioned_volume_and_disk_along():
    m = manager()
    storage_class(m)
    claim(m, klass="fast")
    m.tick(2)
    m.delete(types.PersistentVolumeClaim, "data")
    m.tick(3)
    assert (phases(m), m.extras.disks.sizes) == (({}, {}), {})


def test_a_retained_volume_is_released_and_not_bound_again():
    m = manager()
    volume(m)
    claim(m)
    m.tick(2)
    m.delete(types.PersistentVolumeClaim, "data")
    m.tick(2)
    claim(m)
    m.tick(2)
    assert phases(m) == ({"data": "Pending"}, {"pv1": "Released"})


def test_a_claim_in_use_stays_until_its_pod_is_gone():
    m = manager()
    volume(m)
    claim(m)
    user(m)
    m.tick(2)
    m.delete(types.PersistentVolumeClaim, "data")
    m.tick(2)
    in_use = phases(m)[0]
    m.gone("p")
    m.tick(2)
    assert (in_use, phases(m)[0]) == ({"data": "Bound"}, {})


def test_a_pod_without_a_node_does_not_hold_a_claim():
    m = manager()
    claim(m)
    user(m, node="")
    m.tick(2)
    m.delete(types.PersistentVolumeClaim, "data")
    m.tick(2)
    assert phases(m)[0] == {}


def test_a_bound_volume_stays_until_its_claim_is_gone():
    m = manager()
    volume(m)
    claim(m)
    m.tick(2)
    m.delete(types.PersistentVolume, "pv1", "")
    m.tick(2)
    bound = phases(m)[1]
    m.delete(types.PersistentVolumeClaim, "data")
    m.tick(3)
    assert (bound, phases(m)[1]) == ({"pv1": "Bound"}, {})


def test_a_claim_that_loses_its_volume_is_lost():
    m = manager()
    volume(m)
    claim(m)
    m.tick(2)
    m.etcd.delete("persistentvolumes", ("", "pv1"))
    m.tick(2)
    assert (phases(m)[0], m.said("ClaimLost")) == ({"data": "Lost"}, [("ClaimLost", names.LOST_VOLUME)])


def test_a_volume_that_is_named_but_too_small_is_a_mismatch():
    m = manager()
    volume(m, size="500Mi")
    claim(m, klass="", volumeName="pv1")
    m.tick(2)
    assert m.said("VolumeMismatch")[0][1] == 'Cannot bind to requested volume "pv1": requested PV is too small'


def test_a_class_without_provisioner_needs_volumes_made_by_hand():
    m = manager()
    storage_class(m, "local", names.NO_PROVISIONER)
    claim(m, klass="local")
    m.tick()
    failed = m.said("ProvisioningFailed")
    volume(m, storageClassName="local")
    m.tick(2)
    assert (failed[0][1], phases(m)[0]) == (
        "no volume plugin matched name: kubernetes.io/no-provisioner",
        {"data": "Bound"},
    )


def test_a_quiet_cluster_costs_nothing():
    m = manager()
    storage_class(m)
    claim(m, klass="fast")
    m.tick(4)
    before = m.etcd.revision
    m.tick(30)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)


@pytest.mark.parametrize(
    ("policy", "source", "reason", "text"),
    [
        (
            "Delete",
            {"hostPath": {"path": "/data"}},
            "VolumeFailedDelete",
            "host_path deleter only supports /tmp/.+ but received provided /data",
        ),
        (
            "Delete",
            {"nfs": {"server": "nas", "path": "/"}, "hostPath": None},
            "VolumeFailedDelete",
            'error getting deleter volume plugin for volume "pv1": no deletable volume plugin matched',
        ),
        (
            "Recycle",
            {"csi": {"driver": "disk.csi.kubesim.dev", "volumeHandle": "x"}, "hostPath": None},
            "VolumeFailedRecycle",
            "No recycler plugin found for the volume!",
        ),
    ],
)
def test_a_released_volume_that_nobody_can_do_away_with_has_failed(policy, source, reason, text):
    m = manager()
    volume(m, persistentVolumeReclaimPolicy=policy, **source)
    claim(m, klass="")
    m.settle(3)
    m.admin.delete(types.PersistentVolumeClaim, "default", "data")
    m.settle(5)
    (left,) = m.list(types.PersistentVolume)
    status = left.status
    assert (status.phase, status.message) == ("Failed", text)
    assert m.said(reason) == [(reason, text)]


def test_a_directory_in_tmp_is_deleted_with_its_volume():
    m = manager()
    volume(m, persistentVolumeReclaimPolicy="Delete", hostPath={"path": "/tmp/data"})
    claim(m, klass="")
    m.settle(3)
    m.admin.delete(types.PersistentVolumeClaim, "default", "data")
    m.settle(5)
    assert m.list(types.PersistentVolume) == []


def test_a_volume_that_is_kept_for_a_claim_of_another_mode_tells_both():
    m = manager()
    made = claim(m, klass="", volumeMode="Block")
    ref = {"namespace": "default", "name": "data", "uid": made.metadata.uid}
    volume(m, claimRef=ref)
    m.settle(3)
    assert [text for _, text in m.said("VolumeMismatch")] == [
        'Cannot bind PersistentVolume to requested PersistentVolumeClaim "data" due to incompatible volumeMode.',
        'Cannot bind PersistentVolume "pv1" to requested PersistentVolumeClaim due to incompatible volumeMode.',
    ]


def finished(m, pod):
    m.admin.update_status(pod.evolve(status=types.PodStatus(phase="Succeeded")))


def test_a_pod_that_has_finished_still_keeps_its_claim():
    m = manager()
    volume(m)
    claim(m, klass="")
    m.tick(3)
    finished(m, user(m))
    m.admin.delete(types.PersistentVolumeClaim, "default", "data")
    m.tick(3)
    assert m.get(types.PersistentVolumeClaim, "data").metadata.deletion_timestamp is not None
    m.gone("p")
    m.tick(3)
    assert m.list(types.PersistentVolumeClaim) == []


def unused(m):
    conditions = m.get(types.PersistentVolumeClaim, "data").status.conditions
    return [(c.status, c.reason) for c in conditions if c.type == "Unused"]


def test_a_bound_claim_says_whether_a_pod_uses_it():
    m = manager()
    volume(m)
    claim(m, klass="")
    m.tick(3)
    assert unused(m) == [("True", "NoPodsUsingPVC")]
    pod = user(m)
    m.tick(2)
    assert unused(m) == [("False", "PodUsingPVC")]
    finished(m, pod)
    m.tick(2)
    assert unused(m) == [("True", "NoPodsUsingPVC")]

"""Classes of storage, attachments, drivers, budgets, priorities and runtimes: new, changed, and stored wrong before."""

import pytest

from tests.apiserver.door import document
from tests.apiserver.rules import changed, created, reported

IMMUTABLE = "Invalid value: null: field is immutable"
SYSTEM = "Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "


def storage(kind, name="x", **rest):
    return document(kind, "storage.k8s.io/v1", name, **rest)


def storage_class(**rest):
    return storage("StorageClass", **{"provisioner": "example.com/disk", "volumeBindingMode": "Immediate", **rest})


def attachment(status=None, **spec):
    given = {"attacher": "disk.example.com", "nodeName": "a", "source": {"persistentVolumeName": "disk"}, **spec}
    return storage("VolumeAttachment", spec=given, status=status or {})


def driver(**spec):
    return storage("CSIDriver", "disk.example.com", spec=spec)


def capacity(value=None):
    found = {"nodeTopology": {"matchExpressions": [{"key": "a", "operator": "In", "values": [value]}]}} if value else {}
    return storage("CSIStorageCapacity", storageClassName="fast", **found)


def budget(name="x", value="a", **spec):
    selector = {"matchExpressions": [{"key": "a", "operator": "In", "values": [value]}]}
    return document("PodDisruptionBudget", "policy/v1", name, spec={"minAvailable": 1, "selector": selector, **spec})


def priority(name, value, **rest):
    return document("PriorityClass", "scheduling.k8s.io/v1", name, value=value, **rest)


def runtime(handler="runsc"):
    return document("RuntimeClass", "node.k8s.io/v1", "x", handler=handler)


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (storage_class(), []),
        (storage_class(provisioner=""), ["provisioner"]),
        (storage_class(reclaimPolicy=""), []),
        (storage_class(reclaimPolicy="Recycle"), ["reclaimPolicy"]),
        (storage_class(allowedTopologies=[{}]), ["allowedTopologies[0].matchLabelExpressions"]),
        (attachment(attacher=""), ["spec.attacher"]),
        (attachment(attacher="a_b", nodeName="A"), ["spec.nodeName", "spec.attacher"]),
        (attachment(attacher="a" * 64), ["spec.attacher"]),
        (driver(serviceAccountTokenInSecrets=False), ["spec.serviceAccountTokenInSecrets"]),
        (driver(serviceAccountTokenInSecrets=True, tokenRequests=[{"audience": "a"}]), []),
        (storage("CSINode", "a", spec={"drivers": [{"name": "", "nodeID": "a"}]}), ["spec.drivers[0].name"]),
        (budget("Any_Name"), []),
        (budget("a/b"), ["metadata.name"]),
        (budget("a/b", minAvailable="x"), ["spec.minAvailable"]),
        (runtime(""), ["handler"]),
        (runtime("A"), ["handler"]),
    ],
)
def test_fields_that_a_new_object_has_wrong(data, fields):
    assert fields == [field for field, _ in created(data)]


def test_a_name_in_mixed_case_is_told_as_it_was_read():
    ((_, message),) = created(storage_class(provisioner="Not A Name"))
    assert message.startswith('Invalid value: "not a name": ')


def test_of_characters_a_drivers_name_has_63():
    assert created(attachment(attacher="a." * 32 + "b")) == [
        ("spec.attacher", "Too long: may not be more than 63 characters")
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (priority("system-node-critical", 2_000_001_000), []),
        (priority("system-mine", 1), [("metadata.name", f"{SYSTEM}system-mine is not a known system priority class")]),
        (
            priority("system-node-critical", 2_000_001_000, globalDefault=True),
            [("metadata.name", f"{SYSTEM}globalDefault of system-node-critical PriorityClass must be false")],
        ),
    ],
)
def test_the_systems_own_priorities(data, expected):
    assert expected == created(data)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            storage_class(parameters={"a": "b"}),
            storage_class(provisioner="example.com/other", volumeBindingMode="WaitForFirstConsumer"),
            [("provisioner", IMMUTABLE), ("parameters", IMMUTABLE), ("volumeBindingMode", IMMUTABLE)],
        ),
        (storage_class(), storage_class(mountOptions=["ro"], allowVolumeExpansion=True), []),
        (attachment(), attachment(nodeName="b"), [("spec", IMMUTABLE)]),
        (capacity("a "), capacity("a "), []),
        (budget(value="a "), budget(value="b "), []),
        (runtime("a"), runtime("b"), [("handler", IMMUTABLE)]),
        (runtime("a"), runtime(""), [("handler", IMMUTABLE), ("handler", "Required value")]),
    ],
)
def test_what_is_said_of_a_change(old, new, expected):
    assert expected == changed(old, new)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"attached": True, "attachmentMetadata": {"a": "b"}}, []),
        (
            {"attachmentMetadata": {"a": "b" * 262144}},
            [("status.attachmentMetadata", "Too long: may not be more than 262144 bytes")],
        ),
        (
            {"attachError": {"message": "m" * 1025, "errorCode": -1}},
            [
                ("status.attachError.message", "Too long: may not be more than 1024 bytes"),
                ("status.attachError.errorCode", "Invalid value: -1: must be between 0 and 2147483647, inclusive"),
            ],
        ),
    ],
)
def test_what_is_said_of_an_attachments_status(status, expected):
    assert expected == reported(attachment(), attachment(status))

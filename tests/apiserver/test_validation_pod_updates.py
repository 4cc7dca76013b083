"""What of a Pod may change, as upstream's validation has it: a row a rule."""

import pytest

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.validation.kinds import validate_update
from tests.apiserver.door import Door, pod
from tests.apiserver.test_validation_pods import ARMOR, MIRROR, PODS, annotated, complete, told
from tests.harness import ADMIN, Request

TERMS = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
GATED = {"schedulingGates": [{"name": "example.com/wait"}]}
ON_DISK = {"key": "disk", "operator": "In", "values": ["ssd"]}
IN_ZONE = {"key": "zone", "operator": "Exists"}
REFUSED = "pod updates may not change fields other than"


def changed(old, new, subresource="", **status):
    """What an update of a Pod is refused with."""
    before, after = (with_version(complete(data), status) for data in (old, new))
    return told(validate_update(PODS, after, before, subresource))


def with_version(data, status):
    data["metadata"] |= {"resourceVersion": "1", "uid": "u"}
    return data | {"status": {"qosClass": "Burstable", **status}}


def gated(**spec):
    return pod(**GATED, **spec)


def near(*terms):
    """A gated Pod with these terms of required node affinity."""
    return gated(affinity={"nodeAffinity": {TERMS.split(".")[-2]: {"nodeSelectorTerms": list(terms)}}})


def term(*expressions):
    return {"matchExpressions": list(expressions)}


UPDATES = [
    (pod(nodeName="a"), annotated({MIRROR: "x"}, nodeName="a"), f"metadata.annotations[{MIRROR}]",
     "Forbidden: may not add mirror pod annotation"),
    (annotated({ARMOR + "c": "unconfined"}), pod(), f"metadata.annotations[{ARMOR}c]",
     "Forbidden: may not remove or update AppArmor annotations"),
    (pod(activeDeadlineSeconds=5), pod(activeDeadlineSeconds=6), "spec.activeDeadlineSeconds",
     "Invalid value: 6: must be less than or equal to previous value"),
    (pod(activeDeadlineSeconds=5), pod(), "spec.activeDeadlineSeconds",
     "Invalid value: null: must not update from a positive integer to nil value"),
    (gated(nodeSelector={"a": "b"}), gated(nodeSelector={"a": "c"}), "spec.nodeSelector",
     'Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)'),
    (near(term(ON_DISK)), near(term(ON_DISK), term(IN_ZONE)), TERMS,
     "no additions/deletions to non-empty NodeSelectorTerms list are allowed"),
    (near(term(ON_DISK)), near(term(IN_ZONE, ON_DISK)), f"{TERMS}[0]",
     "only additions are allowed (no mutations or deletions)"),
    (near({}), near(term(ON_DISK)), f"{TERMS}[0]", "only additions are allowed (no mutations or deletions)"),
    (gated(), pod(schedulingGates=[{"name": "example.com/other"}]), "spec.schedulingGates[0].name",
     "Forbidden: only deletion is allowed, but found new scheduling gate 'example.com/other'"),
    (pod(nodeSelector={"a": "b"}), pod(nodeSelector={"a": "b", "c": "d"}), "spec", REFUSED),
    (pod(), pod(hostname="a"), "spec", REFUSED),
]  # fmt: skip


@pytest.mark.parametrize("old, new, field, message", UPDATES)
def test_a_change_is_refused_in_upstreams_words(old, new, field, message):
    ((found, said),) = changed(old, new)
    assert (field, True) == (found, message in said)


@pytest.mark.parametrize("old, new", [
    (gated(), gated(nodeSelector={"a": "b"})),
    (gated(), near(term(ON_DISK))),
    (near(term(ON_DISK)), near(term(ON_DISK, IN_ZONE))),
    (gated(), pod()),
    (pod(), pod(activeDeadlineSeconds=5)),
    (pod(), pod(containers=[{"name": "c", "image": "redis"}])),
])  # fmt: skip
def test_a_pod_may_become_more_particular(old, new):
    assert changed(old, new) == []


def test_a_wrong_image_is_told_by_the_rules_of_containers_and_by_those_of_changes():
    missing = pod(containers=[{"name": "c", "image": "", "imagePullPolicy": "Always"}])
    assert changed(pod(), missing) == [("spec.containers[0].image", "Required value")] * 2


def test_a_static_pod_gets_no_debugger():
    static = annotated({MIRROR: "x"}, nodeName="a")
    said = "Forbidden: static pods do not support ephemeral containers"
    assert changed(static, static, "ephemeralcontainers") == [("", said)]


# -- resizing ----------------------------------------------------------------------------------------------------------


def sized(requests=None, limits=None, sidecar=None, first=None, **spec):
    """A Pod whose container asks for this, with a sidecar and an init container if they are given."""
    made = {"name": "c", "image": "nginx", "resources": {"requests": requests or {}, "limits": limits or {}}}
    inits = []
    if sidecar is not None:
        inits.append({"name": "s", "image": "a", "restartPolicy": "Always", "resources": {"requests": sidecar}})
    if first is not None:
        inits.append({"name": "i", "image": "a", **first})
    return pod(containers=[made], initContainers=inits, **spec)


CPU, MORE = {"cpu": "1"}, {"cpu": "2"}
C = "spec.containers[0]"
WHOLE = {"resources": {"requests": CPU}}
RESIZES = [
    (annotated({MIRROR: "x"}, nodeName="a"), annotated({MIRROR: "x"}, nodeName="a"), "",
     "Forbidden: static pods cannot be resized"),
    (pod(os={"name": "windows"}), pod(os={"name": "windows"}), "", "Forbidden: windows pods cannot be resized"),
    (sized(CPU), sized({"cpu": "1", "memory": "1Gi"}, {"cpu": "1", "memory": "1Gi"}), "spec",
     'Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'),
    (sized({"cpu": "1", "memory": "1Gi"}), sized(CPU), f"{C}.resources.requests",
     "Forbidden: resource requests cannot be removed"),
    (sized(CPU, CPU), sized(CPU), f"{C}.resources.limits", "Forbidden: resource limits cannot be removed"),
    (sized({**CPU, "ephemeral-storage": "1Gi"}), sized({**CPU, "ephemeral-storage": "2Gi"}), "spec",
     "Forbidden: only cpu and memory resources are mutable"),
    (sized(CPU, sidecar={**CPU, "ephemeral-storage": "1Gi"}), sized(CPU, sidecar={**CPU, "ephemeral-storage": "2Gi"}),
     "spec.initContainers[0]", "Forbidden: only cpu and memory resources for init or sidecar containers are mutable"),
    (sized(CPU, first={}), sized(CPU), "spec.initContainers",
     "Forbidden: initContainers may not be added or removed on resize"),
    (sized(CPU), pod(containers=[{"name": "d", "image": "nginx", "resources": {"requests": CPU}}]), f"{C}.name",
     "Forbidden: containers may not be renamed or reordered on resize"),
    (sized(CPU, **WHOLE), sized(CPU), "spec.resources", "Forbidden: pod-level resources cannot be removed"),
    (sized(CPU), sized(CPU, hostname="a"), "spec", "Forbidden: only cpu and memory resources are mutable"),
]  # fmt: skip


@pytest.mark.parametrize("old, new, field, message", RESIZES)
def test_a_resize_is_refused_in_upstreams_words(old, new, field, message):
    assert changed(old, new, "resize") == [(field, message)]


@pytest.mark.parametrize("old, new", [
    (sized(CPU), sized(MORE)),
    (sized(CPU), sized(CPU, MORE)),
    (sized(CPU, sidecar=CPU), sized(CPU, sidecar=MORE)),
    (sized(CPU, first={"resources": {"requests": CPU}}), sized(CPU, first={"resources": {"requests": MORE}})),
    (sized(CPU, **WHOLE), sized(CPU, resources={"requests": MORE})),
])  # fmt: skip
def test_cpu_of_every_sort_of_container_and_of_the_pod_can_be_resized(old, new):
    assert changed(old, new, "resize") == []


def test_through_the_door_a_resize_takes_the_pods_own_resources():
    door = Door()
    door.send("create", sized(CPU, **WHOLE))
    found = door.send("update", sized(CPU, resources={"requests": MORE}), subresource="resize")
    assert found.spec.resources.requests["cpu"] == "2"


def test_through_the_door_a_client_that_does_not_know_the_pods_own_resources_leaves_them():
    door = Door()
    data = encode_object(door.send("create", sized(CPU, **WHOLE)))
    del data["spec"]["resources"]
    for subresource in ("", "resize"):
        found = door.send("update", data, subresource=subresource)
        assert found.spec.resources.requests["cpu"] == "1"


def test_a_binding_names_a_node_by_a_name_that_a_node_can_have():
    door = Door()
    door.send("create", pod())
    body = {"target": {"kind": "Node", "name": "A B"}}
    with pytest.raises(StatusError) as refused:
        door.server.handle(Request(ADMIN, "create", PODS, "default", "p", "binding", body))
    assert 'target.name: Invalid value: "A B"' in refused.value.message

"""The door as a whole: the order of its stations, what passes how, and that nothing that is sent can break it."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import User
from tests.apiserver.door import Door, deployment, document, pod, service


@pytest.fixture
def door():
    return Door()


def test_the_stations_refuse_in_their_order(door):
    """One Pod with everything wrong with it, mended station by station."""
    data = pod(colour="red", priorityClassName="ghost", dnsPolicy="Wrong")
    made = document("ResourceQuota", "v1", "q", spec={"hard": {"pods": "0"}})
    door.create(made)
    stored = door.etcd.get("resourcequotas", ("default", "q"))
    full = {"hard": {"pods": "0"}, "used": {"pods": "0"}}
    door.etcd.put("resourcequotas", ("default", "q"), stored.evolve(rest=stored.rest.merged(status=full)))
    stations = [door.refusal("create", data, user=User("jane")).station]
    for field in ("colour", "priorityClassName", "dnsPolicy", None):
        stations.append(door.refusal("create", data).station)
        data["spec"].pop(field, None)
    assert stations == ["authorization", "decoding", "admission/Priority", "validation", "admission/ResourceQuota"]


def test_typed_objects_of_components_are_checked_as_json_is(door):
    bad = decode_object(types.Pod, pod(dnsPolicy="Wrong")).evolve(
        metadata=types.ObjectMeta(name="p", namespace="default")
    )
    with pytest.raises(StatusError, match=r'spec.dnsPolicy: Unsupported value: "Wrong"'):
        door.admin.create(bad)


def test_warnings_belong_to_the_last_request(door):
    door.send("create", deployment(colour="red"), validation="Warn")
    assert door.server.warnings == ['unknown field "spec.colour"']
    door.send("create", service())
    assert door.server.warnings == []


def test_every_write_leaves_a_record_and_reading_leaves_none(door):
    before = len(door.server.trace)
    door.send("create", service())
    door.get(types.Service, "web")
    door.refusal("create", service())
    found = [(r.verb, r.resource, r.name, r.code) for r in list(door.server.trace)[before:]]
    assert found == [("create", "services", "web", 201), ("create", "services", "web", 409)]


def test_kinds_that_are_not_in_the_table_are_checked_by_their_metadata(door):
    data = document("CSINode", "storage.k8s.io/v1", "Not/A/Name", spec={"drivers": []})
    assert "metadata.name: Invalid value" in door.refusal("create", data).message


WORDS = st.sampled_from(["", "x", "10.0.0.1", "1Gi", "-5", "http", "50%", "None", "a/b", "A_B", "é", "a" * 300])
LEAVES = st.none() | st.booleans() | st.sampled_from([0, -1, 1, 2**31, 2**63, 1.5]) | WORDS
VALUES = st.recursive(
    LEAVES, lambda v: st.lists(v, max_size=2) | st.dictionaries(st.sampled_from(["name", "port", "key"]), v, max_size=2)
)
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
LABELLED = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
VOLUMES = [{"name": "a", "secret": {"secretName": "s", "items": [{"key": "k", "path": "p"}]}}]
PROBE = {"httpGet": {"port": "web", "httpHeaders": [{"name": "A", "value": "b"}]}}
RICH = {
    "name": "c",
    "image": "x",
    "ports": [{"name": "web", "containerPort": 80, "hostPort": 80}],
    "env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}],
    "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "500m"}},
    "volumeMounts": [{"name": "a", "mountPath": "/a"}],
    "readinessProbe": PROBE,
    "lifecycle": {"preStop": {"exec": {"command": ["x"]}}},
}
SPREAD = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
RULE = {"verbs": ["get"], "apiGroups": [""], "resources": ["a"]}
DOCUMENTS = [
    pod(containers=[RICH], volumes=VOLUMES, topologySpreadConstraints=[SPREAD], tolerations=[{"key": "a"}]),
    deployment(strategy={"rollingUpdate": {"maxSurge": "25%"}}),
    document("StatefulSet", "apps/v1", "x", spec={**LABELLED, "volumeClaimTemplates": [{"spec": CLAIM}]}),
    document("DaemonSet", "apps/v1", "x", spec=LABELLED),
    document("Job", "batch/v1", "x", spec={"template": {"spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}}}),
    service(type="NodePort", ports=[{"name": "a", "port": 80, "targetPort": "web", "nodePort": 30000}]),
    document(
        "Ingress", "networking.k8s.io/v1", "x", spec={"defaultBackend": BACKEND, "rules": [{"host": "a.example"}]}
    ),
    document("PersistentVolumeClaim", "v1", "x", spec=CLAIM),
    document("ConfigMap", "v1", "x", data={"a": "b"}, binaryData={"c": "eA=="}),
    document("LimitRange", "v1", "x", spec={"limits": [{"type": "Container", "max": {"cpu": "1"}}]}),
    document("ResourceQuota", "v1", "x", spec={"hard": {"pods": "1"}, "scopes": ["BestEffort"]}),
    document("PodDisruptionBudget", "policy/v1", "x", spec={"minAvailable": "50%", "selector": {"matchLabels": {}}}),
    document(
        "Role", "rbac.authorization.k8s.io/v1", "x", rules=[{"verbs": ["get"], "apiGroups": [""], "resources": ["a"]}]
    ),
]


def places(value, path=()):
    """Every path of a document."""
    found = [path] if path else []
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        found += places(inner, (*path, step))
    return found


def spoiled(data, draw):
    """A document with one place taken away or replaced by something else."""
    made = copy.deepcopy(data)
    path = draw(st.sampled_from([p for p in places(made) if p[0] not in ("apiVersion", "kind")]))
    owner = made
    for step in path[:-1]:
        owner = owner[step]
    if draw(st.booleans()) and isinstance(owner, dict):
        del owner[path[-1]]
    else:
        owner[path[-1]] = draw(VALUES)
    return made


FRESH = Door()


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(DOCUMENTS), st.data())
def test_whatever_is_sent_is_made_or_refused_with_a_status(data, chosen):
    door, codes = copy.deepcopy(FRESH), []
    try:
        made = door.send("create", spoiled(data, chosen.draw))
        again = {**spoiled(encode_object(made), chosen.draw), "apiVersion": data["apiVersion"], "kind": data["kind"]}
        door.send("update", again, name=made.metadata.name)
    except StatusError as refused:
        codes.append(refused.code)
    assert set(codes) <= {400, 403, 404, 409, 422, 500}

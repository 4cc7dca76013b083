"""Legacy Endpoints of Services with a selector, and slices of Endpoints that were written by hand."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.request import Request
from kubesim_tui.controllers.endpoint import MOST, EndpointsController
from kubesim_tui.controllers.endpointslicemirroring import EndpointSliceMirroringController
from kubesim_tui.controllers.replicaset.replica_set import ReplicaSetController
from tests.controllers.bench import Manager, replica_set
from tests.harness import ADMIN

ENDPOINTS = for_plural("endpoints")


def service(**spec):
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}


def read(m, name="web"):
    return encode_object(m.server.handle(Request(ADMIN, "get", ENDPOINTS, "default", name)))


def board(replicas=2, **spec):
    m = Manager(ReplicaSetController, EndpointsController)
    m.create(service(**spec))
    m.create(replica_set(replicas=replicas))
    m.settle(4)
    return m


def test_addresses_of_ready_pods_stand_apart_from_those_of_others():
    m = board()
    pods = m.pods()
    for i, pod in enumerate(pods):
        ip = f"10.244.0.{i + 1}"
        status = pod.status.evolve(pod_ip=ip, pod_ips=(types.PodIP(ip=ip),))
        unready = tuple(c.evolve(status="False") if c.type == "Ready" and i else c for c in status.conditions)
        m.admin.update_status(pod.evolve(status=status.evolve(conditions=unready)))
    m.tick(2)
    (subset,) = read(m)["subsets"]
    assert [a["ip"] for a in subset["addresses"]] == ["10.244.0.1"]
    assert [a["ip"] for a in subset["notReadyAddresses"]] == ["10.244.0.2"]
    assert subset["ports"] == [{"port": 8080, "protocol": "TCP"}]
    meta = pods[0].metadata
    assert subset["addresses"][0]["targetRef"] == {
        "kind": "Pod",
        "namespace": "default",
        "name": meta.name,
        "uid": meta.uid,
    }


def test_a_service_without_pods_has_endpoints_without_subsets():
    m = board(replicas=0)
    found = read(m)
    assert ("subsets" in found, found["metadata"]["labels"]) == (
        False,
        {"endpoints.kubernetes.io/managed-by": "endpoint-controller"},
    )


def test_a_headless_service_says_so():
    m = board(clusterIP="None")
    assert "service.kubernetes.io/headless" in read(m)["metadata"]["labels"]


def test_they_go_with_their_service_and_come_back_when_deleted():
    m = board()
    m.etcd.delete("endpoints", ("default", "web"))
    m.tick(2)
    assert read(m)["metadata"]["name"] == "web"
    m.delete(types.Service, "web")
    m.tick(2)
    assert m.etcd.get("endpoints", ("default", "web")) is None


def test_more_than_a_thousand_addresses_are_cut():
    m = Manager(EndpointsController)
    m.create(service())
    spec = types.PodSpec(node_name="node-a", containers=(types.Container(name="c", image="app:v1"),))
    ready = (types.PodCondition(type="Ready", status="True"),)
    for i in range(MOST + 5):
        meta = types.ObjectMeta(name=f"p{i}", namespace="default", labels={"app": "web"}, uid=f"u{i}")
        status = types.PodStatus(phase="Running", pod_ip=f"10.0.{i // 250}.{i % 250 + 1}", conditions=ready)
        made = m.admin.create(types.Pod(metadata=meta, spec=spec))
        m.admin.update_status(made.evolve(status=status))
    m.tick(2)
    found = read(m)
    assert len(found["subsets"][0]["addresses"]) == MOST
    assert found["metadata"]["annotations"] == {"endpoints.kubernetes.io/over-capacity": "truncated"}


def test_a_quiet_service_is_written_once():
    m = board()
    before = m.etcd.revision
    m.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})
    m.settle(3)
    assert m.etcd.revision == before + 1


# -- mirroring -----------------------------------------------------------------------------------------------------


def by_hand(**labels):
    subsets = [{"addresses": [{"ip": "198.51.100.7"}, {"ip": "fd00::7"}], "ports": [{"port": 5432, "name": "sql"}]}]
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": "db", "labels": labels},
        "subsets": subsets,
    }


def mirror(endpoints, **spec):
    m = Manager(EndpointSliceMirroringController)
    body = {"ports": [{"port": 5432}], **spec}
    m.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db"}, "spec": body})
    m.create(endpoints)
    m.tick(2)
    return m


def faces(m):
    return [
        (s.address_type, [e.addresses for e in s.endpoints], [(p.name, p.port) for p in s.ports])
        for s in m.list(types.EndpointSlice)
    ]


def test_endpoints_written_by_hand_become_slices_of_their_families():
    m = mirror(by_hand())
    assert sorted(faces(m)) == [
        ("IPv4", [("198.51.100.7",)], [("sql", 5432)]),
        ("IPv6", [("fd00::7",)], [("sql", 5432)]),
    ]
    labels = m.list(types.EndpointSlice)[0].metadata.labels
    assert labels == {
        "kubernetes.io/service-name": "db",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    }


def test_slices_follow_their_endpoints():
    m = mirror(by_hand())
    body = by_hand()
    body["subsets"][0]["addresses"] = [{"ip": "198.51.100.8"}]
    m.server.handle(Request(ADMIN, "update", ENDPOINTS, "default", "db", body=body))
    m.tick(2)
    assert faces(m) == [("IPv4", [("198.51.100.8",)], [("sql", 5432)])]
    m.server.handle(Request(ADMIN, "delete", ENDPOINTS, "default", "db"))
    m.tick(2)
    assert faces(m) == []


def test_what_is_not_mirrored():
    skipped = by_hand(**{"endpointslice.kubernetes.io/skip-mirror": "true"})
    assert (faces(mirror(skipped)), faces(mirror(by_hand(), selector={"app": "db"}))) == ([], [])

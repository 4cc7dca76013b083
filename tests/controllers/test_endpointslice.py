import pytest

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode, decode_object, encode
from kubesim_tui.controllers.endpointslice.controller import EndpointSliceController
from kubesim_tui.controllers.endpointslice.endpoints import (
    address_types,
    belongs,
    endpoint_ports,
    find_port,
    pod_to_endpoint,
)
from kubesim_tui.controllers.endpointslice.hints import with_hints
from kubesim_tui.controllers.endpointslice.reconcile import new_slice
from kubesim_tui.controllers.replicaset.replica_set import ReplicaSetController
from tests.controllers.bench import Manager, cases, pod, replica_set
from tests.harness import running


def service(data):
    return decode_object(types.Service, {"metadata": {}, **data})


def plain(endpoint):
    """An endpoint as the tables write it."""
    found = encode(endpoint)
    return {k: v for k, v in found.items() if v not in ("", [])}


ENDPOINTS = cases("scheduling/endpoint_conditions.json")
SLICES = "workloads/endpointslices.json"


def of_kind(kind):
    return [c for c in ENDPOINTS if c.values[0]["kind"] == kind]


@pytest.mark.parametrize("given, want", [*of_kind("endpoint"), *cases(SLICES, "pod_to_endpoint")])
def test_the_endpoint_of_a_pod(given, want):
    node = decode_object(types.Node, given["node"]) if given.get("node") else None
    address_type = given.get("address_type") or given.get("addressType") or "IPv4"
    found = plain(pod_to_endpoint(pod(given["pod"]), node, service(given["service"]), address_type))
    expected = want.get("endpoint", want)
    assert {k: found.get(k) for k in expected} == expected


@pytest.mark.parametrize("given, want", [*of_kind("in_endpoints"), *cases(SLICES, "pod_in_endpoints")])
def test_whether_a_pod_is_among_the_endpoints(given, want):
    include = given.get("include_terminating", given.get("includeTerminating"))
    assert belongs(pod({"metadata": {}, **given["pod"]}), include_terminating=include) == want["included"]


@pytest.mark.parametrize("given, want", [*of_kind("ports"), *cases(SLICES, "endpoint_ports")])
def test_the_ports_on_a_pod(given, want):
    found = endpoint_ports(service(given["service"]), pod({"metadata": {}, **given["pod"]}))
    assert [{k: v for k, v in encode(p).items() if v is not None} for p in found] == want["ports"]


@pytest.mark.parametrize("given, want", of_kind("find_port"))
def test_a_target_port(given, want):
    port = decode(types.ServicePort, {"port": 80, **given["service_port"]})
    assert find_port(pod({"metadata": {}, **given["pod"]}), port) == want.get("port")


@pytest.mark.parametrize("given, want", cases(SLICES, "find_port"))
def test_a_named_target_port(given, want):
    spec = {"containers": given["containers"], "initContainers": given["initContainers"]}
    port = types.ServicePort(port=80, target_port=given["targetPort"], protocol="TCP")
    assert find_port(pod({"metadata": {}, "spec": spec}), port) == want.get("port")


@pytest.mark.parametrize("given, want", cases(SLICES, "address_types"))
def test_address_families(given, want):
    assert list(address_types(service(given["service"]))) == want["addressTypes"]


@pytest.mark.parametrize("given, want", cases(SLICES, "new_slice"))
def test_the_metadata_of_a_new_slice(given, want):
    made = new_slice(service(given["service"]), (), "IPv4")
    labels = dict(made.metadata.labels)
    labels["endpointslice.kubernetes.io/managed-by"] = "(controller name)"
    found = {
        "generateName": made.metadata.generate_name,
        "namespace": made.metadata.namespace,
        "addressType": made.address_type,
        "endpoints": list(made.endpoints),
        "labels": labels,
    }
    assert found == want


@pytest.mark.parametrize("given, want", cases("scheduling/traffic_distribution.json"))
def test_hints_follow_the_traffic_distribution(given, want):
    def hinted(slices):
        return [
            [with_hints(given.get("trafficDistribution"), decode(types.Endpoint, e)) for e in s["endpoints"]]
            for s in slices
        ]

    given_update, same = given.get("slicesToUpdate", []), given.get("slicesUnchanged", [])
    changed = [s for s in same if hinted([s])[0] != [decode(types.Endpoint, e) for e in s["endpoints"]]]
    kept = [s for s in same if s not in changed]

    def expected(key):
        return [[decode(types.Endpoint, e) for e in s["endpoints"]] for s in want.get(key) or []]

    assert hinted(given.get("slicesToCreate", [])) == expected("wantSlicesToCreate")
    assert hinted(given_update + changed) == expected("wantSlicesToUpdate")
    assert hinted(kept) == expected("wantSlicesUnchanged")


# -- the controller ----------------------------------------------------------------------------------------------


def web(**spec):
    ports = [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": ports, **spec},
    }


def manager():
    return Manager(ReplicaSetController, EndpointSliceController)


def numbered(m, ready=True):
    """Run every bound Pod that does not run yet, each with an address of its own."""
    for i, found in enumerate(m.pods()):
        if found.status.phase != "Running" and found.spec.node_name:
            status = running(found, ready, m.engine.clock.now).evolve(pod_ip=f"10.0.{i // 250}.{i % 250 + 1}")
            m.admin.update_status(found.evolve(status=status))


def up(m, ticks=3):
    for _ in range(ticks):
        m.tick()
        m.bind()
        numbered(m)
    m.tick()


def slices(m):
    return m.list(types.EndpointSlice)


def test_a_service_without_pods_has_one_empty_slice():
    m = manager()
    m.create(web())
    m.tick(2)
    (only,) = slices(m)
    assert (only.endpoints, only.metadata.labels["kubernetes.io/service-name"]) == ((), "web")


def test_ready_pods_are_behind_the_target_port():
    m = manager()
    m.create(web())
    m.create(replica_set())
    up(m)
    (only,) = slices(m)
    assert len(only.endpoints) == 3
    assert [(p.name, p.port) for p in only.ports] == [("http", 8080)]
    assert all(e.conditions.ready for e in only.endpoints)


def test_a_pod_that_is_deleted_is_terminating_but_still_serving():
    m = manager()
    m.create(web())
    m.create(replica_set(replicas=1))
    up(m)
    name = m.pods()[0].metadata.name
    m.delete(types.Pod, name)
    m.tick()
    (old,) = [e for s in slices(m) for e in s.endpoints if e.target_ref.name == name]
    assert (old.conditions.ready, old.conditions.serving, old.conditions.terminating) == (False, True, True)


def test_never_more_than_a_hundred_endpoints_a_slice():
    m = manager()
    m.create(web())
    m.create(replica_set(replicas=250))
    up(m)
    assert sorted(len(s.endpoints) for s in slices(m)) == [50, 100, 100]


def test_only_the_slices_that_changed_are_written():
    m = manager()
    m.create(web())
    m.create(replica_set(replicas=250))
    up(m)
    before = {s.metadata.name: s.metadata.resource_version for s in slices(m)}
    m.gone(m.pods()[0].metadata.name)
    m.tick()
    written = [s.metadata.name for s in slices(m) if before.get(s.metadata.name) != s.metadata.resource_version]
    assert len(written) == 1


def test_slices_by_hand_of_a_service_without_selector_are_left_alone():
    m = manager()
    m.create(web(selector={}))
    by_hand = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "mine", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["192.0.2.1"]}],
        "ports": [{"port": 80, "name": "http"}],
    }
    m.create(by_hand)
    m.tick(3)
    (only,) = slices(m)
    assert (only.metadata.name, only.endpoints[0].addresses) == ("mine", ("192.0.2.1",))


def test_a_deleted_slice_comes_back():
    m = manager()
    m.create(web())
    m.create(replica_set())
    up(m)
    m.delete(types.EndpointSlice, slices(m)[0].metadata.name)
    m.tick()
    assert [len(s.endpoints) for s in slices(m)] == [3]


def test_another_port_rewrites_the_slice():
    m = manager()
    m.create(web())
    m.create(replica_set())
    up(m)
    found = m.get(types.Service, "web")
    (port,) = found.spec.ports
    m.admin.update(found.evolve(spec=found.spec.evolve(ports=(port.evolve(target_port=9090),))))
    m.tick()
    assert [(len(s.endpoints), s.ports[0].port) for s in slices(m)] == [(3, 9090)]


def test_pods_that_are_not_ready_are_published_if_the_service_says_so():
    m = manager()
    m.create(web(publishNotReadyAddresses=True))
    m.create(replica_set(replicas=1))
    m.tick()
    m.bind()
    numbered(m, ready=False)
    m.tick()
    (endpoint,) = slices(m)[0].endpoints
    assert (endpoint.conditions.ready, endpoint.conditions.serving) == (True, False)


def test_zone_and_node_are_noted():
    m = manager()
    m.create(web())
    m.create(replica_set(replicas=2))
    up(m)
    assert sorted((e.node_name, e.zone) for e in slices(m)[0].endpoints) == [("node-a", "z1"), ("node-b", "z2")]


def test_a_quiet_service_costs_nothing():
    m = manager()
    m.create(web())
    m.create(replica_set())
    up(m)
    before = m.etcd.revision
    m.tick(20)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)


def test_two_thousand_pods_are_cheap():
    m = manager()
    m.create(web())
    m.create(replica_set(replicas=2000))
    up(m)
    assert sum(len(s.endpoints) for s in slices(m)) == 2000

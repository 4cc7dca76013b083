from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.controllers.endpointslice.controller import EndpointSliceController
from kubesim_tui.controllers.replicaset.replica_set import ReplicaSetController
from tests.controllers.bench import Manager, replica_set
from tests.harness import running


def service(data):
    return decode_object(types.Service, {"metadata": {}, **data})


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

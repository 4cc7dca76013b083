import itertools

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.request import Request
from kubesim_tui.controllers.daemonset.controller import DaemonSetController
from kubesim_tui.controllers.daemonset.pods import target_node
from tests.controllers.bench import Manager, node, template
from tests.harness import ADMIN, running

DAEMONSETS = scheme.for_plural("daemonsets")


# -- whole runs --------------------------------------------------------------------------------------------------


def daemon_set(strategy=None, **pod_spec):
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "agent"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": template(**pod_spec),
            "updateStrategy": strategy
            or {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
            "revisionHistoryLimit": 10,
        },
    }


class Nodes(Manager):
    """Binds daemon Pods to the nodes they are for."""

    def bind(self):
        for found in self.list(types.Pod):
            if not found.spec.node_name and found.metadata.deletion_timestamp is None:
                self.admin.update(found.evolve(spec=found.spec.evolve(node_name=target_node(found))))


def manager(*names, strategy=None, **pod_spec):
    m = Nodes(DaemonSetController)
    for name in names or ("node-c", "node-d"):
        m.create(node(name))
    m.create(daemon_set(strategy, **pod_spec))
    return m


def get(m):
    return encode_object(m.server.handle(Request(ADMIN, "get", DAEMONSETS, "default", "agent")))


def change(m, image):
    data = get(m)
    data["spec"]["template"]["spec"]["containers"][0]["image"] = image
    m.server.handle(Request(ADMIN, "update", DAEMONSETS, "default", "agent", body=data))


def images(m):
    return {p.spec.node_name: p.spec.containers[0].image for p in m.pods()}


def test_every_node_gets_one():
    m = manager()
    m.settle(4)
    status = get(m)["status"]
    assert sorted(images(m)) == ["node-a", "node-b", "node-c", "node-d"]
    assert (status["desiredNumberScheduled"], status["numberReady"], status["numberAvailable"]) == (4, 4, 4)


def test_a_new_node_gets_one_and_a_tainted_one_none():
    m = manager()
    m.settle(3)
    made = m.create(node("node-e"))
    m.admin.update(made.evolve(spec=types.NodeSpec(taints=(types.Taint(key="k", effect="NoSchedule"),))))
    m.create(node("node-f"))
    m.settle(3)
    assert sorted(images(m)) == ["node-a", "node-b", "node-c", "node-d", "node-f"]


def test_a_no_execute_taint_removes_the_daemon_and_a_no_schedule_one_does_not():
    m = manager()
    m.settle(3)
    for name, effect in (("node-a", "NoExecute"), ("node-b", "NoSchedule")):
        found = m.get(types.Node, name, "")
        m.admin.update(found.evolve(spec=types.NodeSpec(taints=(types.Taint(key="k", effect=effect),))))
    m.settle(3)
    assert sorted(images(m)) == ["node-b", "node-c", "node-d"]


def test_only_nodes_that_the_selector_chooses():
    m = manager(nodeSelector={"kubernetes.io/hostname": "node-b"})
    m.settle(3)
    assert sorted(images(m)) == ["node-b"]


def test_an_update_goes_node_by_node():
    m = manager()
    m.settle(4)
    change(m, "app:v2")
    seen = []
    for _ in range(14):
        m.tick()
        alive = sum(p.metadata.deletion_timestamp is None and p.status.phase == "Running" for p in m.pods())
        seen.append(alive)
        m.bind()
        m.run_pods()
    assert min(seen) >= 3
    assert set(images(m).values()) == {"app:v2"}


def test_a_bad_release_stops_at_one_node():
    m = manager()
    m.settle(4)
    change(m, "bad")
    for _ in range(10):
        m.tick()
        m.bind()
        for p in m.pods():
            if p.metadata.deletion_timestamp is not None:
                m.gone(p.metadata.name)
    assert sorted(images(m).values()) == ["app:v1", "app:v1", "app:v1", "bad"]


def test_on_delete_changes_only_what_is_deleted():
    m = manager(strategy={"type": "OnDelete"})
    m.settle(4)
    change(m, "app:v2")
    m.settle(3)
    victim = next(p for p in m.pods() if p.spec.node_name == "node-b")
    m.delete(types.Pod, victim.metadata.name)
    m.settle(3)
    assert images(m) == {"node-a": "app:v1", "node-b": "app:v2", "node-c": "app:v1", "node-d": "app:v1"}


def test_with_surge_the_old_pod_stays_until_the_new_one_is_ready():
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    m = manager(strategy=strategy)
    m.settle(4)
    change(m, "app:v2")
    low = 4
    for _ in range(20):
        m.tick()
        low = min(low, sum(p.status.phase == "Running" and p.metadata.deletion_timestamp is None for p in m.pods()))
        m.bind()
        m.run_pods()
    assert (low, set(images(m).values())) == (4, {"app:v2"})


def test_a_failed_daemon_is_killed_each_time_later():
    m = manager("node-c")
    m.settle(3)
    times = []
    for _ in range(30):
        for p in m.pods():
            if p.spec.node_name == "node-a" and p.status.phase != "Failed":
                m.admin.update_status(p.evolve(status=running(p, False, 0).evolve(phase="Failed")))
                times.append(m.engine.tick)
        m.tick()
        m.bind()
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert gaps == sorted(gaps)
    assert gaps[-1] >= 4
    assert m.said("FailedDaemonPod")[0][1].endswith("on node node-a, will try to kill it")


def test_a_quiet_set_costs_nothing():
    m = manager()
    m.settle(6)
    before = m.etcd.revision
    m.tick(30)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)

"""The examples of the documentation (kubernetes.io) place their Pods as its pages say."""

import pytest

from tests.manifests import corpus
from tests.scheduler.bench import Cluster

PAGES = "k8s-website/"
ZONE = "topology.kubernetes.io/zone"
MASTER = {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}

pytestmark = pytest.mark.skipif(not (corpus.FOLDER / PAGES).exists(), reason="the manifests are not here")


def example(file, kind="Pod"):
    """The first object of a kind in a file of the documentation."""
    return next(d.data for d in corpus.read(PAGES + file) if d.data["kind"] == kind)


def from_template(workload, number):
    """A Pod of a workload's template."""
    template = workload["spec"]["template"]
    name = f"{workload['metadata']['name']}-{number}"
    spec = {**template["spec"], "volumes": [], "containers": [{**c} for c in template["spec"]["containers"]]}
    for container in spec["containers"]:
        container.pop("volumeMounts", None)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": template["metadata"]["labels"]},
        "spec": spec,
    }


@pytest.mark.parametrize("file", ["pods/pod-nginx.yaml", "pods/pod-nginx-required-affinity.yaml"])
def test_assign_pods_to_nodes_by_a_label(file):
    c = Cluster()
    for name, labels in (("worker0", {"disktype": "ssd"}), ("worker1", {}), ("worker2", {})):
        c.node(name, labels=labels)
    c.create(example(file))
    c.tick()
    assert c.node_of("nginx") == "worker0"


def test_a_pod_with_a_node_name_is_no_matter_of_the_scheduler():
    c = Cluster(nodes=2)
    c.create(example("pods/pod-nginx-specific-node.yaml"))
    c.tick()
    assert (c.node_of("nginx"), c.said("nginx")) == ("foo-node", [])


def zones_v_and_r():
    """The example of "Assigning Pods to Nodes": S1 runs in zone V, S2 in zone R."""
    c = Cluster()
    for name, zone in (("v1", "V"), ("v2", "V"), ("r1", "R"), ("r2", "R")):
        c.node(name, labels={ZONE: zone})
    return c


def test_a_pod_goes_where_its_neighbours_are():
    c = zones_v_and_r()
    c.pod("s1", labels={"security": "S1"}, nodeName="v1")
    c.pod("s2", labels={"security": "S2"}, nodeName="r1")
    c.create(example("pods/pod-with-pod-affinity.yaml"))
    c.tick()
    assert c.node_of("with-pod-affinity") in ("v1", "v2")


def test_and_nowhere_without_them():
    c = zones_v_and_r()
    c.create(example("pods/pod-with-pod-affinity.yaml"))
    c.tick()
    assert c.condition("with-pod-affinity")[2].startswith(
        "0/4 nodes are available: 4 node(s) didn't match pod affinity rules."
    )


def spread_over(*placed):
    """zoneA: node1, node2; zoneB: node3, node4; Pods labelled foo=bar on some."""
    c = Cluster()
    for number, zone in enumerate("AABB", 1):
        c.node(f"node{number}", labels={"zone": f"zone{zone}", "node": f"node{number}"})
    for i, node in enumerate(placed):
        c.pod(f"p{i}", labels={"foo": "bar"}, nodeName=node)
    return c


def test_one_topology_spread_constraint():
    c = spread_over("node1", "node2", "node3")
    c.create(example("pods/topology-spread-constraints/one-constraint.yaml"))
    c.tick()
    assert c.node_of("mypod") in ("node3", "node4")


def two_constraints():
    pod = example("pods/topology-spread-constraints/one-constraint.yaml")
    first = pod["spec"]["topologySpreadConstraints"][0]
    return {**pod, "spec": {**pod["spec"], "topologySpreadConstraints": [first, {**first, "topologyKey": "node"}]}}


def test_two_topology_spread_constraints():
    c = spread_over("node1", "node2", "node3")
    c.create(two_constraints())
    c.tick()
    assert c.node_of("mypod") == "node4"


def test_two_constraints_that_conflict():
    c = Cluster()
    for name, zone in (("node1", "A"), ("node2", "A"), ("node3", "B")):
        c.node(name, labels={"zone": f"zone{zone}", "node": name})
    for i, node in enumerate(("node1", "node1", "node2", "node3", "node3")):
        c.pod(f"p{i}", labels={"foo": "bar"}, nodeName=node)
    c.create(two_constraints())
    c.tick()
    assert c.condition("mypod")[2].startswith(
        "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints."
    )


def test_zookeeper_has_one_server_on_a_node():
    c = Cluster(nodes=3)
    workload = example("application/zookeeper/zookeeper.yaml", "StatefulSet")
    for i in range(4):
        c.create(from_template(workload, i))
    c.tick()
    assert sorted(c.node_of(f"zk-{i}") for i in range(4)) == ["", "node-a", "node-b", "node-c"]
    assert c.condition("zk-3")[2].startswith("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.")


def test_fluentd_tolerates_the_control_plane_and_others_do_not():
    c = Cluster()
    c.node("control-plane", taints=[MASTER])
    c.create(from_template(example("controllers/daemonset.yaml", "DaemonSet"), 0))
    c.pod("other")
    c.tick()
    assert c.node_of("fluentd-elasticsearch-0") == "control-plane"
    assert c.condition("other")[2].startswith("0/1 nodes are available: 1 node(s) had untolerated taint(s).")

"""What wakes a Pod that was refused: for each plugin, the events that can undo its refusal, and only these."""

import pytest

from kubesim_tui.api import types
from tests.scheduler.bench import Cluster

ZONE = "topology.kubernetes.io/zone"
WEB = {"matchLabels": {"app": "web"}}
TAINT = {"key": "x", "effect": "NoSchedule"}
PORT = {"container": {"ports": [{"containerPort": 80, "hostPort": 80}]}}
SSD = {"nodeSelector": {"disk": "ssd"}}


def near(kind, key=ZONE):
    term = {"labelSelector": WEB, "topologyKey": key}
    return {"affinity": {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


def spread(cpu="", **more):
    constraint = {"maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": WEB}
    return {"cpu": cpu, "labels": {"app": "web"}, "topologySpreadConstraints": [{**constraint, **more}]}


def zone(name):
    return {"labels": {ZONE: name}}


def node(name, **spec):
    return lambda c: c.node(name, **spec)


def pod(name, **spec):
    return lambda c: c.pod(name, **spec)


def gone(name):
    return lambda c: c.gone(name)


def node_gone(name):
    return lambda c: c.delete(types.Node, name, namespace="")


def node_is(name, **body):
    return lambda c: c.patch(types.Node, name, body, namespace="")


def node_label(name, key, value):
    return node_is(name, metadata={"labels": {key: value}})


def relabel(name, value):
    return lambda c: c.patch(types.Pod, name, {"metadata": {"labels": {"app": value}}})


def tolerate(name):
    tolerations = [{"operator": "Exists"}]
    return lambda c: c.patch(types.Pod, name, {"spec": {"tolerations": tolerations}})


def ungate(name):
    return lambda c: c.patch(types.Pod, name, {"spec": {"schedulingGates": None}})


def allocatable(name, cpu):
    def change(c):
        found = c.get(types.Node, name, "")
        status = found.status.evolve(allocatable={**found.status.allocatable, "cpu": cpu})
        c.admin.update_status(found.evolve(status=status))

    return change


A = [node("a", cpu="1")]
WEB_ON_A = [node("a", **zone("1")), pod("other", labels={"app": "web"})]
WEB_ON_BOTH = [
    node("a", **zone("1")),
    node("b", **zone("1")),
    pod("other", labels={"app": "web"}, nodeName="a"),
]
TWO_ZONES = [
    node("a", **zone("1")),
    node("b", **zone("2"), taints=[TAINT]),
    pod("other", labels={"app": "web"}),
]

WAKES = {
    "resources, a node comes": (A, {"cpu": "2"}, node("b", cpu="4")),
    "resources, a Pod goes": ([*A, pod("other", cpu="1")], {"cpu": "1"}, gone("other")),
    "resources, a node has more": (A, {"cpu": "2"}, allocatable("a", "4")),
    "resources, a slot is free": ([node("a", pods=1), pod("other")], {"cpu": "1"}, gone("other")),
    "ports, a Pod goes": ([*A, pod("other", **PORT)], PORT, gone("other")),
    "ports, a node comes": ([*A, pod("other", **PORT)], PORT, node("b")),
    "selector, a node comes": (A, SSD, node("b", labels={"disk": "ssd"})),
    "selector, a node is labelled": (A, SSD, node_label("a", "disk", "ssd")),
    "taint, it is taken away": ([node("a", taints=[TAINT])], {}, node_is("a", spec={"taints": None})),
    "taint, a node comes": ([node("a", taints=[TAINT])], {}, node("b")),
    "taint, the Pod tolerates it": ([node("a", taints=[TAINT])], {}, tolerate("it")),
    "cordon, it ends": ([node("a", unschedulable=True)], {}, node_is("a", spec={"unschedulable": None})),
    "cordon, a node comes": ([node("a", unschedulable=True)], {}, node("b")),
    "cordon, the Pod tolerates it": ([node("a", unschedulable=True)], {}, tolerate("it")),
    "affinity, the other comes": ([node("a", **zone("1"))], near("podAffinity"), pod("other", labels={"app": "web"})),
    "affinity, another is relabelled": (
        [node("a", **zone("1")), pod("other", labels={"app": "db"})],
        near("podAffinity"),
        relabel("other", "web"),
    ),
    "affinity, the node gets a zone": (
        [node("a"), pod("other", labels={"app": "web"})],
        near("podAffinity"),
        node_label("a", ZONE, "1"),
    ),
    "anti-affinity, the other goes": (WEB_ON_A, near("podAntiAffinity"), gone("other")),
    "anti-affinity, the other is relabelled": (WEB_ON_A, near("podAntiAffinity"), relabel("other", "db")),
    "anti-affinity, the zone is another": (WEB_ON_BOTH, near("podAntiAffinity"), node_label("b", ZONE, "3")),
    "anti-affinity, the node has no zone": (WEB_ON_A, near("podAntiAffinity"), node_label("a", ZONE, None)),
    "anti-affinity, a node comes": (WEB_ON_A, near("podAntiAffinity"), node("b", **zone("2"))),
    "anti-affinity of others, the Pod is relabelled": (
        [node("a", **zone("1")), pod("other", **near("podAntiAffinity"))],
        {"labels": {"app": "web"}},
        relabel("it", "db"),
    ),
    "spread, the other goes": (TWO_ZONES, spread(), gone("other")),
    "spread, the other is relabelled": (TWO_ZONES, spread(), relabel("other", "db")),
    "spread, a domain goes": (TWO_ZONES, spread(), node_gone("b")),
    "spread, a domain loses its label": (TWO_ZONES, spread(), node_label("b", ZONE, None)),
    "spread, a domain comes": ([*WEB_ON_A], spread(minDomains=2), node("b", **zone("2"))),
    "spread, the other terminates": (TWO_ZONES, spread(), lambda c: c.delete(types.Pod, "other")),
    "spread, one more elsewhere": (TWO_ZONES, spread(), pod("more", labels={"app": "web"}, nodeName="b")),
    "spread, a domain does not count any more": (
        [node("a", **zone("1")), node("b", cpu="0", **zone("2")), pod("other", labels={"app": "web"}, nodeName="a")],
        spread(nodeTaintsPolicy="Honor", cpu="100m"),
        node_is("b", spec={"taints": [TAINT]}),
    ),
    "spread, the Pod itself does not count any more": (TWO_ZONES, spread(), relabel("it", "db")),
    "a gate opens": (A, {"schedulingGates": [{"name": "example.com/g"}]}, ungate("it")),
}


def refused(given, spec):
    c = Cluster()
    for step in given:
        step(c)
        c.tick()
    c.pod("it", **spec)
    c.tick()
    assert c.condition("it")[0] == "False"
    return c


@pytest.mark.parametrize("name", WAKES)
def test_an_event_that_can_help_wakes_the_pod(name):
    given, spec, change = WAKES[name]
    c = refused(given, spec)
    c.tick(20)
    change(c)
    c.tick()
    assert c.node_of("it")


SLEEPS = {
    "a node is too small": (A, {"cpu": "2"}, node("b", cpu="1")),
    "a node gets no more of what is missing": (A, {"cpu": "2"}, node_label("a", "disk", "ssd")),
    "another label": (A, SSD, node_label("a", "disk", "hdd")),
    "a node without the label comes": (A, SSD, node("b")),
    "a node is cordoned when it comes": ([node("a", unschedulable=True)], {}, node("b", unschedulable=True)),
    "a Pod without the port goes": ([*A, pod("other", **PORT), pod("third")], PORT, gone("third")),
    "a Pod of other labels comes": ([node("a", **zone("1"))], near("podAffinity"), pod("other", labels={"app": "x"})),
    "a Pod of other labels goes": (
        [*WEB_ON_A, pod("third", labels={"app": "x"})],
        near("podAntiAffinity"),
        gone("third"),
    ),
    "a Pod that does not count goes": ([*TWO_ZONES, pod("third", labels={"app": "x"})], spread(), gone("third")),
}


@pytest.mark.parametrize("name", SLEEPS)
def test_an_event_that_cannot_help_wakes_nobody(name):
    given, spec, change = SLEEPS[name]
    c = refused(given, spec)
    change(c)
    c.tick(20)
    assert c.scheduler.queue.pods[c.get(types.Pod, "it").metadata.uid].attempts == 1

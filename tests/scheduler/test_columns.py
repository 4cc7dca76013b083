"""The fast path is the plain path, to the last point: on random clusters, with Pods and nodes that come and go."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api import types
from tests.scheduler.bench import Cluster

ZONE = "topology.kubernetes.io/zone"
SELECTOR = {"matchLabels": {"app": "web"}}


def spread(when, key=ZONE, skew=1):
    return {"maxSkew": skew, "topologyKey": key, "whenUnsatisfiable": when, "labelSelector": SELECTOR}


def term(key="kubernetes.io/hostname"):
    return {"labelSelector": SELECTOR, "topologyKey": key}


TEMPLATES = (
    {},
    {"cpu": "500m", "memory": "256Mi"},
    {"cpu": "1500m"},
    {"cpu": "100m", "container": {"image": "big:v1"}},
    {"cpu": "100m", "container": {"ports": [{"containerPort": 80, "hostPort": 80}]}},
    {"nodeSelector": {"disk": "ssd"}},
    {"tolerations": [{"operator": "Exists"}]},
    {"cpu": "200m", "topologySpreadConstraints": [spread("DoNotSchedule")]},
    {"cpu": "200m", "topologySpreadConstraints": [spread("ScheduleAnyway"), spread("ScheduleAnyway", "rack", 2)]},
    {"topologySpreadConstraints": [{**spread("DoNotSchedule", "kubernetes.io/hostname"), "minDomains": 4}]},
    {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term()]}}},
    {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term(ZONE)]}}},
    {
        "affinity": {
            "podAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 7, "podAffinityTerm": term(ZONE)}]
            }
        }
    },
    {
        "affinity": {
            "nodeAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 3,
                        "preference": {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]},
                    }
                ]
            }
        }
    },
    {"cpu": "3", "priority": 10},
)

nodes = st.fixed_dictionaries(
    {
        "cpu": st.sampled_from(["2", "4"]),
        "pods": st.sampled_from([3, 110]),
        "labels": st.fixed_dictionaries(
            {},
            optional={
                ZONE: st.sampled_from(["z1", "z2", "z3"]),
                "rack": st.sampled_from(["r1", "r2"]),
                "disk": st.just("ssd"),
            },
        ),
        "taints": st.lists(
            st.sampled_from(
                [{"key": "soft", "effect": "PreferNoSchedule"}, {"key": "hard", "value": "x", "effect": "NoSchedule"}]
            ),
            max_size=1,
        ),
        "images": st.lists(st.just({"names": ["big:v1"], "sizeBytes": 400_000_000}), max_size=1),
    }
)
steps = st.one_of(
    st.tuples(st.just("pods"), st.integers(0, len(TEMPLATES) - 1), st.integers(1, 5)),
    st.tuples(st.just("delete"), st.integers(0, 10), st.just(0)),
    st.tuples(st.just("cordon"), st.integers(0, 6), st.booleans()),
    st.tuples(st.just("node"), nodes, st.just(0)),
)


class Story:
    """Plays steps on a cluster."""

    def __init__(self, enabled, given_nodes):
        self.cluster = Cluster()
        self.cluster.scheduler.columns.enabled = enabled
        self.count = 0
        self.specs = {}
        for node in given_nodes:
            self.add_node(node)
        service = {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "web"}}
        self.cluster.create({**service, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})
        self.cluster.tick()

    def add_node(self, node):
        self.count += 1
        self.cluster.node(f"n{self.count}", **{**node, "labels": dict(node["labels"])})

    def play(self, step):
        what, a, b = step
        if what == "pods":
            self.pods(a, b)
        elif what == "node":
            self.add_node(a)
        elif what == "delete":
            found = self.cluster.list(types.Pod)
            if found:
                self.cluster.gone(found[a % len(found)].metadata.name)
        else:
            found = self.cluster.list(types.Node)
            name = found[a % len(found)].metadata.name
            self.cluster.patch(types.Node, name, {"spec": {"unschedulable": b}}, namespace="")
        self.cluster.tick()

    def pods(self, template, count):
        """Pods that share the frozen spec of their template."""
        for _ in range(count):
            self.count += 1
            name = f"p{self.count}"
            if template not in self.specs:
                self.specs[template] = self.cluster.pod(name, labels={"app": "web"}, **TEMPLATES[template])
            else:
                first = self.specs[template]
                meta = first.metadata.evolve(name=name, uid="", resource_version=0)
                self.cluster.admin.create(first.evolve(metadata=meta))

    def outcome(self):
        s = self.cluster.scheduler
        pods = {p.metadata.name: (p.spec.node_name, p.status.conditions[-1:]) for p in self.cluster.list(types.Pod)}
        matrices = {uid: d.matrix() for uid, d in s.decisions.by_uid.items()}
        return pods, matrices, s.start_index, s.ties, s.offsets


@settings(max_examples=30, deadline=None)
@given(st.lists(nodes, min_size=1, max_size=6), st.lists(steps, min_size=1, max_size=12))
def test_the_fast_path_decides_as_the_plain_one(given_nodes, given_steps):
    plain, fast = Story(False, given_nodes), Story(True, given_nodes)
    for step in given_steps:
        plain.play(step)
        fast.play(step)
        assert plain.outcome() == fast.outcome()


def test_both_examine_the_same_nodes_of_a_large_cluster():
    given_nodes = [
        {"cpu": "2", "pods": 110, "labels": {ZONE: f"z{i % 3}"}, "taints": [], "images": []} for i in range(130)
    ]
    plain, fast = Story(False, given_nodes), Story(True, given_nodes)
    for story in (plain, fast):
        story.play(("pods", 1, 40))
        story.play(("cordon", 5, True))
        story.play(("pods", 7, 20))
    assert plain.outcome() == fast.outcome()


def test_the_search_goes_on_where_the_last_one_stopped():
    story = Story(True, [{"cpu": "2", "pods": 110, "labels": {}, "taints": [], "images": []}] * 130)
    story.play(("pods", 1, 3))
    assert story.cluster.scheduler.start_index == 3 * 100 % 130

"""What always holds: nobody waits without need, and nobody goes without need."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api import types
from kubesim_tui.scheduler import preemption
from kubesim_tui.scheduler.plugins.node_resources_fit import NodeResourcesFit
from kubesim_tui.scheduler.queue import Nominator
from kubesim_tui.scheduler.runtime import run_filters
from tests.harness import running
from tests.scheduler.test_columns import ZONE, Story, nodes
from tests.scheduler.world import World

PICKY = [4, 5, 6, 7, 9, 10, 11]
"""Templates that ask for more than resources: ports, labels, tolerations, spreading, neighbours."""
index = st.integers(0, 9)
changes = st.one_of(
    st.tuples(st.just("pods"), st.sampled_from([1, 14, *PICKY, *PICKY]), st.integers(1, 4)),
    st.tuples(st.just("delete"), index, st.just(0)),
    st.tuples(st.just("cordon"), index, st.booleans()),
    st.tuples(st.just("node"), nodes, st.just(0)),
    st.tuples(st.just("label"), index, st.sampled_from([{ZONE: "z1"}, {ZONE: None}, {"disk": "ssd"}, {"disk": None}])),
    st.tuples(st.just("taint"), index, st.booleans()),
    st.tuples(st.just("relabel"), index, st.sampled_from(["web", "db"])),
)


class Changes(Story):
    """A story in which nodes and Pods change, too."""

    def play(self, step):
        what, a, b = step
        c = self.cluster
        found = c.list(types.Node if what in ("label", "taint") else types.Pod)
        if what not in ("label", "taint", "relabel"):
            super().play(step)
        elif found:
            name = found[a % len(found)].metadata.name
            if what == "label":
                c.patch(types.Node, name, {"metadata": {"labels": b}}, namespace="")
            elif what == "taint":
                taints = [{"key": "hard", "value": "x", "effect": "NoSchedule"}] if b else None
                c.patch(types.Node, name, {"spec": {"taints": taints}}, namespace="")
            else:
                c.patch(types.Pod, name, {"metadata": {"labels": {"app": b}}})
        self.run_bound()
        c.tick(2)

    def run_bound(self):
        """What kubelets would do."""
        for pod in self.cluster.list(types.Pod):
            if pod.metadata.deletion_timestamp is not None:
                self.cluster.gone(pod.metadata.name)
            elif pod.spec.node_name and pod.status.phase != "Running":
                self.cluster.admin.update_status(pod.evolve(status=running(pod, True, 0)))


@settings(max_examples=40, deadline=None)
@given(st.lists(nodes, min_size=1, max_size=4), st.lists(changes, min_size=4, max_size=12))
def test_a_pod_is_pending_only_if_no_node_passes(given_nodes, given_steps):
    story = Changes(True, given_nodes)
    for step in given_steps:
        story.play(step)
        scheduler = story.cluster.scheduler
        for pod in story.cluster.list(types.Pod):
            if not pod.spec.node_name:
                assert list(scheduler.evaluate(pod).feasible) == [], (step, pod.metadata.name)


amounts = st.tuples(st.integers(0, 5), st.integers(0, 3))


def small_pod(name, cpu, priority, node=""):
    container = {"name": "c", "resources": {"requests": {"cpu": f"{cpu}00m"}}}
    spec = {"containers": [container], "priority": priority, "nodeName": node}
    return {"metadata": {"name": name}, "spec": spec}


@given(st.lists(amounts, max_size=8), amounts)
def test_victims_are_less_important_and_all_of_them_are_needed(running, wanted):
    pods = [small_pod(f"p{i}", cpu, priority, "n") for i, (cpu, priority) in enumerate(running)]
    node = {"metadata": {"name": "n"}, "status": {"allocatable": {"cpu": "1", "pods": "5"}}}
    world = World([node], pods, small_pod("new", *wanted))
    cycle = world.cycle(NodeResourcesFit())
    found, _ = preemption.dry_run(cycle, world.handle.nodes(), [], Nominator())
    for candidate in found:
        left = world.cache.nodes["n"].copy()
        for victim in candidate.victims:
            assert victim.priority < world.pod.priority
            left.remove(victim)
        assert run_filters(cycle, left) is None
        for victim in candidate.victims:
            left.add(victim)
            assert run_filters(cycle, left) is not None
            left.remove(victim)

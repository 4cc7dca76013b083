"""Nodes that fall silent: their taints and labels, and who leaves them."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode
from kubesim_tui.controllers.nodelifecycle import decide
from kubesim_tui.controllers.nodelifecycle.controller import NodeLifecycleController
from kubesim_tui.controllers.tainteviction import TaintEvictionController, min_toleration
from tests.controllers.bench import Manager
from tests.upstream.adapters import answers
from tests.upstream.objects import node, pod

NODES, PODS = "nodes", "pods"
LONG = 130
"""Ticks in which whoever is evicted at all is gone."""


def _taint(taint):
    return {"key": taint.key, "effect": taint.effect}


@answers("node_lifecycle", "no_schedule")
def no_schedule(given):
    return {"taints": [_taint(t) for t in decide.with_no_schedule(node(given["node"]), 0)]}


class _Including(list):
    """Taints of which the table names some."""

    def __eq__(self, wanted):
        return all(taint in self for taint in wanted)

    __hash__ = None


@answers("node_lifecycle", "no_execute")
def no_execute(given):
    m = Manager(NodeLifecycleController)
    for data in (*(given.get("other_nodes") or ()), given["node"]):
        taints = given.get("taints_before") or () if data is given["node"] else ()
        made = node(data)
        spec = types.NodeSpec(taints=tuple(decode(types.Taint, t) for t in taints))
        m.put(NODES, made.evolve(spec=spec))
    m.tick()
    found = m.get(types.Node, given["node"]["metadata"]["name"], "").spec.taints
    return {"taints_include": _Including(_taint(t) for t in found if t.effect == "NoExecute")}


@answers("node_lifecycle", "labels")
def labels(given):
    return {"labels": decide.with_beta_labels(given["labels"])}


@answers("taint_eviction", "min_toleration")
def minimum(given):
    found = min_toleration([decode(types.Toleration, t) for t in given["tolerations"]])
    return {"seconds": -1 if found is None else found}


@answers("taint_eviction", "evict")
def evict(given):
    story = _Story()
    for step in given.rows("steps"):
        story.play(step)
    story.wait(LONG)
    return {"delete_after_s": {name: story.gone.get(name, "never") for name in story.names}}


class _Story:
    """Events as the controller's watch brings them; who is gone, and how long after the last event."""

    def __init__(self):
        self.m = Manager(TaintEvictionController)
        self.names, self.gone, self.start = [], {}, 0

    def play(self, step):
        if "seconds" in step:
            assert step["event"] == "wait"
            self.wait(step["seconds"])
            return
        assert step["event"] in ("pod_state", "pods_running", "node_state")
        for data in [step["pod"]] if "pod" in step else step.get("pods", ()):
            made = pod(data)
            self.names += [made.metadata.name] if made.metadata.name not in self.names else []
            status = made.status if made.status.phase else made.status.evolve(phase="Running")
            _put(self.m, PODS, made.evolve(status=status))
        if "node" in step:
            _put(self.m, NODES, node(step["node"]))
        self.start = self.m.engine.tick
        self.m.drain()
        self._look(self.start)

    def wait(self, ticks):
        for _ in range(ticks):
            self.m.tick()
            self._look(self.m.engine.tick - 1)

    def _look(self, now):
        there = {p.metadata.name for p in self.m.list(types.Pod) if p.metadata.deletion_timestamp is None}
        for name in self.names:
            if name not in there:
                self.gone.setdefault(name, now - self.start)


def _put(m, resource, obj):
    meta = obj.metadata
    known = m.etcd.get(resource, (meta.namespace, meta.name))
    stamped = meta.evolve(uid=f"uid-{meta.name}", creation_timestamp=0)
    m.put(resource, obj.evolve(metadata=stamped, status=known.status if known is not None else obj.status))


def _tainted(m, *taints):
    found = m.get(types.Node, "node-a", "")
    m.put(NODES, found.evolve(spec=types.NodeSpec(taints=taints)))


@answers("taint_eviction", "events")
def events(given):
    m = Manager(TaintEvictionController)
    namespace, name = given["pod"].split("/")
    taint = types.Taint(key="k", effect="NoExecute")
    tolerates = types.Toleration(key="k", operator="Exists", toleration_seconds=10)
    for tolerations, taints in (((tolerates,), (taint,)), ((), ()), ((), (taint,))):
        meta = types.ObjectMeta(name=name, namespace=namespace)
        spec = types.PodSpec(node_name="node-a", tolerations=tolerations)
        _put(m, PODS, types.Pod(metadata=meta, spec=spec, status=types.PodStatus(phase="Running")))
        _tainted(m, *taints)
        m.tick()
    cancel, delete = ({"type": e.type, "reason": e.reason, "message": e.message} for e in m.list(types.Event))
    return {"cancel": cancel, "delete": delete}

"""Why a node does not answer."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.plane import no_server
from kubesim_tui.explain.trust import apart

GATE = "unrecognized feature gate"
"""What a component says of one that its release does not know."""
PATIENCE_US = 10_000_000
"""How long a kubelet waits for the API server."""
LATELY = 60
"""Ticks for which a machine counts as one that has just come back."""


def node_not_ready(evidence: Evidence, name: str) -> Chain:
    """The chain behind a node that is not there for its Pods."""
    about: Subject = ("Node", "", name)
    told, world = _told(evidence, name, about), evidence.world
    if not world.powered(name):
        return _ends(told, f"machine {name} has no power", "machine", "node-down", about)
    if not world.connected(name):
        return _ends(told, f"the network to node {name} is cut", "network", "network-partition", about)
    delay = world.link_delay_us(name)
    if delay >= PATIENCE_US:
        text = f"each round trip to node {name} takes {delay // 1_000_000} s longer: nobody waits so long"
        return _ends(told, text, "network", "slow-link", about)
    if world.failure(name, "kubelet"):
        text = f"on {name} {world.failure(name, 'kubelet')}"
        return _ends(told, text, "kubelet", "unknown-gate" if GATE in text else "kubelet-stopped", about)
    if not world.process_runs(name, "kubelet"):
        return _ends(told, f"kubelet on {name} does not run", "kubelet", "kubelet-stopped", about)
    if name in world.control_plane and not world.process_runs(name, "kube-apiserver"):
        return no_server(evidence, name).after(told)
    distrusted = apart(evidence, name)
    if distrusted is not None:
        return distrusted.after(told)
    runtime = world.runtime(name)
    if not world.process_runs(name, runtime):
        return _ends(told, f"{runtime} on {name} does not run", runtime, "runtime-down", about)
    if world.cut(name):
        return _ends(told, f"a link of node {name} is cut", "network", "network-partition", about)
    back = came_back(evidence, name)
    if back is not None:
        return back.after(told)
    known = evidence.memory.lately(evidence, about, evidence.tick - LATELY) if evidence.memory is not None else None
    if known is not None:
        return known[1].after(told, known[0])
    return _ends(told, f"the network to node {name} was cut, and is whole again", "network", "network-partition", about)


def came_back(evidence: Evidence, name: str, lately: int = LATELY) -> Chain | None:
    """The chain behind a machine that was off until lately; None if it was not."""
    about: Subject = ("Node", "", name)
    on = evidence.world.on_since(name)
    if on is None or evidence.tick - on > lately:
        return None
    text = f"machine {name} had no power, and is on again since {on}s"
    return Chain((Link(text, "machine", None, about),), "node-down", about)


def _ends(told: Link, text: str, component: str, cause: str, about: Subject) -> Chain:
    return Chain((told, Link(text, component, None, about)), cause, about)


def _told(evidence: Evidence, name: str, about: Subject) -> Link:
    """What the cluster itself knows of it by now."""
    node = evidence.etcd.get("nodes", ("", name))
    if not isinstance(node, types.Node) or node.status is None:
        return Link(f"Node {name} is gone", "cloud-node-lifecycle-controller", None, about)
    ready = find(node.status.conditions, "Ready")
    if ready is None or ready.status == "True":
        text = f"node {name} still counts as Ready: its last heartbeat is not old enough"
        return Link(text, "node-controller", None, about)
    at = evidence.tick_of(ready.last_transition_time)
    return Link(f"node {name} is NotReady: {ready.message}", "node-controller", at, about, "NodeNotReady")

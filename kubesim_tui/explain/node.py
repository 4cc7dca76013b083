"""Why a node does not answer."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence

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
    if not world.process_runs(name, "kubelet"):
        return _ends(told, f"kubelet on {name} does not run", "kubelet", "kubelet-stopped", about)
    apart = _apart(evidence, name)
    if apart is not None:
        return apart.after(told)
    runtime = world.runtime(name)
    if not world.process_runs(name, runtime):
        return _ends(told, f"{runtime} on {name} does not run", runtime, "runtime-down", about)
    if world.cut(name):
        return _ends(told, f"a link of node {name} is cut", "network", "network-partition", about)
    on = world.on_since(name)
    if on is not None and evidence.tick - on <= LATELY:
        return _ends(told, f"machine {name} had no power, and is on again since {on}s", "machine", "node-down", about)
    return _ends(told, f"the network to node {name} was cut, and is whole again", "network", "network-partition", about)


def _apart(evidence: Evidence, name: str) -> Chain | None:
    """The chain behind a kubelet and API servers that do not believe each other, or by a clock; None if they do."""
    world, about = evidence.world, _node(name)
    whose, said = world.distrust(name)
    if said:
        asks, other = (f"kubelet on {name}", "the API server") if whose == "kubelet" else ("the API server", "kubelet")
        link = Link(f"{other} does not believe {asks}: {said}", whose, None, about)
        for machine in (name, *world.control_plane):
            if world.clock_skew(machine):
                return Chain((link, _wrong(evidence, machine)), "clock-skew", _node(machine))
        owner = about if whose == "kubelet" else evidence.component(whose)
        text = f"the certificate of {asks} is over"
        return Chain((link, Link(text, whose, None, owner)), "certificate-expired", owner)
    if world.clock_skew(name) < 0:
        link = Link("its renewals look older than the last one that was seen", "node-controller", None, about)
        return Chain((link, _wrong(evidence, name)), "clock-skew", about)
    return None


def _wrong(evidence: Evidence, machine: str) -> Link:
    seconds = evidence.world.clock_skew(machine)
    way = "behind" if seconds < 0 else "ahead"
    return Link(f"the clock of machine {machine} is {abs(seconds)} s {way}", "machine", None, _node(machine))


def _node(name: str) -> Subject:
    return "Node", "", name


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

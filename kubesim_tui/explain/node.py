"""Why a node does not answer."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence


def node_not_ready(evidence: Evidence, name: str) -> Chain:
    """The chain behind a node that is not there for its Pods."""
    about: Subject = ("Node", "", name)
    links = list(_told(evidence, name, about))
    world = evidence.world
    if not world.powered(name):
        links.append(Link(f"machine {name} has no power", "machine", None, about))
        return Chain(tuple(links), "node-down", about)
    if not world.process_runs(name, "kubelet"):
        links.append(Link(f"kubelet on {name} does not run", "kubelet", None, about))
        return Chain(tuple(links), "kubelet-stopped", about)
    links.append(Link(f"the network to node {name} is cut", "network", None, about))
    return Chain(tuple(links), "network-partition", about)


def _told(evidence: Evidence, name: str, about: Subject) -> list[Link]:
    """What the cluster itself knows of it by now."""
    node = evidence.etcd.get("nodes", ("", name))
    if not isinstance(node, types.Node) or node.status is None:
        return [Link(f"Node {name} is gone", "cloud-node-lifecycle-controller", None, about)]
    ready = find(node.status.conditions, "Ready")
    if ready is None or ready.status == "True":
        text = f"node {name} still counts as Ready: its last heartbeat is not old enough"
        return [Link(text, "node-controller", None, about)]
    at = evidence.tick_of(ready.last_transition_time)
    return [Link(f"node {name} is NotReady: {ready.message}", "node-controller", at, about, "NodeNotReady")]

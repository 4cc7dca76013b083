"""Machines: a letter each, what they have and what is used of it, and the Pods on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kubesim_tui.api import types
from kubesim_tui.api.helpers.nodes import is_ready
from kubesim_tui.api.helpers.resources import request_amounts
from kubesim_tui.api.quantity import milli, value
from kubesim_tui.cluster.picture.look import Look, ref
from kubesim_tui.cluster.plane import CONTROL_PLANE_ROLE
from kubesim_tui.cluster.view import NodeView, PodView
from kubesim_tui.world.instance import Instance

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def letters(nodes: Iterable[str]) -> dict[str, str]:
    """One letter a node: its own last one (node-a: a), else the first that is free."""
    names = list(nodes)
    found: dict[str, str] = {}
    taken: dict[str, None] = {}
    for name in names:
        letter = name.rsplit("-", 1)[-1]
        if len(letter) == 1 and letter not in taken:
            taken[letter] = None
            found[name] = letter
    free = (x for x in LETTERS if x not in taken)
    for name in names:
        if name not in found:
            found[name] = next(free, "?")
    return found


def node_views(look: Look, heard: Mapping[str, int], instances: Mapping[str, Instance]) -> tuple[NodeView, ...]:
    """All machines, workers first. `heard`: ticks since a kubelet renewed its lease; `instances`: of the cloud."""
    found = [n for n in look.all("nodes") if isinstance(n, types.Node)]
    found.sort(key=_control_plane)
    letter = letters(n.metadata.name for n in found)
    on: dict[str, list[PodView]] = {}
    for pod in look.pods.values():
        on.setdefault(pod.node, []).append(pod)
    return tuple(
        _view(look, n, letter[n.metadata.name], on.get(n.metadata.name, []), heard, instances.get(n.metadata.name))
        for n in found
    )


def _control_plane(node: types.Node) -> bool:
    return CONTROL_PLANE_ROLE in node.metadata.labels


def status_of(node: types.Node) -> str:
    """The STATUS column."""
    conditions = {c.type: c.status for c in (node.status.conditions if node.status else ())}
    ready = conditions.get("Ready")
    text = "Unknown" if ready is None else "Ready" if ready == "True" else "NotReady"
    return f"{text},SchedulingDisabled" if node.spec is not None and node.spec.unschedulable else text


def _view(
    look: Look, node: types.Node, letter: str, pods: list[PodView], heard: Mapping[str, int], instance: Instance | None
) -> NodeView:
    name, status, labels = node.metadata.name, node.status or types.NodeStatus(), node.metadata.labels
    wanted = [_requests(look.objects[p.ref.namespace, p.ref.name]) for p in pods]
    cpu, memory = look.usage.node(name)
    pressure = [c.type for c in status.conditions if c.type.endswith("Pressure") and c.status == "True"]
    return NodeView(
        ref(node),
        letter,
        labels.get("topology.kubernetes.io/zone", ""),
        status_of(node),
        is_ready(node),
        node.spec is None or not node.spec.unschedulable,
        pressure[0] if pressure else "",
        CONTROL_PLANE_ROLE in labels,
        milli(status.allocatable.get("cpu", "0")),
        cpu,
        sum(c for c, _ in wanted),
        value(status.allocatable.get("memory", "0")),
        memory,
        sum(m for _, m in wanted),
        tuple(pods),
        heard.get(name, 0),
        instance.price_micro if instance is not None else 0,
    )


def _requests(pod: types.Pod) -> tuple[int, int]:
    if pod.spec is None or (pod.status and pod.status.phase in ("Succeeded", "Failed")):
        return 0, 0
    found = request_amounts(pod.spec)
    return found.get("cpu", 0), found.get("memory", 0)

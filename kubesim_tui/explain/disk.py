"""Why a kubelet puts Pods out: its disk is full, a Pod writes without end, or something beside Pods takes memory."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.explain import beside
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.world import DiskUse

PRESSURE, MEMORY, PIDS = "DiskPressure", "MemoryPressure", "PIDPressure"
GREEDY = "has larger consumption of ephemeral-storage"
OVER_LIMIT = ("Usage of EmptyDir", "Pod ephemeral local storage", "Container ")


def put_out(evidence: Evidence, pod: types.Pod, head: Link) -> Chain:
    """The chain behind a Pod that its kubelet has evicted, or did not take."""
    status = pod.status or types.PodStatus()
    about = subject(pod)
    if status.message.startswith(OVER_LIMIT):
        return Chain((head,), "storage-limit", subject(evidence.workload(pod)))
    return evicted(evidence, about, pod.spec.node_name if pod.spec is not None else "", status.message).after(head)


def evicted(evidence: Evidence, about: Subject, node: str, message: str) -> Chain:
    """The chain behind a Pod, there or gone, that the kubelet of a node has put out, saying why."""
    use = evidence.world.disk(node)
    if GREEDY in message and use is not None and not _rubbish(use):
        return Chain((), "disk-writer", evidence.workload_of(about))
    if "ephemeral-storage" in message or "inodes" in message or PRESSURE in message:
        return pressure(evidence, node)
    if "pids" in message or PIDS in message:
        taken = beside.takes_pids(evidence, node)
    else:
        taken = beside.takes_memory(evidence, node)
    return taken or Chain((), "evicted", about)


def keeps_away(evidence: Evidence, message: str) -> Chain | None:
    """The chain behind a taint of pressure that keeps Pods from a node; None if none does, or nobody knows why."""
    for taint, condition in (("disk-pressure", PRESSURE), ("memory-pressure", MEMORY), ("pid-pressure", PIDS)):
        for node in pressed_nodes(evidence, condition) if taint in message else ():
            if condition == PRESSURE:
                return pressure(evidence, node)
            found = (beside.takes_memory if condition == MEMORY else beside.takes_pids)(evidence, node)
            if found is not None:
                return found.after(Link(f"node {node} has {condition}", "kubelet", None, ("Node", "", node)))
    return None


def pressure(evidence: Evidence, node: str) -> Chain:
    """The chain behind a node that is, or was, short of room on its disk."""
    about: Subject = ("Node", "", node)
    condition, told = _condition(evidence, node, PRESSURE), evidence.event(about, "EvictionThresholdMet")
    at = evidence.tick_of(condition.last_transition_time if condition is not None else None)
    text = f"node {node} has DiskPressure"
    links = [Link(text if told is None else f"{text}: {told.message}", "kubelet", at, about, "EvictionThresholdMet")]
    use = evidence.world.disk(node)
    if use is None:
        return Chain(tuple(links), "node-disk-full", about)
    if use.writer is not None and use.written > use.rubbish and not use.inodes_gone:
        pod = evidence.pod(*use.writer)
        writer: Subject = ("Pod", *use.writer)
        whom = subject(evidence.workload(pod)) if pod is not None else evidence.workload_of(writer)
        wrote = f"Pod {use.writer[1]} has written {use.written >> 20} MiB to the disk of {node}"
        return Chain((*links, Link(wrote, "machine", None, writer)), "disk-writer", whom)
    greedy = _put_out_for_it(evidence, node) if not _rubbish(use) and not use.inodes_gone else None
    if greedy is not None:
        pod, message = greedy
        wrote = f"Pod {pod.metadata.name} had to go for what it wrote: {message}"
        links.append(Link(wrote, "kubelet", None, subject(pod), "Evicted"))
        return Chain(tuple(links), "disk-writer", subject(evidence.workload(pod)))
    what = "no inode is free" if use.inodes_gone else f"{use.used * 100 // max(1, use.capacity)} % are in use"
    links.append(Link(f"the disk of machine {node} is full: {what}", "machine", None, about))
    return Chain(tuple(links), "node-disk-full", about)


def _rubbish(use: DiskUse) -> bool:
    """Whether most of a disk is what no Pod wrote."""
    return use.rubbish * 2 >= use.capacity


def _put_out_for_it(evidence: Evidence, node: str) -> tuple[types.Pod, str] | None:
    """The Pod that wrote most, and what it was told when it had to go: the pressure is told of for minutes after."""
    for pod in sorted(evidence.etcd.table("pods"), key=lambda pod: pod.metadata.name):
        if isinstance(pod, types.Pod) and pod.spec is not None and pod.spec.node_name == node:
            status = pod.status or types.PodStatus()
            if status.reason == "Evicted" and GREEDY in status.message:
                return pod, status.message
    return None


def pressed_nodes(evidence: Evidence, condition: str) -> list[str]:
    """Names of the nodes that show a pressure."""
    names = sorted(n.metadata.name for n in evidence.etcd.table("nodes"))
    return [name for name in names if (c := _condition(evidence, name, condition)) is not None and c.status == "True"]


def _condition(evidence: Evidence, node: str, condition: str) -> types.NodeCondition | None:
    found = evidence.etcd.get("nodes", ("", node))
    if not isinstance(found, types.Node) or found.status is None:
        return None
    return find(found.status.conditions, condition)

"""Why packets come late or not at all though every link stands: a slow card, loss, a Pod's own network."""

from __future__ import annotations

from collections.abc import Iterable

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, caller, last


def lost(evidence: Evidence, failed: Failed) -> Chain:
    """Nobody has answered, since too many packets are lost."""
    hops = (evidence.pod(hop[1], hop[2]) for hop in failed.way if hop[0] == "Pod")
    found = late(evidence, failed, [pod for pod in hops if pod is not None])
    if found is not None:
        return found
    where = last(failed, "Pod") or (failed.way[-1] if failed.way else None)
    return Chain((Link(failed.detail, "network", None, where),), failed.code, where)


def late(evidence: Evidence, failed: Failed, pods: Iterable[types.Pod]) -> Chain | None:
    """What delays packets between who asked and some Pods that were asked, by more than all else there takes.

    None if nothing does. The Pod that takes longest is looked at first.
    """
    where, came = last(failed, "Pod") or last(failed, "Service"), _from(evidence, failed)
    ways = [(pod, [name for name in (_node(pod), came) if name and came != _node(pod)]) for pod in pods]
    for pod, nodes in sorted(ways, key=lambda way: -_takes(evidence, *way)):
        work = evidence.world.work(pod.metadata.namespace, pod.metadata.name)
        least = work.busy_us if work is not None else 0
        own = own_network(evidence, pod)
        if own is not None and own.object is not None and not 0 < _own_delay(evidence, own.object) < least:
            return Chain((Link(failed.detail, "network", None, where or own.object), own), "pod-network", own.object)
        for node in nodes:
            about: Subject = ("Node", "", node)
            for cause, text in _troubles(evidence, node, least):
                head = Link(failed.detail, "network", None, where or about)
                return Chain((head, Link(text, "network", None, about)), cause, about)
    sender = _sender(evidence, failed)
    own = own_network(evidence, sender) if sender is not None else None
    if own is not None:
        return Chain((Link(failed.detail, "network", None, where or own.object), own), "pod-network", own.object)
    return None


def _sender(evidence: Evidence, failed: Failed) -> types.Pod | None:
    """The Pod that asked; None if it was none."""
    asked = caller(failed)
    return evidence.pod(asked[1], asked[2]) if asked is not None else None


def _from(evidence: Evidence, failed: Failed) -> str:
    """The node from which it was asked: of a Pod or the ingress controller; of all of a balancer the slowest."""
    sender = _sender(evidence, failed)
    if sender is not None and _node(sender):
        return _node(sender)
    if last(failed, "Ingress") is not None:
        return evidence.world.keeper("ingress-nginx-controller")
    node = last(failed, "Node")
    names = [node[2]] if node is not None else [obj.metadata.name for obj in evidence.etcd.table("nodes")]
    return max(names, key=lambda name: (_trouble(evidence, name), name), default="")


def _trouble(evidence: Evidence, node: str) -> tuple[int, int, int]:
    world = evidence.world
    return world.link_loss_pm(node), world.link_delay_us(node), world.link_bytes_s(node)


def _takes(evidence: Evidence, pod: types.Pod, nodes: Iterable[str]) -> int:
    """How long a Pod works on a request, and the network there carries it."""
    work = evidence.world.work(pod.metadata.namespace, pod.metadata.name)
    busy = work.busy_us if work is not None else 0
    return busy + _own_delay(evidence, subject(pod)) + sum(evidence.world.link_delay_us(node) for node in nodes)


def _own_delay(evidence: Evidence, about: Subject) -> int:
    found = evidence.world.pod_network(about[1], about[2])
    return found[0] if found is not None else 0


def _node(pod: types.Pod) -> str:
    return pod.spec.node_name or "" if pod.spec is not None else ""


def _troubles(evidence: Evidence, node: str, least: int) -> Iterable[tuple[str, str]]:
    """(cause, what is so) of the links of a node; a delay only if it is at least so long."""
    loss, delay, rate = _trouble(evidence, node)
    if delay and delay >= least:
        yield "slow-link", f"each round trip to node {node} takes {delay // 1000} ms longer than it should"
    if rate:
        yield "slow-link", f"the network card of node {node} carries {rate * 8 // 1_000_000} Mbit/s"
    if loss:
        yield "link-loss", f"{loss // 10} % of the packets from and to node {node} are lost"


def own_network(evidence: Evidence, pod: types.Pod) -> Link | None:
    """What is wrong with the network of a Pod itself; None if nothing is."""
    found = evidence.world.pod_network(pod.metadata.namespace, pod.metadata.name)
    if found is None:
        return None
    delay, loss = found
    if loss >= 1000:
        what = "reaches nobody, and nobody reaches it"
    elif loss:
        what = f"loses {loss // 10} % of its packets"
    else:
        what = f"takes {delay // 1000} ms longer for each round trip"
    return Link(f"the network of Pod {pod.metadata.name} {what}", "network", None, subject(pod))

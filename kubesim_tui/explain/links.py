"""Why packets come late or not at all though every link stands: a slow card, loss, a Pod's own network."""

from __future__ import annotations

from collections.abc import Iterable

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, last


def lost(evidence: Evidence, failed: Failed) -> Chain:
    """Nobody has answered, since too many packets are lost."""
    hops = (evidence.pod(hop[1], hop[2]) for hop in failed.way if hop[0] == "Pod")
    found = late(evidence, failed, [pod for pod in hops if pod is not None])
    if found is not None:
        return found
    where = last(failed, "Pod") or (failed.way[-1] if failed.way else None)
    return Chain((Link(failed.detail, "network", None, where),), "link-loss", where)


def late(evidence: Evidence, failed: Failed, pods: Iterable[types.Pod]) -> Chain | None:
    """What delays packets to some Pods, or to where users come in; None if nothing does."""
    asked = list(pods)
    where = last(failed, "Pod") or last(failed, "Service")
    for pod in asked:
        own = own_network(evidence, pod)
        if own is not None:
            return Chain((Link(failed.detail, "network", None, where or own.object), own), "pod-network", own.object)
    nodes = [pod.spec.node_name or "" for pod in asked if pod.spec is not None]
    for node in (*nodes, evidence.world.keeper("ingress-nginx-controller")):
        about: Subject = ("Node", "", node)
        for cause, text in _troubles(evidence, node):
            head = Link(failed.detail, "network", None, where or about)
            return Chain((head, Link(text, "network", None, about)), cause, about)
    return None


def _troubles(evidence: Evidence, node: str) -> Iterable[tuple[str, str]]:
    """(cause, what is so) of the links of a node."""
    world = evidence.world
    delay, loss, rate = world.link_delay_us(node), world.link_loss_pm(node), world.link_bytes_s(node)
    if delay:
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

"""Why somebody sends to where nobody is, or to nobody though somebody is there: what he knows is out of date."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.explain import writes
from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, caller, last

CONTROLLER, PROXY = "ingress-nginx-controller", "kube-proxy"


def by_ingress(failed: Failed) -> bool:
    """Whether the ingress controller chose the Pod; else some machine's rules did."""
    return caller(failed) is None and last(failed, "Ingress") is not None


def not_taken_over(evidence: Evidence, about: Subject | None) -> Chain | None:
    """The chain behind a Pod of the ingress controller that has not taken over yet what there is of something."""
    late = evidence.world.ingress_lags()
    if late is None:
        return None
    text = (
        f"Pod {late[1]} has not taken over the latest changes: it syncs 0.3 times a second at most, then reloads nginx"
    )
    return Chain((Link(text, CONTROLLER, None, ("Pod", *late)),), "ingress-sync", about)


def out_of_date(evidence: Evidence, failed: Failed, pod: types.Pod | None, service: Subject | None) -> Chain | None:
    """The chain behind rules, names or lists of servers that are of yesterday; None if whoever sends hears of all."""
    asked = caller(failed)
    sender = evidence.pod(asked[1], asked[2]) if asked is not None else None
    node, chosen = last(failed, "Node"), by_ingress(failed)
    if sender is not None and sender.spec is not None:
        machine = sender.spec.node_name or ""
    else:
        machine = node[2] if node is not None else evidence.world.keeper(CONTROLLER)
    about: Subject = ("Node", "", machine)
    proxy = chosen or evidence.world.process_runs(machine, PROXY)
    what = f"what the ingress controller on node {machine} knows is" if chosen else f"the rules of node {machine} are"
    reasons = (
        (not proxy, f"kube-proxy on {machine} does not run", "machine"),
        (not evidence.world.connected(machine), f"the network to node {machine} is cut", "network"),
    )
    for so, text, component in reasons:
        if so:
            first = Link(f"{what} out of date", CONTROLLER if chosen else PROXY, None, about)
            return Chain((first, Link(text, component, None, about)), "stale-rules", about)
    unwritten = writes.no_endpoints_written(evidence, service)
    if unwritten is not None:
        return unwritten
    found = evidence.service(service[1], service[2]) if service else None
    headless = found is not None and found.spec is not None and found.spec.cluster_ip == "None"
    if headless and service is not None and pod is None:
        link = Link(f"{service[2]} was looked up before its Pods changed", "coredns", None, service)
        return Chain((link,), "stale-dns", service)
    return None

"""Why a request failed: from the answer that the user saw to what is behind it.

`failed_request` is asked in the tick in which it fails, while the cluster is still in the state that made it fail. The
failure's `code` says at which station of its way it ended; from there the objects tell the rest.
"""

from __future__ import annotations

from attrs import evolve

from kubesim_tui.explain import routes
from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.deeper import deeper
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed
from kubesim_tui.explain.leaving import with_namespace
from kubesim_tui.explain.rules import rule
from kubesim_tui.explain.touched import by_whom

COMPONENTS = {"Ingress": "ingress-nginx-controller", "Service": "kube-proxy", "Pod": "kubelet", "Node": "kube-proxy"}

HOPS = {
    "Ingress": "Ingress {name} took it in{rule}",
    "Service": "Service {name} passed it on",
    "Node": "it went to node {name}",
    "Pod": "Pod {name} had to ask further",
}
"""What each stop on the way does with a request."""


def failed_request(evidence: Evidence, stream: str, failed: Failed) -> Chain:
    """The chain behind a failed request of a stream of users. It ends at a workload rather than at one of its Pods."""
    way = [_hop(evidence, hop, failed.way[at + 1]) for at, hop in enumerate(failed.way[:-1]) if hop[0] in COMPONENTS]
    first = way[0].object if way else (failed.way[0] if failed.way else None)
    head = Link(f"{stream}: {failed.reason}", "users", evidence.tick, first)
    chain = deeper(evidence, rule(failed.code)(evidence, failed))
    chain = _of_a_namespace(evidence, chain)
    chain = evolve(chain, object=evidence.workload_of(chain.object))
    return by_whom(evidence, chain).after(head, *way).seen_at(evidence.tick)


def _of_a_namespace(evidence: Evidence, chain: Chain) -> Chain:
    """What is wrong with what goes, goes with its namespace."""
    whole = with_namespace(evidence, chain.object[1]) if chain.object is not None else None
    return whole.after(*chain.links) if whole is not None and whole.cause != chain.cause else chain


def _hop(evidence: Evidence, hop: Subject, following: Subject) -> Link:
    """A stop on the way: what it was, and what it did with the request."""
    kind, _, name = hop
    text = HOPS[kind].format(name=name, rule=routes.rule_to(evidence, hop, following))
    return Link(text, COMPONENTS[kind], None, hop)

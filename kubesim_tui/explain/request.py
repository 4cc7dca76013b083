"""Why a request failed: from the answer that the user saw to what is behind it.

`failed_request` is asked in the tick in which it fails, while the cluster is still in the state that made it fail. The
failure's `code` says at which station of its way it ended; from there the objects tell the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from kubesim_tui.explain import answer, behind, connections, links, load, members, names, refused, routes, silence
from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, Rule

COMPONENTS = {"Ingress": "ingress-nginx-controller", "Service": "kube-proxy", "Pod": "kubelet", "Node": "kube-proxy"}

HOPS = {
    "Ingress": "Ingress {name} took it in{rule}",
    "Service": "Service {name} passed it on",
    "Node": "it went to node {name}",
    "Pod": "Pod {name} had to ask further",
}
"""What each stop on the way does with a request."""

RULES: Mapping[str, Rule] = {
    "no-endpoints": behind.no_endpoints,
    "no-service": routes.no_service,
    "no-service-port": routes.no_service_port,
    "no-route": routes.no_route,
    "no-ingress-controller": routes.no_controller,
    "ingress-down": routes.no_controller,
    "no-node-port": routes.no_node_port,
    "policy-local": routes.policy_local,
    "policy": routes.by_policy,
    "source-ranges": routes.source_ranges,
    "refused": refused.refused,
    "no-such-pod": refused.refused,
    "no-such-address": refused.refused,
    "black-hole": silence.black_hole,
    "node-unreachable": silence.black_hole,
    "ingress-unreachable": silence.black_hole,
    "no-healthy-node": silence.no_healthy_node,
    "answer": answer.answered,
    "hangs": silence.hangs,
    "overload": load.overload,
    "slow": load.slow,
    "pod-died": load.died,
    "disk-full": load.disk_full,
    "no-majority": members.refused,
    "no-leader": members.refused,
    "not-primary": members.refused,
    "link-loss": links.lost,
    "pod-network": links.lost,
    "conntrack-full": connections.table_full,
    "port-exhaustion": connections.no_port,
    "dns": names.no_such_name,
    "dns-outside": names.no_such_host,
    "dns-down": names.no_dns,
    "dns-silent": names.no_dns,
}
"""Code of a failure → the rule that follows it."""


def failed_request(evidence: Evidence, stream: str, failed: Failed) -> Chain:
    """The chain behind a failed request of a stream of users. It ends at a workload rather than at one of its Pods."""
    way = [_hop(evidence, hop, failed.way[at + 1]) for at, hop in enumerate(failed.way[:-1]) if hop[0] in COMPONENTS]
    first = way[0].object if way else (failed.way[0] if failed.way else None)
    head = Link(f"{stream}: {failed.reason}", "users", evidence.tick, first)
    chain = RULES.get(failed.code, _unknown)(evidence, failed)
    chain = evolve(chain, object=evidence.workload_of(chain.object))
    return chain.after(head, *way).seen_at(evidence.tick)


def _hop(evidence: Evidence, hop: Subject, following: Subject) -> Link:
    """A stop on the way: what it was, and what it did with the request."""
    kind, _, name = hop
    text = HOPS[kind].format(name=name, rule=routes.rule_to(evidence, hop, following))
    return Link(text, COMPONENTS[kind], None, hop)


def _unknown(evidence: Evidence, failed: Failed) -> Chain:
    where = failed.way[-1] if failed.way else None
    return Chain((Link(f"{failed.code}: {failed.detail}", "traffic", evidence.tick, where),), "unknown", where)

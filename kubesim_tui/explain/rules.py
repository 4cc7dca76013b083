"""Which rule follows a failure: by the station of its way at which it ended."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.explain import (
    answer,
    behind,
    certificate,
    connections,
    guarded,
    links,
    load,
    members,
    names,
    refused,
    regions,
    routes,
    silence,
)
from kubesim_tui.explain.chain import Chain, Link
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, Rule

RULES: Mapping[str, Rule] = {
    "no-endpoints": behind.no_endpoints,
    "no-service": routes.no_service,
    "no-service-port": routes.no_service_port,
    "no-route": routes.no_route,
    "certificate": certificate.disbelieved,
    "too-large": guarded.answered,
    "redirect": guarded.answered,
    "denied": guarded.answered,
    "source-range": guarded.answered,
    "unauthorized": guarded.answered,
    "no-leave": guarded.answered,
    "default-backend": guarded.answered,
    "wrong-protocol": guarded.misspoken,
    "rate-limit": guarded.answered,
    "connection-limit": guarded.answered,
    "no-node-port": routes.no_node_port,
    "policy-local": routes.policy_local,
    "policy": routes.by_policy,
    "source-ranges": routes.source_ranges,
    "refused": refused.refused,
    "no-such-pod": refused.refused,
    "no-such-address": refused.refused,
    "black-hole": silence.black_hole,
    "node-unreachable": silence.black_hole,
    "no-healthy-node": silence.no_healthy_node,
    "answer": answer.answered,
    "hangs": silence.hangs,
    "overload": load.overload,
    "queue-full": load.queue_full,
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
    "worker-connections": connections.not_enough,
    "region-away": regions.far,
    "dns": names.no_such_name,
    "dns-outside": names.no_such_host,
    "unassigned": routes.unassigned,
    "dns-down": names.no_dns,
    "dns-silent": names.no_dns,
    "dns-failed": names.not_told,
}
"""Code of a failure → the rule that follows it."""


def rule(code: str) -> Rule:
    """The rule for a code."""
    return RULES.get(code, _unknown)


def _unknown(evidence: Evidence, failed: Failed) -> Chain:
    where = failed.way[-1] if failed.way else None
    return Chain((Link(f"{failed.code}: {failed.detail}", "traffic", evidence.tick, where),), "unknown", where)

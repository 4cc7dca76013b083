"""The health check of a Service (healthCheckNodePort): each kube-proxy tells how many endpoints are on its node.

Balancers ask it, so that they send only to nodes that have some where the policy is Local (pkg/proxy/healthcheck).
"""

from __future__ import annotations

from kubesim_tui.network.ruleset import Ruleset
from kubesim_tui.world.net import Fetched

TOOK_US = 500


def told(rules: Ruleset, node: str, port: int) -> Fetched | None:
    """What a node's kube-proxy answers on a port; None if it is no Service's."""
    service = rules.health_ports.get(port)
    if service is None:
        return None
    count = here(rules, service, node)
    body = (
        f'{{\n\t"service": {{\n\t\t"namespace": "{service[0]}",\n\t\t"name": "{service[1]}"\n\t}},\n'
        f'\t"localEndpoints": {count},\n\t"serviceProxyHealthy": true\n}}'
    )
    headers = (
        ("Content-Type", "application/json"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Load-Balancing-Endpoint-Weight", str(count)),
    )
    return Fetched(200 if count else 503, body, took_us=TOOK_US, headers=headers)


def here(rules: Ruleset, service: tuple[str, str], node: str) -> int:
    """How many ready endpoints of a Service are on a node; those that leave do not count."""
    return len({t.ip for rule in rules.by_name.get(service, ()) for t in rule.ready if t.node == node})

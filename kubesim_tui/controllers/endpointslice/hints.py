"""Hints on endpoints: which zone's or node's traffic one should get, as spec.trafficDistribution wishes. Pure.

As k8s.io/endpointslice/trafficdist.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.frozen import FrozenMap, Json, freeze, merged
from kubesim_tui.api.types import Endpoint

SAME_ZONE = frozenset({"PreferClose", "PreferSameZone"})
SAME_NODE = "PreferSameNode"


def hints_for(distribution: str | None, endpoint: Endpoint) -> Json:
    """The hints that an endpoint should have; None for none (one that is not ready gets none)."""
    if endpoint.conditions is not None and endpoint.conditions.ready is False:
        return None
    found: dict[str, Any] = {}
    if distribution == SAME_NODE and endpoint.node_name:
        found["forNodes"] = [{"name": endpoint.node_name}]
    if (distribution == SAME_NODE or distribution in SAME_ZONE) and endpoint.zone:
        found["forZones"] = [{"name": endpoint.zone}]
    return freeze(found) if found else None


def with_hints(distribution: str | None, endpoint: Endpoint) -> Endpoint:
    """The endpoint with the hints it should have; the same object if it has them."""
    wanted = hints_for(distribution, endpoint)
    if endpoint.rest.get("hints") == wanted:
        return endpoint
    rest = merged(endpoint.rest, {"hints": wanted})
    return endpoint.evolve(rest=rest if rest else FrozenMap())

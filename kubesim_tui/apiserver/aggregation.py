"""Aggregated APIs: what other servers than the API server answer for, behind its door.

A request passes the door's authorization and is then handed on to the service that is registered for its group
(`ApiServer.metrics` for the three groups of metrics); what it answers is JSON.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Unstructured
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.client import Client, Throttled
from kubesim_tui.apiserver.errors import StatusError

METRICS_GROUP = "metrics.k8s.io"


def _metric(group: str, plural: str, kind: str, *, namespaced: bool = True) -> Resource:
    return Resource("", group, "v1beta1", plural, plural.removesuffix("s"), (), namespaced, (), kind, Unstructured)


POD_METRICS = _metric(METRICS_GROUP, "pods", "PodMetrics")
NODE_METRICS = _metric(METRICS_GROUP, "nodes", "NodeMetrics", namespaced=False)
CUSTOM = _metric("custom.metrics.k8s.io", "*", "MetricValue")
EXTERNAL = _metric("external.metrics.k8s.io", "*", "ExternalMetricValue")
GROUPS = frozenset(r.group for r in (POD_METRICS, CUSTOM, EXTERNAL))
"""Of those it is known here what is answered."""


def reach(client: Client, resource: Resource, namespace: str = "", name: str = "") -> Any:
    """The service behind an aggregated API, for one request of a list: Unreachable, Throttled; 403; 404 without it."""
    server = client.server
    if not client.road.open():
        raise client.road.refusal()
    tick = server.etcd.clock.tick
    if not client.bucket.take(tick):
        raise Throttled(tick + 1)
    allowed, reason = server.authorizer.authorize(client.user, "list", resource, "", namespace, "")
    plural = name or resource.plural
    if not allowed:
        raise errors.forbidden(resource.group, plural, "", reason)
    if server.metrics is None:
        text = f"the server could not find the requested resource (get {plural}.{resource.group})"
        raise StatusError(404, "NotFound", text)
    return server.metrics

"""The metrics API (metrics.k8s.io/v1beta1), which `kubectl top` and the HorizontalPodAutoscaler read.

`MetricsHandler` stands in the API server's proxy table under "metrics"; without it there is no metrics API.
"""

from __future__ import annotations

from typing import Any

from attrs import define

from kubesim_tui.apiserver.request import Request
from kubesim_tui.metrics.usage import Metrics

NAME = "metrics"


@define(eq=False)
class MetricsHandler:
    """Answers with PodMetrics of a namespace ("": all) or NodeMetrics, as JSON objects."""

    metrics: Metrics

    def handle(self, request: Request) -> list[dict[str, Any]]:
        """The objects of request.resource ("pods" or "nodes")."""
        if request.resource.plural == "nodes":
            return self.metrics.node_metrics()
        return self.metrics.pod_metrics(request.namespace)

"""What the autoscaler is told by the three metrics APIs, as upstream's metrics client.

metrics.k8s.io tells of containers' processor and memory, custom.metrics.k8s.io of anything about an object of the
cluster, external.metrics.k8s.io of anything else. A failure is a MetricError in upstream's words; only a spent budget
of requests passes through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubesim_tui.api.labels import Selector
from kubesim_tui.api.quantity import milli
from kubesim_tui.api.times import parse_time
from kubesim_tui.apiserver.aggregation import CUSTOM, EXTERNAL, POD_METRICS, reach
from kubesim_tui.apiserver.client import Client, Throttled
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.controllers.podautoscaler.replicas import MetricError, Sample

Data = Mapping[str, Any]
CUSTOM_WINDOW = 60
"""Seconds: the window of a custom metric that does not name one."""


class MetricsClient:
    """The three APIs, over one client."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def resource(self, namespace: str, chosen: Selector, resource: str, container: str = "") -> dict[str, Sample]:
        """A resource of Pods (or of one of their containers) by the Pod's name, in thousandths."""
        items = self._ask("resource", lambda: reach(self.client, POD_METRICS, namespace).pod_metrics(namespace, chosen))
        return container_samples(items, resource, container) if container else pod_samples(items, resource)

    def pods(self, namespace: str, chosen: Selector, metric: str, labels: Selector) -> dict[str, Sample]:
        """A custom metric of Pods."""
        items = self._ask(
            "custom",
            lambda: reach(self.client, CUSTOM, namespace).custom_pods(namespace, chosen, metric, labels),
        )
        return {item["describedObject"]["name"]: _sample(item) for item in items}

    def object(self, namespace: str, about: Data, metric: str, labels: Selector) -> int:
        """A custom metric of one object."""
        items = self._ask(
            "custom",
            lambda: reach(self.client, CUSTOM, namespace).custom_object(namespace, about, metric, labels),
        )
        return milli(items[0]["value"])

    def external(self, namespace: str, metric: str, labels: Selector) -> list[int]:
        """All values of an external metric."""
        items = self._ask(
            "external",
            lambda: reach(self.client, EXTERNAL, namespace, metric).external(namespace, metric, labels),
        )
        return [milli(item["value"]) for item in items]

    def _ask(self, api: str, ask: Callable[[], Sequence[Data]]) -> Sequence[Data]:
        try:
            items = ask()
        except Throttled:
            raise
        except ApiError as refused:
            raise MetricError(f"unable to fetch metrics from {api} metrics API: {refused}") from None
        if not items:
            raise MetricError(f"no metrics returned from {api} metrics API")
        return items


def _sample(item: Data) -> Sample:
    return Sample(milli(item["value"]), parse_time(item["timestamp"]), item.get("windowSeconds", CUSTOM_WINDOW))


def _taken(item: Data) -> tuple[int, int]:
    """(timestamp, window) of PodMetrics."""
    return parse_time(item["timestamp"]), int(str(item["window"]).removesuffix("s"))


def pod_samples(items: Sequence[Data], resource: str) -> dict[str, Sample]:
    """The sum of the containers of each Pod; one of which a container says nothing has no sample."""
    found = {}
    for item in items:
        used = [c["usage"].get(resource) for c in item["containers"]]
        if used and None not in used:
            found[item["metadata"]["name"]] = Sample(sum(map(milli, used)), *_taken(item))
    return found


def container_samples(items: Sequence[Data], resource: str, container: str) -> dict[str, Sample]:
    """Of one container of each Pod; MetricError if a Pod has none of that name."""
    found = {}
    for item in items:
        meta = item["metadata"]
        used = [c["usage"].get(resource) for c in item["containers"] if c["name"] == container]
        if not used:
            where = f"{meta['namespace']}/{meta['name']}"
            raise MetricError(
                f"failed to get container metrics: container {container} not present in metrics for pod {where}"
            )
        if used[0] is not None:
            found[meta["name"]] = Sample(milli(used[0]), *_taken(item))
    return found

"""custom.metrics.k8s.io and external.metrics.k8s.io, as an adapter in front of a monitoring system answers them.

It knows two metrics of Pods (and, as the sum of its endpoints, of a Service), measured as metrics-server measures:
requests a second, and requests in flight; of an Ingress the requests that users send it. Of the queues of brokers it
knows how many messages are in them: as external metrics by the names that exporters give them, with a label for the
queue and one for its `service`, and as metrics of that Service. Everything else is what somebody outside has published
(`publish`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import define, field, frozen

from kubesim_tui.api.labels import EVERYTHING, Selector
from kubesim_tui.api.quantity import from_milli
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import EndpointSlice, Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.metrics.server import MetricsServer
from kubesim_tui.world.container import Container
from kubesim_tui.world.meter import PERIOD

REQUESTS = frozenset({"http_requests_per_second", "http_requests", "requests-per-second"})
"""Names of the requests a second: as prometheus-adapter makes them of http_requests_total, and the documentation's."""
IN_FLIGHT = "http_requests_in_flight"
SERVICE_NAME = "kubernetes.io/service-name"
Data = dict[str, Any]


@frozen
class Depth:
    """How many messages are in a queue: those that wait, and those that somebody works on."""

    broker: str  # the Service
    queue: str
    ready: int
    unacknowledged: int


READY = frozenset({"queue_messages_ready", "rabbitmq_queue_messages_ready", "redis_key_size", "redis_list_length"})
UNACKNOWLEDGED = frozenset({"queue_messages_unacknowledged", "rabbitmq_queue_messages_unacked"})
DEPTH = frozenset({"queue_messages", "rabbitmq_queue_messages", "kafka_consumergroup_lag"})
OF_QUEUES = READY | UNACKNOWLEDGED | DEPTH
"""Names under which exporters tell of queues."""


class Front(Protocol):
    """What is known where users come in."""

    def requests_milli(self, namespace: str, ingress: str, ticks: int) -> int:
        """Thousandths of a request a second that users sent to an Ingress, over the last ticks."""
        ...

    def queues(self, namespace: str) -> list[Depth]:
        """The queues of messages behind the Services of a namespace."""
        ...


class Nobody:
    """No users."""

    def requests_milli(self, namespace: str, ingress: str, ticks: int) -> int:  # noqa: ARG002
        """None."""
        return 0

    def queues(self, namespace: str) -> list[Depth]:  # noqa: ARG002
        """None."""
        return []


@frozen
class Series:
    """One published value of an external metric."""

    metric: str
    labels: Mapping[str, str]
    milli: int
    at: int


@define(eq=False)
class Metrics(MetricsServer):
    """All three APIs."""

    front: Front = field(factory=Nobody)
    published: dict[tuple[str, str, tuple[tuple[str, str], ...]], Series] = field(factory=dict)

    def publish(self, namespace: str, metric: str, milli: int, labels: Mapping[str, str] | None = None) -> None:
        """From now on an external metric has this value (thousandths), for the series of these labels."""
        given = dict(labels or {})
        self.published[namespace, metric, tuple(sorted(given.items()))] = Series(
            metric, given, milli, self.etcd.clock.now
        )

    # -- custom.metrics.k8s.io ---------------------------------------------------------------------------------

    def custom_pods(self, namespace: str, chosen: Selector, metric: str, _labels: Selector) -> list[Data]:
        """MetricValues of Pods; 404 for a metric that nobody knows."""
        if not _is_known(metric):
            raise StatusError(404, "NotFound", f"the server could not find the metric {metric} for pods")
        found = [(pod, self._of_pod(pod, metric)) for pod in self.pods(namespace, chosen)]
        return [self._value("Pod", pod.metadata.name, namespace, metric, n) for pod, n in found if n is not None]

    def custom_object(self, namespace: str, about: Mapping[str, Any], metric: str, labels: Selector) -> list[Data]:
        """The MetricValue of one object; 404 if there is none."""
        kind, name = about["kind"], about["name"]
        found: int | None = None
        if kind == "Ingress" and metric in REQUESTS and self._exists("ingresses.networking.k8s.io", namespace, name):
            found = self.front.requests_milli(namespace, name, PERIOD)
        elif kind == "Service" and _is_known(metric) and self._exists("services", namespace, name):
            found = sum(self._of_pod(pod, metric) or 0 for pod in self._behind(namespace, name))
        elif kind == "Service" and metric in OF_QUEUES and self._exists("services", namespace, name):
            queues = [one for one in self.front.queues(namespace) if one.broker == name]
            found = sum(_messages(one, metric) * 1000 for one in queues if labels.matches(_labels(one, metric)))
        elif kind == "Pod" and _is_known(metric):
            pod = self.etcd.get("pods", (namespace, name))
            found = self._of_pod(pod, metric) if isinstance(pod, Pod) else None
        if found is None:
            text = f"the server could not find the metric {metric} for {_plural(about)} {name}"
            raise StatusError(404, "NotFound", text)
        return [self._value(kind, name, namespace, metric, found)]

    def _exists(self, resource: str, namespace: str, name: str) -> bool:
        return self.etcd.get(resource, (namespace, name)) is not None

    def _behind(self, namespace: str, service: str) -> list[Pod]:
        """The Pods that are endpoints of a Service."""
        names: dict[str, None] = {}
        for piece in self.etcd.table("endpointslices.discovery.k8s.io").in_namespace(namespace):
            if isinstance(piece, EndpointSlice) and piece.metadata.labels.get(SERVICE_NAME) == service:
                for endpoint in piece.endpoints:
                    if endpoint.target_ref is not None and endpoint.target_ref.kind == "Pod":
                        names[endpoint.target_ref.name] = None
        found = (self.etcd.get("pods", (namespace, name)) for name in sorted(names))
        return [pod for pod in found if isinstance(pod, Pod)]

    def _of_pod(self, pod: Pod, metric: str) -> int | None:
        """Thousandths; None of a Pod of which nothing is known."""
        scrapes = self.scrapes(pod)
        if not scrapes:
            return None
        if metric == IN_FLIGHT:
            return sum(_in_flight(c, self._now) for _, c in self.containers(pod)) * 1000
        return sum(s.requests_milli for s in scrapes.values())

    def _value(self, kind: str, name: str, namespace: str, metric: str, milli: int) -> Data:
        return {
            "describedObject": {"kind": kind, "namespace": namespace, "name": name},
            "metric": {"name": metric},
            "timestamp": format_time(self.etcd.clock.now - self._now % PERIOD),
            "windowSeconds": PERIOD,
            "value": str(from_milli(milli)),
        }

    # -- external.metrics.k8s.io -------------------------------------------------------------------------------

    def external(self, namespace: str, metric: str, labels: Selector = EVERYTHING) -> list[Data]:
        """ExternalMetricValues of a metric whose labels are chosen."""
        return [
            {
                "metricName": metric,
                "metricLabels": dict(series.labels),
                "timestamp": format_time(series.at),
                "value": str(from_milli(series.milli)),
            }
            for series in self._series(namespace, metric)
            if labels.matches(series.labels)
        ]

    def _series(self, namespace: str, metric: str) -> list[Series]:
        """What was published, and what is in the queues of the cluster."""
        known = [s for (where, name, _), s in sorted(self.published.items()) if (where, name) == (namespace, metric)]
        if metric in OF_QUEUES:
            known += [
                Series(metric, _labels(one, metric), _messages(one, metric) * 1000, self.etcd.clock.now)
                for one in self.front.queues(namespace)
            ]
        return known


def _labels(one: Depth, metric: str) -> dict[str, str]:
    """Each exporter has a word of its own for the queue."""
    word = {"redis_key_size": "key", "redis_list_length": "key", "kafka_consumergroup_lag": "topic"}.get(
        metric, "queue"
    )
    return {word: one.queue, "service": one.broker}


def _messages(one: Depth, metric: str) -> int:
    ready, unacknowledged = metric not in UNACKNOWLEDGED, metric not in READY
    return (one.ready if ready else 0) + (one.unacknowledged if unacknowledged else 0)


def _is_known(metric: str) -> bool:
    return metric in REQUESTS or metric == IN_FLIGHT


def _in_flight(container: Container, now: int) -> int:
    load = container.load
    return load.in_flight if load is not None and load.tick >= now - 1 else 0


def _plural(about: Mapping[str, Any]) -> str:
    """Of the kinds that have metrics here, and of others by the usual rule."""
    kind, group = about["kind"].lower(), about.get("apiVersion", "").rpartition("/")[0]
    plural = f"{kind}es" if kind.endswith("s") else f"{kind}s"
    return f"{plural}.{group}" if group else plural

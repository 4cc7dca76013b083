"""What the metrics APIs are told of traffic: requests that users send to an Ingress, messages in queues."""

from __future__ import annotations

from itertools import islice

from kubesim_tui.metrics.adapter import Depth
from kubesim_tui.traffic.traffic import Traffic


class UsersAtTheDoor:
    """metrics.adapter.Front, over the traffic."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic

    def requests_milli(self, namespace: str, ingress: str, ticks: int) -> int:
        """Thousandths of a request a second, over the last ticks."""
        sent = 0
        for source in self.traffic.sources():
            hop = ("Ingress", namespace, ingress)
            weights = [(lane.weight, lane.root is not None and hop in lane.root.way) for lane in source.lanes]
            through = sum(weight for weight, leads in weights if leads)
            if through:
                passed = sum(sample.sent for sample in islice(reversed(source.stream.samples), ticks))
                sent += passed * through // sum(weight for weight, _ in weights)
        return sent * 1000 // ticks

    def queues(self, namespace: str) -> list[Depth]:
        """The queues of messages behind the Services of a namespace."""
        flows = self.traffic.queues.flows.values()
        return [
            Depth(flow.broker[2], flow.name, flow.ready, flow.unacknowledged)
            for flow in flows
            if flow.broker[1] == namespace
        ]

"""How many requests users send to an Ingress: what its controller counts, told to the metrics APIs."""

from __future__ import annotations

from itertools import islice

from kubesim_tui.traffic.traffic import Traffic


class UsersAtTheDoor:
    """metrics.adapter.Front, over the traffic."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic

    def requests_milli(self, namespace: str, ingress: str, ticks: int) -> int:
        """Thousandths of a request a second, over the last ticks."""
        sent = 0
        for streaming in self.traffic.streams.values():
            hop = ("Ingress", namespace, ingress)
            weights = [(lane.weight, lane.root is not None and hop in lane.root.way) for lane in streaming.lanes]
            through = sum(weight for weight, leads in weights if leads)
            if through:
                passed = sum(sample.sent for sample in islice(reversed(streaming.stream.samples), ticks))
                sent += passed * through // sum(weight for weight, _ in weights)
        return sent * 1000 // ticks

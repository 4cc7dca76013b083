"""The queues of messages, as explanations and pictures see them."""

from __future__ import annotations

from itertools import islice

from kubesim_tui.explain.work import Backlog, Spent
from kubesim_tui.traffic.consumer import Consumer
from kubesim_tui.traffic.flow import Flow
from kubesim_tui.traffic.queues import Queues
from kubesim_tui.traffic.way import Fail, Hop

MINUTE = 60
LATELY = 5
"""For so many ticks something that failed is still failing."""


def backlogs(queues: Queues, tick: int) -> list[Backlog]:
    """All of them."""
    return [_backlog(queues, flow, tick) for flow in queues.flows.values()]


def _backlog(queues: Queues, flow: Flow, tick: int) -> Backlog:
    mine = [one for one in queues.consumers.values() if one.flow is flow or _asks(one, flow)]
    samples = [s for s in islice(reversed(flow.stream.samples), MINUTE) if s.tick > tick - MINUTE]
    failures = [f for f in flow.stream.failures.values() if f.last >= tick - MINUTE]
    return Backlog(
        flow.broker,
        flow.keepers,
        flow.name,
        flow.ready,
        flow.age(tick),
        sum(sample.sent for sample in samples),
        sum(sample.served for sample in samples),
        tuple(one.place.hop for one in mine) or flow.consumers,
        any(one.barred is None for one in mine),
        _failing(mine, flow, tick),
        _slowest(mine),
        tuple((failure.fail.code, failure.count) for failure in failures),
    )


def _asks(one: Consumer, flow: Flow) -> bool:
    """Whether a consumer that has never reached its broker asks for this queue there."""
    return one.flow is None and one.does.queue == flow.name and one.does.call.host.split(".")[0] == flow.broker[2]


def _failing(consumers: list[Consumer], flow: Flow, tick: int) -> Fail | None:
    stopped = [fail for one in consumers if (fail := one.stopped) is not None]
    if consumers and len(stopped) == len(consumers):
        return stopped[0]
    return flow.trouble if tick - flow.troubled <= LATELY else None


def _slowest(consumers: list[Consumer]) -> Spent | None:
    """What most of the time of a message is spent on."""
    best: Spent | None = None
    for one in consumers:
        for called in one.root.uses if one.root is not None else ():
            hops: tuple[Hop, ...] = called.way or (called.legs[0].way[:1] if called.legs else ())
            if hops and called.call is not one.does.call and (best is None or called.waits_us > best.waits_us):
                whole = one.does.plan.service_us + sum(other.waits_us for other in one.root.uses) if one.root else 0
                best = Spent(hops, called.waits_us, whole)
    return best

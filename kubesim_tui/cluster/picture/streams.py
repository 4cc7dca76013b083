"""Streams of users with their history, and what flows through each Service."""

from __future__ import annotations

from kubesim_tui.cluster.picture.services import Flow
from kubesim_tui.cluster.view import QueueView, Ref, TrafficView
from kubesim_tui.traffic import slo
from kubesim_tui.traffic.generator import Generator
from kubesim_tui.traffic.histogram import Histogram, spread
from kubesim_tui.traffic.traffic import Source, Traffic
from kubesim_tui.traffic.way import Destination

HISTORY, MINUTE = 600, 60


def traffic_view(source: Source, slo_pm: int) -> TrafficView:
    """One stream; `slo_pm`: what it is promised, per mille."""
    users, stream = source.users, source.stream
    pod = source.place.hop if isinstance(source, Generator) else None
    samples = list(stream.samples)[-HISTORY:]
    reasons = tuple(sorted(stream.reasons.items(), key=_frequent))
    last = samples[-1] if samples else None
    p95 = tuple(s.percentile(950) for s in samples)
    root = next(iter(source.roots), None)
    hop = root.way[0] if root is not None and root.way else None
    return TrafficView(
        name=pod[2] if pod is not None else users.name,
        url=users.url,
        method=users.method,
        rate=source.rate_milli // 1000,
        sent=stream.sent,
        served=stream.served,
        failed=reasons,
        now_ok_pm=last.ok_pm if last is not None else -1,
        now_p95_us=p95[-1] if p95 else 0,
        slo_pm=slo_pm,
        ok_history=tuple(s.ok_pm for s in samples),
        rate_history=tuple(s.sent for s in samples),
        p95_history=p95,
        first_hop=Ref(*hop) if hop is not None and hop[0] in ("Ingress", "Service") else None,
        goodput=slo.goodput_milli(samples[-MINUTE:]) // 1000,
        burn_milli=slo.worst_milli(samples[-MINUTE:], MINUTE, slo_pm) if slo_pm else 0,
        pod=Ref(*pod) if pod is not None else None,
    )


def _frequent(reason: tuple[str, int]) -> tuple[int, str]:
    return -reason[1], reason[0]


def flows(traffic: Traffic) -> dict[tuple[str, str], Flow]:
    """What went through each Service: in the last tick, and how many were well in those before."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    todo = [root for source in traffic.sources() for root in source.roots]
    todo += [root for root, _ in traffic.queues.roots()]
    seen: dict[int, None] = {}
    while todo:
        destination = todo.pop()
        if id(destination) not in seen:
            seen[id(destination)] = None
            _count(destination, found)
            todo += destination.uses
    now, flowing = traffic.engine.clock.tick, {}
    for name, (n, p95) in found.items():
        history = traffic.passing.history(name, now)
        flowing[name] = (n, history[-1] if history else -1, p95, history)
    return flowing


def _count(destination: Destination, found: dict[tuple[str, str], tuple[int, int]]) -> None:
    service, result = destination.service, destination.result
    if service is None or result is None:
        return
    n, p95 = found.get(service, (0, 0))
    counts = [spread(n, latency)[0] for latency, n in result.parts]
    found[service] = (n + result.total, max(p95, Histogram().plus(*counts).percentile(950)))


def queues(traffic: Traffic, tick: int) -> dict[tuple[str, str], tuple[QueueView, ...]]:
    """The queues of messages, by the Service through which they are asked for."""
    found: dict[tuple[str, str], tuple[QueueView, ...]] = {}
    for flow in traffic.queues.flows.values():
        about = flow.broker[1:]
        seen = QueueView(flow.name, flow.ready, flow.unacknowledged, flow.age(tick))
        found[about] = (*found.get(about, ()), seen)
    return found

"""What the requests to a Pod spend their time on: its own work, its queue, what it asks of others.

Measured where users' requests lead there now; else, of a container that nobody is led to, only whom it would ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kubesim_tui.explain.work import AtWork, Calling
from kubesim_tui.traffic.traffic import Traffic
from kubesim_tui.traffic.way import Destination, Fail, Hop, Leg
from kubesim_tui.world.container import Container
from kubesim_tui.world.plan import Call, Plan


def at_work(traffic: Traffic, container: Container) -> AtWork:
    """Of one container."""
    station = traffic.stations.get((container.host.machine, container.id))
    full = station is not None and (station.backlog.waiting > 0 or station.capacity > 0)
    if station is None or station.work is None or not station.legs:
        return AtWork(False, 0, full, tuple(Calling(c.host, c.port, c.timeout_us) for c in _calls(container)))
    return _of_legs(station.legs, station.setting[2], full=full)


def at_its_end(traffic: Traffic, pod: Hop) -> AtWork | None:
    """Of the container of a Pod that ended last with requests inside, if that is not long ago."""
    fell = traffic.fallen.get(pod)
    return _of_legs(fell.legs, fell.quota_milli, full=fell.full) if fell is not None and fell.legs else None


def _of_legs(legs: Sequence[Leg], quota: int | None, *, full: bool) -> AtWork:
    return AtWork(True, max(_takes(quota, leg) for leg in legs), full, tuple(_measured(legs, quota)))


def _takes(quota: int | None, leg: Leg) -> int:
    """How long a request of a leg is in hand: a quota of the processor stretches its work, and it waits for calls."""
    plan = leg.plan
    own = max(plan.service_us, plan.cpu_us * 1000 // quota if quota else 0) if plan is not None else 0
    return own + sum(called.waits_us for called in leg.calls)


def _measured(legs: Iterable[Leg], quota: int | None) -> Iterator[Calling]:
    for leg in legs:
        takes = _takes(quota, leg)
        yield from (_calling(called.call, called, takes) for called in leg.calls if called.call is not None)


def _calling(call: Call, called: Destination, takes: int) -> Calling:
    fail, count, total = _mostly(called)
    share = count * 1000 // max(1, total)
    return Calling(call.host, call.port, call.timeout_us, called.waits_us, takes, fail, share)


def _mostly(called: Destination) -> tuple[Fail | None, int, int]:
    """How most of those fail that do: (the failure, how many, of how many)."""
    result = called.result
    if result is None or not result.failed:
        return called.fail, int(called.fail is not None), 1
    fail, count = max(result.failed, key=lambda failed: failed[1])
    return fail, count, result.total


def _calls(container: Container) -> Iterator[Call]:
    """Whom it would ask, whatever it is asked for."""
    found: dict[tuple[str, int], Call] = {}
    for program in container.programs:
        for listen in program.listens:
            for route in program.spec.routes:
                plan = container.plan(listen.port, next(iter(route.methods), "GET"), route.path)
                for call in plan.calls if isinstance(plan, Plan) else ():
                    found.setdefault((call.host, call.port), call)
    return iter(found.values())

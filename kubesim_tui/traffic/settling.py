"""How outcomes are told on the way up: what a caller makes of a call that failed, is late, or is still under way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubesim_tui.traffic.histogram import Latency
from kubesim_tui.traffic.station import TICK_US
from kubesim_tui.traffic.way import TIMED_OUT, Destination, Fail, Held, Kept, Leg, Result, Station
from kubesim_tui.traffic.work import Work
from kubesim_tui.world.ailment import FAULTY

Part = tuple[Latency, int]
Timed = tuple[int, Latency, int]
"""A mean, the latency that it is of, and how many took it."""
NEAR = 8
"""Latencies whose means are within an eighth of each other are told as one: as near as two buckets of a histogram."""
FAR = 40
"""So many means beyond the constant nobody is: less than one in 10¹⁵."""


def told(work: Work, network_us: int, n: int) -> Timed:
    """How long n requests took that a station has done, told by who asked over a network."""
    return work.mean_us + network_us, work.latency_behind(network_us), n


def merged(parts: list[Timed]) -> tuple[Part, ...]:
    """Few latencies instead of many: near ones become one with their mean, shaped like the slowest of them."""
    if len(parts) == 1:
        return ((parts[0][1], parts[0][2]),)
    if len(parts) == 2:
        first, second = parts if parts[0][0] <= parts[1][0] else reversed(parts)
        if second[0] - first[0] > first[0] // NEAR:
            return (first[1], first[2]), (second[1], second[2])
        return (_one([first, second]),)
    found: list[Part] = []
    group: list[Timed] = []
    for one in sorted(parts, key=_mean):
        if group and one[0] - group[0][0] > group[0][0] // NEAR:
            found.append(_one(group))
            group = []
        group.append(one)
    if group:
        found.append(_one(group))
    return tuple(found)


def _mean(entry: Timed) -> int:
    return entry[0]


def _one(group: list[Timed]) -> Part:
    slowest_mean, slowest, count = group[-1]
    if len(group) == 1:
        return slowest, count
    count = total = 0
    for one_mean, _, n in group:
        count += n
        total += one_mean * n
    mean = total // count
    constant = max(0, slowest.constant_us + mean - slowest_mean)
    return Latency(constant, slowest.wait_ppm, slowest.wait_us, slowest.jitter_us), count


def well(result: Result) -> list[tuple[Leg, int]]:
    """How many are ok by their legs, as far as a result tells of these."""
    if not result.by_row:
        return [(leg, of.ok) for leg, of in result.by_leg if of.ok]
    found = []
    for part, (start, end, done, _, _), called in result.by_row:
        ok = done - sum(held.count for held in called)
        found += [(part.places[at], part.legs[at], ok) for at in range(start, end) if ok]
    return [(leg, ok) for _, leg, ok in sorted(found, key=lambda one: one[0])]


def alike(failures: list[tuple[Fail, int]]) -> tuple[tuple[Fail, int], ...]:
    """Few failures instead of many: what differs by the Pod alone is told of the one that it struck most."""
    if len(failures) < 2:
        return tuple(failures)
    groups: dict[tuple[object, ...], list[tuple[Fail, int]]] = {}
    for fail, n in failures:
        where = tuple([hop for hop in fail.way if hop[0] != "Pod"])
        groups.setdefault((fail.reason, fail.code, fail.detail, fail.delay_us, where), []).append((fail, n))
    return tuple([(max(group, key=_count)[0], sum([n for _, n in group])) for group in groups.values()])


def _count(failure: tuple[Fail, int]) -> int:
    return failure[1]


def in_time(result: Result, fail: Fail, phase: int) -> Result:
    """The result as one sees it who waits no longer than a failure lasts: what comes later is that failure for him,
    though the work is done."""
    limit, parts, late = fail.delay_us, [], 0
    for latency, n in result.parts:
        slow = 0
        if latency.constant_us + FAR * (latency.wait_us + latency.jitter_us) > limit:
            slow = latency.slower(n, limit, phase)
        late += slow
        if n > slow:
            parts.append((latency, n - slow))
    if not late:
        return result
    return Result(result.ok - late, tuple(parts), (*result.failed, (fail, late)), result.held, result.kept)


def settle_late(leg: Leg, n: int, *, lasted: bool = False) -> Result:
    """What becomes of n requests that a replica has completed, as what it called has answered lately.

    If they ``lasted`` the calls are over, too, that take long, in time or not.
    """
    if leg.passes is not None:
        return leg.passes.relay(n)
    if leg.fine and not leg.calls:
        return Result(n)
    failed: dict[Fail, int] = {}
    held: list[Held] = []
    kept: tuple[tuple[Leg, int], ...] = ()
    ok = n
    for called in leg.calls:
        before = len(held)
        ok, more = _after_call(ok, called, failed, held, leg)
        if lasted and len(held) > before:
            ok += _over(called, held, before, failed)
        kept += more
    plan = leg.plan
    if plan is not None and plan.status >= 400 and ok:
        failed[Fail(str(plan.status), plan.code, leg.way, plan.why)] = ok
        ok = 0
    if plan is not None and plan.errors_pm and ok:
        bad = leg.faulty(ok, plan.errors_pm)
        failed[Fail("500", plan.code, leg.way, FAULTY)] = bad
        ok -= bad
    if leg.outlet is not None and ok:
        taken = leg.outlet.publish(ok)
        if taken < ok:
            failed[leg.outlet.refusal] = ok - taken
            ok = taken
    if plan is not None and plan.store is not None and plan.store.verb == "append" and ok:
        kept += ((leg, ok),)
    return Result(ok, (), tuple(failed.items()), tuple(held), kept)


def _after_call(ok: int, called: Destination, failed: dict[Fail, int], held: list[Held], leg: Leg) -> tuple[int, Kept]:
    """How many are still well after a call, given what became of all that was asked there."""
    result = called.result
    if not ok or result is None or result.clean:
        return ok, ()
    good, *parts = result.of(ok)
    for (fail, _), part in zip(result.failed, parts, strict=False):
        if called.failure:
            seen = failed_call(called, fail, leg)
            failed[seen] = failed.get(seen, 0) + part
        else:
            good += part
    for inside, part in zip(result.held, parts[len(result.failed) :], strict=True):
        if part:
            held.append(held_call(called, inside, part, leg))
    return good, result.kept


def any_failed(calls: Iterable[Destination]) -> bool:
    """Whether something that is called has failed for some, so that who calls does not fare as his neighbour does."""
    return any(called.result is not None and called.result.failed for called in calls)


def _over(called: Destination, held: list[Held], first: int, failed: dict[Fail, int]) -> int:
    """How many of those who are held by a call, from the first of these on, have their answer after all."""
    good, stay = 0, []
    for one in held[first:]:
        work = one.station.work
        if work is None or not work.outcome.lasts:
            stay.append(one)
            continue
        late = work.outcome.latency.slower(one.count, one.timeout_us, called.luck) if one.timeout_us else 0
        good += one.count - late
        if late and one.fail is not None:
            failed[one.fail] = failed.get(one.fail, 0) + late
        else:
            good += late
    held[first:] = stay
    return good


def waits(destination: Destination, result: Result) -> int:
    """How long on average a caller waits for this call, failures (and their time-outs) included."""
    if not result.failed and not result.held:
        return result.mean_us
    return spent(result, destination.timeout_us) // destination.arrivals


def varies(destination: Destination, result: Result) -> int:
    """How much that varies, variance ÷ mean², per mille: as much as with those who are well; a time-out never does."""
    scv_pm = result.scv_pm if result.parts else destination.waits_scv_pm
    if not scv_pm or not (result.failed or result.held):
        return scv_pm
    limit = destination.timeout_us
    sure = sum([n * fail.lasts(limit) for fail, n in result.failed])
    if limit:
        sure += sum([n * limit for long, n in _stays(result) if long >= limit])
    if not sure:
        return scv_pm
    whole = spent(result, limit)
    free_pm = (whole - sure) * 1000 // whole
    return scv_pm * free_pm * free_pm // 1_000_000


def spent(result: Result, limit: int) -> int:
    """How long all together wait, none longer than a time-out (0: there is none)."""
    spent = result.ok * result.mean_us
    for fail, n in result.failed:
        spent += n * fail.lasts(limit)
    for long, n in _stays(result):
        spent += n * (min(limit, long) if limit else long)
    return spent


def _stays(result: Result) -> Iterator[tuple[int, int]]:
    """How long those take that are still inside, and how many do."""
    if not result.by_row:
        yield from ((expected(held.station), held.count) for held in result.held)
    for _, (start, end, _, stays, work), called in result.by_row:
        if stays:
            yield work.mean_us or TICK_US, stays * (end - start)
        for held in called:
            yield expected(held.station), held.count * (end - start)


def expected(station: Station) -> int:
    """How long those take that are still inside: as long as others, with what had waited before them."""
    return (station.work.mean_us if station.work is not None else 0) or TICK_US


def failed_call(called: Destination, fail: Fail, leg: Leg) -> Fail:
    """What a caller answers when a call of its has failed."""
    return Fail(str(called.failure), fail.code, leg.way + fail.way, fail.detail, fail.lasts(called.timeout_us))


def held_call(called: Destination, inside: Held, count: int, leg: Leg) -> Held:
    """Requests of a caller that still wait for a call: the first time-out on their way ends it."""
    limit = called.timeout_us
    more = inside.more_us + (leg.plan.service_us if leg.plan is not None else 0)
    more += sum([other.waits_us for other in leg.calls if other is not called])
    if limit and not (inside.timeout_us and inside.timeout_us <= limit):
        late = Fail(TIMED_OUT, "slow", (*called.way, inside.station.pod), "no answer in time", limit)
        return Held(inside.station, count, limit, failed_call(called, late, leg) if called.failure else None, more)
    fail = failed_call(called, inside.fail, leg) if inside.fail is not None and called.failure else None
    return Held(inside.station, count, inside.timeout_us, fail, more)

"""What a load generator does, once its flags are read and its templates filled in.

Two loops: in a *closed* one so many users each wait for an answer, think, and ask again, so that a slow target is asked
less; in an *open* one requests leave at a rate, however the target fares. Who it asks is data of its image, its flags,
or a script among its files (world/loadscript).
"""

from __future__ import annotations

from itertools import pairwise

from attrs import evolve, frozen

from kubesim_tui.world.container import Container
from kubesim_tui.world.image_calls import CallTo
from kubesim_tui.world.image_sends import Sends
from kubesim_tui.world.loadscript.read import script_of
from kubesim_tui.world.loadscript.script import NOTHING, Limit, LoadScript
from kubesim_tui.world.logs import STDERR
from kubesim_tui.world.plan import Call
from kubesim_tui.world.planning import address
from kubesim_tui.world.program import Program
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.template import Names, expand
from kubesim_tui.world.units import SECOND_US, decimal, duration_us, whole

NO = ("", "no", "false", "0")
"""What a template says that says no."""
MOST = 100_000_000
"""Larger numbers count as this."""
Point = tuple[int, int]
"""(µs since the beginning, users who are there then)."""


@frozen
class Target(Shared):
    """One of the things that are asked for, and how often among the others."""

    call: Call
    weight: int = 1


@frozen
class Sending(Shared):
    """See the module. Where a limit is None there is none; `rate_milli` and `each_milli` 0: as fast as they can."""

    targets: tuple[Target, ...]
    course: tuple[Point, ...]  # between its points users come or go evenly, after the last one they stay
    think_us: int = 0
    each_milli: int = 0
    rate_milli: int = 0
    open: bool = False
    count: int | None = None
    lasts_us: int | None = None
    timeout_us: int = 30 * SECOND_US
    cores: int = 0
    cpu_us: int = 100
    limits: tuple[Limit, ...] = ()
    every: int = 0  # ticks after which it says how it fares; 0: it does not

    def present(self, since_us: int) -> int:
        """How many users are there so long after the beginning."""
        at, users = self.course[0]
        for (start, before), (end, after) in pairwise(self.course):
            if since_us >= end:
                at, users = end, after
            elif since_us > start:
                return before + (after - before) * (since_us - start) // (end - start)
        return users if since_us >= at else self.course[0][1]

    @property
    def rests_us(self) -> int:
        """How long a user at least takes from one request to the next, besides the answer of the former."""
        return max(self.think_us, 1000 * SECOND_US // self.each_milli if self.each_milli else 0)

    @property
    def most_users(self) -> int:
        """How many are there at most."""
        return max(users for _, users in self.course)


def of(container: Container, program: Program) -> Sending | None:
    """What a program sends; None: nothing."""
    at = program.spec.sends
    scope = program.scope(container, 0, {})
    if at is None or not yes(at.when, scope):
        return None
    found = script_of(container, at.script, program.argv, scope) if at.script is not None else NOTHING
    asked = [(to.to, to.method, to.path, to.weight) for to in at.targets]
    asked += [(one.url, one.method, "", one.weight) for one in found.asks]
    keepalive = yes(at.keeps, scope) or not yes(at.opens, scope)
    weights: dict[Call, int] = {}
    for to, method, path, weight in asked:
        call, _ = address(CallTo(to=to, method=expand(method, scope), path=path, keepalive=keepalive), scope)
        if call is not None:
            weights[call] = weights.get(call, 0) + weight
    targets = tuple([Target(call, weight) for call, weight in weights.items()])
    return _sending(at, found, targets, scope) if targets else None


def _sending(at: Sends, found: LoadScript, targets: tuple[Target, ...], scope: Names) -> Sending:
    users = _whole(at.users, scope) or found.users or 1
    told = seconds_us(expand(at.lasts, scope))
    iterations = _whole(at.iterations, scope) * len(found.asks)
    lasts = told or (0 if iterations else found.lasts_us)
    think = _think_us(expand(at.think, scope)) or found.think_us
    count = iterations or _count(at, users, scope, timed=bool(lasts)) or (0 if told else found.count)
    timeout = seconds_us(expand(at.timeout, scope)) or 30 * SECOND_US
    made = Sending(
        targets,
        ((0, users),),
        think,
        _milli(at.each, scope),
        _milli(at.rate, scope) or found.rate_milli,
        yes(at.open, scope) or found.rate_milli > 0,
        count or None,
        lasts or None,
        timeout,
        _whole(at.cores, scope),
        max(1, at.cpu_us),
        found.limits,
        at.every_us // SECOND_US,
    )
    spawn = _milli(at.spawn, scope)
    if found.course and not _whole(at.users, scope):
        return evolve(made, course=found.course, lasts_us=lasts or found.course[-1][0])
    if 0 < spawn < users * 1000:
        first = min(users, max(1, spawn // 1000))
        return evolve(made, course=((0, first), ((users - first) * 1000 * SECOND_US // spawn, users)))
    return made


def _count(at: Sends, users: int, scope: Names, *, timed: bool) -> int:
    rounds = _whole(at.rounds, scope)
    if rounds:
        return rounds * users
    count = 0 if timed else _whole(at.count, scope)
    if at.even and count:
        count = max(1, count // users) * users
    return count or _whole(at.most, scope)


def begins(container: Container, program: Program, now: int) -> bool:
    """Its users take memory. Whether a program may begin that asks once before it does; else it says why, and what
    code it exits with."""
    at, net = program.spec.sends, container.host.net
    does = of(container, program) if at is not None else None
    if at is None or does is None or net is None:
        return True
    program.extra_bytes = at.memory_bytes * does.most_users
    if at.reach is None:
        return True
    call = does.targets[0].call
    url = f"{call.protocol}://{call.host}:{call.port}{call.path}"
    error = net.fetch(container.host.machine, container.id, url, call.method, "", does.timeout_us).error
    if error:
        known = {"error": at.words.get(error, error), "host": call.host, "port": str(call.port)}
        scope = program.scope(container, now, known)
        for line in at.reach.log:
            container.write_log(expand(line, scope), now, STDERR)
        program.code = at.reach.code
    return not error


def yes(text: str, scope: Names) -> bool:
    """Whether a template says yes."""
    return expand(text, scope).lower() not in NO


def seconds_us(text: str) -> int:
    """A duration as tools take it: `10m`, `1h30m`, `30S`, or a number of seconds; 0 for what is none."""
    text = text.strip().lower()
    try:
        return decimal(text, SECOND_US) if _is_number(text) else duration_us(text) if text else 0
    except ValueError:
        return 0


def _think_us(text: str) -> int:
    """The mean of `1s..5s`, or what is said."""
    low, between, high = text.partition("..")
    return (seconds_us(low) + seconds_us(high)) // 2 if between else seconds_us(low)


def _milli(text: str, scope: Names) -> int:
    """Thousandths a second of `10`, `0.5`, `50/s` or `100/1m`; 0 for what is none."""
    amount, per, unit = expand(text, scope).strip().partition("/")
    if not _is_number(amount):
        return 0
    period = seconds_us(unit if unit[:1].isdecimal() else f"1{unit}") if per else SECOND_US
    return decimal(amount, 1000) * SECOND_US // period if period else 0


def _is_number(text: str) -> bool:
    whole, _, fraction = text.partition(".")
    return bool(text.strip(".")) and (whole + fraction).isdecimal()


def _whole(text: str, scope: Names) -> int:
    return min(MOST, whole(expand(text, scope).strip()))

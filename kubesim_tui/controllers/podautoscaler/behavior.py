"""How fast a recommendation is followed: stabilization windows, policies, and the bounds of the autoscaler. Pure.

What was recommended and done before is kept as tuples of `Past`. As upstream does, an entry that no window reaches any
more makes room for the next one. What is exactly as old as a window lies outside of it: by upstream's finer clock
the next round would come a little later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from kubesim_tui.controllers.podautoscaler.replicas import MAX_INT32, ceil

Rules = Mapping[str, Any]
"""HPAScalingRules: stabilizationWindowSeconds, selectPolicy, policies."""

WITHIN = ("DesiredWithinRange", "the desired count is within the acceptable range")
TOO_MANY = ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
TOO_FEW = ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
UP_LIMIT = ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
DOWN_LIMIT = ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate")
UP_STABILIZED = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
)
DOWN_STABILIZED = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
)


@frozen
class Past:
    """A recommendation, or by how much the size was changed; at which time (Unix seconds)."""

    replicas: int
    at: int
    outdated: bool = False


@frozen
class Memory:
    """What the controller remembers of one autoscaler."""

    recommendations: tuple[Past, ...] = ()
    ups: tuple[Past, ...] = ()
    downs: tuple[Past, ...] = ()


@frozen
class Request:
    """A wish to be brought within the rules."""

    current: int
    desired: int
    least: int
    most: int
    now: int
    up: Rules = field(factory=dict)
    down: Rules = field(factory=dict)


Limited = tuple[int, tuple[str, str]]
"""(replicas, (reason, message))."""


def _replaced(kept: Sequence[Past], old: int | None, new: Past) -> tuple[Past, ...]:
    """With a new entry in the place of an old one, or at the end."""
    return (*kept, new) if old is None else (*kept[:old], new, *kept[old + 1 :])


def _last(entries: Iterable[Past], is_old: Callable[[Past], bool]) -> int | None:
    return max((i for i, past in enumerate(entries) if is_old(past)), default=None)


# -- stabilization ---------------------------------------------------------------------------------------------------


def stabilize(request: Request, kept: Sequence[Past]) -> tuple[int, tuple[Past, ...]]:
    """The desired number held within what was recommended of late: no more than the least within the window of going
    up, no less than the most within that of going down. Also what is to be remembered from now on."""
    up = request.now - int(request.up.get("stabilizationWindowSeconds") or 0)
    down = request.now - int(request.down.get("stabilizationWindowSeconds") or 0)
    lowest = min([request.desired, *(p.replicas for p in kept if p.at > up)])
    highest = max([request.desired, *(p.replicas for p in kept if p.at > down)])
    old = _last(kept, lambda past: past.at <= up and past.at <= down)
    found = min(max(request.current, lowest), highest)
    return found, _replaced(kept, old, Past(request.desired, request.now))


def stabilize_down(request: Request, kept: Sequence[Past], window: int) -> tuple[int, tuple[Past, ...]]:
    """Without a behavior: the most that was recommended within the window."""
    cutoff = request.now - window
    highest = max([request.desired, *(p.replicas for p in kept if p.at > cutoff)])
    old = _last(kept, lambda past: past.at <= cutoff)
    return highest, _replaced(kept, old, Past(request.desired, request.now))


# -- policies --------------------------------------------------------------------------------------------------------


def change_in(period: int, events: Iterable[Past], now: int) -> int:
    """By how much the size was changed within the last seconds."""
    return sum(event.replicas for event in events if event.at > now - period)


def _at_start(current: int, period: int, memory: Memory, now: int) -> int:
    """The size at the beginning of a period."""
    return current - change_in(period, memory.ups, now) + change_in(period, memory.downs, now)


def _up_limit(request: Request, memory: Memory) -> int:
    choice = request.up.get("selectPolicy") or "Max"
    if choice == "Disabled":
        return request.current
    found = []
    for policy in request.up.get("policies") or ():
        start = _at_start(request.current, policy["periodSeconds"], memory, request.now)
        if policy["type"] == "Pods":
            found.append(start + int(policy["value"]))
        else:
            found.append(ceil(start * (1 + policy["value"] / 100)))
    return min([MAX_INT32, *found]) if choice == "Min" else max([-MAX_INT32, *found])


def _down_limit(request: Request, memory: Memory) -> int:
    choice = request.down.get("selectPolicy") or "Max"
    if choice == "Disabled":
        return request.current
    found = []
    for policy in request.down.get("policies") or ():
        start = _at_start(request.current, policy["periodSeconds"], memory, request.now)
        if policy["type"] == "Pods":
            found.append(start - int(policy["value"]))
        else:
            found.append(int(start * (1 - policy["value"] / 100)))
    return max([-MAX_INT32, *found]) if choice == "Min" else min([MAX_INT32, *found])


def limit(request: Request, memory: Memory) -> Limited:
    """The desired number within policies and bounds."""
    if request.desired > request.current:
        fastest = max(_up_limit(request, memory), request.current)
        most, why = (fastest, UP_LIMIT) if request.most > fastest else (request.most, TOO_MANY)
        if request.desired > most:
            return most, why
    elif request.desired < request.current:
        fastest = min(_down_limit(request, memory), request.current)
        least, why = (fastest, DOWN_LIMIT) if request.least < fastest else (request.least, TOO_FEW)
        if request.desired < least:
            return least, why
    return request.desired, WITHIN


def limit_plainly(request: Request) -> Limited:
    """Without a behavior: at most double, but four are always allowed."""
    fastest = max(2 * request.current, 4)
    most, why = (fastest, UP_LIMIT) if request.most > fastest else (request.most, TOO_MANY)
    if request.desired < request.least:
        return request.least, TOO_FEW
    return (most, why) if request.desired > most else (request.desired, WITHIN)


# -- what was done ---------------------------------------------------------------------------------------------------


def remember(memory: Memory, rules: Mapping[str, Rules] | None, before: int, after: int, now: int) -> Memory:
    """Note a change of the size. Without a behavior nobody will ask for it."""
    if rules is None:
        return memory
    if after > before:
        return evolve(memory, ups=_stored(memory.ups, rules.get("scaleUp") or {}, after - before, now))
    return evolve(memory, downs=_stored(memory.downs, rules.get("scaleDown") or {}, before - after, now))


def _stored(events: Sequence[Past], rules: Rules, change: int, now: int) -> tuple[Past, ...]:
    longest = max((p["periodSeconds"] for p in rules.get("policies") or ()), default=0)
    marked = [evolve(e, outdated=True) if e.at <= now - longest else e for e in events]
    return _replaced(marked, _last(marked, lambda event: event.outdated), Past(change, now))

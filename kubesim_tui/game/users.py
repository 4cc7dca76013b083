"""Streams of users as levels write them: how many come and when, what they ask for, how they try again.

`read` takes what the schema has passed; `problems` is what it cannot say, as (path of the field, what is wrong).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubesim_tui.api.quantity import value
from kubesim_tui.cluster.spec import RegionSpec
from kubesim_tui.game.units import micros, rate_milli, share_pm, ticks
from kubesim_tui.traffic.profile import Batch, Flash, Profile, Ramp, Shape, Spike, Wave
from kubesim_tui.traffic.retries import Backoff
from kubesim_tui.traffic.spec import Route, Users

Raw = Mapping[str, Any]
Problem = tuple[list[str | int], str]


def read(raw: Raw) -> Users:
    """One entry of `traffic`."""
    kept = raw.get("keepAlive", {})
    return Users(
        name=raw["name"],
        url=raw["url"],
        rate_milli=rate_milli(raw["rate"]) if "rate" in raw else 0,
        method=raw.get("method", "GET"),
        timeout_us=micros(raw.get("timeout", "5s")),
        store=raw.get("store", ""),
        retries=raw.get("retries", 0),
        backoff=_backoff(raw),
        budget_pm=share_pm(raw["retryBudget"]) if "retryBudget" in raw else None,
        profile=_profile(raw.get("profile", ())),
        routes=tuple(Route(r["path"], r.get("method", ""), r.get("weight", 1)) for r in raw.get("routes", ())),
        per_connection=kept.get("requests", 1),
        connections=kept.get("connections", 0),
        renew_us=micros(kept["renew"]) if "renew" in kept else 0,
        population=raw.get("users", 0),
        regions=tuple(_regions(raw.get("region", {})).items()),
        think_us=micros(raw["think"]) if "think" in raw else 0,
        addresses=raw.get("addresses", 0),
        body_bytes=value(raw["body"]) if "body" in raw else 0,
    )


def _regions(raw: str | Mapping[str, int]) -> Mapping[str, int]:
    return {raw: 1} if isinstance(raw, str) else raw


def regions(raw: list[Raw]) -> tuple[RegionSpec, ...]:
    """The regions that users may come from."""
    return tuple(
        RegionSpec(r["name"], micros(r["latency"]), {zone: micros(t) for zone, t in r.get("zones", {}).items()})
        for r in raw
    )


def _backoff(raw: Raw) -> Backoff:
    most = micros(raw["backoffMax"]) if "backoffMax" in raw else 0
    return Backoff(micros(raw.get("backoff", "1s")), raw.get("backoffGrowth", 1), most, raw.get("jitter", "none"))


def _profile(raw: list[Raw]) -> Profile:
    batches = tuple(Batch(_time(one, "at"), one["count"], _time(one, "every")) for one in raw if _is_batch(one))
    return Profile(tuple(SHAPES[one["shape"]](one) for one in raw if not _is_batch(one)), batches)


def _is_batch(raw: Raw) -> bool:
    return bool(raw["shape"] == "batch")


def _time(raw: Raw, name: str) -> int:
    return ticks(raw[name]) if name in raw else 0


def _share(raw: Raw, name: str) -> int:
    return share_pm(raw.get(name, "100%"))


SHAPES: Mapping[str, Callable[[Raw], Shape]] = {
    "wave": lambda one: Wave(_time(one, "every"), _share(one, "low"), _share(one, "high"), _time(one, "shift")),
    "ramp": lambda one: Ramp(_time(one, "at"), _time(one, "over"), _share(one, "from"), _share(one, "to")),
    "spike": lambda one: Spike(_time(one, "at"), _time(one, "for"), _share(one, "peak"), _time(one, "every")),
    "flash": lambda one: Flash(_time(one, "at"), _time(one, "rise"), _share(one, "peak"), _time(one, "halves")),
}


def problems(traffic: list[Raw], known: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with streams of users, where such regions are known."""
    for i, raw in enumerate(traffic):
        for region in _regions(raw.get("region", {})):
            if region not in known:
                yield [i, "region"], f"there is no region {region!r}; there are {', '.join(sorted(known)) or 'none'}"
        for path, said in (*_of_loop(raw), *_of_routes(raw), *_of_retries(raw), *_of_profile(raw)):
            yield [i, *path], said


def _of_loop(raw: Raw) -> Iterator[Problem]:
    if ("rate" in raw) == ("users" in raw):
        yield [], "needs either rate (an open loop) or users and think (a closed one)"
    if ("users" in raw) != ("think" in raw):
        yield [], "users and think belong together"
    if "think" in raw and micros(raw["think"]) < 1_000_000:
        yield ["think"], "must be at least a second"
    if "users" in raw and any(_is_batch(one) for one in raw.get("profile", ())):
        yield ["profile"], "who is in a closed loop does not come in batches"


def _of_routes(raw: Raw) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for i, route in enumerate(raw.get("routes", ())):
        key = (route.get("method", raw.get("method", "GET")), route["path"])
        if key in seen:
            yield ["routes", i, "path"], f"{' '.join(key)} is there twice"
        seen.add(key)


def _of_retries(raw: Raw) -> Iterator[Problem]:
    if not raw.get("retries", 0):
        for name in ("backoff", "backoffGrowth", "backoffMax", "jitter", "retryBudget"):
            if name in raw:
                yield [name], "says nothing without retries"
    if "backoffMax" in raw and micros(raw["backoffMax"]) < micros(raw.get("backoff", "1s")):
        yield ["backoffMax"], f"{raw['backoffMax']} is less than the back-off itself"


def _of_profile(raw: Raw) -> Iterator[Problem]:
    for i, one in enumerate(raw.get("profile", ())):
        for name in ("every", "halves", "for", "over"):
            if name in one and not ticks(one[name]):
                yield ["profile", i, name], "must be at least a second"
        if _is_batch(one):
            continue
        if one["shape"] == "wave" and _share(one, "low") > _share(one, "high"):
            yield ["profile", i, "low"], f"{one['low']} is above the high, {one['high']}"
        if one["shape"] == "flash" and _share(one, "peak") < 1000:
            yield ["profile", i, "peak"], "a crowd is at least 100%"
        if one["shape"] == "spike" and "every" in one and ticks(one["every"]) <= ticks(one["for"]):
            yield ["profile", i, "every"], f"must be longer than it lasts ({one['for']})"

"""What the schema of levels cannot say: that names within a level lead somewhere, and that times fit.

Each rule yields (path of the field, what is wrong); the loader adds file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import asdict

from kubesim_tui.api import manifest
from kubesim_tui.api.quantity import QuantityError, value
from kubesim_tui.cloud.autoscaler.options import Options as Autoscaling
from kubesim_tui.cluster.spec import Flags
from kubesim_tui.faults.catalogue import FAULTS, FaultError, check
from kubesim_tui.faults.rows import NEED_A_TARGET
from kubesim_tui.game import users
from kubesim_tui.game.coach import KINDS, read
from kubesim_tui.game.units import ticks
from kubesim_tui.kubelet import configuration
from kubesim_tui.kubelet.eviction.thresholds import thresholds
from kubesim_tui.scheduler import config

Path = list[str | int]
Problem = tuple[Path, str]
Raw = Mapping[str, Any]


NAMED = (("traffic", "name"), ("outside", "name"), ("regions", "name"), ("objectives", "id"), ("bonus", "id"))
"""Lists of a level, and by which field their entries differ."""


def problems(spec: Raw) -> Iterator[Problem]:
    """All that is wrong, in the order of the rules."""
    for rule in (_names, _traffic, _flags, _autoscaler, _sizes, _scheduler, _faults, _objectives, _tour):
        for path, message in rule(spec):
            yield ["spec", *path], message


def _known(what: str, name: str, known: Mapping[str, Any] | set[str]) -> str:
    return f"there is no {what} {name!r}; there are {', '.join(sorted(known)) or 'none'}"


def _names(spec: Raw) -> Iterator[Problem]:
    for part, key in NAMED:
        seen: set[str] = set()
        for i, entry in enumerate(spec.get(part, ())):
            if entry[key] in seen:
                yield [part, i, key], f"{entry[key]!r} is there twice"
            seen.add(entry[key])
    outside = {o["name"] for o in spec.get("outside", ())}
    for i, system in enumerate(spec.get("outside", ())):
        if "from" in system and system["from"] not in outside:
            yield ["outside", i, "from"], _known("system", system["from"], outside)


def _regions(spec: Raw) -> Mapping[str, Any]:
    return {region["name"]: region for region in spec.get("regions", ())}


def _traffic(spec: Raw) -> Iterator[Problem]:
    for path, message in users.problems(spec["traffic"], _regions(spec)):
        yield ["traffic", *path], message


def _flags(spec: Raw) -> Iterator[Problem]:
    known = asdict(Flags())
    for flag, given in spec.get("cluster", {}).get("flags", {}).items():
        name = flag.lstrip("-").replace("-", "_")
        if name not in known:
            yield ["cluster", "flags", flag], _known("flag", flag, known)
        elif isinstance(known[name], int) and (not isinstance(given, int) or isinstance(given, bool)):
            yield ["cluster", "flags", flag], f"{given!r} is not a whole number (seconds, or requests a second)"


def _autoscaler(spec: Raw) -> Iterator[Problem]:
    known = asdict(Autoscaling())
    for flag in spec.get("cluster", {}).get("autoscaler", {}):
        if flag.replace("-", "_") not in known:
            yield ["cluster", "autoscaler", flag], _known("flag", flag, {name.replace("_", "-") for name in known})
    for i, group in enumerate(spec.get("cluster", {}).get("nodes", ())):
        least, count, most = group.get("min", 0), group.get("count", 1), group.get("max")
        if most is None and (least or not count):
            yield ["cluster", "nodes", i], "without a max a group has no min, and at least one machine"
        elif most is not None and not least <= count <= most:
            yield ["cluster", "nodes", i, "count"], f"{count} is not between the min, {least}, and the max, {most}"


def _scheduler(spec: Raw) -> Iterator[Problem]:
    given = spec.get("cluster", {}).get("scheduler")
    if given is None:
        return
    try:
        config.read(given)
    except config.ConfigError as error:
        for wrong in error.errors:
            yield ["cluster", "scheduler", *manifest.path_of(wrong.field)], wrong.message


def _sizes(spec: Raw) -> Iterator[Problem]:
    for i, group in enumerate(spec.get("cluster", {}).get("nodes", ())):
        for name in ("cpu", "memory", "disk"):
            if name not in group:
                continue
            try:
                value(str(group[name]))
            except QuantityError as wrong:
                yield ["cluster", "nodes", i, name], f"{group[name]!r} is not a quantity: {wrong}"
        try:
            thresholds(configuration.read(group.get("kubelet", {})))
        except configuration.ConfigurationError as wrong:
            yield ["cluster", "nodes", i, "kubelet"], str(wrong)


def _faults(spec: Raw) -> Iterator[Problem]:
    outside = {o["name"] for o in spec.get("outside", ())}
    streams = {t["name"] for t in spec["traffic"]}
    for i, fault in enumerate(spec.get("faults", ())):
        row, target = FAULTS.get(fault["do"]), fault.get("target")
        wrong = _misfit(fault)
        if row is None:
            yield ["faults", i, "do"], _known("fault", fault["do"], FAULTS)
        elif row.target == "outside" and target not in outside:
            yield ["faults", i], _known("system outside", str(target), outside)
        elif row.target == "region" and target not in _regions(spec):
            yield ["faults", i], _known("region", str(target), _regions(spec))
        elif row.target == "traffic" and target is not None and target not in streams:
            yield ["faults", i, "target"], _known("stream of users", str(target), streams)
        elif row.target in NEED_A_TARGET and target is None:
            yield ["faults", i], f"{fault['do']} needs a target"
        elif wrong:
            yield ["faults", i], wrong
        elif "every" in fault and not ticks(fault["every"]):
            yield ["faults", i, "every"], "must be at least a second"


def _misfit(fault: Raw) -> str:
    try:
        check(fault["do"], fault.get("target"), fault.get("with", {}))
    except FaultError as wrong:
        return str(wrong)
    return ""


def _objectives(spec: Raw) -> Iterator[Problem]:
    ends = ticks(spec["ends"]["after"])
    streams = {t["name"] for t in spec["traffic"]}
    stores = {t["store"] for t in spec["traffic"] if t.get("store")}
    for part in ("objectives", "bonus"):
        for i, entry in enumerate(spec.get(part, ())):
            if "traffic" in entry and entry["traffic"] not in streams:
                yield [part, i, "traffic"], _known("stream of users", entry["traffic"], streams)
            if "store" in entry and entry["store"] not in stores:
                yield [part, i, "store"], _known("store", entry["store"], stores)
            start, end = ticks(entry.get("from", "0s")), ticks(entry.get("to", spec["ends"]["after"]))
            if end > ends or start >= end:
                yield [part, i], f"from {start}s to {end}s is not within the level, which ends after {ends}s"
            if entry["type"] in ("state", "never") and not ("object" in entry or "selector" in entry):
                yield [part, i], "names neither an object nor a selector"


def _tour(spec: Raw) -> Iterator[Problem]:
    for i, step in enumerate(spec.get("tour", ())):
        kind = step.get("select", "").partition("/")[0]
        if kind and kind not in KINDS:
            yield ["tour", i, "select"], _known("kind", kind, KINDS)
        until = step.get("until", ())
        for wait in (until,) if isinstance(until, str) else until:
            try:
                read(wait)
            except ValueError as wrong:
                yield ["tour", i, "until"], str(wrong)

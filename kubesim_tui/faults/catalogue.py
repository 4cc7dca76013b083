"""Faults as they are planned, written and carried out.

Planned faults (of a level, or of `--fault NAME@TICK`) become a list of `Planned`, sorted by tick; jitter and targets
are drawn from named streams, so that a seed decides them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import evolve, field, frozen

from kubesim_tui.faults.fault import Fault, FaultError, Options
from kubesim_tui.faults.hand import Hand
from kubesim_tui.faults.rows import FAULTS, LEADER, check, known
from kubesim_tui.faults.targets import Draw, targets

__all__ = ["FAULTS", "Fault", "FaultError", "FaultSpec", "Planned", "aim", "check", "known", "parse", "plan", "strike"]

WRITE = "write NAME@TICK or NAME:TARGET,OPTION=VALUE@TICK, as node-crash@60 or traffic-spike,factor=3@60"


@frozen
class FaultSpec:
    """One planned fault: when (with jitter, perhaps again and again), what, to whom."""

    at: int
    do: str
    target: Any = None  # a name, or {"pods": selector, "pick": n}, as faults.targets says
    jitter: int = 0
    every: int = 0  # 0: once
    until: int = 0
    lasts: int = 0  # ticks after which it heals; 0: it does not by itself
    options: Options = field(factory=dict)


@frozen
class Planned:
    """One strike (or its healing) at a tick."""

    tick: int
    do: str
    target: Any
    options: Options = field(factory=dict)
    lasts: int = 0
    healing: bool = False

    def heals(self, tick: int) -> tuple[Planned, ...]:
        """The healing that follows, if it lasts only so long; of one that is `aim`ed it heals whom it has struck."""
        if not self.lasts or self.healing:
            return ()
        return (Planned(tick + self.lasts, self.do, self.target, self.options, 0, True),)


def plan(specs: Iterable[FaultSpec], start: int, draws: Draw) -> list[Planned]:
    """The strikes of a level, from the tick of Go."""
    found: list[Planned] = []
    for spec in specs:
        known(spec.do)
        times = range(spec.at, max(spec.until, spec.at + 1), spec.every) if spec.every else (spec.at,)
        for at in times:
            tick = start + at + (draws.below(2 * spec.jitter + 1) - spec.jitter if spec.jitter else 0)
            found.append(Planned(max(start, tick), spec.do, spec.target, spec.options, spec.lasts))
    return sorted(found, key=_tick)


def _tick(planned: Planned) -> int:
    return planned.tick


def aim(hand: Hand, planned: Planned, draws: Draw) -> Planned:
    """The same with its target chosen."""
    if planned.target == LEADER and "process" in planned.options:
        planned = evolve(planned, target=hand.keeper(planned.options["process"]))
    return evolve(planned, target=targets(hand, known(planned.do).target, planned.target, draws))


def strike(hand: Hand, planned: Planned, draws: Draw) -> list[str]:
    """Do it; what was struck, in words for the timeline (nothing if there was nobody to strike)."""
    row = known(planned.do)
    act = row.heal if planned.healing else row.strike
    told = []
    for target, name in targets(hand, row.target, planned.target, draws).all:
        if act is not None and act(hand, target, planned.options):
            told.append(f"{planned.do} {name}" + (" healed" if planned.healing else ""))
    return told


def parse(text: str) -> Planned:
    """`node-crash@60`, `node-crash:node-b,gone=true,for=30@60` … from a command line; FaultError if it is not so."""
    what, at, tick = text.rpartition("@")
    if not at or not tick.isdecimal() or not what:
        raise FaultError(f"{text!r} is not a fault; {WRITE}")
    name, _, rest = what.partition(":")
    if "," in name:
        name, _, rest = what.partition(",")
        rest = "," + rest
    target, *words = rest.split(",")
    options: dict[str, Any] = {}
    for word in words:
        option, equals, given = word.partition("=")
        if not option or not equals:
            raise FaultError(f"{text!r} is not a fault: {word!r} is no OPTION=VALUE; {WRITE}")
        options[option] = given
    lasts = options.pop("for", "0").removesuffix("s")
    if not lasts.isdecimal():
        raise FaultError(f"{text!r} is not a fault: for={lasts} is no number of seconds")
    healing = options.pop("heal", "false")
    if healing not in ("true", "false"):
        raise FaultError(f"{text!r} is not a fault: heal={healing} is not true or false")
    check(name, target or None, options)
    if healing == "true" and known(name).heal is None:
        raise FaultError(f"{name} does not heal")
    return Planned(int(tick), name, target or None, options, int(lasts), healing == "true")

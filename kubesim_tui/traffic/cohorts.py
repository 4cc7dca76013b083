"""Requests that wait in stations, and the queues that they form there."""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.traffic.fail import Fail
from kubesim_tui.traffic.station import Backlog


@define
class Cohort:
    """Requests of one stream that wait in a station: first in, first out."""

    users: str  # "" when nobody waits for them any more
    tick: int
    count: int
    tries: int = 0
    image: str = ""  # which version they came to first
    timeout_us: int = 0  # of whoever called; 0: only the user's own counts
    fail: Fail | None = None
    more_us: int = 0  # what those who called need besides
    via: str = ""  # the container of a proxy that has asked for them


def join(cohorts: list[Cohort], cohort: Cohort) -> None:
    """Requests begin to wait. Those of one tick and stream that differ only in their way are one cohort."""
    last = cohorts[-1] if cohorts else None
    if (
        last is not None
        and last.tick == cohort.tick
        and last.users == cohort.users
        and last.timeout_us == cohort.timeout_us
        and last.more_us == cohort.more_us
        and last.image == cohort.image
        and last.tries == cohort.tries
        and last.via == cohort.via
    ):
        last.count += cohort.count
    else:
        cohorts.append(cohort)


@define(eq=False)
class Inside:
    """What is still inside each of some neighbours in a row when a tick ends: the same."""

    start: int
    end: int
    backlog: Backlog
    cohorts: list[Cohort] = field(factory=list)

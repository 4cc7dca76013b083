"""What a container uses: now, and over the last full quarter of a minute, as a scraper that comes then sees it."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.container import Container, State
from kubesim_tui.world.cpu import background_us
from kubesim_tui.world.meter import PERIOD

YOUNGEST = 10
"""Seconds that a container must have run to be measured at all (metrics-server: freshContainerMinMetricsResolution)."""

Usage = tuple[int, int]
"""(millicores, bytes)."""


def container_usage(container: Container, now: int) -> Usage:
    """What a container used in the last second."""
    if container.state is not State.RUNNING:
        return 0, 0
    load = container.load
    busy = load.cpu_us if load is not None and load.tick >= now - 1 else 0
    milli = (busy + background_us(container)) // 1000
    quota = container.cpu_quota_milli
    return milli if quota is None else min(milli, quota), container.memory_bytes(now)


@frozen
class Scrape:
    """What is known of one container: over `window` seconds up to `tick`."""

    tick: int
    window: int
    milli: int  # cores
    memory_bytes: int
    requests_milli: int  # thousandths of a request a second


def scrape(container: Container, now: int) -> Scrape | None:
    """A container as of the last full quarter of a minute; None if it does not run, or was too young then.

    Memory is that of now (FIDELITY.md).
    """
    if container.state is not State.RUNNING or container.started is None:
        return None
    quarter = now // PERIOD
    tick = quarter * PERIOD
    age = tick - container.started
    if age < YOUNGEST:
        return None
    window = min(age, PERIOD)
    before, after = container.meter.at(quarter - 1), container.meter.at(quarter)
    used = after.cpu_us - before.cpu_us + container.idle_us * window
    requests = (after.requests - before.requests) * 1000 // window
    return Scrape(tick, window, used // (window * 1000), container.memory_bytes(now), requests)

"""What is found in a script."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.shared import Shared


@frozen
class Asks(Shared):
    """A request that a script makes, and how often among the others."""

    url: str
    method: str = "GET"
    weight: int = 1


@frozen
class LoadScript(Shared):
    """See the module; 0 and () where nothing is said. `course`: (µs since the beginning, users who are there then)."""

    asks: tuple[Asks, ...] = ()
    users: int = 0
    think_us: int = 0  # before each request
    rate_milli: int = 0  # of an open loop
    count: int = 0
    lasts_us: int = 0
    course: tuple[tuple[int, int], ...] = ()


NOTHING = LoadScript()

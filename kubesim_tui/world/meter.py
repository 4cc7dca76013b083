"""What a container has used since it started, and had used at the last full quarters of a minute.

Whoever asks for a rate over a window needs totals at its two ends. They are noted when something is used for the first
time in a new quarter: as long as nothing is used, nothing is noted, and a container at rest costs nothing.
"""

from __future__ import annotations

from attrs import define, evolve, frozen

PERIOD = 15
"""Seconds."""


@frozen
class Total:
    """Processor time (but for what its programs use at rest) and requests, as of the beginning of a quarter."""

    quarter: int = 0
    cpu_us: int = 0
    requests: int = 0

    def __deepcopy__(self, _memo: object) -> Total:
        return self


@define(eq=False, repr=False)
class Meter:
    """One container's totals."""

    cpu_us: int = 0
    requests: int = 0
    noted: tuple[Total, ...] = ()  # the last two

    def add(self, now: int, cpu_us: int, requests: int = 0) -> None:
        """Something is used in this tick."""
        quarter = now // PERIOD
        if not self.noted or self.noted[-1].quarter < quarter:
            self.noted = (*self.noted[-1:], Total(quarter, self.cpu_us, self.requests))
        self.cpu_us += cpu_us
        self.requests += requests

    def at(self, quarter: int) -> Total:
        """The totals at the beginning of the running quarter, or of the one before."""
        for total in self.noted:
            if total.quarter >= quarter:
                return evolve(total, quarter=quarter)
        return Total(quarter, self.cpu_us, self.requests)

"""Service levels: how fast an error budget burns, and what gets through.

A promise of 99 % lets one request of a hundred fail: the error budget. Its *burn rate* is the share that did fail by
the share that may: at 1 the budget lasts exactly as long as the promise is about, at 14.4 a month's is gone in two days
(what the SRE workbook wakes somebody for). *Goodput* is what was served a second, whatever was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from kubesim_tui.traffic.samples import Sample

ENDLESS: Final = -1
"""The burn rate of a budget that there is not: all was promised, and something failed."""


def burn_milli(failed: int, decided: int, slo_pm: int) -> int:
    """The burn rate in thousandths, of so many failures among so many requests; 0 where nothing was decided."""
    if not failed or not decided:
        return 0
    allowed = decided * (1000 - slo_pm)
    return failed * 1_000_000 // allowed if allowed else ENDLESS


def worst_milli(samples: Sequence[Sample], window: int, slo_pm: int) -> int:
    """The highest burn rate of any `window` samples in a row (of all, where there are fewer)."""
    failed = list(accumulate((s.failed for s in samples), initial=0))
    decided = list(accumulate((s.served + s.failed for s in samples), initial=0))
    ends = range(min(window, len(samples)), len(samples) + 1)
    rates = [
        burn_milli(failed[end] - failed[max(0, end - window)], decided[end] - decided[max(0, end - window)], slo_pm)
        for end in ends
    ]
    return ENDLESS if ENDLESS in rates else max(rates, default=0)


def goodput_milli(samples: Iterable[Sample]) -> int:
    """Thousandths of requests that were served a second."""
    served = [s.served for s in samples]
    return sum(served) * 1000 // len(served) if served else 0

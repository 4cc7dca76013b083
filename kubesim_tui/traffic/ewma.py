"""Peak EWMA: of two Pods drawn at random a request goes to the one that has lately answered faster.

As balancer/ewma.lua: a score fades with a time constant of ten seconds, and each answer draws it towards how long that
took, the more the longer nobody was asked. A tick brings many answers: that the score fades by e^-0.1 and takes in the
rest of their mean is the same. Scores vary from answer to answer: of two that are nearly alike either is chosen.
Who was not asked for a while looks better and better: he is tried then, until his first answer is there. A Pod that is
new begins with the mean of the others.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import isqrt

from attrs import define, field

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.kernel.numeric import exp
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.way import Leg

DECAY = 10
"""Ticks."""
FADES = [int(exp(-ticks / DECAY) * PPM) for ticks in range(20 * DECAY)]
"""What is left of a score (millionths) after so many ticks."""
LATELY = 2 * DECAY
"""A score is the mean of about so many ticks' answers."""


@define
class Score:
    """Of one Pod."""

    us: int
    idle: int = 1  # ticks since it answered last
    took_us: int = 0  # by which it did then

    def passes(self, took_us: int) -> None:
        """A tick has gone by, with answers that took so long (0: there was none)."""
        self.us = self.us * FADES[1] // PPM
        if took_us:
            self.us += took_us * (PPM - self._fades) // PPM
            self.idle, self.took_us = 1, took_us
        else:
            self.idle += 1

    @property
    def _fades(self) -> int:
        return FADES[min(self.idle, len(FADES) - 1)]

    @property
    def after(self) -> int:
        """What it would be after an answer as the last one was."""
        return self.us + self.took_us * (PPM - self._fades) // PPM


@define(eq=False)
class Scores:
    """All scores, by backend and address."""

    known: dict[tuple[str, ...], dict[str, Score]] = field(factory=dict)

    def of(self, key: tuple[str, ...], ips: Sequence[str]) -> list[Score]:
        """Those of a backend's Pods."""
        before = self.known.get(key, {})
        here = [before[ip].us for ip in ips if ip in before]
        mean = sum(here) // len(here) if here else 0
        now = self.known[key] = {ip: before.get(ip) or Score(mean) for ip in ips}
        return list(now.values())


@define(eq=False)
class Fastest:
    """Deals requests out over the legs of a destination."""

    legs: Sequence[Leg]
    scores: Sequence[Score]
    draws: Draws
    dealt: Sequence[int] = ()  # in the last tick

    def deal(self, n: int) -> list[int]:
        """How many of n requests go over each leg."""
        if not n:
            return [0] * len(self.legs)
        for leg, score, before in zip(self.legs, self.scores, self.dealt, strict=False):
            work = leg.station.work if before and leg.station is not None else None
            score.passes(leg.network_us + work.mean_us if work is not None and work.done else 0)
        weights = chosen([score.us for score in self.scores], n)
        self.dealt = found = self._drawn(n, weights)
        self._spare(found, weights)
        return found

    def _drawn(self, n: int, weights: Sequence[int]) -> list[int]:
        left, found = sum(weights), []
        for weight in weights:
            found.append(self.draws.binomial(n, weight, left) if weight < left else n)
            n, left = n - found[-1], left - weight
        return found

    def _spare(self, found: list[int], weights: Sequence[int]) -> None:
        """Who is tried again, and is no faster than he was, gets no more after his first answer."""
        best = min(self.scores, key=lambda score: score.us if score.idle == 1 else PPM * PPM)
        spared = 0
        for at, score in enumerate(self.scores):
            if score.idle > 1 and score.after > best.us and best.idle == 1:
                most = 1 + found[at] * min(score.took_us, PPM) // PPM
                spared += max(0, found[at] - most)
                found[at] = min(found[at], most)
        if spared:
            others = [weight if score.idle == 1 else 0 for weight, score in zip(weights, self.scores, strict=True)]
            for at, more in enumerate(self._drawn(spared, others if any(others) else [*weights])):
                found[at] += more


def chosen(scores: Sequence[int], n: int) -> list[int]:
    """How likely each is the better one of two that are drawn at random, as weights; n requests come in a tick.

    How sure it is that the better score is the better one follows from how many answers there have been lately.
    """
    many = len(scores)
    if many < 2 or not any(scores):
        return [1] * many
    mean = sum(scores) // many
    wide = max(1, mean * 1_770 * isqrt(PPM * many // (LATELY * n)) // PPM)  # beyond that far there is no doubt
    ordered = sorted(scores)
    sums = [0, *accumulate(ordered)]
    found = []
    for score in scores:
        low, high = bisect_left(ordered, score - wide), bisect_right(ordered, score + wide)
        near, above = high - low - 1, many - high  # without itself
        apart = sums[high] - sums[low] - score - near * score
        found.append(2 * wide * above + near * wide + apart)
    return found

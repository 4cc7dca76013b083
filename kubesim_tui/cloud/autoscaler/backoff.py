"""Groups that could not grow are left alone for a while, twice as long each time (utils/backoff)."""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.cloud.autoscaler.groups import Failure
from kubesim_tui.cloud.autoscaler.options import Options


@define(eq=False)
class Rest:
    """One group's: how long, until when, since when, why."""

    duration: int
    until: int
    last: int
    failure: Failure


@define(eq=False)
class Backoff:
    """By group; times are ticks."""

    options: Options
    rests: dict[str, Rest] = field(factory=dict)

    def fail(self, group: str, failure: Failure, now: int) -> None:
        """It could not grow."""
        known = self.rests.get(group)
        duration = self.options.initial_backoff
        if known is not None:
            grows = known.until < now
            duration = min(self.options.most_backoff, known.duration * 2 if grows else known.duration)
        self.rests[group] = Rest(duration, now + duration, now, failure)

    def rests_now(self, group: str, now: int) -> bool:
        """Whether it is to be left alone."""
        known = self.rests.get(group)
        return known is not None and known.until > now

    def forget(self, group: str) -> None:
        """It has grown."""
        self.rests.pop(group, None)

    def forget_stale(self, now: int) -> None:
        """What lies long back."""
        for group in [g for g, rest in self.rests.items() if rest.last + self.options.backoff_reset < now]:
            del self.rests[group]

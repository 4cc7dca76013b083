"""A proxy that waits no longer for a replica than its read time-out: what comes later is a 504, though it is served."""

from __future__ import annotations

from attrs import define, evolve

from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.settling import in_time
from kubesim_tui.traffic.spreading import GOLDEN
from kubesim_tui.traffic.way import Fail, Held, Result, Stretch


@define(eq=False)
class Patience:
    """Of one leg: a stretch of its way, behind which there may be a network that is not as it should be."""

    fail: Fail  # it lasts as long as the proxy waits
    wire: Stretch | None = None
    _phase: int = PPM // 2  # rounds fractions of requests

    @property
    def lost(self) -> int:
        """How many did not get there."""
        return self.wire.lost if self.wire is not None else 0

    def send(self, n: int, tick: int) -> int:
        """How many of n requests arrive."""
        self._phase = (self._phase + GOLDEN) % PPM
        return self.wire.send(n, tick) if self.wire is not None else n

    def once(self, luck_ppm: int) -> int | None:
        """How much later a single request comes."""
        return self.wire.once(luck_ppm) if self.wire is not None else 0

    def again(self) -> Patience:
        """The same for other requests."""
        return evolve(self, wire=self.wire.again() if self.wire is not None else None)

    def tell(self, result: Result) -> Result:
        """The result as the proxy sees it."""
        seen = in_time(self.wire.tell(result) if self.wire is not None else result, self.fail, self._phase)
        return evolve(seen, held=tuple([self._at_most(held) for held in seen.held]))

    def _at_most(self, held: Held) -> Held:
        limit = self.fail.delay_us
        if held.timeout_us and held.timeout_us <= limit:
            return held
        return evolve(held, timeout_us=limit, fail=self.fail)

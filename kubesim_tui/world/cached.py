"""A cache of answers: who has been asked lately need not be asked again.

So many keys are asked for, each as often as any other. A key that is in the cache is a hit until its time is over; one
that is not is asked for, and kept if there is an answer. Whoever asks for a key while it is being fetched fetches it as
well: of a popular key that has just run out, all who come meanwhile (a stampede). A cache that was emptied fills
key by key, and until then the system behind it gets what the cache had spared it.
"""

from __future__ import annotations

from attrs import define, field, frozen

from kubesim_tui.kernel.numeric import exp
from kubesim_tui.world.shared import Shared

PPM = 1_000_000


@frozen
class Cache(Shared):
    """How many keys are asked for, for how many ticks an answer is good; `at`: its host, "" for one's own memory."""

    keys: int
    ttl: int
    host: str = ""
    port: int = 0
    protocol: str = "redis"


@define(eq=False, repr=False)
class Cached:
    """What a cache has (in millionths of keys). Several may ask in a tick; ticks may be left out."""

    cache: Cache
    warm: int = 0
    _due: dict[int, int] = field(factory=dict)  # tick → millionths of keys whose time is over then
    _owed: int = 0  # millionths of a miss

    def misses(self, n: int, fetch_us: int, tick: int) -> tuple[int, int]:
        """How many of n requests have to be made, each of so many µs, and how much of the keys they bring."""
        self._expire(tick)
        cold = self.cache.keys * PPM - self.warm
        first = cold - int(cold * exp(-n / self.cache.keys) + 0.5)  # keys that are asked for at all
        herd = first * n // self.cache.keys * min(fetch_us, PPM) // PPM  # others, while these are fetched
        made, self._owed = divmod(min(first + herd, n * cold // self.cache.keys) + self._owed, PPM)
        return min(n, made), first

    def bring(self, keys: int, tick: int) -> None:
        """So much of the keys has been fetched."""
        kept = min(keys, self.cache.keys * PPM - self.warm)
        if kept > 0:
            self.warm += kept
            due = tick + self.cache.ttl
            self._due[due] = self._due.get(due, 0) + kept

    @property
    def warm_pm(self) -> int:
        """How much of all keys it has, per mille."""
        return self.warm // (self.cache.keys * 1000)

    def _expire(self, tick: int) -> None:
        for at in [at for at in self._due if at <= tick]:
            self.warm -= self._due.pop(at)

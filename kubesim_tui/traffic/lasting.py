"""Services of half a second and more, followed from event to event within a tick.

Short services are over within their tick, so that it is enough to know how many there are (traffic/station). A service
that lasts is still there when the tick ends, in one of two *stages*. A service takes a constant time at least; until
that is over, what has been worked on it is known (``line``, the oldest first, as they began). After that it lasts
exponentially: how long it has done so says nothing about when it ends, so that all who have got there are one number
(``ripe``). A tick is gone through from one event to the next: somebody comes, the constant part of a service is over,
a ripe one ends; who ends leaves his server to the first who waits.

A large station is followed in batches, some sixty a tick, so that ten thousand requests cost as much as a hundred. What
varies is drawn from a stream that a tick's phase begins: equal stations meet equal luck.

What becomes longer meanwhile (a callee that hangs) becomes so for those who are inside, too: nobody who waits for a
time-out ends before it.
"""

from __future__ import annotations

from collections import deque
from math import isqrt
from typing import Any, Final

from attrs import define, field, frozen

from kubesim_tui.kernel.chance import Stream
from kubesim_tui.kernel.numeric import ceil_div

LONG_US: Final = 500_000
"""From here on a service is followed."""
_TICK_US: Final = 1_000_000
_STEP: Final = 0x9E3779B97F4A7C15
_BATCHES: Final = 64  # of those who are inside and those who come
_MOST: Final = 128  # groups that are told apart from tick to tick
_TURNS: Final = 4  # of leaving that are told apart within a tick
_ROOT_3: Final = 1732  # of a deviation of 1000, to either side, evenly

Turns = tuple[tuple[int, int], ...]
"""Who leaves of those who were there, in turns: out of the first so many, in the order in which they came, so many."""


def in_order(n: int) -> Turns:
    """The first leave."""
    return ((n, n),) if n else ()


@frozen
class Stages:
    """How far those in service are: for so long (µs) so many have been worked on, the oldest first, and how many are
    ripe; these have all been worked on for ``ripe_us`` at least."""

    line: tuple[tuple[int, int], ...] = ()
    ripe: int = 0
    ripe_us: int = 0

    def __deepcopy__(self, _memo: Any) -> Stages:
        return self


@define
class _Group:
    """Requests that have begun together: the work (on each, from the beginning of the tick) at which they are ripe."""

    ready: int
    old: int  # from earlier ticks
    new: int


@frozen
class How:
    """How a station serves."""

    speed: int  # thousandths of servers that work
    constant_us: int  # what each service takes at least
    varies_us: int  # and more, on average
    room: int  # for how many there is a server, or a place to wait


@define(eq=False)
class Followed:
    """A tick of a station."""

    how: How
    chance: Stream
    batch: int
    luck: int  # of batches: how fast they end in this tick, per mille
    waiting: int  # from earlier ticks
    came: int = 0  # of those who wait: in this one
    line: deque[_Group] = field(factory=deque)
    inside: int = 0  # how many are in service
    old: int = 0  # of the ripe
    new: int = 0
    served: int = 0
    served_old: int = 0  # of these: from earlier ticks
    refused: int = 0
    worked: int = 0  # on each server, since the tick began
    work: int = 0  # by all of them
    clock: int = 0  # work on those who are ripe, until some of them end
    wound: bool = False  # the clock was set in this tick
    ending: int = 0  # how many
    ended: list[tuple[int, int]] = field(factory=list)

    @property
    def leaving(self) -> Turns:
        """Who of those from earlier ticks has ended."""
        if not self.how.varies_us:
            return in_order(self.served_old)
        found = self.ended
        while len(found) > _TURNS:
            both = zip(found[::2], found[1::2], strict=False)
            found = [(later, n + more) for (_, n), (later, more) in both] + found[len(found) // 2 * 2 :]
        return tuple(found)

    # -- from event to event -----------------------------------------------------------------------------------

    def run(self, arrivals: int) -> None:
        """Go through a tick in which so many come at random."""
        self._begin()
        times = self._times(ceil_div(arrivals, self.batch))
        now, left, batches = 0, arrivals, len(times)
        for number, time in enumerate(times):
            now = self._until(now, time)
            if self._stuck(_TICK_US - now):
                break
            part = left // (batches - number)
            left -= part
            self._come(part)
        if left:
            self._come(left)
        self._until(now, _TICK_US)

    def _times(self, n: int) -> list[int]:
        """When so many come: at random, or batches one after the other."""
        if self.batch == 1:
            return sorted([self.chance.below(_TICK_US) for _ in range(n)])
        return [(_TICK_US * at + self.chance.below(_TICK_US)) // n for at in range(n)]

    def _stuck(self, rest: int) -> bool:
        """Whether all servers are busy to the end of the tick."""
        return self.inside * 1000 >= self.how.speed and self._time(self._next()) >= rest

    def _until(self, now: int, end: int) -> int:
        """Let services end in the meantime."""
        while True:
            need = self._next()
            time = self._time(need)
            if now + time >= end:
                self._spend(self._work_in(end - now))
                return end
            now += time
            self._spend(need)
            if self.line and self.line[0].ready <= self.worked:
                self._ripen(self.line.popleft())
            else:
                self._end_some(self.ending)
            self._begin()

    def _next(self) -> int:
        """The work on each server until the next event; more than a tick's if there is none."""
        need = self.line[0].ready - self.worked if self.line else 2 * _TICK_US
        ripe = self.old + self.new
        if ripe:
            if not self.clock:
                self._wind(ripe)
            need = min(need, ceil_div(self.clock, ripe))
        return max(0, need)

    def _time(self, work: int) -> int:
        over = self.inside * 1000
        return ceil_div(work * over, self.how.speed) if over > self.how.speed else work

    def _work_in(self, time: int) -> int:
        over = self.inside * 1000
        return time * self.how.speed // over if over > self.how.speed else time

    def _spend(self, work: int) -> None:
        self.worked += work
        self.work += work * self.inside
        if self.clock:
            self.clock = max(1, self.clock - work * (self.old + self.new))

    # -- events ------------------------------------------------------------------------------------------------

    def _come(self, n: int) -> None:
        taken = max(0, min(n, self.how.room - self.inside - self.waiting - self.came))
        self.refused += n - taken
        self.came += taken
        self._begin()

    def _begin(self) -> None:
        """Who waits takes the servers that are free."""
        n = min(self.waiting + self.came, ceil_div(self.how.speed, 1000) - self.inside)
        if n <= 0:
            return
        old = min(n, self.waiting)
        self.waiting -= old
        self.came -= n - old
        self.inside += n
        group = _Group(self.worked + self.how.constant_us, old, n - old)
        if self.how.constant_us:
            self.line.append(group)
        else:
            self._ripen(group)

    def _ripen(self, group: _Group) -> None:
        if self.how.varies_us:
            self.old += group.old
            self.new += group.new
        else:
            self._end(group.old, group.new)

    def _end_some(self, n: int) -> None:
        """Any of the ripe."""
        self.clock = 0
        ripe = self.old + self.new
        new = (n * self.new + self.chance.below(ripe)) // ripe if self.new else 0
        self._note(n - new)
        self.old -= n - new
        self.new -= new
        self._end(n - new, new)

    def _note(self, old: int) -> None:
        """Some end of those who have got so far."""
        if not old:
            return
        first = self.served_old + self.old
        if self.ended and self.ended[-1][0] == first:
            old += self.ended.pop()[1]
        self.ended.append((first, old))

    def _end(self, old: int, new: int) -> None:
        self.inside -= old + new
        self.served += old + new
        self.served_old += old

    def _wind(self, ripe: int) -> None:
        """Draw when the next of the ripe end; batches do so at equal distances, the first of a tick at any of them."""
        varies, self.ending = self.how.varies_us, min(self.batch, ripe)
        if self.batch == 1:
            work = self.chance.exponential_us(varies)
        else:
            work = self.ending * varies * 1000 // self.luck
            if not self.wound:
                work = self.chance.below(work + 1)
        self.wound, self.clock = True, max(1, work)

    # -- from tick to tick -------------------------------------------------------------------------------------

    @property
    def stages(self) -> Stages:
        """How far those are who stay."""
        done = self.worked + self.how.constant_us
        line = [(done - group.ready, group.old + group.new) for group in self.line]
        while len(line) > _MOST:  # two become one that began with the later
            both = zip(line[::2], line[1::2], strict=False)
            line = [(us, n + more) for (_, n), (us, more) in both] + line[len(line) // 2 * 2 :]
        ripe = self.old + self.new
        return Stages(tuple(line), ripe, self.how.constant_us if ripe else 0)


def follow(arrivals: int, waiting: int, began: Stages, how: How, phase: int) -> Followed:
    """A tick of a station in which some wait and some have begun, and so many come."""
    line, ripe = began.line, began.ripe
    if ripe and began.ripe_us + how.varies_us < how.constant_us:  # services have become much longer
        line, ripe = ((began.ripe_us, ripe), *line), 0
    running = ripe + sum([n for _, n in line])
    batch = 1 + (arrivals + running) // _BATCHES
    chance = begun_by(phase)
    luck = _luck(running * _TICK_US // (how.constant_us + how.varies_us), chance) if batch > 1 else 1000
    tick = Followed(how, chance, batch, luck, waiting, inside=running, old=ripe)
    tick.line.extend([_Group(how.constant_us - us, n, 0) for us, n in line])
    tick.run(arrivals)
    return tick


def begun_by(number: int) -> Stream:
    """A short stream of chance, the same for the same number."""
    return Stream(number, _STEP)


def _luck(ends: int, chance: Stream) -> int:
    """How many more or less than expected end in a tick, per mille: of n, √n."""
    return max(100, 1000 + chance.between(-_ROOT_3, _ROOT_3) // (1 + isqrt(ends)))

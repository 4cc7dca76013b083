"""Queues of messages: what a broker keeps between those who publish and those who work.

A message is published once. Then it waits, or a consumer has taken it, until it is acknowledged or lost for a reason:
published = acknowledged + waiting + taken + lost, exactly. Messages are counted, not made: those that were published in
one tick are a batch, first in, first out.

With acknowledgements (at least once) what a consumer has taken is still the broker's: it waits again when the consumer
is gone. Without (at most once) it is the consumer's, and gone with it. A consumer has its hands on `limit` messages at
most; what it has taken beyond that is only set aside for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from attrs import define, field, frozen

from kubesim_tui.world.disk import Volume
from kubesim_tui.world.shared import Shared

DROP_HEAD = "drop-head"
DIED = "broker-died"
UNHEARD = "no-consumers"
Batch = tuple[int, int]
"""(tick of publication, how many)."""


@frozen
class Queueing(Shared):
    """What a request does to a queue of a broker."""

    verb: str  # "publish" or "consume"
    name: str
    directory: str = ""  # where messages lie; "": in the broker's memory
    limit: int | None = None  # of messages that wait
    overflow: str = ""  # what happens beyond it: drop-head, or (anything else) the new one is refused
    message_bytes: int = 1024
    memory_bytes: int = 0  # of the broker's memory that a message takes
    transient: bool = False  # nothing is kept for who is not there

    @property
    def publishes(self) -> bool:
        """Whether it brings a message."""
        return self.verb == "publish"


@define(eq=False, repr=False)
class Messages:
    """Batches, the oldest first."""

    batches: deque[Batch] = field(factory=deque)
    total: int = 0

    def add(self, tick: int, n: int) -> None:
        """The youngest."""
        if self.batches and self.batches[-1][0] == tick:
            self.batches[-1] = (tick, self.batches[-1][1] + n)
        else:
            self.batches.append((tick, n))
        self.total += n

    def add_first(self, batches: Iterable[Batch]) -> None:
        """They come before all that are there."""
        for tick, n in reversed(list(batches)):
            self.batches.appendleft((tick, n))
            self.total += n

    def take(self, n: int) -> list[Batch]:
        """The n oldest, as far as there are so many."""
        taken: list[Batch] = []
        n = min(n, self.total)
        self.total -= n
        while n:
            tick, there = self.batches.popleft()
            taken.append((tick, min(n, there)))
            if there > n:
                self.batches.appendleft((tick, there - n))
            n -= min(n, there)
        return taken

    def take_last(self, n: int) -> list[Batch]:
        """The n youngest, the oldest of them first."""
        kept = self.take(self.total - min(n, self.total))
        taken = list(self.batches)
        self.batches.clear()
        self.total = 0
        self.add_first(kept)
        return taken

    @property
    def oldest(self) -> int | None:
        """The tick in which the first was published."""
        return min(tick for tick, _ in self.batches) if self.batches else None


@define(eq=False, repr=False)
class Taken:
    """What a consumer has taken."""

    limit: int
    automatic: bool  # it need not acknowledge
    messages: Messages = field(factory=Messages)

    @property
    def aside(self) -> int:
        """How many it has not laid hands on."""
        return max(0, self.messages.total - self.limit)


@define(eq=False, repr=False)
class Queue:
    """One queue. It lies in the memory of its broker, or on a `volume`."""

    name: str
    message_bytes: int = 0
    memory_bytes: int = 0
    volume: Volume | None = None
    waiting: Messages = field(factory=Messages)
    taken: dict[str, Taken] = field(factory=dict)  # by consumer
    published: int = 0
    acknowledged: int = 0
    redelivered: int = 0  # how often a message was given out that somebody had had before
    refused: int = 0  # that were never published: no room
    lost: dict[str, int] = field(factory=dict)
    gone: bool = False  # nobody will ever ask for it again
    consumers: int = 0  # who are connected to take from it

    # -- how much

    @property
    def ready(self) -> int:
        """How many nobody works on."""
        return self.waiting.total + sum(taken.aside for taken in self.taken.values())

    @property
    def unacknowledged(self) -> int:
        """How many somebody works on."""
        return sum(taken.messages.total - taken.aside for taken in self.taken.values())

    @property
    def depth(self) -> int:
        """How many there are."""
        return self.waiting.total + sum(taken.messages.total for taken in self.taken.values())

    @property
    def kept(self) -> int:
        """How many are the broker's."""
        return self.waiting.total + sum(t.messages.total for t in self.taken.values() if not t.automatic)

    def oldest(self) -> int | None:
        """The tick of publication of the oldest message of all."""
        first = [m.oldest for m in (self.waiting, *(taken.messages for taken in self.taken.values()))]
        return min((tick for tick in first if tick is not None), default=None)

    def has(self, consumer: str) -> int:
        """How many a consumer has taken."""
        taken = self.taken.get(consumer)
        return taken.messages.total if taken is not None else 0

    # -- the course of a message

    def publish(self, at: Queueing, n: int, tick: int) -> int:
        """Messages come; how many of them are taken."""
        fits = n
        if at.limit is not None and self.ready + n > at.limit and at.overflow != DROP_HEAD:
            fits = max(0, min(n, at.limit - self.ready))
        if self.volume is not None:
            fits = self.volume.hold(fits, self.message_bytes)
        self.refused += n - fits
        if fits:
            self.published += fits
            self.waiting.add(tick, fits)
        if at.transient and not self.consumers:
            self._lose(self.waiting.take(self.waiting.total), UNHEARD)
        if at.limit is not None and at.overflow == DROP_HEAD:
            self._lose(self.waiting.take(self.ready - at.limit) if self.ready > at.limit else (), "maxlen")
        return fits

    def take(self, consumer: str, n: int, limit: int, *, automatic: bool) -> int:
        """A consumer takes messages; how many there were for it."""
        batches = self.waiting.take(n)
        if batches:
            taken = self.taken.setdefault(consumer, Taken(limit, automatic))
            for tick, count in batches:
                taken.messages.add(tick, count)
        return sum(count for _, count in batches)

    def acknowledge(self, consumer: str, n: int) -> list[Batch]:
        """A consumer has worked; which messages these were."""
        done = self._from(consumer, n)
        count = sum(n for _, n in done)
        self.acknowledged += count
        self._free(count)
        return done

    def give_back(self, consumer: str, n: int | None = None) -> int:
        """Messages that a consumer had (None: all of them) wait again, before all others; how many it had worked on."""
        taken = self.taken.get(consumer)
        if taken is None:
            return 0
        touched = min(taken.messages.total - taken.aside, taken.messages.total if n is None else n)
        self.redelivered += touched
        self._return(self._from(consumer, taken.messages.total if n is None else n))
        return touched

    def lose(self, consumer: str, why: str, n: int | None = None) -> None:
        """Messages that a consumer worked on (None: all of them) are lost; what was set aside for it waits again."""
        taken = self.taken.get(consumer)
        if taken is None:
            return
        if n is None:
            n = taken.messages.total - taken.aside
            self._return(taken.messages.take_last(taken.aside))
        self._lose(self._from(consumer, n), why)

    def purge(self) -> int:
        """Somebody deletes what waits; how many messages these were."""
        n = self.ready
        for taken in self.taken.values():
            self.waiting.add_first(taken.messages.take_last(taken.aside))
        self._lose(self.waiting.take(n), "purged")
        return n

    # -- what happens to its broker

    def rest(self) -> None:
        """Its broker ends, and it is kept: what consumers have not acknowledged waits again."""
        for consumer in [name for name, taken in self.taken.items() if not taken.automatic]:
            self.give_back(consumer)

    def forget(self, tick: int, why: str) -> None:
        """What came in a tick or later had not been written down."""
        late = sum(n for at, n in self.waiting.batches if at >= tick)
        self._lose(self.waiting.take_last(late), why)

    def end(self, why: str) -> None:
        """It is gone, with all that is the broker's."""
        self.rest()
        self.gone = True
        self._lose(self.waiting.take(self.waiting.total), why)

    def _from(self, consumer: str, n: int) -> list[Batch]:
        taken = self.taken.get(consumer)
        if taken is None:
            return []
        found = taken.messages.take(n)
        if not taken.messages.total:
            del self.taken[consumer]
        return found

    def _return(self, batches: Iterable[Batch]) -> None:
        """They wait again, if there is anything to wait in."""
        if self.gone:
            self._lose(batches, DIED)
        else:
            self.waiting.add_first(batches)

    def _lose(self, batches: Iterable[Batch], why: str) -> None:
        n = sum(n for _, n in batches)
        if n:
            self.lost[why] = self.lost.get(why, 0) + n
            self._free(n)

    def _free(self, n: int) -> None:
        if self.volume is not None and n:
            self.volume.hold(-n, self.message_bytes)


def listed(queues: Iterable[Queue], columns: Iterable[str]) -> list[str]:
    """What `rabbitmqctl list_queues` says of them: a line of the columns' names, and one for each queue."""
    names = list(columns) or ["name", "messages"]
    return ["\t".join(names), *("\t".join(_column(queue, name) for name in names) for queue in queues)]


def _column(queue: Queue, name: str) -> str:
    match name:
        case "name":
            return queue.name
        case "messages":
            return str(queue.depth)
        case "messages_ready":
            return str(queue.ready)
        case "messages_unacknowledged":
            return str(queue.unacknowledged)
        case "consumers":
            return str(queue.consumers)
        case "durable":
            return str(queue.volume is not None).lower()
        case "memory":
            return str(queue.kept * queue.memory_bytes)
        case "state":
            return "running"
    return ""


def lags(queues: Iterable[Queue], group: str) -> list[str]:
    """What `kafka-consumer-groups --describe` says: how far a group has come in each topic."""
    head = ("GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG")
    rows = [(group, q.name, "0", str(q.published - q.depth), str(q.published), str(q.depth)) for q in queues]
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    return [" ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)) for row in (head, *rows)]

"""What is known of one queue, over the lives of its brokers: what came, was worked on, was lost, and how old it is.

It is told as a stream of users is: sent are messages that were published, served those that were acknowledged, failed
those that were lost, in flight those that wait or are worked on; a latency is the time from publication to
acknowledgement.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from attrs import define, field

from kubesim_tui.traffic.histogram import Counts
from kubesim_tui.traffic.samples import Sample, Stream
from kubesim_tui.traffic.way import Fail, Hop
from kubesim_tui.world.queues import Queue


class Behind(Protocol):
    """A broker that is behind it now."""

    queue: Queue

    @property
    def hop(self) -> Hop:
        """The Pod."""
        ...

    @property
    def takers(self) -> tuple[Hop, ...]:
        """Those of who takes messages from it."""
        ...


Totals = tuple[int, int, int]
"""Published, acknowledged, refused."""


@define(eq=False)
class Flow:
    """See the module. `broker`: the Service by which it is asked, or the Pod."""

    broker: Hop
    name: str
    stream: Stream = field(factory=Stream)
    queues: list[Queue] = field(factory=list)  # those that are, or were lately, behind it
    consumers: tuple[Hop, ...] = ()  # who takes messages, or did last
    keepers: tuple[Hop, ...] = ()  # and who keeps them
    trouble: Fail | None = None  # what failed last for who works on them
    troubled: int = -1  # when that was
    refused: int = 0  # messages that were never taken
    _known: Totals = (0, 0, 0)
    _lost: dict[str, int] = field(factory=dict)  # of those that are known
    _counts: dict[int, int] = field(factory=dict)

    @property
    def ready(self) -> int:
        """How many messages nobody works on."""
        return sum(queue.ready for queue in self.queues)

    @property
    def unacknowledged(self) -> int:
        """How many somebody works on."""
        return sum(queue.unacknowledged for queue in self.queues)

    @property
    def redelivered(self) -> int:
        """How often messages of the present brokers were given out again."""
        return sum(queue.redelivered for queue in self.queues)

    def age(self, tick: int) -> int:
        """For how many ticks the oldest message has been there; 0 if there is none."""
        oldest = [first for queue in self.queues if (first := queue.oldest()) is not None]
        return tick - min(oldest) if oldest else 0

    def add(self, queue: Queue) -> None:
        """One more broker has it."""
        if all(known is not queue for known in self.queues):
            self.queues.append(queue)

    def known_by(self, brokers: Iterable[Behind]) -> None:
        """The ways have changed: who keeps its messages, and who takes them; where nobody does, who did last."""
        mine = [one for one in brokers if any(one.queue is queue for queue in self.queues)]
        self.keepers = tuple(one.hop for one in mine) or self.keepers
        self.consumers = tuple(hop for one in mine for hop in one.takers) or self.consumers

    def took(self, counts: Counts) -> None:
        """So long took messages that are acknowledged now."""
        for at, n in counts:
            self._counts[at] = self._counts.get(at, 0) + n

    def reset(self) -> None:
        """Judgement begins: what is there counts as published in this moment."""
        self.stream = Stream()
        self.stream.sent = sum(queue.depth for queue in self.queues)

    def close(self, tick: int) -> None:
        """The tick is over: keep a sample, if there is anything to tell."""
        now = (
            sum(queue.published for queue in self.queues),
            sum(queue.acknowledged for queue in self.queues),
            sum(queue.refused for queue in self.queues),
        )
        lost: dict[str, int] = {}
        for queue in self.queues:
            for why, n in queue.lost.items():
                lost[why] = lost.get(why, 0) + n
        if now == self._known and lost == self._lost and not self.stream.in_flight:
            return
        published, acknowledged, refused = (a - b for a, b in zip(now, self._known, strict=True))
        gone = 0
        for why, n in lost.items():
            more = n - self._lost.get(why, 0)
            if more:
                gone += more
                self.stream.fail(Fail(why, why, (self.broker,)), more, tick)
        self.stream.sent += published
        self.stream.served += acknowledged
        self.refused += refused
        self.stream.add(Sample(tick, published, acknowledged, gone, tuple(sorted(self._counts.items()))))
        self._counts = {}
        self._known, self._lost = now, lost
        self._forget()

    def _forget(self) -> None:
        """Queues that are gone and empty have been told to the end."""
        over = [queue for queue in self.queues if queue.gone and not queue.depth]
        for queue in over:
            published, acknowledged, refused = self._known
            self._known = published - queue.published, acknowledged - queue.acknowledged, refused - queue.refused
            for why, n in queue.lost.items():
                self._lost[why] -= n
                if not self._lost[why]:
                    del self._lost[why]
            self.queues.remove(queue)

"""The account of a stream of users: what it has sent is served, has failed for a reason, or is still in flight."""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.traffic.histogram import Counts, added
from kubesim_tui.traffic.samples import Sample, Stream
from kubesim_tui.traffic.way import Fail, Hop
from kubesim_tui.world.records import Records


@define(eq=False)
class Account:
    """See the module. What ends in `_now` is of this tick alone."""

    store: str = ""  # each served request is a record in it
    stream: Stream = field(factory=Stream)
    sent_now: int = 0
    served_now: int = 0
    failed_now: int = 0
    missed_now: dict[tuple[str, str], int] = field(factory=dict)  # by the Services on the way of what has failed
    took_now: list[Counts] = field(factory=list)
    images_now: dict[str, int] = field(factory=dict)
    written: int = 0  # records numbered so far
    acknowledged: Records = field(factory=Records)
    kept_by: dict[Hop, int] = field(factory=dict)  # who took records → the tick of the last

    def reset(self) -> None:
        """Judgement begins: figures and records start anew; what is in flight counts as sent in this moment."""
        waiting = self.stream.in_flight
        self.stream = Stream()
        self.stream.sent = waiting
        self.acknowledged = Records()
        self.kept_by.clear()

    def send(self, n: int) -> None:
        """Requests leave."""
        self.sent_now += n
        self.stream.sent += n

    def fail(self, fail: Fail, n: int, tick: int) -> None:
        """Requests have failed now."""
        self.stream.fail(fail, n, tick)
        self.failed_now += n
        for service in {hop[1:]: None for hop in fail.way if hop[0] == "Service"}:
            self.missed_now[service] = self.missed_now.get(service, 0) + n

    def took(self, counts: Counts) -> None:
        """So long took those that are served."""
        if counts:
            self.took_now.append(counts)

    @property
    def counts_now(self) -> Counts:
        """How long all took that were served in this tick."""
        return added(self.took_now) if self.took_now else ()

    def answered_by(self, image: str, n: int) -> None:
        """Which version answered how many."""
        if image:
            self.images_now[image] = self.images_now.get(image, 0) + n

    def close(self, tick: int) -> None:
        """The tick is over: keep a sample."""
        counts = self.counts_now
        images = tuple(sorted(self.images_now.items())) if self.images_now else ()
        self.stream.served += self.served_now
        self.stream.add(Sample(tick, self.sent_now, self.served_now, self.failed_now, counts, images))
        self.served_now = self.failed_now = self.sent_now = 0
        if self.took_now:
            self.took_now = []
        if self.images_now:
            self.images_now = {}

"""Image pulls of one node: one after the other (serializeImagePulls, the default), or several side by side.

Each is tried with all credentials that fit; without any it is tried once, as nobody in particular.
"""

from __future__ import annotations

from collections import deque

from attrs import define, field

from kubesim_tui.kubelet.images import QPS_EXCEEDED, ImageManager
from kubesim_tui.world.errors import WorldError
from kubesim_tui.world.pulls import Pull
from kubesim_tui.world.registry import Credentials
from kubesim_tui.world.runtime import Runtime

Key = tuple[str, str]
ANSWER_MS = 250
"""What the registry and the unpacking take besides the transfer."""


@define(eq=False)
class Ticket:
    """One wish for an image. It is settled when `done`; then `error` is "" or why it failed."""

    key: Key
    image: str
    since: int
    credentials: tuple[Credentials, ...] = ()
    began: int = -1
    pull: Pull | None = None
    done: bool = False
    error: str = ""
    errors: tuple[str, ...] = ()  # with each of the credentials so far
    took_ms: int = 0
    size: int = 0

    @property
    def waited_ms(self) -> int:
        """How long it stood in the queue."""
        return max(0, self.began - self.since) * 1000


@define(eq=False)
class Puller:
    """The queue. `advance` is called when a pull may have ended; `settled` are the Pods whose wishes were fulfilled."""

    runtime: Runtime
    images: ImageManager
    width: int = 1  # how many at a time
    queue: deque[Ticket] = field(factory=deque)
    settled: list[Key] = field(factory=list)
    _second: int = -1
    _spent_ms: int = 0  # of this second, on images that are there

    def ask(self, key: Key, image: str, now: int, credentials: tuple[Credentials, ...] = ()) -> Ticket:
        """Wish for an image."""
        ticket = Ticket(key, image, now, credentials)
        if not self.images.take(now):
            ticket.done, ticket.error = True, QPS_EXCEEDED
            return ticket
        self.queue.append(ticket)
        self.advance(now)
        return ticket

    def cancel(self, ticket: Ticket, now: int) -> None:
        """Nobody wants it any more."""
        if ticket in self.queue:
            self.queue.remove(ticket)
            self.advance(now)

    def advance(self, now: int) -> None:
        """Settle the pulls that have ended and begin the next."""
        place = 0
        while place < min(self.width, len(self.queue)):
            ticket = self.queue[place]
            if ticket.pull is None and not ticket.done:
                self._begin(ticket, now)
            if ticket.pull is not None and ticket.pull.finished and not ticket.done:
                self._end(ticket, now)
            if ticket.done:
                del self.queue[place]
                self.settled.append(ticket.key)
            else:
                place += 1

    def take_settled(self) -> list[Key]:
        """Whose wishes were settled since the last call."""
        found, self.settled = self.settled, []
        return found

    def _begin(self, ticket: Ticket, now: int) -> None:
        if ticket.began < 0:
            ticket.began = now
        tried = len(ticket.errors)
        who = ticket.credentials[tried] if tried < len(ticket.credentials) else None
        try:
            ticket.pull = pull = self.runtime.pull(ticket.image, now, who)
        except WorldError as error:
            ticket.done, ticket.error = True, str(error)
            return
        if pull.refused is None and self._is_quick(ticket.image, now):
            self._settle(ticket)

    def _is_quick(self, image: str, now: int) -> bool:
        """An image that is there only has to be asked for: several fit into a second."""
        if self.runtime.store.find(image) is None:
            return False
        if self._second != now:
            self._second, self._spent_ms = now, 0
        self._spent_ms += ANSWER_MS
        return self._spent_ms <= 1000

    def _end(self, ticket: Ticket, now: int) -> None:
        assert ticket.pull is not None
        if ticket.pull.error is None:
            self._settle(ticket)
            return
        ticket.errors = (*ticket.errors, str(ticket.pull.error))
        if len(ticket.errors) < len(ticket.credentials):
            self._begin(ticket, now)
        else:
            ticket.done, ticket.error = True, aggregate(ticket.errors)

    def _settle(self, ticket: Ticket) -> None:
        """The image is there."""
        ticket.done, pull = True, ticket.pull
        held = self.runtime.store.find(ticket.image)
        if held is not None and pull is not None:
            ticket.size = held.size_bytes
            speed = max(1, self.runtime.store.registry(pull.reference.domain).speed_bytes_s)
            most = max(1, pull.done - pull.started) * 1000
            ticket.took_ms = min(most, ANSWER_MS + pull.size_bytes * 1000 // speed)


def aggregate(errors: tuple[str, ...]) -> str:
    """Several errors in one text, each once (Go's utilerrors.NewAggregate)."""
    known = tuple(dict.fromkeys(errors))
    return known[0] if len(known) == 1 else f"[{', '.join(known)}]"

"""What traffic can tell: how a request failed, and what requests to a Pod spend their time on."""

from __future__ import annotations

from typing import Protocol

from attrs import frozen

from kubesim_tui.explain.chain import Subject


class Failed(Protocol):
    """What traffic knows of a failed request."""

    @property
    def reason(self) -> str:
        """What the user saw: 503, timed out …"""
        ...

    @property
    def code(self) -> str:
        """Where it ended."""
        ...

    @property
    def way(self) -> tuple[Subject, ...]:
        """From the user to there."""
        ...

    @property
    def detail(self) -> str:
        """In words."""
        ...


@frozen
class Calling:
    """Whom a Pod asks in turn. Where it is measured: how long on average, and how most of those calls fail that do."""

    host: str
    port: int
    timeout_us: int
    waits_us: int = 0
    of_us: int = 0  # of all that the request takes that makes it
    fail: Failed | None = None  # its way begins behind the Pod
    failing_pm: int = 0


@frozen
class AtWork:
    """What requests that a Pod has in hand spend their time on."""

    measured: bool  # users' requests lead there
    busy_us: int  # the longest of them, its calls included
    full: bool  # requests wait until it takes them in hand, or find no room to
    calls: tuple[Calling, ...]


@frozen
class Spent:
    """On whom most of the time of a message is spent: the way there, how long on average, and of how long in all."""

    way: tuple[Subject, ...]
    waits_us: int
    of_us: int


@frozen
class Backlog:
    """A queue of messages: who keeps it and who works on it (now, or last), and how it goes there."""

    broker: Subject  # by which it is asked
    keepers: tuple[Subject, ...]  # Pods
    name: str
    waiting: int
    age: int  # of the oldest message, in ticks
    came: int  # in the last minute
    done: int
    workers: tuple[Subject, ...]  # Pods
    connected: bool  # somebody takes messages now
    failing: Failed | None  # why who would work cannot
    slowest: Spent | None
    lost: tuple[tuple[str, int], ...]  # lately: why, how many

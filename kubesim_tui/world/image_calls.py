"""What images say of the calls that their routes make: to whom, how long they wait, and what spares them calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from kubesim_tui.world.image_fields import duration, many, maybe, size
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.units import size_bytes


def _text(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _maybe_size(value: str | int | None) -> int | None:
    return None if value is None else size_bytes(value)


@frozen(eq=False, repr=False)
class BreakerAt(Shared):
    """The circuit breaker of a call (world/circuit): `failures` per cent of at least `least` calls in the window."""

    failures: int = 50
    least: int = 20
    window_us: int = duration("window", 10_000_000)
    opens_us: int = duration("opens", 5_000_000)


@frozen(eq=False, repr=False)
class CacheAt(Shared):
    """What spares calls (world/cached): answers are kept in the caller's own memory, or `at` an address."""

    keys: int
    ttl_us: int = duration("ttl", 60_000_000)
    at: str = ""


@frozen(eq=False, repr=False)
class CallTo(Shared):
    """A request to another service, with templates."""

    to: str
    port: str = field(default="", converter=str)
    protocol: str = ""
    method: str = ""
    path: str = ""
    timeout_us: int = duration("timeout", 30_000_000)
    failure: int = 502
    keepalive: bool = True
    connections: int | None = None
    renew_us: int = duration("renew", 0)
    breaker: BreakerAt | None = maybe(BreakerAt)  # noqa: RUF009
    cache: CacheAt | None = maybe(CacheAt)  # noqa: RUF009
    queue: str = ""  # the call publishes a message in this queue of a broker
    arguments: Mapping[str, Any] = field(factory=dict)  # with which it declares the queue: x-max-length, x-overflow


@frozen(eq=False, repr=False)
class QueueAt(Shared):
    """What a request does to a queue of a broker, which the request's path names, with templates."""

    verb: str = "publish"  # or consume
    durable: str = field(default="", converter=_text)  # whether messages lie in the directory: yes, or true
    directory: str = ""  # without it that of its data
    limit: str = field(default="", converter=str)  # of messages that wait
    overflow: str = ""  # drop-head, or reject-publish
    message_bytes: int = size("message", 1024)
    memory_bytes: int | None = field(default=None, alias="memory", converter=_maybe_size)
    room: str = field(default="", converter=str)  # the most bytes of memory that all may take
    transient: bool = False  # where they are not durable nothing is kept for who is not there


@frozen(eq=False, repr=False)
class Polls(Shared):
    """What a program lists from the API server, over and over: each time as soon as so long after it had the last."""

    resource: str  # its plural name
    namespace: str = ""  # "": of all
    every: str = field(default="10s", converter=str)


@frozen(eq=False, repr=False)
class Consumes(Shared):
    """From which queue a program takes messages, and what it does with each of them."""

    to: str
    queue: str
    port: str = field(default="", converter=str)
    protocol: str = ""
    timeout_us: int = duration("timeout", 5_000_000)
    service_us: int = duration("service", 10_000)
    scv_pm: int = field(default=1000, alias="scv")
    cpu_us: int = duration("cpu", 200)
    memory_bytes: int = size("memory", 64 << 10)
    concurrency: str = field(default="1", converter=str)  # messages that it works on at once
    prefetch: str = field(default="", converter=str)  # that it takes without having acknowledged them
    acknowledge: bool = True  # false: what it takes is no more the broker's
    failed: str = "requeue"  # what becomes of a message of which a call fails: requeue, drop, retry
    heartbeat_us: int = duration("heartbeat", 60_000_000)  # of silence, after which the broker gives it up
    calls: tuple[CallTo, ...] = many(CallTo)

"""What images say of the calls that their routes make: to whom, how long they wait, and what spares them calls."""

from __future__ import annotations

from attrs import field, frozen

from kubesim_tui.world.image_fields import duration, maybe
from kubesim_tui.world.shared import Shared


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

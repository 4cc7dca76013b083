"""What one request to a container amounts to.

`Container.plan` answers without running anything: how long the work takes, what it costs, which other services it
calls, what it stores. Traffic multiplies it by thousands of requests; `answer` (world/answer.py) does it once.
"""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.cached import Cache
from kubesim_tui.world.circuit import Breaker
from kubesim_tui.world.images import Decision
from kubesim_tui.world.queues import Queueing
from kubesim_tui.world.shared import Shared

REFUSED = "connection refused"
RESET = "connection reset"
TIMED_OUT = "timed out"


@frozen
class Call(Shared):
    """One request to another service, made while the caller's own is in hand."""

    host: str
    port: int
    protocol: str = "http"  # http, https, tcp, grpc, postgres, mysql, mongodb, redis
    method: str = "GET"  # READ and WRITE for those without methods
    path: str = "/"
    timeout_us: int = 30_000_000
    failure: int = 502  # the status that the caller gives when this call fails; 0: it does not mind
    keepalive: bool = True  # over connections that are there; false: each call opens one
    connections: int = 0  # that stay with the Pods to which they were opened; 0: as if there were many short ones
    renew_us: int = 0  # after which such a connection is opened anew; 0: never
    breaker: Breaker | None = None  # that keeps its caller from asking who does not answer
    cache: Cache | None = None  # of answers, so that not all are asked for


@frozen
class Store(Shared):
    """Where a request's record goes, or is looked for."""

    directory: str  # absolute path in the container
    verb: str = "append"  # or "read"
    record_bytes: int = 512
    memory: bool = False  # kept in memory, written to the directory on an orderly stop and in snapshots
    copies: int = 1  # how many members must have it before it is acknowledged


@frozen
class Plan(Shared):
    """The work of one request. Equal questions have the same plan until the container's `generation` changes."""

    status: int = 200
    service_us: int = 0  # mean time on one of `concurrency` servers, calls not included
    scv_pm: int = 1000  # squared coefficient of variation of that time, per mille
    cpu_us: int = 0
    memory_bytes: int = 0  # while in flight
    calls: tuple[Call, ...] = ()  # one after the other
    store: Store | None = None
    queue: Queueing | None = None
    size_bytes: int = 4096  # of the request and its answer, with their headers
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    decides: tuple[Decision, ...] = ()  # answers by what is sent
    why: str = ""  # what is behind a status that is not fine: "env DB_URL is empty", "file /x is missing" …
    code: str = "answer"  # what stands behind such a status, for explain
    errors_pm: int = 0  # of a thousand answers that would be fine so many are 500

    @property
    def refused(self) -> bool:
        """Whether there is nobody to ask."""
        return False


@frozen
class Refused(Shared):
    """Nobody answers: `connection refused` (nothing listens there), `connection reset`, or `timed out` (silence)."""

    error: str = REFUSED
    why: str = ""  # "nothing listens on port 8080", "still starting", "stopping", "exited"
    code: str = "refused"  # what stands behind it, for explain

    @property
    def refused(self) -> bool:
        """Whether there is nobody to ask."""
        return True

"""The network as a container sees it: names to look up and addresses to ask.

The world has no Services; whoever knows them (the cluster) wires in an object of this form (`runtime.net`), a plain
one, since it is part of a checkpoint. Through it go the shell's wget, curl, nc and nslookup, the calls that a single
request makes, and what images wait for at their start. The many requests of traffic do not: they use `plan`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import frozen

from kubesim_tui.world.shared import Shared

REFUSED = "connection refused"
TIMED_OUT = "timed out"
NO_ROUTE = "no route to host"
UNKNOWN_HOST = "no such host"
RESET = "connection reset"
UNTRUSTED = "certificate error"  # the body says what is wrong with it
NO_PORTS = "cannot assign requested address"
Headers = tuple[tuple[str, str], ...]
"""Of a request: names in small letters, and values."""


@frozen
class Fetched(Shared):
    """What came back: an answer (`status`, for protocols without one 200), or `error`, one of the words above."""

    status: int = 0
    body: str = ""
    error: str = ""
    took_us: int = 0
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether an answer below 400 came."""
        return not self.error and self.status < 400


@frozen(eq=False, repr=False)
class Resolved(Shared):
    """The addresses of a name (none: NXDOMAIN, or `error`), and the full name under which it was found."""

    name: str
    addresses: tuple[str, ...] = ()
    server: str = ""
    error: str = ""


class Speaker(Protocol):
    """Who answers clients of a program in its stead: of programs that are parts of the simulator itself."""

    def answer(self, question: str, flags: Mapping[str, str]) -> Fetched:
        """The answer to a command of a client, whose flags stand apart."""
        ...


class Net(Protocol):
    """What the cluster offers to a container. `source` is the id of the container that asks, `machine` its machine."""

    def fetch(
        self,
        machine: str,
        source: str,
        url: str,
        method: str = "GET",
        body: str = "",
        timeout_us: int = 30_000_000,
        headers: Headers = (),
    ) -> Fetched:
        """Ask `scheme://host:port/path`: http, https, tcp (connect only), grpc, redis, postgres, mysql, mongodb."""
        ...

    def resolve(self, machine: str, source: str, name: str) -> Resolved:
        """Look a name up as the container's resolv.conf would (search domains, ndots)."""
        ...

    def dial(self, machine: str, source: str, host: str, port: int) -> Any:
        """The container (world.container.Container) at the other end of a new connection; None if none comes about."""
        ...

    def linked(self, a: str, b: str) -> bool:
        """Whether two machines hear each other."""
        ...

"""One request hop by hop, as a front end may hold it: frozen, and free of the engine's own objects."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from kubesim_tui.cluster.view import Ref

OK, FAILED, BORNE = "ok", "failed", "borne"
"""How a stop ended: well, with the failure that the user sees, or with one that its caller does not mind."""

Fact = tuple[str, tuple[tuple[str, str], ...]]
"""What decided something: a code, and the values that its sentence names."""
Facts = tuple[Fact, ...]


def fact(code: str, **values: object) -> Fact:
    """A fact; its values become text."""
    return code, tuple((name, str(value)) for name, value in values.items())


@frozen
class Sort:
    """Requests that share their fate: a stream's that ask for one thing and are served, or that fail one way."""

    stream: str
    lane: str  # of those that are served: which of the stream's routes; "" of failures, which are the stream's
    method: str
    url: str
    reason: str = ""  # "" for those that are served
    code: str = ""
    way: tuple[tuple[str, str, str], ...] = ()
    count: int = field(default=0, eq=False)  # since Go
    last: int = field(default=-1, eq=False)  # tick of the last failure


@frozen
class Stop:
    """One stop. `kind`: user, balancer, ingress, node, dns, service, rule, link, pod, outside,
    answer."""

    kind: str
    name: str
    machine: str = ""
    depth: int = 0
    begins_us: int = 0  # since the request left the user
    took_us: int = 0  # until the answer left this stop again
    state: str = OK
    ref: Ref | None = None
    facts: Facts = ()


@frozen
class Followed:
    """A sampled request. `whole` False: only its way was kept, not what decided on it."""

    sort: Sort
    tick: int
    number: int
    status: str  # what the user got: "200", "503", "timed out"
    took_us: int
    stops: tuple[Stop, ...]
    whole: bool = True

    def __deepcopy__(self, _memo: Any) -> Followed:
        return self

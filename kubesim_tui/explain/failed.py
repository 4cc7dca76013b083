"""A failed request, as far as an explanation is concerned (traffic.way.Fail is one)."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from kubesim_tui.explain.chain import Chain, Subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.work import Failed

__all__ = ["Failed", "Failing", "Rule", "caller", "ends_outside", "last"]


@frozen
class Failing:
    """A failure that is told by who asked, as if it had been a user's."""

    reason: str
    code: str
    way: tuple[Subject, ...]
    detail: str


NOWHERE = ("no-such-address", "dns", "dns-down")
"""Codes of calls that lead to nobody, so that the last Pod on the way is the one that called."""
Rule = Callable[[Evidence, Failed], Chain]


def last(failed: Failed, kind: str) -> Subject | None:
    """The last hop of a kind on the way."""
    return next((hop for hop in reversed(failed.way) if hop[0] == kind), None)


def ends_outside(failed: Failed) -> bool:
    """Whether it ended at a system outside the cluster."""
    return bool(failed.way) and failed.way[-1][0] == "Outside"


def caller(failed: Failed) -> Subject | None:
    """The Pod whose call it was that ended; None if it was the user's own request.

    A way goes on from a Pod with the Service, node or system that it calls: a Pod at the end was asked, unless all that
    is known of the call is the address.
    """
    pods = [at for at, hop in enumerate(failed.way) if hop[0] == "Pod"]
    if not pods:
        return None
    own = failed.code in NOWHERE and pods[-1] == len(failed.way) - 1
    if own or pods[-1] < len(failed.way) - 1:
        return failed.way[pods[-1]]
    return failed.way[pods[-2]] if len(pods) > 1 else None

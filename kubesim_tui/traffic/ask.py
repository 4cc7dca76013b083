"""What is asked on a way, and how the hop before words it when nobody answers."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from kubesim_tui.network.ingress_upstream import Upstream
from kubesim_tui.network.policy import Denial, Party
from kubesim_tui.traffic.way import TIMED_OUT, Fail, Hop

Way = tuple[Hop, ...]


@frozen
class Ask:
    """What is asked, and how the hop before words a failure."""

    method: str
    path: str
    host: str = ""
    origin: Party | None = None  # who asks, to NetworkPolicies; None while there are none
    proxy: Upstream | None = None  # of a proxy that asks, and answers 502 and 504 for what fails behind it
    container: Any = None  # that asks
    protocol: str = "TCP"
    source: str = ""  # the address from which it comes


def refusal(way: Way, asks: Ask, code: str, detail: str) -> Fail:
    """Its machine says that nobody is there: it fails at once."""
    return Fail("502" if asks.proxy is not None else "connection refused", code, way, detail)


def black_hole(way: Way, asks: Ask, machine: str) -> Fail:
    """Packets vanish: it fails when somebody stops waiting, the proxy (504) or the user."""
    detail = f"node {machine} does not answer" if way[-1][0] != "Outside" else f"{machine} does not answer"
    if asks.proxy is not None:
        return Fail("504", "black-hole", way, detail, asks.proxy.connect_us)
    return silence(way, asks, "black-hole", detail)


def silence(way: Way, asks: Ask, code: str, detail: str) -> Fail:
    """Nobody says anything: it fails when somebody stops waiting."""
    if asks.proxy is not None:
        return Fail("504", code, way, detail, asks.proxy.read_us)
    return Fail(TIMED_OUT, code, way, detail, -1)


def dropped(way: Way, asks: Ask, denial: Denial) -> Fail:
    """NetworkPolicies let nothing through: the same silence."""
    way = (*way, denial.subject)
    if asks.proxy is not None:
        return Fail("504", "policy", way, str(denial), asks.proxy.connect_us)
    return silence(way, asks, "policy", str(denial))


def region_away(region: str, detail: str) -> Fail:
    """No answer gets to the users of a region, or none in time."""
    return Fail(TIMED_OUT, "region-away", (("Outside", "", region),), detail, -1)

"""How much a location takes from each address: the annotations `limit-*`. Pure.

As internal/ingress/annotations/ratelimit: `limit_req` of nginx with a rate a second, one a minute, or both, and a burst
of so many times that (`nodelay`: what is in it is not delayed); `limit_conn` with so many requests at once. Each nginx
counts by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.network.ingress_upstream import ANNOTATIONS
from kubesim_tui.network.ingress_values import Networks, integer, networks

BURST = 5
"""`limit-burst-multiplier` where nobody says one."""
REFUSED = "503"


@frozen
class Limits:
    """Of one Ingress, for each address; 0: no limit."""

    rps: int = 0
    rpm: int = 0
    connections: int = 0
    burst: int = BURST
    exempt: Networks = ()
    status: str = REFUSED  # of requests above a rate
    status_of_connections: str = REFUSED

    def __deepcopy__(self, _memo: Any) -> Limits:
        return self


def limits_of(notes: Mapping[str, str], config: Mapping[str, str]) -> Limits | None:
    """What an Ingress says; None: it limits nobody."""

    def number(name: str, otherwise: int = 0) -> int:
        found = integer(notes.get(ANNOTATIONS + name, ""))
        return otherwise if found is None else found

    rps, rpm, connections = (max(0, number(f"limit-{name}")) for name in ("rps", "rpm", "connections"))
    if not rps and not rpm and not connections:
        return None
    exempt = notes.get(ANNOTATIONS + "limit-allowlist") or notes.get(ANNOTATIONS + "limit-whitelist") or ""
    return Limits(
        rps,
        rpm,
        connections,
        max(0, number("limit-burst-multiplier", BURST)),
        (networks(exempt) if exempt else None) or (),
        _status(config.get("limit-req-status-code", "")),
        _status(config.get("limit-conn-status-code", "")),
    )


def _status(text: str) -> str:
    code = integer(text)
    return str(code) if code is not None and 400 <= code <= 599 else REFUSED

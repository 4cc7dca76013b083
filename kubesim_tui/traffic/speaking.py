"""Whether a proxy speaks with Pods as they do: `backend-protocol` says HTTP or HTTPS, their programs what they speak.

Who is greeted with TLS and knows none makes nginx answer 502; who waits for TLS answers plain HTTP with 400.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.traffic.way import Fail, Leg

SECURE = ("HTTPS", "GRPCS")
CODE = "wrong-protocol"
NO_TLS = "SSL_do_handshake() failed (wrong version number) while SSL handshaking to upstream"
NO_PLAIN = "The plain HTTP request was sent to HTTPS port"


def spoken_to(legs: Sequence[Leg], protocol: str) -> tuple[Leg, ...]:
    """The legs to some endpoints as they are when they are asked so."""
    return tuple(_spoken_to(leg, secure=protocol in SECURE) for leg in legs)


def _spoken_to(leg: Leg, *, secure: bool) -> Leg:
    wants = _protocol(leg)
    if wants not in ("http", "https") or (wants == "https") is secure:
        return leg
    if leg.station is not None and leg in leg.station.legs:
        leg.station.legs.remove(leg)
    fail = Fail("502", CODE, leg.way, NO_TLS) if secure else Fail("400", CODE, leg.way, NO_PLAIN)
    return Leg(leg.way, fail=fail, users=leg.users, asker=leg.asker, target=leg.target)


def _protocol(leg: Leg) -> str:
    """What the program at the end of a leg speaks; "" where nobody knows."""
    if leg.fail is not None or leg.station is None:
        return ""
    programs = leg.station.container.programs
    listens = (listen for program in programs if program.answers for listen in program.listens)
    return next((listen.protocol for listen in listens if listen.port == leg.port), "")

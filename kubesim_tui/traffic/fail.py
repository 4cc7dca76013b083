"""How requests fail: for which reason, where, and what stands behind it."""

from __future__ import annotations

from typing import Any

from attrs import frozen

Hop = tuple[str, str, str]
"""(kind, namespace, name): ("Ingress", "shop", "web"), ("Pod", …), ("Node", "", "a"), ("Outside", "", "db.example")."""

TIMED_OUT = "timed out"


@frozen
class Fail:
    """A failure on the way. `reason` is what the user sees and what is counted: 404, 502, connection refused …"""

    reason: str
    code: str  # what stands behind it, for explain: "no-endpoints", "refused", "black-hole", "no-route", "dns" …
    way: tuple[Hop, ...]  # from the user to where it failed
    detail: str = ""
    delay_us: int = 0  # how long it takes to fail; a black hole takes as long as the caller waits (-1)

    def __deepcopy__(self, _memo: Any) -> Fail:
        return self

    def lasts(self, timeout_us: int) -> int:
        """How long it takes for a caller with this time-out (0: it has none)."""
        return timeout_us if self.delay_us < 0 or 0 < timeout_us < self.delay_us else self.delay_us

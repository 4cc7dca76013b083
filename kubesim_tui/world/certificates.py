"""Certificates of machines' processes, as those see them who are to believe: by their own clock.

Two ends of a connection look at each other's certificate, each by the time of its own machine: a certificate that has
expired, and a clock that goes wrong, end in the same words of Go's crypto/x509.
"""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import frozen

from kubesim_tui.world.shared import Shared

YEAR = 365 * 86_400
BACKDATED = 300
"""Seconds by which the signer of a new cluster dates its certificates back."""


@frozen
class Certificate(Shared):
    """From when until when it is good: Unix seconds."""

    begins: int
    ends: int

    @classmethod
    def issued(cls, now: int) -> Certificate:
        """One that is signed now, good for a year."""
        return cls(now - BACKDATED, now + YEAR)

    def complaint(self, now: int) -> str:
        """What is wrong with it at a time, in Go's words; "" if nothing is."""
        if self.begins <= now <= self.ends:
            return ""
        order, bound = ("after", self.ends) if now > self.ends else ("before", self.begins)
        said = f"current time {_rfc3339(now)} is {order} {_rfc3339(bound)}"
        return f"x509: certificate has expired or is not yet valid: {said}"


def _rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

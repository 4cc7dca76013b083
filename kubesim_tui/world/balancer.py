"""A load balancer of the cloud: an address outside, and the machines that it passes connections on to."""

from __future__ import annotations

from attrs import define, field

POOL = "203.0.113"
FIRST, LAST = 20, 250
"""Addresses that the cloud has to give: 203.0.113.20 to .250 (TEST-NET-3)."""


class CloudError(Exception):
    """The cloud refuses, or does not answer."""


@define(eq=False, repr=False)
class Balancer:
    """One. `service`: for which Service it was made (its tag); `ready`: the tick from which on it works."""

    name: str
    ip: str
    service: tuple[str, str]
    ready: int
    machines: dict[str, None] = field(factory=dict)
    up: bool = True  # false: the cloud has lost it, and nothing gets through
    local: bool = False  # its health check asks for Pods on the machine itself


def free_address(taken: set[str], wanted: str = "") -> str:
    """The wanted address, or the lowest one that is free; CloudError if there is none."""
    pool = [f"{POOL}.{last}" for last in range(FIRST, LAST + 1)]
    if wanted and (wanted not in pool or wanted in taken):
        raise CloudError(f"requested IP address {wanted} is not available")
    found = wanted or next((ip for ip in pool if ip not in taken), "")
    if not found:
        raise CloudError("the quota of external addresses is used up")
    return found

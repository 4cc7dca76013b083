"""Users who come back to the same Pod: by a cookie, or because something of theirs is hashed.

A cookie of ingress-nginx is a key. In the mode `balanced` it is hashed over the Pods that there are: where one comes or
goes as few users as possible find themselves at another. In the mode `persistent` it names a Pod: who has it stays
until that is gone, and new Pods get new users only. Whose Pod does not answer keeps to it none the less, unless the
Ingress says `session-cookie-change-on-failure`. Users of an open loop count as a thousand who come again and again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from zlib import crc32

from attrs import define, field

MANY = 1_000
_ALL = (1 << 64) - 1
Key = tuple[str, ...]
"""A stream of users, and the location that they ask for."""
MOST_TRIES = 20
"""So often at most is a new key drawn (MAX_UPSTREAM_CHECKS_COUNT)."""


@define
class Session:
    """One user. `times`: how often he was given a key."""

    ip: str = ""
    times: int = 0


@define(eq=False)
class Sessions:
    """All cookies that users have."""

    kept: dict[Key, list[Session]] = field(factory=dict)

    def spread(
        self, key: Key, count: int, ips: Sequence[str], failing: Collection[str], *, persistent: bool, changes: bool
    ) -> list[int]:
        """How many of some users keep to each Pod. `failing`: Pods that do not take a connection."""
        known = self.kept.setdefault(key, [])
        known += [Session() for _ in range(count - len(known))]
        found, able = dict.fromkeys(ips, 0), [ip for ip in ips if ip not in failing]
        for number, session in enumerate(known[:count]):
            if not persistent or session.ip not in found:
                session.ip = placed(f"{'/'.join(key)}/{number}/{session.times}", ips)
            if changes and session.ip in failing and able:
                session.times += 1
                session.ip = placed(f"{'/'.join(key)}/{number}/{session.times}", able)
            found[session.ip] += 1
        return list(found.values())


def placed(key: str, ips: Sequence[str]) -> str:
    """Where a key leads by consistent hashing: of whoever comes or goes, nobody else's keys are moved."""
    number = crc32(key.encode())
    return max(ips, key=lambda ip: (_mixed(number << 32 | crc32(ip.encode())), ip))


def _mixed(number: int) -> int:
    """64 bits of which each depends on all of a number's (a checksum alone would prefer some addresses to others)."""
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _ALL
    number = (number ^ number >> 27) * 0x94D049BB133111EB & _ALL
    return number ^ number >> 31


def subset(key: str, ips: Sequence[str], size: int) -> Sequence[str]:
    """The subset of the Pods to which a key leads: all of them in sets of that size, the last one filled up."""
    ordered = sorted(ips)
    sets = [(ordered[at : at + size] + ordered)[:size] for at in range(0, len(ordered), size)]
    return sets[crc32(key.encode()) % len(sets)]

"""Exponential back-off per key (client-go's flowcontrol.Backoff).

The first `next` gives the first delay, each further one twice as much, up to the most. An event later than twice the
most after the last one starts anew: a container that ran well for ten minutes is forgiven.
"""

from __future__ import annotations

FIRST, MOST = 10, 300
"""Ticks: the kubelet's own, for crashing containers and for failing pulls."""


class Backoff:
    """Delays by key, in ticks."""

    __slots__ = ("_entries", "first", "most")

    def __init__(self, first: int = FIRST, most: int = MOST) -> None:
        self.first, self.most = first, most
        self._entries: dict[tuple[str, str], tuple[int, int]] = {}  # key → (delay, tick of the last `next`)

    def get(self, key: tuple[str, str]) -> int:
        """The current delay of a key, 0 if it has none."""
        entry = self._entries.get(key)
        return entry[0] if entry else 0

    def next(self, key: tuple[str, str], event: int, now: int) -> None:
        """Something has failed: make the delay longer. `event` is when it happened."""
        entry = self._entries.get(key)
        delay = self.first if entry is None or self._expired(event, entry[1]) else min(2 * entry[0], self.most)
        self._entries[key] = (delay, now)

    def since(self, key: tuple[str, str], event: int, now: int) -> bool:
        """Whether less than the delay has passed since an event."""
        return now < self.ends(key, event)

    def ends(self, key: tuple[str, str], event: int) -> int:
        """When the delay that began with an event ends (the event itself, if there is none)."""
        entry = self._entries.get(key)
        return event if entry is None or self._expired(event, entry[1]) else event + entry[0]

    def since_update(self, key: tuple[str, str], now: int) -> bool:
        """Whether less than the delay has passed since the last `next`."""
        entry = self._entries.get(key)
        return entry is not None and not self._expired(now, entry[1]) and now - entry[1] < entry[0]

    def _expired(self, event: int, updated: int) -> bool:
        return event - updated > 2 * self.most

    def forget(self, uid: str) -> None:
        """A Pod is gone. Keys are (uid of the Pod, name of what is delayed)."""
        for key in [key for key in self._entries if key[0] == uid]:
            del self._entries[key]


def duration(ticks: int) -> str:
    """Go's words for whole seconds: `10s`, `2m40s`, `5m0s`."""
    minutes, seconds = divmod(ticks, 60)
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"

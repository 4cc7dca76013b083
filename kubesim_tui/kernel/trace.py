"""A bounded memory of what happened: the last N records of anything, oldest dropped first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Ring(Generic[T]):
    """A ring of at most `size` records; `dropped` counts those that have gone."""

    __slots__ = ("_records", "dropped")

    def __init__(self, size: int) -> None:
        self._records: deque[T] = deque(maxlen=size)
        self.dropped = 0

    def add(self, record: T) -> None:
        """Keep a record; the oldest goes if the ring is full."""
        if len(self._records) == self._records.maxlen:
            self.dropped += 1
        self._records.append(record)

    def __iter__(self) -> Iterator[T]:
        return iter(self._records)

    def __reversed__(self) -> Iterator[T]:
        return reversed(self._records)

    def __len__(self) -> int:
        return len(self._records)

"""Some items of a sequence, picked when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class Picked(Sequence[T]):
    """The items at some places of a sequence, in that order."""

    __slots__ = ("items", "places")

    def __init__(self, items: Sequence[T], places: Sequence[int]) -> None:
        self.items, self.places = items, places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, i: Any) -> Any:
        return self.items[self.places[i]]

    def __iter__(self) -> Iterator[T]:
        items = self.items
        return iter([items[place] for place in self.places])

"""What never changes is never copied: a checkpoint (`copy.deepcopy`) shares it with the original."""

from __future__ import annotations

from typing import Any, Self


class Nothing(dict[str, str]):
    """An empty map that is never copied and that nobody writes to: the default where most have none."""

    __slots__ = ()

    def __deepcopy__(self, _memo: Any) -> Nothing:
        return self

    def __setitem__(self, key: str, value: str) -> None:
        raise TypeError(f"nothing can be added to this map (not {key} either)")


NOTHING = Nothing()


class Shared:
    """A base of frozen classes: copying one gives the same object back."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: Any) -> Self:
        return self

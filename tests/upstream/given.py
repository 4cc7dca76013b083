"""What a case gives, and a note of what was read of it.

A field that no adapter knows must not pass in silence: after the answer, whatever was never asked for is an error.
Objects of Kubernetes are read whole (`given["pod"]`); the tables' own shapes are read field by field
(`given.part("args")`, `given.rows("jobs")`).
"""

from collections.abc import Iterator, Mapping
from typing import Any


class Given(Mapping[str, Any]):
    """A JSON object that remembers which of its fields were asked for."""

    def __init__(self, data: Mapping[str, Any], where: str = "") -> None:
        self._data = data
        self._where = where
        self._read: set[str] = set()
        self._parts: list[Given] = []

    def __getitem__(self, key: str) -> Any:
        self._read.add(key)
        return self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def know(self, *keys: str) -> None:
        """These fields say nothing that the answer depends on."""
        self._read.update(keys)

    def part(self, key: str) -> "Given":
        """An object of the table's own shape; an empty one if there is none."""
        return self._track(self.get(key) or {}, key)

    def rows(self, key: str) -> list["Given"]:
        """A list of such objects."""
        return [self._track(row, f"{key}[{i}]") for i, row in enumerate(self.get(key) or ())]

    def _track(self, data: Mapping[str, Any], key: str) -> "Given":
        made = Given(data, f"{self._where}.{key}" if self._where else key)
        self._parts.append(made)
        return made

    def unread(self) -> list[str]:
        """Paths of the fields that nobody asked for."""
        own = [f"{self._where}.{k}" if self._where else k for k in self._data if k not in self._read]
        return own + [path for part in self._parts for path in part.unread()]

"""The base of every typed piece of an object: frozen, slotted, with a `rest` for the fields nobody reads.

Typed classes exist only for what the engine reads (creating a class costs time at every start); whatever else was
applied is kept in `rest` as frozen JSON and comes back whole. The classes in `api.types` are generated from the
published schemas by tools/generate_api.py; each carries `FIELDS`, the table by which `api.codec` turns JSON into the
class and back.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

_set = object.__setattr__


class Struct:
    """Equality, copies and a short repr for all generated classes, written once instead of generated 130 times."""

    __slots__: ClassVar[tuple[str, ...]] = ()

    FIELDS: ClassVar[tuple[tuple[str, str, str], ...]] = ()
    """(JSON name, attribute, type code) of each typed field; see `api.codec` for the codes."""

    def evolve(self, **changes: Any) -> Self:
        """A copy with some attributes changed; TypeError for an attribute that the class does not have."""
        cls = type(self)
        new = object.__new__(cls)
        for name in cls.__slots__:
            if name in changes:
                _set(new, name, changes.pop(name))
            else:
                _set(new, name, getattr(self, name))
        if changes:
            raise TypeError(f"{cls.__name__} has no attribute {', '.join(sorted(changes))}")
        return new

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        cls = type(self)
        if cls is not type(other):
            return NotImplemented
        return all(getattr(self, n) == getattr(other, n) for n in cls.__slots__)

    def __deepcopy__(self, _memo: Any) -> Self:
        return self

    def __copy__(self) -> Self:
        return self

    def __repr__(self) -> str:
        shown = [f"{a}={getattr(self, a)!r}" for _, a, _ in self.FIELDS if getattr(self, a) not in (None, "", (), {})]
        return f"{type(self).__name__}({', '.join(shown)})"

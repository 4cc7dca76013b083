"""Answers that are not simply equal to what a table wants.

A table may want a fragment of a text, or leave the order of a list free; such an answer says so by its class.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kubesim_tui.api.quantity import parse


class Saying(str):
    """A text of which the table may want a fragment."""

    def __eq__(self, wanted: object) -> bool:
        return isinstance(wanted, str) and wanted in str(self)

    __hash__ = str.__hash__


class Within(dict[str, Any]):
    """An object of which the table may tell some fields only."""

    def __eq__(self, wanted: object) -> bool:
        return isinstance(wanted, Mapping) and all(k in self and v == self[k] for k, v in wanted.items())

    __hash__ = None  # type: ignore[assignment]  # as a dict's


class Unordered(list[Any]):
    """A list whose order is free."""

    def __eq__(self, wanted: object) -> bool:
        if not isinstance(wanted, list) or len(wanted) != len(self):
            return False
        left = list(wanted)
        for mine in self:
            match = next((i for i, other in enumerate(left) if other == mine), None)
            if match is None:
                return False
            del left[match]
        return True

    __hash__ = None  # type: ignore[assignment]  # as a list's


class Prose(str):
    """A rule that the table states in words, and whether it held (empty: it did not)."""

    def __eq__(self, wanted: object) -> bool:
        return isinstance(wanted, str) and bool(self)

    __hash__ = str.__hash__


class Unasserted:
    """What a table tells, and upstream's own test does not look at."""

    def __eq__(self, wanted: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]  # it has no value of its own


class Amounts(dict[str, str]):
    """Quantities by name, equal by value."""

    def __eq__(self, wanted: object) -> bool:
        return _nano(wanted or {}) == _nano(self)  # type: ignore[arg-type]  # the tables write an empty map as []

    __hash__ = None  # type: ignore[assignment]  # as a dict's


def _nano(amounts: Mapping[str, Any]) -> dict[str, int]:
    return {name: parse(str(amount)).nano for name, amount in amounts.items()}


def attempt(ask: Callable[[], Mapping[str, Any]], *errors: type[Exception]) -> dict[str, Any]:
    """The answer, or that the engine refuses to give one."""
    try:
        return {"error": False, **ask()}
    except errors as refused:
        return {"error": True, "error_contains": Saying(refused)}


def fields(obj: Any, names: Iterable[str]) -> dict[str, Any]:
    """Some attributes of an object, by name."""
    return {name: getattr(obj, name) for name in names}

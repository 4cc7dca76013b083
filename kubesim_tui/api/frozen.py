"""Frozen JSON: what the engine keeps but never reads.

A value that has entered the store must not change under anybody's feet: several caches, the journal and a
checkpoint share it. `freeze` turns lists into tuples and dicts into `FrozenMap`; `thaw` gives plain lists and
dicts back, at the rim.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

Json = Any
"""A JSON value: None, bool, int, float, str, or (frozen or plain) lists and maps of them."""


class FrozenMap(dict[str, Any]):
    """A dict that refuses to change. It is its own copy, so that checkpoints share it."""

    __slots__ = ()

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("this map is frozen; build a new one with `merged`")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __deepcopy__(self, _memo: Any) -> FrozenMap:
        return self

    def __copy__(self) -> FrozenMap:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (FrozenMap, (dict(self),))

    def merged(self, other: Mapping[str, Any] | None = None, **more: Any) -> FrozenMap:
        """A new map with the entries of `other` laid over these; an entry that is None is left out."""
        both = {**self, **(other or {}), **more}
        return FrozenMap((k, v) for k, v in both.items() if v is not None)


EMPTY = FrozenMap()


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> FrozenMap:
    """`FrozenMap.merged` for a map of any kind, as labels and annotations are typed."""
    return FrozenMap((k, v) for k, v in {**base, **more}.items() if v is not None)


def freeze(value: Json) -> Json:
    """The frozen form of a JSON value; what is frozen already is returned as it is."""
    if type(value) is dict:
        return FrozenMap((k, freeze(v)) for k, v in value.items())
    if type(value) is list:
        return tuple(freeze(v) for v in value)
    return value


def thaw(value: Json) -> Json:
    """The plain, changeable form of a JSON value: a deep copy with lists and dicts."""
    if isinstance(value, dict):
        return {k: thaw(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [thaw(v) for v in value]
    return value


def ordered(value: Json) -> Json:
    """The plain form with the keys of every map in order, as Go writes maps: what kubectl sends."""
    if isinstance(value, dict):
        return {k: ordered(value[k]) for k in sorted(value)}
    if isinstance(value, list | tuple):
        return [ordered(v) for v in value]
    return value

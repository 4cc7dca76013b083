"""The order of merged lists: `$setElementOrder` before the patch's order before the live order.

Items of a list of maps are known by their merge key, scalars by themselves. The items that the patch speaks of keep
its order, the others theirs; the two runs are then interleaved where the live list says which comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubesim_tui.api.frozen import Json
from kubesim_tui.apiserver.patch.schema import PatchError

MARKER = "$patch"
BAD_ORDER = (
    "invalid patch format of setElementOrder list: a list should not be null; "
    "the items in the patch list must be a subset of the $setElementOrder list"
)


def text(value: Json) -> str:
    """A value as Go prints it with %v: what lists are sorted by."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{k}:{text(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(text, value)) + "]"
    return "<nil>" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def ident(item: Json, key: str) -> tuple[str, Json]:
    """What tells one item from another: its merge key's value, or of a scalar itself. PatchError without the key."""
    if key:
        if not isinstance(item, dict):
            raise PatchError(f"expected a map in a list merged by {key}, but received a {type(item).__name__}")
        if key not in item:
            raise no_key(item, key)
        item = item[key]
    if isinstance(item, dict | list):
        return "json", text(item)
    return type(item).__name__, item


def no_key(item: Json, key: str) -> PatchError:
    """Upstream's ErrNoMergeKey."""
    return PatchError(f"map: {text(item)} does not contain declared merge key: {key}")


def is_delete(item: Json) -> bool:
    """Whether an item of a patch's list asks for a deletion."""
    return isinstance(item, dict) and item.get(MARKER) == "delete"


def interleave(merged: Sequence[Json], order: Sequence[Json], live: Sequence[Json], key: str) -> list[Json]:
    """The merged items: those named in `order` in that order, the others in the live list's, deletions last."""
    wanted = {ident(item, key): i for i, item in reversed(list(enumerate(order)))}
    place = {ident(item, key): i for i, item in reversed(list(enumerate(live)))}
    ours = [m for m in merged if ident(m, key) in wanted and not is_delete(m)]
    theirs = [m for m in merged if ident(m, key) not in wanted and not is_delete(m)]
    ours.sort(key=lambda m: wanted[ident(m, key)])
    theirs.sort(key=lambda m: place.get(ident(m, key), len(place)))
    result = _zip(theirs, ours, place, key)
    gone = [m for m in merged if is_delete(m)]
    return result + [m for m in gone if ident(m, key) in wanted] + [m for m in gone if ident(m, key) not in wanted]


def _zip(theirs: list[Json], ours: list[Json], place: dict[Any, int], key: str) -> list[Json]:
    """Merge two runs: one of theirs goes before one of ours only where the live list has both, in that order."""
    result: list[Json] = []
    i = j = 0
    while i < len(theirs) or j < len(ours):
        if j == len(ours) or (i < len(theirs) and _before(theirs[i], ours[j], place, key)):
            result.append(theirs[i])
            i += 1
        else:
            result.append(ours[j])
            j += 1
    return result


def _before(a: Json, b: Json, place: dict[Any, int], key: str) -> bool:
    first, second = place.get(ident(a, key)), place.get(ident(b, key))
    return first is not None and second is not None and first < second


def check_order(patch: Sequence[Json], order: Sequence[Json], key: str) -> None:
    """The patch's items must all stand in the `$setElementOrder` list, in the same order."""
    if not order or not patch:
        return
    left = [ident(p, key) for p in patch if not (isinstance(p, dict) and MARKER in p)]
    for item in order:
        if left and left[0] == ident(item, key):
            left.pop(0)
    if left:
        lists = f"{text(list(patch))}\n doesn't match $setElementOrder list:\n{text(list(order))}\n"
        raise PatchError(f"The order in patch list:\n{lists}")

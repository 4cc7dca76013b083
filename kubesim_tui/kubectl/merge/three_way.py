"""kubectl apply's merge: last applied, wanted and live state give the patch.

Changes and additions are those from live to wanted, so that what others have set and we do not name stays; deletions
are those from last applied to wanted, so that what we once named and name no more goes.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.frozen import Json, thaw
from kubesim_tui.apiserver.patch import json_merge
from kubesim_tui.apiserver.patch.json_merge import same
from kubesim_tui.apiserver.patch.ordering import MARKER, text
from kubesim_tui.apiserver.patch.schema import Field, Lookup
from kubesim_tui.apiserver.patch.schema import lookup as built_in
from kubesim_tui.apiserver.patch.strategic import RETAIN, Merger
from kubesim_tui.kubectl.merge.diff import Differ


def strategic(
    code: str, applied: dict[str, Any], wanted: dict[str, Any], live: dict[str, Any], lookup: Lookup = built_in
) -> dict[str, Any]:
    """The strategic merge patch. PatchError if the objects do not fit the schema."""
    changes = Differ(lookup, deletions=False).maps(code, thaw(live), thaw(wanted))
    deletions = Differ(lookup, changes=False).maps(code, thaw(applied), thaw(wanted))
    return Merger(lookup, obey=False).maps(code, thaw(deletions), thaw(changes))


def conflicts(
    code: str, applied: dict[str, Any], live: dict[str, Any], patch: dict[str, Any], lookup: Lookup = built_in
) -> bool:
    """Whether the patch changes something that somebody else has changed otherwise since it was applied."""
    others = Differ(lookup, order=False).maps(code, thaw(applied), thaw(live))
    return _clash(lookup, Field(code), patch, others)


def json_patch(applied: dict[str, Any], wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """The JSON merge patch, for kinds without a strategic schema (custom ones): lists are replaced whole."""
    changes = without_nulls(json_merge.diff(live, wanted))
    deletions = only_nulls(json_merge.diff(applied, wanted))
    return _join(deletions, changes)


def only_nulls(patch: dict[str, Any]) -> dict[str, Any]:
    """The deletions of a merge patch."""
    found: dict[str, Any] = {}
    for key, value in patch.items():
        inner = only_nulls(value) if isinstance(value, dict) else None
        if value is None or inner:
            found[key] = inner
    return found


def without_nulls(patch: dict[str, Any]) -> dict[str, Any]:
    """The additions and changes of a merge patch; a map that is empty on purpose is a value."""
    found: dict[str, Any] = {}
    for key, value in patch.items():
        inner = without_nulls(value) if isinstance(value, dict) and value else value
        if inner is not None and (inner != {} or value == {}):
            found[key] = inner
    return found


def _join(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two merge patches as one; nulls stay."""
    both = dict(first)
    for key, value in second.items():
        before = both.get(key)
        both[key] = _join(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return both


def _clash(lookup: Lookup, field: Field, left: Json, right: Json) -> bool:
    if isinstance(left, dict):
        if not isinstance(right, dict) or left.get(MARKER) != right.get(MARKER):
            return True
        if field.strategy == "replace":
            return False
        names = [k for k in left if k in right and k not in (MARKER, RETAIN)]
        return any(_clash(lookup, lookup(field.code, k), left[k], right[k]) for k in names)
    if isinstance(left, list):
        return not isinstance(right, list) or _lists_clash(lookup, field, left, right)
    return not same(left, right)


def _lists_clash(lookup: Lookup, field: Field, left: list[Json], right: list[Json]) -> bool:
    item = Field(field.item)
    maps = any(isinstance(v, dict) for v in (*left, *right))
    if field.strategy == "merge":
        if not maps:
            return False
        theirs = {text(v.get(field.key)): v for v in right}
        return any(_clash(lookup, item, v, theirs[k]) for v in left if (k := text(v.get(field.key))) in theirs)
    if len(left) != len(right):
        return True
    if not maps:
        left, right = sorted(left, key=text), sorted(right, key=text)
    return any(_clash(lookup, item, a, b) for a, b in zip(left, right, strict=True))

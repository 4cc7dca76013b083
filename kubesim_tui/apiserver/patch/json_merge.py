"""JSON merge patch (RFC 7386): maps are merged, null deletes a key, everything else is replaced."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.frozen import Json


def merge(current: Json, patch: Json) -> Json:
    """The document after the patch; neither argument is changed."""
    if not isinstance(patch, dict):
        return patch
    result: dict[str, Any] = dict(current) if isinstance(current, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def diff(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The merge patch that turns one document into the other."""
    found: dict[str, Any] = {}
    for key, value in new.items():
        before = old.get(key)
        if key in old and isinstance(before, dict) and isinstance(value, dict):
            if inner := diff(before, value):
                found[key] = inner
        elif key not in old or not same(before, value):
            found[key] = value
    for key in old:
        if key not in new:
            found[key] = None
    return found


def same(a: Json, b: Json) -> bool:
    """Deep equality of JSON values; unlike Python's, True is not 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(v, b[k]) for k, v in a.items())
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)

"""Strategic merge patch: a merge patch that merges lists by a key where the schema says so.

Directives in the patch: `$patch: delete|replace` on a map or list item, `$retainKeys` (what is not named goes),
`$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`. The same merge also joins two *patches* (kubectl apply
joins deletions with additions): then directives are carried over instead of obeyed, and nulls are kept.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from kubesim_tui.api.frozen import Json, thaw
from kubesim_tui.apiserver.patch.json_merge import same
from kubesim_tui.apiserver.patch.ordering import BAD_ORDER, MARKER, check_order, ident, interleave, is_delete, no_key
from kubesim_tui.apiserver.patch.schema import Field, Lookup, PatchError
from kubesim_tui.apiserver.patch.schema import lookup as built_in

ORDER, DELETE_FROM, RETAIN = "$setElementOrder", "$deleteFromPrimitiveList", "$retainKeys"
BAD_RETAIN = "invalid patch format of retainKeys"
BAD_DELETE = "invalid patch format of primitive list"


def apply(code: str, document: dict[str, Any], patch: Json, lookup: Lookup = built_in) -> dict[str, Any]:
    """The document (of the type with that code) after the patch. PatchError if the patch makes no sense."""
    if not isinstance(patch, dict):
        raise PatchError("invalid JSON document", malformed=True)
    return Merger(lookup, obey=True).maps(code, thaw(document), thaw(patch))


@frozen
class Merger:
    """One merge. `obey`: follow directives and drop nulls, as the server does; else join two patches."""

    lookup: Lookup
    obey: bool

    def maps(self, code: str, old: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
        """`old` with `patch` merged in; both are changed."""
        if MARKER in patch:
            return _directed(patch)
        if RETAIN in patch:
            self._retain(old, patch)
        for key in [k for k in patch if k.startswith(ORDER)]:
            self._ordered(code, old, patch, key)
        for key, value in patch.items():
            if key.startswith(DELETE_FROM):
                self._delete_from(old, key, value)
            else:
                self._field(code, old, key, value)
        return old

    def _field(self, code: str, old: dict[str, Any], key: str, value: Json) -> None:
        if value is None:
            old.pop(key, None)
            if not self.obey:
                old[key] = None
        elif key not in old or _kind(old[key]) != _kind(value):
            old[key] = _obeyed(value) if self.obey else value
        elif isinstance(value, dict):
            field = self.lookup(code, key)
            old[key] = value if field.strategy == "replace" else self.maps(field.code, old[key], value)
        elif isinstance(value, list):
            old[key] = self._list(self.lookup(code, key), old[key], value)
        else:
            old[key] = value

    def _delete_from(self, old: dict[str, Any], key: str, value: Json) -> None:
        """`$deleteFromPrimitiveList/x: [a, b]`."""
        if not self.obey:
            old[key] = value
            return
        name = _named(key, DELETE_FROM, BAD_DELETE)
        if not isinstance(value, list):
            raise PatchError(BAD_DELETE, malformed=True)
        if isinstance(old.get(name), list):
            gone = {ident(v, "") for v in value}
            old[name] = [v for v in old[name] if ident(v, "") not in gone]

    def _retain(self, old: dict[str, Any], patch: dict[str, Any]) -> None:
        """`$retainKeys: [a, b]`: whatever else the old map has goes."""
        wanted = patch.pop(RETAIN)
        if not self.obey:
            if RETAIN in old and not same(old[RETAIN], wanted):
                raise PatchError(f"{old[RETAIN]} and {wanted} are not deep equal")
            old[RETAIN] = wanted
            return
        if not isinstance(wanted, list) or any(
            v is not None and k[0] != "$" and k not in wanted for k, v in patch.items()
        ):
            raise PatchError(BAD_RETAIN, malformed=True)
        for key in [k for k in old if k not in wanted]:
            del old[key]

    def _ordered(self, code: str, old: dict[str, Any], patch: dict[str, Any], directive: str) -> None:
        """One `$setElementOrder/x`, together with the patch's list x."""
        order = patch.pop(directive)
        name = _named(directive, ORDER, BAD_ORDER)
        if not self.obey and not same(old.setdefault(directive, order), order):
            raise PatchError(BAD_ORDER, malformed=True)
        live, ours = old.get(name), patch.get(name)
        if not isinstance(order, list) or not all(isinstance(v, list) for v in (live, ours) if v is not None):
            raise PatchError(BAD_ORDER, malformed=True)
        field = self.lookup(code, name)
        check_order(ours or [], order, field.key)
        if live is None and ours is None:
            return
        merged, known = live or self._new_list(ours or []), live or []
        if live is not None and ours is not None:
            known = _live_order(live, ours, field.key)
            merged = self._list(field, live, ours)
        patch.pop(name, None)
        old[name] = interleave(merged, order, known, field.key)

    def _new_list(self, patch: list[Json]) -> list[Json]:
        """A list where none was."""
        return list(_obeyed(patch)) if self.obey else [v for v in patch if not is_delete(v)]

    def _list(self, field: Field, old: list[Json], patch: list[Json]) -> list[Json]:
        if field.strategy != "merge":
            return patch
        kinds = {_kind(v) for v in (*old, *patch)}
        if kinds == {"list"}:
            raise PatchError("lists of lists are not supported")
        if len(kinds) > 1:
            raise PatchError(f"list element types are not identical: {[old, patch]}")
        if kinds != {"map"}:
            return interleave(_distinct([*old, *patch]), patch, old, "")
        if not field.key:
            raise PatchError(f"cannot merge lists without merge key for type {field.item}")
        return self._list_of_maps(field, old, patch)

    def _list_of_maps(self, field: Field, old: list[Json], patch: list[Json]) -> list[Json]:
        old, ours = _obey_items(old, patch, field.key)
        merged = list(old)
        for item in ours:
            at = _find(merged, field.key, ident(item, field.key))
            if at is None:
                merged.append(_obeyed(item) if self.obey else item)
            else:
                merged[at] = self.maps(field.item, merged[at], item)
        return interleave(merged, ours, old, field.key)


def _directed(patch: dict[str, Any]) -> dict[str, Any]:
    """A map with `$patch`."""
    directive = patch.pop(MARKER)
    if directive == "replace":
        return patch
    if directive == "delete":
        return {}
    raise PatchError(f"unknown patch type: {directive} in map: {patch}")


def _obey_items(old: list[Json], patch: list[Json], key: str) -> tuple[list[Json], list[Json]]:
    """Follow the directives among a list's items; returns the old list and the patch's without them."""
    ours, replace = [], False
    for item in patch:
        directive = item.get(MARKER)
        if directive is None:
            ours.append(item)
        elif directive == "delete":
            if key not in item:
                raise no_key(item, key)
            gone = ident(item, key)
            old = [v for v in old if key not in v or ident(v, key) != gone]
        elif directive == "replace":
            replace = True
        elif directive == "merge":
            raise PatchError("merging lists cannot yet be specified in the patch")
        else:
            raise PatchError(f"unknown patch type: {directive} in map: {item}")
    return (ours, []) if replace else (old, ours)


def _obeyed(value: Json) -> Json:
    """A part of a patch where nothing was before: without directives, deletions and nulls."""
    if isinstance(value, dict):
        if value.get(MARKER) == "delete":
            return {}
        return {k: _obeyed(v) for k, v in value.items() if v is not None and not _is_directive(k)}
    if isinstance(value, list):
        return [_obeyed(v) for v in value if not is_delete(v)]
    return value


def _is_directive(key: str) -> bool:
    return key in (MARKER, RETAIN) or key.startswith((f"{ORDER}/", f"{DELETE_FROM}/"))


def _live_order(live: list[Json], patch: list[Json], key: str) -> list[Json]:
    """The order that the live list gives; upstream's slices let the first new items take the places of deleted ones."""
    gone = {ident(item, key) for item in patch if is_delete(item)} if key else set()
    kept = [item for item in live if ident(item, key) not in gone]
    names = {ident(item, key) for item in kept}
    added = [item for item in patch if ident(item, key) not in names | gone]
    return kept + added[: len(live) - len(kept)]


def _find(items: list[Json], key: str, wanted: tuple[str, Json]) -> int | None:
    for i, item in enumerate(items):
        if key in item and ident(item, key) == wanted:
            return i
    return None


def _distinct(items: list[Json]) -> list[Json]:
    seen, kept = set(), []
    for item in items:
        if (key := ident(item, "")) not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def _named(directive: str, prefix: str, wrong: str) -> str:
    head, slash, name = directive.partition("/")
    if not slash or head != prefix:
        raise PatchError(wrong, malformed=True)
    return name


def _kind(value: Json) -> str:
    if isinstance(value, dict):
        return "map"
    return "list" if isinstance(value, list | tuple) else type(value).__name__

"""The strategic patch that leads from one object to another.

Additions and changes on the one hand, deletions on the other, can be asked for alone: `apply` takes its changes from
(live → wanted) and its deletions from (last applied → wanted).
"""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from kubesim_tui.api.frozen import Json
from kubesim_tui.apiserver.patch.json_merge import same
from kubesim_tui.apiserver.patch.ordering import MARKER, ident, interleave, text
from kubesim_tui.apiserver.patch.schema import Field, Lookup, PatchError
from kubesim_tui.apiserver.patch.schema import lookup as built_in
from kubesim_tui.apiserver.patch.strategic import DELETE_FROM, ORDER, RETAIN


def two_way(code: str, old: dict[str, Any], new: dict[str, Any], lookup: Lookup = built_in) -> dict[str, Any]:
    """The patch from `old` to `new`, objects of the type with that code."""
    return Differ(lookup).maps(code, old, new)


@frozen
class Differ:
    """One comparison."""

    lookup: Lookup
    order: bool = True  # write $setElementOrder
    changes: bool = True  # additions and changes
    deletions: bool = True
    retain: bool = False  # this map is patched with $retainKeys

    def maps(self, code: str, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        """What a patch of a map must say."""
        patch: dict[str, Any] = {}
        for key, value in new.items():
            if key in old:
                self._field(code, key, old[key], value, patch)
            elif self.changes:
                patch[key] = value
        if self.deletions:
            patch.update({key: None for key in old if key not in new})
        if self.retain:
            kept: list[Any] = sorted((k for k, v in new.items() if v is not None), key=text)
            if kept and (patch or any(v is not None and k not in new for k, v in old.items())):
                patch[RETAIN] = kept
        return patch

    def _field(self, code: str, key: str, old: Json, new: Json, patch: dict[str, Any]) -> None:
        if isinstance(old, dict) and isinstance(new, dict):
            if same(old, new):
                return
            field = self.lookup(code, key)
            if field.strategy == "replace":
                if self.changes:
                    patch[key] = new
            elif inner := evolve(self, retain=field.retain_keys).maps(field.code, old, new):
                patch[key] = inner
        elif isinstance(old, list) and isinstance(new, list) and self._merges(code, key, old, new):
            self._lists(self.lookup(code, key), key, old, new, patch)
        elif self.changes and not same(old, new):
            patch[key] = new

    def _merges(self, code: str, key: str, old: Json, new: Json) -> bool:
        return not same(old, new) and self.lookup(code, key).strategy == "merge"

    def _lists(self, field: Field, key: str, old: list[Json], new: list[Json], patch: dict[str, Any]) -> None:
        """A merging list: the items of the patch, the deletions and the wanted order."""
        if not old:
            if new and self.changes:
                patch[key] = new
            return
        whose = evolve(self, retain=field.retain_keys)
        if isinstance((old + new)[0], dict):
            items, order = whose._maps_in_list(field, old, new)
            gone: list[Json] = []
        else:
            items, gone, order = whose._scalars(old, new)
        for name, value in ((key, items), (f"{DELETE_FROM}/{key}", gone), (f"{ORDER}/{key}", order)):
            if value:
                patch[name] = value

    def _maps_in_list(self, field: Field, old: list[Json], new: list[Json]) -> tuple[list[Json], list[Json]]:
        if not field.key:
            raise PatchError(f"cannot merge lists without merge key for type {field.item}")
        before, after = _by_key(old, field.key), _by_key(new, field.key)
        items = []
        for name in sorted(before.keys() | after.keys()):
            items += self._item(field, before.get(name), after.get(name))
        items = interleave(items, new, [], field.key)
        reordered = [ident(v, field.key) for v in old] != [ident(v, field.key) for v in new]
        speak = bool(items) or (self.changes and reordered)
        return items, [{field.key: v[field.key]} for v in new] if self.order and speak else []

    def _item(self, field: Field, old: Json, new: Json) -> list[Json]:
        if old is None:
            return [new] if self.changes else []
        if new is None:
            return [{field.key: old[field.key], MARKER: "delete"}] if self.deletions else []
        inner = self.maps(field.item, old, new)
        return [{**inner, field.key: new[field.key]}] if inner else []

    def _scalars(self, old: list[Json], new: list[Json]) -> tuple[list[Json], list[Json], list[Json]]:
        before, after = {ident(v, "") for v in old}, {ident(v, "") for v in new}
        items = [v for v in new if ident(v, "") not in before] if self.changes else []
        gone = sorted({text(v): v for v in old if ident(v, "") not in after}.items()) if self.deletions else []
        speak = bool(gone) or (self.changes and not same(old, new))
        return items, [v for _, v in gone], new if self.order and speak else []


def _by_key(items: list[Json], key: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for item in items:
        found[text(ident(item, key)[1])] = item
    return found

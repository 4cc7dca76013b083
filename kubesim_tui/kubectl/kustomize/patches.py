"""patches, patchesStrategicMerge, patchesJson6902: changes to single resources, or to all that a selector finds."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.api import labels
from kubesim_tui.apiserver.patch import json_patch
from kubesim_tui.apiserver.patch.schema import PatchError
from kubesim_tui.kernel.regex import RegexError, compiled
from kubesim_tui.kubectl.kustomize.decode import objects, parse_yaml
from kubesim_tui.kubectl.kustomize.folder import Folder
from kubesim_tui.kubectl.kustomize.merge import merge
from kubesim_tui.kubectl.kustomize.model import Data, Item, Items, KustomizeError, as_map, matching


def strategic(items: Items, entry: str, folder: Folder) -> None:
    """An entry of patchesStrategicMerge: a file, or the patch itself."""
    inline = "\n" in entry or ":" in entry
    found = objects(entry if inline else folder.read(entry), "patch" if inline else folder.place(entry))
    if not found:
        raise KustomizeError("patchesStrategicMerge: empty strategic merge patch")
    for patch in found:
        _strategic(items, patch, None, {})


def apply(items: Items, entry: Data, folder: Folder, *, json: bool = False) -> None:
    """An entry of patches, or of patchesJson6902."""
    text, path = (entry.get("patch") or "").strip(), entry.get("path") or ""
    if bool(text) == bool(path):
        raise KustomizeError(
            "patch and path can't be set at the same time" if text else "must specify one of patch and path"
        )
    source = f"[path: {path!r}]" if path else f"[patch: {text!r}]"
    found = _documents(folder.read(path) if path else text, path or "patch")
    target = entry.get("target")
    if not found and not json:
        return  # nothing but comments
    if len(found) == 1 and isinstance(found[0], list):
        _json(items, found[0], target, source)
        return
    if json or not all(isinstance(patch, dict) for patch in found):
        raise KustomizeError(f"unable to parse SM or JSON patch from {source}")
    if target is not None and len(found) > 1:
        raise KustomizeError(
            "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: "
            + source
        )
    for patch in found:
        _strategic(items, patch, target, entry.get("options") or {})


def _documents(text: str, file: str) -> list[Any]:
    """The JSON values of a text's documents."""
    found = [parse_yaml(part, file) for part in re.split(r"^---.*$", text, flags=re.MULTILINE)]
    return [part for part in found if part is not None]


# -- strategic merges ------------------------------------------------------------------------------------------------


def _strategic(items: Items, patch: Data, target: Data | None, options: Data) -> None:
    for item in [_named(items, patch)] if target is None else select(items, target):
        old = item.data
        kept = {"name": item.name, "namespace": item.meta.get("namespace")}
        if options.get("allowNameChange") or options.get("allowKindChange"):
            item.remember()
        done = merge(old, {**patch, "apiVersion": old.get("apiVersion")})
        if done is None:
            items.remove(item)
            continue
        item.data = done
        if not options.get("allowKindChange"):
            done["kind"] = old.get("kind")
        if not options.get("allowNameChange"):
            item.meta["name"] = kept["name"]
        item.meta.pop("namespace", None)
        if kept["namespace"]:
            item.meta["namespace"] = kept["namespace"]


def _named(items: Items, patch: Data) -> Item:
    wanted = Item(patch).id
    if not wanted.kind or not wanted.name:
        raise KustomizeError(f"a patch without a target must have kind and metadata.name: {patch}")
    found = matching(items, wanted.same)
    if len(found) != 1:
        what = "multiple" if found else "no"
        raise KustomizeError(
            f'no resource matches strategic merge patch "{wanted}": {what} matches for Id {wanted}; '
            f"failed to find unique target for patch {wanted}"
        )
    return found[0]


# -- JSON patches ----------------------------------------------------------------------------------------------------


def _json(items: Items, operations: list[Any], target: Data | None, source: str) -> None:
    if target is None:
        raise KustomizeError(f"must specify a target for JSON patch {source}")
    for item in select(items, target):
        item.remember()
        try:
            patched = json_patch.apply(item.data, operations)
        except PatchError as wrong:
            raise KustomizeError(f"{source}: {item.id}: {wrong}") from None
        if not isinstance(patched, dict):
            raise KustomizeError(f"{source}: {item.id}: the patch leaves {patched!r} where a resource must be")
        item.data = patched


# -- selectors -------------------------------------------------------------------------------------------------------


def select(items: Items, target: Data) -> Items:
    """The resources that a target means: its texts are regular expressions for the whole value."""
    return [item for item in items if selects(item, target)]


def selects(item: Item, target: Data) -> bool:
    """Whether a target means a resource."""
    now, first = item.id, item.first_id
    for wanted, values in (
        (target.get("namespace"), (first.where, now.where)),
        (target.get("name"), (first.name, now.name)),
        (target.get("group"), (now.group,)),
        (target.get("version"), (now.version,)),
        (target.get("kind"), (now.kind,)),
    ):
        if wanted and not any(fits(wanted, value) for value in values):
            return False
    return labelled(item, target)


def labelled(item: Item, target: Data) -> bool:
    """Whether labels and annotations are as the target's selectors want them."""
    for field, name in (("labelSelector", "labels"), ("annotationSelector", "annotations")):
        text = target.get(field)
        try:
            if text and not labels.parse(text).matches(as_map(item.meta.get(name))):
                return False
        except labels.SelectorError as wrong:
            raise KustomizeError(f"{field}: {wrong}") from None
    return True


def fits(pattern: str, value: str) -> bool:
    """Whether a whole value is as a regular expression says."""
    try:
        return compiled(f"^(?:{pattern})$").matches(value)
    except RegexError as wrong:
        raise KustomizeError(f"{pattern}: {wrong}") from None

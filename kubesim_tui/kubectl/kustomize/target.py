"""One folder's kustomization: gather its resources, generate, take in components, then transform all of them.

The order of the steps is kustomize's. What must be known of all resources, hashes and references, comes at the end of
the outermost folder.
"""

from __future__ import annotations

import json

from kubesim_tui.kubectl.kustomize import generators, naming, order, patches, references, replacements, transform
from kubesim_tui.kubectl.kustomize.decode import kustomization, objects
from kubesim_tui.kubectl.kustomize.folder import REMOTE, Folder
from kubesim_tui.kubectl.kustomize.model import Data, Item, Items, KustomizeError, append

LOCAL = "config.kubernetes.io/local-config"


def build(folder: Folder, warnings: list[str]) -> list[Data]:
    """The objects that a folder's kustomization makes; warnings are added to the list."""
    fields, items = _gathered(folder, [], warnings, component=False)
    naming.add_hashes(items)
    references.mend(items)
    items = [i for i in items if LOCAL not in (i.meta.get("annotations") or {})]
    for item in items:
        _annotations_as_text(item)
    return [item.data for item in _ordered(items, fields.get("sortOptions"))]


def _annotations_as_text(item: Item) -> None:
    """Values of annotations that were written as numbers become text; labels stay what they are."""
    notes = item.meta.get("annotations")
    if isinstance(notes, dict):
        item.meta["annotations"] = {k: v if isinstance(v, str) else json.dumps(v) for k, v in notes.items()}


def _ordered(items: Items, options: Data | None) -> Items:
    wanted = options or {"order": "legacy"}
    if wanted.get("order") not in ("legacy", "fifo"):
        raise KustomizeError("the field 'sortOptions.order' must be one of [fifo, legacy]")
    lists = wanted.get("legacySortOptions")
    if wanted["order"] == "fifo":
        if lists is not None:
            raise KustomizeError(
                "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'"
            )
        return items
    if lists is None:
        return order.legacy(items)
    return order.legacy(items, lists.get("orderFirst") or (), lists.get("orderLast") or ())


def _gathered(folder: Folder, inherited: Items, warnings: list[str], *, component: bool) -> tuple[Data, Items]:
    """(the kustomization of a folder, the resources that it makes). A component changes those that are there."""
    text, file = folder.kustomization()
    fields, said = kustomization(text, file)
    warnings += said
    if component != (fields["kind"] == "Component"):
        want = "expected kind 'Component'" if component else "expected kind != 'Component'"
        raise KustomizeError(f"{want} for path '{folder.path}'" + (f" but got '{fields['kind']}'" if component else ""))
    items = inherited
    for name in fields["resources"]:
        _resource(items, name, folder, file, warnings)
    try:
        generators.run(items, fields, folder)
        for name in fields.get("components") or ():
            _, items = _gathered(folder.enter(name), items, warnings, component=True)
        _transform(items, fields, folder)
    except KustomizeError as wrong:
        raise _placed(file, wrong) from None
    return fields, items


def _placed(file: str, wrong: KustomizeError) -> KustomizeError:
    """A fault with the kustomization in which it was met (the innermost, if it has been told already)."""
    text = str(wrong)
    return (
        wrong if text.startswith(file) or "kustomization" in text.split(": ")[0] else KustomizeError(f"{file}: {text}")
    )


def _resource(items: Items, name: str, folder: Folder, file: str, warnings: list[str]) -> None:
    """An entry of resources: a file, or a folder with a kustomization of its own."""
    if name.startswith(REMOTE) or folder.is_folder(name):
        _, made = _gathered(folder.enter(name), [], warnings, component=False)
    else:
        try:
            made = [Item(data) for data in objects(folder.read(name), folder.place(name))]
        except KustomizeError as wrong:
            raise KustomizeError(f"{file}: resources: accumulating resources from '{name}': {wrong}") from None
    for item in made:
        try:
            append(items, item)
        except KustomizeError as wrong:
            raise KustomizeError(f"{file}: resources: {name}: {wrong}") from None


def _transform(items: Items, fields: Data, folder: Folder) -> None:
    """Everything that a kustomization changes, in kustomize's order."""
    for entry in fields.get("patchesStrategicMerge") or ():
        patches.strategic(items, entry, folder)
    for at, entry in enumerate(fields.get("patches") or ()):
        try:
            patches.apply(items, entry, folder)
        except KustomizeError as wrong:
            raise KustomizeError(f"patches[{at}]: {wrong}") from None
    if fields.get("namespace"):
        naming.put_in_namespace(items, fields["namespace"])
    if fields.get("namePrefix"):
        naming.prefix(items, fields["namePrefix"])
    if fields.get("nameSuffix"):
        naming.suffix(items, fields["nameSuffix"])
    transform.label(items, fields.get("labels") or (), fields.get("commonLabels") or {})
    transform.annotate(items, fields.get("commonAnnotations") or {})
    for entry in fields.get("patchesJson6902") or ():
        patches.apply(items, entry, folder, json=True)
    for entry in fields.get("replicas") or ():
        transform.replicas(items, entry)
    for entry in fields.get("images") or ():
        transform.images(items, entry)
    replacements.run(items, fields.get("replacements") or (), folder)

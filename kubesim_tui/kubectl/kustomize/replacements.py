"""replacements: copy a field of one resource into fields of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kubesim_tui.kubectl.kustomize import decode
from kubesim_tui.kubectl.kustomize.folder import Folder
from kubesim_tui.kubectl.kustomize.model import Data, Id, Item, Items, KustomizeError
from kubesim_tui.kubectl.kustomize.patches import fits, labelled

NAME = "metadata.name"
_PART = re.compile(r"\[(?P<item>[^\]]*=[^\]]*)\]|\[(?P<quoted>[^\]]*)\]|(?P<plain>(?:\\\.|[^.\[])+)")
Place = tuple[Any, Any]
"""(the map or list that holds a field, its key or place there)."""


def run(items: Items, entries: Iterable[Data], folder: Folder) -> None:
    """Make every replacement, in order."""
    for at, entry in enumerate(entries):
        try:
            path = entry.get("path")
            for one in decode.replacements(folder.read(path), folder.place(path)) if path else (entry,):
                _replace(items, one)
        except KustomizeError as wrong:
            raise KustomizeError(f"replacements[{at}]: {wrong}") from None


def _replace(items: Items, entry: Data) -> None:
    if ("source" not in entry and "sourceValue" not in entry) or "targets" not in entry:
        raise KustomizeError("replacements must specify a source and at least one target")
    if "source" in entry and "sourceValue" in entry:
        raise KustomizeError("value and resource selectors are mutually exclusive")
    value = entry["sourceValue"] if "sourceValue" in entry else _source(items, entry["source"])
    for target in entry["targets"]:
        if "select" not in target:
            raise KustomizeError("target must specify resources to select")
        for item in items:
            if _meant(item, target):
                _copy(item, value, target)


# -- where from ------------------------------------------------------------------------------------------------------


def _source(items: Items, source: Data) -> Any:
    found = [item for item in items if any(_exactly(i, source) for i in item.ids)]
    if len(found) != 1:
        what = "multiple matches for selector" if found else "nothing selected by"
        raise KustomizeError(f"{what} {_spoken(source)}")
    path = source.get("fieldPath") or NAME
    places = list(_places(found[0].data, steps(path)))
    value = _at(places[0]) if places else None
    if value is None or value in ("", {}, []):
        raise KustomizeError(f"fieldPath `{path}` is missing for replacement source {_spoken(source)}")
    options = source.get("options") or {}
    if not options.get("delimiter"):
        return value
    parts, index = _text(value).split(options["delimiter"]), options.get("index", 0)
    if not 0 <= index < len(parts):
        raise KustomizeError(f"options.index {index} is out of bounds for value {value}")
    return parts[index]


def _exactly(found: Id, wanted: Data) -> bool:
    named = wanted.get("name", "") in ("", found.name)
    spaced = not wanted.get("namespace") or wanted["namespace"] == found.where
    return named and spaced and found.selected(*(wanted.get(k, "") for k in ("group", "version", "kind")))


def _spoken(source: Data) -> str:
    parts = [source.get(k) or none for k, none in (("kind", "[noKind]"), ("version", "[noVer]"), ("group", "[noGrp]"))]
    return f"{'.'.join(parts)}/{source.get('name') or '[noName]'}.{source.get('namespace') or '[noNs]'}"


# -- where to --------------------------------------------------------------------------------------------------------


def _meant(item: Item, target: Data) -> bool:
    if not labelled(item, target["select"]) or not any(_like(i, target["select"]) for i in item.ids):
        return False
    return not any(_rejected(item, reject) for reject in target.get("reject") or ())


def _rejected(item: Item, reject: Data) -> bool:
    chosen = any(reject.get(k) for k in ("group", "version", "kind", "name", "namespace"))
    by_labels = reject.get("labelSelector") or reject.get("annotationSelector")
    return bool((chosen and any(_like(i, reject) for i in item.ids)) or (by_labels and labelled(item, reject)))


def _like(found: Id, wanted: Data) -> bool:
    """As `_exactly`, but the texts are regular expressions."""
    values = {"group": found.group, "version": found.version, "kind": found.kind, "name": found.name}
    values["namespace"] = found.where
    return all(not wanted.get(k) or fits(wanted[k], v) for k, v in values.items())


def _copy(item: Item, value: Any, target: Data) -> None:
    options = target.get("options") or {}
    for path in target.get("fieldPaths") or (NAME,):
        places = list(_places(item.data, steps(path), _maker(value) if options.get("create") else None))
        if not places:
            make = "find or create" if options.get("create") else "find"
            raise KustomizeError(f'{item.id}: unable to {make} field "{path}" in replacement target')
        for place in places:
            holder, key = place
            if key == "name" and holder is item.data.get("metadata"):
                item.remember()
            holder[key] = _fitted(_at(place), value, options)


def _fitted(old: Any, value: Any, options: Data) -> Any:
    """The value as the field takes it: the type of a scalar stays, a part of it may be meant."""
    delimiter = options.get("delimiter")
    if not delimiter:
        return _typed(old, value)
    if isinstance(old, dict | list):
        raise KustomizeError("delimiter option can only be used with scalar nodes")
    parts, index = _text(old).split(delimiter), options.get("index", 0)
    if index < 0:
        parts.insert(0, _text(value))
    elif index >= len(parts):
        parts.append(_text(value))
    else:
        parts[index] = _text(value)
    return delimiter.join(parts)


def _typed(old: Any, value: Any) -> Any:
    if isinstance(old, dict | list) or old is None or isinstance(value, dict | list):
        return value
    text = _text(value)
    if isinstance(old, str):
        return text
    return decode.parse_yaml(text, "replacement")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


# -- paths -----------------------------------------------------------------------------------------------------------


def steps(path: str) -> list[str]:
    """The parts of `spec.template.spec.containers.[name=web].env.0.value`; `\\.` is a dot, `[a.b]` one part."""
    found = []
    for part in _PART.finditer(path):
        if part["item"] is not None:
            found.append(f"[{part['item']}]")
        else:
            found.append((part["quoted"] if part["quoted"] is not None else part["plain"]).replace("\\.", "."))
    if not found:
        raise KustomizeError(f"fieldPath {path!r} names no field")
    return found


def _at(place: Place) -> Any:
    holder, key = place
    return holder.get(key) if isinstance(holder, dict) else holder[key]


def _maker(value: Any) -> Callable[[], Any]:
    """What stands at a made field until the value is written there."""
    return type(value) if isinstance(value, dict | list) else lambda: None


def _places(holder: Any, path: list[str], make: Callable[[], Any] | None = None) -> Iterator[Place]:
    step, rest = path[0], path[1:]
    for key in _keys(holder, step, make, rest):
        if not rest:
            yield holder, key
        else:
            yield from _places(holder[key], rest, make)


def _keys(holder: Any, step: str, make: Callable[[], Any] | None, rest: list[str]) -> Iterator[Any]:
    if isinstance(holder, list):
        yield from _items(holder, step, make)
    elif isinstance(holder, dict):
        if step == "*":
            yield from list(holder)
        elif holder.get(step) is not None or (step in holder and not rest):
            yield step
        elif make is not None:
            listed = bool(rest) and (rest[0].startswith("[") or rest[0] in ("*", "-") or rest[0].isdigit())
            holder[step] = ([] if listed else {}) if rest else make()
            yield step


def _items(holder: list[Any], step: str, make: Callable[[], Any] | None) -> Iterator[int]:
    if step == "*":
        yield from range(len(holder))
    elif step.startswith("["):
        key, _, value = step[1:-1].partition("=")
        found = [i for i, v in enumerate(holder) if _is(v, key, value)]
        if not found and make is not None:
            holder.append({key: value} if key else value)
            found = [len(holder) - 1]
        yield from found
    elif step.isdigit() and int(step) < len(holder):
        yield int(step)
    elif make is not None and (step == "-" or (step.isdigit() and int(step) == len(holder))):
        holder.append({})
        yield len(holder) - 1


def _is(value: Any, key: str, wanted: str) -> bool:
    if not key:
        return _text(value) == wanted
    return isinstance(value, dict) and key in value and _text(value[key]) == wanted

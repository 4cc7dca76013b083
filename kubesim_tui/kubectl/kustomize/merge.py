"""A strategic merge as kustomize does it, which is not quite the API server's.

Lists with a merge key are merged by it, and what the patch names comes first; all other lists are replaced. null takes
a field away, and so does `$patch: delete`; `$patch: replace` puts the patch's map or list in the place of the old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from kubesim_tui.api import scheme
from kubesim_tui.kubectl.kustomize.model import Data, KustomizeError

DIRECTIVE = "$patch"
DIRECTIVES = ("delete", "replace", "merge")
GONE = object()


@frozen
class Shape:
    """The type of a value; of a list, the keys by which its items are told apart (None: it is replaced whole)."""

    code: str = ""
    keys: tuple[str, ...] | None = None

    def field(self, name: str) -> Shape:
        """The shape of a field of a map."""
        if self.code.startswith("{}"):
            return Shape(self.code[2:])
        if "." not in self.code:
            return Shape()
        found = scheme.definition(self.code)
        row = found.merge.get(name, {})
        if "merge" not in row.get("strategy", "").split(","):
            return Shape(found.fields.get(name, ""))
        return Shape(found.fields.get(name, ""), tuple(row.get("keys") or ((row["key"],) if row.get("key") else ())))

    @property
    def item(self) -> Shape:
        """The shape of a list's items."""
        return Shape(self.code[2:] if self.code.startswith("[]") else "")


def merge(data: Data, patch: Data) -> Data | None:
    """A resource with a patch laid over it; None if the patch deletes it."""
    known = scheme.for_kind(str(data.get("apiVersion") or ""), str(data.get("kind") or ""))
    done = _value(data, patch, Shape(known.definition if known is not None else ""))
    return None if done is GONE or not done else done


def _value(old: Any, new: Any, shape: Shape) -> Any:
    if new is None:
        return GONE
    if isinstance(new, dict):
        return _map(old, new, shape)
    if isinstance(new, list):
        return _list(old, new, shape)
    if isinstance(old, dict | list):
        raise KustomizeError(f"wrong node kind: a {'map' if isinstance(old, dict) else 'list'} cannot become {new!r}")
    return new


def _map(old: Any, new: Data, shape: Shape) -> Any:
    directive, rest = _directive(new)
    if directive == "delete":
        return GONE
    if old is not None and not isinstance(old, dict):
        raise KustomizeError(f"wrong node kind: {old!r} cannot become a map")
    if directive == "replace" or old is None:
        old = {}
    merged = dict(old)
    for name, inner in rest.items():
        found = _value(merged.get(name), inner, shape.field(name))
        if found is GONE:
            merged.pop(name, None)
        else:
            merged[name] = found
    return merged


def _directive(new: Data) -> tuple[str, Data]:
    found = new.get(DIRECTIVE)
    if found is None:
        return "merge", new
    if found not in DIRECTIVES:
        raise KustomizeError(f"unknown patch strategy '{found}'")
    return found, {k: v for k, v in new.items() if k != DIRECTIVE}


def _list(old: Any, new: Sequence[Any], shape: Shape) -> Any:
    if old is not None and not isinstance(old, list):
        raise KustomizeError(f"wrong node kind: {old!r} cannot become a list")
    if shape.keys is None:
        return list(new)
    directive = next((i[DIRECTIVE] for i in new if isinstance(i, dict) and list(i) == [DIRECTIVE]), "merge")
    rest = [i for i in new if not (isinstance(i, dict) and list(i) == [DIRECTIVE])]
    if directive == "delete":
        return GONE
    if directive == "replace":
        old = []
    if not shape.keys or not all(isinstance(i, dict) for i in (*(old or ()), *rest)):
        return [*rest, *(i for i in old or () if i not in rest)]
    return _keyed(old or [], rest, shape)


def _keyed(old: list[Data], new: Sequence[Data], shape: Shape) -> list[Data]:
    """Items by their keys: those of the patch first where one key tells them apart, else the new ones."""
    assert shape.keys is not None
    left, added, merged = list(old), [], []
    for item in new:
        at = next((i for i, o in enumerate(left) if _alike(o, item, shape.keys)), None)
        if at is None:
            found = _value(None, item, shape.item)
            if found is not GONE:
                added.append(found)
                merged.append(found)
            continue
        found = _value(left[at], item, shape.item)
        if found is GONE:
            del left[at]
        elif len(shape.keys) > 1:
            left[at] = found
        else:
            del left[at]
            merged.append(found)
    return [*(added if len(shape.keys) > 1 else merged), *left]


def _alike(a: Data, b: Data, keys: Sequence[str]) -> bool:
    """Whether items agree in a key, and differ in none that both have."""
    common = [k for k in keys if a.get(k) is not None and b.get(k) is not None]
    return bool(common) and all(str(a[k]) == str(b[k]) for k in common)

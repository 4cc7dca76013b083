"""Sets of fields, as managedFields records them (sigs.k8s.io/structured-merge-diff, fieldpath).

A path is a tuple of elements: ("f", name) a field, ("k", keys) an item of an associative list by its keys, ("v", value)
an item of a set. Keys and values are compact JSON. How a list or map is merged is the schema's: associative lists and
sets item by item, atomic ones whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.patch.ordering import text as text_of

Element = tuple[str, str]
Path = tuple[Element, ...]
Fields = frozenset[Path]

ATOMIC = frozenset(
    {
        *("meta.v1.LabelSelector", "core.v1.NodeSelector", "core.v1.NodeSelectorTerm", "core.v1.TopologySelectorTerm"),
        *("core.v1.ConfigMapKeySelector", "core.v1.SecretKeySelector", "core.v1.ObjectFieldSelector"),
        *("core.v1.ResourceFieldSelector", "core.v1.LocalObjectReference", "core.v1.ObjectReference"),
        *("core.v1.TypedLocalObjectReference", "core.v1.SecretReference", "core.v1.ScopeSelector"),
        *("core.v1.ScopedResourceSelectorRequirement", "meta.v1.OwnerReference", "rbac.v1.RoleRef", "rbac.v1.Subject"),
        *("autoscaling.v1.CrossVersionObjectReference", "autoscaling.v2.CrossVersionObjectReference"),
        *("networking.v1.ServiceBackendPort", "core.v1.FileKeySelector"),
    }
)
"""Structs that are one value (structType=atomic), which the published JSON schema does not tell."""

DEFAULTS = {"protocol": "TCP"}
"""Keys of associative lists that may be left out."""


@frozen
class Shape:
    """How a value is merged: kind map, list (associative), set, or atomic (scalars, too)."""

    kind: str
    code: str
    keys: tuple[str, ...] = ()

    def child(self, name: str) -> Shape:
        """The shape of a field of a map."""
        if self.code.startswith("{}"):
            return shape(self.code[2:], {})
        if "." not in self.code:
            return shape("*", {})
        found = scheme.definition(self.code)
        return shape(found.fields.get(name, "*"), found.merge.get(name, {}))

    def declares(self, name: str) -> bool:
        """Whether a map may have a field of this name."""
        if self.free or "." not in self.code:
            return True
        known = scheme.definition(self.code)
        return known.open or name in known.fields

    @property
    def free(self) -> bool:
        """Whether it is a map from names of the user's own."""
        return self.code.startswith("{}")

    @property
    def holds_items(self) -> bool:
        """Whether it is a list."""
        return self.code.startswith("[]")

    @property
    def item(self) -> Shape:
        """The shape of a list's items."""
        return shape(self.code[2:], {})


def shape(code: str, merge: dict[str, Any]) -> Shape:
    """The shape of a type with its field's merge rules. Values without a schema: maps merge, lists are atomic."""
    if code.startswith("[]"):
        kind = {"map": "list", "set": "set"}.get(merge.get("list", ""), "atomic")
        return Shape(kind, code, tuple(merge.get("keys", ())))
    if merge.get("map") == "atomic" or code in ATOMIC:
        return Shape("atomic", code)
    if code.startswith("{}") or "." in code or code == "*":
        return Shape("map", code)
    return Shape("atomic", code)


def key_of(item: Any, keys: Iterable[str]) -> str:
    """An associative item's keys as compact JSON."""
    found = {k: item.get(k, DEFAULTS.get(k)) for k in keys} if isinstance(item, dict) else {}
    return compact({k: v for k, v in found.items() if v is not None})


def compact(value: Any) -> str:
    """JSON without blanks, keys sorted."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


# -- the fields of an object -----------------------------------------------------------------------------------------


def fields_of(value: Any, form: Shape, path: Path = ()) -> Iterator[Path]:
    """The paths that an object sets: its leaves, and the items of its associative lists."""
    if form.kind == "map" and isinstance(value, dict):
        for name, inner in value.items():
            below = (*path, ("f", name))
            if inner is None or inner == {} or form.free:
                yield below
            yield from fields_of(inner, form.child(name), below)
    elif form.kind == "list" and isinstance(value, list):
        for item in value:
            below = (*path, ("k", key_of(item, form.keys)))
            yield below
            yield from fields_of(item, form.item, below)
    elif form.kind == "set" and isinstance(value, list):
        yield from ((*path, ("v", compact(item))) for item in value)
    elif path and value is not None and value != {}:
        yield path


def undeclared(value: Any, form: Shape, path: Path = ()) -> Iterator[Path]:
    """Fields that the schema does not know."""
    if form.kind == "map" and isinstance(value, dict):
        for name, inner in value.items():
            below = (*path, ("f", name))
            if not form.declares(name):
                yield below
            else:
                yield from undeclared(inner, form.child(name), below)
    elif form.kind in ("list", "atomic") and form.holds_items and isinstance(value, list):
        for at, item in enumerate(value):
            element = ("k", key_of(item, form.keys)) if form.kind == "list" else ("i", str(at))
            yield from undeclared(item, form.item, (*path, element))


def mismatched(value: Any, form: Shape, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Values that are no map, list or scalar where the schema wants one, with what is said of them."""
    if value is None:
        return
    wanted = _wanted(form.code)
    if not isinstance(value, _PYTHON[wanted]) or (wanted == _NUMERIC and isinstance(value, bool)):
        yield path, f"expected {wanted}, got &{{{text_of(value)}}}"
    elif wanted == "map":
        for name, inner in value.items():
            yield from mismatched(inner, form.child(name), (*path, ("f", name)))
    elif wanted == "list":
        for at, item in enumerate(value):
            keyed = form.kind == "list" and isinstance(item, dict)
            yield from mismatched(item, form.item, (*path, ("k", key_of(item, form.keys)) if keyed else ("i", str(at))))


_NUMERIC, _ANY = "numeric (int or float)", "anything"
_PYTHON: dict[str, Any] = {
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    _NUMERIC: (int, float),
    _ANY: object,
}


def _wanted(code: str) -> str:
    if code.startswith("[]"):
        return "list"
    if code.startswith("{}") or "." in code:
        return "map"
    return {
        "s": "string",
        "t": "string",
        "T": "string",
        "y": "string",
        "b": "boolean",
        "i": _NUMERIC,
        "n": _NUMERIC,
    }.get(code, _ANY)


MISSING = object()
"""What `get` answers for a field that is not there."""


def get(value: Any, form: Shape, path: Path) -> Any:
    """The value at a path, or MISSING."""
    for kind, text in path:
        if kind == "f":
            if not isinstance(value, dict) or text not in value:
                return MISSING
            value, form = value[text], form.child(text)
        else:
            at = index(value, form, kind, text)
            if at is None:
                return MISSING
            value, form = value[at], form.item
    return value


def index(value: Any, form: Shape, kind: str, text: str) -> int | None:
    """Where an item stands in a list."""
    for at, item in enumerate(value if isinstance(value, list) else ()):
        if (key_of(item, form.keys) if kind == "k" else compact(item)) == text:
            return at
    return None


def remove(value: Any, form: Shape, path: Path) -> None:
    """Take the value at a path out, in place."""
    (kind, text), *rest = path
    if kind == "f":
        if not isinstance(value, dict) or text not in value:
            return
        if rest:
            remove(value[text], form.child(text), tuple(rest))
        else:
            del value[text]
        return
    at = index(value, form, kind, text)
    if at is None:
        return
    if rest:
        remove(value[at], form.item, tuple(rest))
    else:
        del value[at]


# -- FieldsV1 --------------------------------------------------------------------------------------------------------


def encode(fields: Iterable[Path]) -> dict[str, Any]:
    """`{"f:spec": {"f:replicas": {}}}`; an item that is a member itself holds a `.`."""
    tree: dict[str, Any] = {}
    for path in sorted(fields):
        node = tree
        for kind, text in path:
            node = node.setdefault(f"{kind}:{text}", {})
        node["."] = {}
    return _without_dots(tree)


def _without_dots(tree: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, node in tree.items():
        if name == ".":
            found["."] = {}
            continue
        inner = _without_dots(node)
        found[name] = {} if list(inner) == ["."] else inner
    return found


def decode(tree: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """The paths of a FieldsV1 document."""
    for name, node in tree.items():
        if name == ".":
            yield path
            continue
        kind, _, text = name.partition(":")
        below = (*path, (kind, text))
        if not node:
            yield below
        else:
            yield from decode(node, below)


def spoken(path: Path) -> str:
    """`.spec.template.spec.containers[name="web"].image`."""
    out = ""
    for kind, text in path:
        if kind == "f":
            out += f".{text}"
        elif kind == "k":
            keys = json.loads(text)
            out += "[" + ",".join(f"{k}={compact(v)}" for k, v in sorted(keys.items())) + "]"
        else:
            out += f"[{text}]" if kind == "i" else f"[={text}]"
    return out

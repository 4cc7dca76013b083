"""What may stand at a place of a manifest: the fields that the published schema knows there, and what they are for.

The place is found by indentation alone, so that it is known while the YAML is still being written. Descriptions are
Kubernetes' own and stay English; they are unpacked when somebody looks.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

from attrs import frozen

from kubesim_tui.api import scheme

LINE = re.compile(r"(?P<indent> *)(?P<dashes>(?:- +)*)(?P<key>[\w./\-]*)(?P<colon>\s*:)?")
NAMES = {
    "s": "string", "i": "integer", "n": "number", "b": "boolean", "q": "Quantity", "t": "Time", "T": "MicroTime",
    "x": "int or string", "y": "bytes", "*": "any",
}  # fmt: skip


@frozen
class Row:
    """One line as far as its place goes: the columns of its first dash (or key) and of its key, and the key."""

    start: int
    column: int
    key: str
    dashed: bool
    opens: bool  # nothing follows the colon: what belongs to it stands below


def row_of(text: str) -> Row | None:
    """A line's place; None for blank lines and comments."""
    if not text.strip() or text.lstrip().startswith("#"):
        return None
    found = LINE.match(text)
    assert found is not None  # everything in it may be empty
    rest = text[found.end() :].strip()
    opens = found["colon"] is not None and (not rest or rest.startswith("#"))
    column = len(found["indent"] + found["dashes"])
    return Row(len(found["indent"]), column, found["key"], bool(found["dashes"]), opens)


@frozen
class Place:
    """Where the cursor stands: the keys above it, the key (or its beginning) under it, the keys beside it."""

    path: tuple[str, ...]
    key: str
    beside: frozenset[str]
    kind: tuple[str, str]  # apiVersion, kind


def place(lines: Sequence[str], at: int, column: int) -> Place:
    """The place of a cursor (line and column from 0)."""
    first, last = _document(lines, at)
    here = row_of(lines[at]) if at < len(lines) else None
    level, limit = (here.column, here.start if here.dashed else here.column) if here else (column, column)
    below_item = here is not None and here.dashed
    path: list[str] = []
    beside = set(_beside(lines[at + 1 : last], level)) if here or column else set()
    for text in reversed(lines[first:at]):
        row = row_of(text)
        if row is None:
            continue
        if not path and not below_item and row.column == level:
            beside.add(row.key)
            below_item, limit = row.dashed, row.start if row.dashed else limit
        elif row.opens and (row.column < limit or (below_item and row.column == limit)):
            path.insert(0, row.key)
            below_item, limit = row.dashed, row.start if row.dashed else row.column
    return Place(tuple(path), here.key if here else "", frozenset(beside), _kind(lines[first:last]))


def _document(lines: Sequence[str], at: int) -> tuple[int, int]:
    """The lines of the document around a line: from its first to behind its last."""
    breaks = [n for n, text in enumerate(lines) if text.startswith("---")]
    first = max((n + 1 for n in breaks if n < at), default=0)
    return first, min((n for n in breaks if n > at), default=len(lines))


def _beside(lines: Sequence[str], level: int) -> Iterator[str]:
    """Keys of the same map in the lines below."""
    for row in filter(None, map(row_of, lines)):
        if row.column < level or (row.dashed and row.start < level):
            return
        if row.column == level:
            yield row.key


def _kind(lines: Sequence[str]) -> tuple[str, str]:
    found = {"apiVersion": "", "kind": ""}
    for text in lines:
        key, _, value = text.partition(":")
        if key in found and not found[key]:
            found[key] = value.partition("#")[0].strip().strip("'\"")
    return found["apiVersion"], found["kind"]


# What the schema says.


@frozen
class Field:
    """A field of the schema: its name, its type as people write it, whether it must be there, what it is for."""

    name: str
    type: str
    required: bool = False
    about: str = ""
    scalar: bool = True


@cache
def _descriptions() -> dict[str, dict[str, str]]:
    packed = resources.files("kubesim_tui.api").joinpath("data/descriptions.json.gz").read_bytes()
    return dict(json.loads(gzip.decompress(packed)))


def _item(code: str) -> str:
    """What a list or map is of."""
    while code.startswith(("[]", "{}")):
        code = code[2:]
    return code


def type_name(code: str) -> str:
    """``[]Container``, ``map of string``, ``PodSpec``."""
    if code.startswith("[]"):
        return f"[]{type_name(code[2:])}"
    if code.startswith("{}"):
        return f"map of {type_name(code[2:])}"
    return NAMES.get(code) or code.rpartition(".")[2]


def _holder(kind: tuple[str, str], path: Sequence[str]) -> str:
    """The definition whose fields stand below a path; "" where the schema knows none."""
    resource = scheme.for_kind(*kind)
    code = resource.definition if resource is not None and "." in resource.definition else ""
    for name in path:
        if code.startswith("{}"):
            code = code[2:]
            continue
        item = _item(code)
        code = scheme.definition(item).fields.get(name, "") if item and item not in NAMES else ""
    item = _item(code)
    return item if item and item not in NAMES and not code.startswith("{}") else ""


def fields(kind: tuple[str, str], path: Sequence[str]) -> tuple[Field, ...]:
    """The fields that may stand below a path, those that must be there first."""
    holder = _holder(kind, path)
    if not holder:
        return ()
    known, texts = scheme.definition(holder), _descriptions().get(holder, {})
    found = [
        Field(name, type_name(code), name in known.required, texts.get(name, ""), code in NAMES)
        for name, code in known.fields.items()
        if name != "status" or path
    ]
    return tuple(sorted(found, key=lambda f: (not f.required, f.name)))


def about(kind: tuple[str, str], path: Sequence[str]) -> Field | None:
    """The field at a path, with its own description and its type's; None where the schema knows none."""
    if not path:
        return None
    return next((f for f in fields(kind, path[:-1]) if f.name == path[-1]), None)


def completions(at: Place) -> tuple[Field, ...]:
    """Fields that begin as the key under the cursor does, and are not there yet."""
    begun = at.key.lower()
    free = [f for f in fields(at.kind, at.path) if f.name not in at.beside and f.name != at.key]
    return tuple(f for f in free if f.name.lower().startswith(begun))

"""Fields by a path such as `spec/template/metadata/labels`: found in every item of the lists on the way.

A `FieldSpec` says in which kinds a path means something and whether what is missing is made; `x[]` in a path is a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

from kubesim_tui.kubectl.kustomize.model import Data, Item, as_map

Change = Callable[[Any], Any]
"""The value at a path (None: it was missing) → the one to put there."""
_STEP = re.compile(r"(?:\\/|[^/])+")


@frozen
class FieldSpec:
    """A path, the kinds in which it is looked for ("" is any), and whether it is made where it is missing."""

    path: str
    kind: str = ""
    group: str = ""
    version: str = ""
    create: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        """The fields of the path; `\\/` is a slash within one."""
        return tuple(step.replace("\\/", "/") for step in _STEP.findall(self.path))


def each(item: Item, specs: Iterable[FieldSpec], change: Change, empty: Callable[[], Any] | None = None) -> None:
    """Change the fields of a resource that the specs name. `empty` makes a missing one, where that is allowed."""
    found = item.id
    for spec in specs:
        if found.selected(spec.group, spec.version, spec.kind):
            _walk(item.data, spec.steps, change, empty if spec.create else None)


def _walk(holder: Any, steps: tuple[str, ...], change: Change, empty: Callable[[], Any] | None) -> None:
    if isinstance(holder, list):
        for part in holder:
            _walk(part, steps, change, empty)
        return
    if not isinstance(holder, dict):
        return
    name, rest = steps[0].removesuffix("[]"), steps[1:]
    if holder.get(name) is None:
        if empty is None or steps[0].endswith("[]"):
            return
        holder[name] = {} if rest else empty()
    if rest:
        _walk(holder[name], rest, change, empty)
    else:
        holder[name] = change(holder[name])


def add_pairs(pairs: dict[str, str]) -> Change:
    """Put labels or annotations into a map."""

    def added(held: Any) -> Data:
        return {**as_map(held), **pairs}

    return added

"""What a server-side Table is made of, and the few texts that all printers share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from kubesim_tui.api import duration
from kubesim_tui.api.frozen import Json
from kubesim_tui.api.times import parse_time
from kubesim_tui.api.types import Object

Cell = str | int | float | bool | None
Data = Mapping[str, Any]
"""An object's JSON form."""

UNKNOWN, NONE, UNSET = "<unknown>", "<none>", "<unset>"


@frozen
class Column:
    """One column: `priority` 0 is always shown, 1 only with -o wide."""

    name: str
    type: str = "string"
    priority: int = 0

    @property
    def format(self) -> str:
        """`name` for the column that names the object (and, as upstream has it, for a VolumeAttachment's attacher)."""
        return "name" if self.name in ("Name", "Attacher") else ""


@frozen(eq=False)
class Row:
    """One object: its cells in the order of the columns, and what clients hide it by (a finished Pod)."""

    cells: tuple[Cell, ...]
    object: Object
    conditions: tuple[tuple[str, str], ...] = ()  # (reason, message) of a condition Completed=True


@frozen(eq=False)
class Table:
    """The answer to a list in table form."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


Printer = Callable[[Data, int, bool], "list[Cell]"]
"""(object's JSON, now in Unix seconds, wide) → cells; without `wide`, those of priority 0 only."""


@frozen
class Kind:
    """How one kind is shown."""

    columns: tuple[Column, ...]
    cells: Printer
    default: Callable[[Iterable[Data]], str] | None = None  # which of a list is marked as the default one


def columns(*shown: str, wide: Sequence[str] = ()) -> tuple[Column, ...]:
    """Columns from texts like `Desired:integer`."""
    return tuple([_column(text, 0) for text in shown] + [_column(text, 1) for text in wide])


def _column(text: str, priority: int) -> Column:
    name, _, type_ = text.partition(":")
    return Column(name, type_ or "string", priority)


def since(time: Json, now: int) -> str:
    """How long ago a time of an object's JSON is: `5m`."""
    return duration.human_seconds(now - parse_time(time)) if time else UNKNOWN


def age(o: Data, now: int) -> str:
    """The AGE of an object."""
    return since(meta(o).get("creationTimestamp"), now)


def meta(o: Data) -> Data:
    """An object's metadata."""
    return o.get("metadata") or {}


def name(o: Data) -> str:
    """An object's name."""
    return str(meta(o).get("name", ""))


def spec(o: Data) -> Data:
    """An object's spec."""
    return o.get("spec") or {}


def status(o: Data) -> Data:
    """An object's status."""
    return o.get("status") or {}


def at(o: Any, *path: str) -> Any:
    """A value deep inside JSON, or None if any step is missing."""
    for step in path:
        o = o.get(step) if isinstance(o, Mapping) else None
    return o


def labels(found: Mapping[str, str] | None) -> str:
    """`a=1,b=2`, or <none>."""
    return ",".join(f"{k}={v}" for k, v in sorted(found.items())) if found else NONE


def selector(found: Data | None, empty: str = NONE) -> str:
    """A label selector as text: `a=1,tier in (x,y),!gone`."""
    if not found:
        return empty
    terms = [(k, f"{k}={v}") for k, v in (found.get("matchLabels") or {}).items()]
    terms += [(e.get("key", ""), _expression(e)) for e in found.get("matchExpressions") or ()]
    return ",".join(text for _, text in sorted(terms, key=lambda t: t[0])) or empty


def go_selector(found: Data) -> str:
    """A label selector as Go prints its struct."""
    labels = "".join(f"{k}: {v}," for k, v in sorted((found.get("matchLabels") or {}).items()))
    terms = "".join(
        f"LabelSelectorRequirement{{Key:{e.get('key', '')},Operator:{e.get('operator', '')},"
        f"Values:[{' '.join(e.get('values') or ())}],}},"
        for e in found.get("matchExpressions") or ()
    )
    kinds = f"MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{terms}}}"
    return f"&LabelSelector{{{kinds},}}"


def _expression(e: Data) -> str:
    key, operator, values = e.get("key", ""), e.get("operator"), sorted(e.get("values") or ())
    if operator == "Exists":
        return str(key)
    if operator == "DoesNotExist":
        return f"!{key}"
    return f"{key} {'in' if operator == 'In' else 'notin'} ({','.join(values)})"


def containers(pod_spec: Data | None) -> list[Cell]:
    """The two wide cells CONTAINERS and IMAGES."""
    found: Iterable[Data] = at(pod_spec, "containers") or ()
    found = list(found)
    return [",".join(c.get("name", "") for c in found), ",".join(c.get("image", "") for c in found)]


def clipped(items: Sequence[str], most: int, empty: str = "") -> str:
    """`a,b,c + 2 more...`."""
    text = ",".join(items[:most])
    return f"{text} + {len(items) - most} more..." if len(items) > most else text or empty

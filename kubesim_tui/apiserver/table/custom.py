"""The rows of custom objects: the columns that their definition names, or NAME and AGE."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from kubesim_tui.api import jsonpath
from kubesim_tui.api.frozen import Json
from kubesim_tui.apiserver.table.model import Cell, Column, Data, Kind, age, columns, name, since


def kind(printer_columns: Sequence[Data]) -> Kind:
    """How a kind with these `additionalPrinterColumns` is shown."""
    try:
        compiled = tuple(_compiled(c) for c in printer_columns)
    except jsonpath.JsonPathError:  # a definition may be stored with such a path: upstream falls back, too
        compiled = ()
    if not compiled:
        return Kind(columns("Name", "Age"), _plain)
    shown = [
        Column(str(c.get("name", "")), str(c.get("type", "string")), 1 if c.get("priority") else 0)
        for c in printer_columns
    ]
    return Kind((*columns("Name"), *shown), _Printer(compiled))


def _plain(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), age(o, now)]


def _compiled(column: Data) -> tuple[str, bool, tuple[jsonpath.Node, ...]]:
    """(type, shown only when wide, path)."""
    path = jsonpath.parse("{" + str(column.get("jsonPath", "")) + "}")
    return str(column.get("type", "string")), bool(column.get("priority")), path


@frozen
class _Printer:
    columns: tuple[tuple[str, bool, tuple[jsonpath.Node, ...]], ...]

    def __call__(self, o: Data, now: int, wide: bool) -> list[Cell]:
        return [name(o), *(_cell(t, path, o, now) for t, priority, path in self.columns if wide or not priority)]


def _cell(type_: str, path: tuple[jsonpath.Node, ...], o: Data, now: int) -> Cell:
    try:
        found = jsonpath.find(path, o)
    except jsonpath.JsonPathError:
        return None
    if not found:
        return None
    return jsonpath.text(found[0]) if type_ == "string" else _converted(type_, found[0], now)


def _converted(type_: str, value: Json, now: int) -> Cell:
    try:
        if type_ == "date":
            return since(value, now)
        if type_ == "integer":
            return int(value)
    except (TypeError, ValueError):
        return "<unknown>" if type_ == "date" else None
    if type_ == "number" and isinstance(value, int | float):
        return value
    return value if type_ == "boolean" and isinstance(value, bool) else None

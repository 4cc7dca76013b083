"""Objects as the table that `kubectl get` prints: the server's columns, and those that flags ask for."""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import table
from kubesim_tui.apiserver.table import Table
from kubesim_tui.kubectl import discovery
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.result import Grid


def grid_of(env: Env, resource: Resource, objects: Sequence[Object], with_kind: bool, listed: bool) -> Grid:
    """The columns that the flags ask for."""
    flags = env.flags
    made = table_of(env, resource, objects, listed)
    wide = flags.text("output") == "wide"
    kept = [i for i, c in enumerate(made.columns) if wide or not c.priority]
    spaced = env.all_namespaces and resource.namespaced
    keys = flags["label-columns"] or []
    headers = (["NAMESPACE"] if spaced else []) + [made.columns[i].name.upper() for i in kept]
    headers += [k.rsplit("/", 1)[-1].upper() for k in keys] + (["LABELS"] if flags["show-labels"] else [])
    prefix = f"{discovery.label(resource)}/" if with_kind else ""
    name_at = next((i for i, c in enumerate(made.columns) if c.name == "Name"), -1)
    rows = []
    for row in made.rows:
        cells = [(prefix if i == name_at else "") + cell_text(row.cells[i]) for i in kept]
        labels = row.object.metadata.labels
        if spaced:
            cells.insert(0, row.object.metadata.namespace)
        cells += [labels.get(k, "") for k in keys]
        if flags["show-labels"]:
            cells.append(table.model.labels(labels))
        rows.append(tuple(cells))
    return Grid(tuple(headers), tuple(rows))


def table_of(env: Env, resource: Resource, objects: Sequence[Object], listed: bool) -> Table:
    """The server's table; with --server-print=false names and ages alone."""
    if env.flags["server-print"] is False:
        plain = table.custom.kind(())
        rows = [table.Row(tuple(plain.cells(data_of(o), env.now, False)), o) for o in objects]
        return Table(plain.columns, tuple(rows))
    return table.table(resource, objects, env.now, listed=listed)


def cell_text(cell: table.model.Cell) -> str:
    """A cell as it is printed: one line."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    text = str(cell)
    for i, c in enumerate(text):
        if c in "\f\n\r":
            return text[:i] + "..."
    return text

"""The rows of Events."""

from __future__ import annotations

from kubesim_tui.apiserver.table.model import Cell, Column, Data, Kind, columns, name, since

COLUMNS = (
    *columns("Last Seen", "Type", "Reason", "Object"),
    Column("Subobject", priority=1),
    Column("Source", priority=1),
    Column("Message"),
    *columns(wide=("First Seen", "Count", "Name")),
)


def source(o: Data) -> str:
    """`kubelet, node-a`."""
    about = o.get("source") or o.get("deprecatedSource") or {}
    component = about.get("component") or o.get("reportingComponent") or o.get("reportingController") or ""
    host = about.get("host") or o.get("reportingInstance") or ""
    return f"{component}, {host}" if host else str(component)


def _event(o: Data, now: int, wide: bool) -> list[Cell]:
    first = o.get("firstTimestamp") or o.get("deprecatedFirstTimestamp") or o.get("eventTime")
    last = o.get("lastTimestamp") or o.get("deprecatedLastTimestamp") or first
    count = o.get("count") or o.get("deprecatedCount") or 1
    if (series := o.get("series")) is not None:
        last, count = series.get("lastObservedTime"), series.get("count") or 0
    about = o.get("involvedObject") or o.get("regarding") or {}
    kind = about.get("kind", "").lower()
    target = f"{kind}/{about['name']}" if about.get("name") else kind
    row: list[Cell] = [since(last, now), o.get("type", ""), o.get("reason", ""), target]
    message = str(o.get("message") or o.get("note") or "").strip()
    if not wide:
        return [*row, message]
    return [*row, about.get("fieldPath", ""), source(o), message, since(first, now), count, name(o)]


KINDS = {"core.v1.Event": Kind(COLUMNS, _event), "events.v1.Event": Kind(COLUMNS, _event)}

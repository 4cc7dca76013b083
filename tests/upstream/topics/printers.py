"""Server-side tables, and ages."""

from kubesim_tui.api import duration, scheme
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.times import parse_micro, parse_time
from kubesim_tui.apiserver import table
from tests.upstream.adapters import answers

NEWEST = {r.kind: r for r in reversed(scheme.builtin())} | {
    "HorizontalPodAutoscaler": scheme.for_kind("autoscaling/v2", "HorizontalPodAutoscaler")
}


@answers("print_pods")
@answers("print_nodes")
@answers("print_workloads")
@answers("print_network_config_storage")
@answers("print_events")
def row(given):
    """One row, as the table of its kind shows it."""
    resource = NEWEST[given["kind"]]
    data = {"apiVersion": resource.api_version, "kind": resource.kind, **given["object"]}
    now, wide = parse_time(given["now"]), given["wide"]
    found = table.table(resource, [decode_object(resource.cls, data)], now, wide=wide).rows[0]
    conditions = table.to_json(table.Table((), (found,)))["rows"][0].get("conditions", [])
    return {"cells": list(found.cells), "rowConditions": conditions}


@answers("print_events", "age")
def age(given):
    return {"text": _since(given["timestamp"], given["now"], 1)}


@answers("print_events", "until")
def until(given):
    return {"text": _since(given["timestamp"], given["now"], -1)}


def _since(moment, now, direction):
    if moment is None:
        return table.model.since(None, 0)
    microseconds = direction * (parse_micro(now) - parse_micro(moment))
    return duration.human(microseconds * 1000)

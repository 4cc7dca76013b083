"""The rows of the API server's flow control, and of devices that Pods claim."""

from __future__ import annotations

from kubesim_tui.apiserver.table.model import NONE, Cell, Data, Kind, age, at, columns, meta, name, spec, status


def _flow_schema(o: Data, now: int, _wide: bool) -> list[Cell]:
    dangling = [c.get("status", "") for c in status(o).get("conditions") or () if c.get("type") == "Dangling"]
    return [
        name(o),
        at(o, "spec", "priorityLevelConfiguration", "name") or "",
        spec(o).get("matchingPrecedence") or 0,
        at(o, "spec", "distinguisherMethod", "type") or NONE,
        age(o, now),
        dangling[0] if dangling else "?",
    ]


def _priority_level(o: Data, now: int, _wide: bool) -> list[Cell]:
    limited = spec(o).get("limited")
    queuing = at(o, "spec", "limited", "limitResponse", "queuing")
    shares = NONE if limited is None else limited.get("nominalConcurrencyShares") or 0
    queues = [NONE if queuing is None else queuing.get(f) or 0 for f in ("queues", "handSize", "queueLengthLimit")]
    return [name(o), spec(o).get("type", ""), shares, *queues, age(o, now)]


def _named(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), age(o, now)]


def _claim(o: Data, now: int, _wide: bool) -> list[Cell]:
    deleted, allocated = bool(meta(o).get("deletionTimestamp")), status(o).get("allocation") is not None
    states = ["deleted"] * deleted + (["allocated"] if allocated else ["pending"] * (not deleted))
    states += ["reserved"] * bool(allocated and status(o).get("reservedFor"))
    return [name(o), ",".join(states), age(o, now)]


def _slice(o: Data, now: int, _wide: bool) -> list[Cell]:
    pool = at(o, "spec", "pool", "name") or ""
    return [name(o), spec(o).get("nodeName") or "", spec(o).get("driver") or "", pool, age(o, now)]


_NAMED = Kind(columns("Name", "Age"), _named)
KINDS = {
    "flowcontrol.v1.FlowSchema": Kind(
        columns("Name", "PriorityLevel", "MatchingPrecedence", "DistinguisherMethod", "Age", "MissingPL"), _flow_schema
    ),
    "flowcontrol.v1.PriorityLevelConfiguration": Kind(
        columns("Name", "Type", "NominalConcurrencyShares", "Queues", "HandSize", "QueueLengthLimit", "Age"),
        _priority_level,
    ),
    "resource.v1.DeviceClass": _NAMED,
    "resource.v1.ResourceClaimTemplate": _NAMED,
    "resource.v1.ResourceClaim": Kind(columns("Name", "State", "Age"), _claim),
    "resource.v1.ResourceSlice": Kind(columns("Name", "Node", "Driver", "Pool", "Age"), _slice),
}

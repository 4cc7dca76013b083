"""Which names a definition may have: those that no other of its group has. Pure (naming_controller.go)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from kubesim_tui.api.fielderror import quoted
from kubesim_tui.apiserver.apiextensions.definitions import with_condition

JsonMap = dict[str, Any]
SINGLE = (
    ("plural", "PluralConflict"),
    ("singular", "SingularConflict"),
    ("shortNames", "ShortNamesConflict"),
    ("kind", "KindConflict"),
    ("listKind", "ListKindConflict"),
)


@frozen
class Taken:
    """What the definitions of a group are called."""

    resources: frozenset[str]
    kinds: frozenset[str]


def taken(definitions: Iterable[JsonMap]) -> Taken:
    """The names that have been accepted."""
    accepted = [(d.get("status") or {}).get("acceptedNames") or {} for d in definitions]
    resources = {a.get(n) for a in accepted for n in ("plural", "singular")}
    resources |= {short for a in accepted for short in a.get("shortNames") or ()}
    kinds = {a.get(n) for a in accepted for n in ("kind", "listKind")}
    return Taken(frozenset(n for n in resources if n), frozenset(n for n in kinds if n))


def decide(definition: JsonMap, others: Taken, now: int) -> JsonMap | None:
    """The new status of a definition; None if nothing changes."""
    status = definition.get("status") or {}
    wanted, known = definition["spec"]["names"], status.get("acceptedNames") or {}
    if _plain(wanted) == _plain(known):
        return None
    names, conflict = dict(known), ("NoConflicts", "no conflicts found")
    for field, reason in SINGLE:
        wrong = _in_use(field, wanted, known, others)
        if wrong:
            conflict = (reason, wrong)
        elif field in wanted:
            names[field] = wanted[field]
        else:
            names.pop(field, None)
    names.pop("categories", None)
    if wanted.get("categories"):
        names["categories"] = wanted["categories"]
    made = _conditions({**status, "acceptedNames": names}, conflict, now)
    same = made["acceptedNames"] == known and _said(made) == _said(status)
    return None if same else made


def _plain(names: JsonMap) -> JsonMap:
    return {k: v for k, v in names.items() if v}


def _said(status: JsonMap) -> JsonMap | None:
    found = next((c for c in status.get("conditions") or () if c["type"] == "NamesAccepted"), None)
    return None if found is None else {k: found.get(k) for k in ("status", "reason", "message")}


def _in_use(field: str, wanted: JsonMap, known: JsonMap, others: Taken) -> str:
    if field == "shortNames":
        ours = {*(known.get(field) or ()), known.get("plural"), known.get("singular")}
        shorts = [s for s in wanted.get(field) or () if s not in ours and s in others.resources]
        texts = [f"{quoted(s)} is already in use" for s in dict.fromkeys(shorts)]
        return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]" if texts else ""
    name = wanted.get(field) or ""
    used = others.kinds if field in ("kind", "listKind") else others.resources
    return f"{quoted(name)} is already in use" if name != (known.get(field) or "") and name in used else ""


def _conditions(status: JsonMap, found: tuple[str, str], now: int) -> JsonMap:
    reason, message = found
    accepted = "True" if reason == "NoConflicts" else "False"
    names = {"type": "NamesAccepted", "status": accepted, "reason": reason, "message": message}
    status = with_condition(status, names, now)
    known = next((c for c in status["conditions"] if c["type"] == "Established"), None)
    if known is not None and known["status"] == "True":
        return status
    if accepted == "True":
        made = ("Installing", "the initial names have been accepted")
    elif known is None:
        made = ("NotAccepted", "not all names are accepted")
    else:
        return status
    established = {"type": "Established", "status": "False", "reason": made[0], "message": made[1]}
    return with_condition(status, established, now)

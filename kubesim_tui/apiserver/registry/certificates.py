"""What is set and kept of CertificateSigningRequests (pkg/registry/certificates/certificates/strategy.go)."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.registry.context import Context
from kubesim_tui.apiserver.request import User

JsonMap = dict[str, Any]
WHO = ("username", "uid", "groups", "extra")
DECISIONS = ("Approved", "Denied")


def requested(data: JsonMap, user: User) -> None:
    """A request is that of whoever sends it, whatever it says."""
    spec: JsonMap = data.setdefault("spec", {})
    for name in WHO:
        spec.pop(name, None)
    spec |= user.to_json()


def prepare(data: JsonMap, old: JsonMap | None, _context: Context) -> None:
    """What was asked for, and what has become of it, does not change by an update."""
    if old is not None:
        data["spec"], data["status"] = old.get("spec") or {}, old.get("status") or {}


def stamped(conditions: list[JsonMap], before: list[JsonMap], now: str) -> list[JsonMap]:
    """Conditions with their times: of the last update, and of the transition (as before, if the status is the same)."""
    return [_stamped(condition, before, now) for condition in conditions]


def _stamped(condition: JsonMap, before: list[JsonMap], now: str) -> JsonMap:
    alike = (c for c in before if all(c.get(k) == condition.get(k) for k in ("type", "status")))
    since = next((c["lastTransitionTime"] for c in alike if c.get("lastTransitionTime")), now)
    found = dict(condition)
    for name, time in (("lastUpdateTime", now), ("lastTransitionTime", since)):
        if found.get(name) is None:
            found[name] = time
    return found


def _decided(conditions: list[JsonMap], before: list[JsonMap]) -> list[JsonMap]:
    """Conditions in which the decisions are those of before."""
    found = list(conditions)
    for kind in DECISIONS:
        here = [i for i, c in enumerate(found) if c.get("type") == kind]
        known = [c for c in before if c.get("type") == kind]
        if len(here) == len(known):
            for i, condition in zip(here, known, strict=True):
                found[i] = condition
    return found


def status(new: Object, old: Object, context: Context) -> Object:
    """A status leaves the decisions as they are; its conditions have times."""
    data = encode_object(new)
    given, before = (encode_object(o).get("status") or {} for o in (new, old))
    conditions = given.get("conditions") or []
    if not conditions:
        return new
    known = before.get("conditions") or []
    data["status"] = {**given, "conditions": stamped(_decided(conditions, known), known, context.now())}
    return decode_object(type(new), data)

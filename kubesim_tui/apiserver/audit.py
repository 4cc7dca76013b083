"""The audit log: who asked the API server for what, and what became of it, a line of JSON each.

As an audit policy of level Metadata writes it that leaves out what was only looked at: every write and every refusal is
an Event of audit.k8s.io/v1, told when it was answered (stage ResponseComplete). No bodies, so no Secrets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from kubesim_tui.api import scheme
from kubesim_tui.api.times import format_micro
from kubesim_tui.apiserver.request import Record

PATH = "/var/log/kubernetes/audit/audit.log"
"""Where --audit-log-path usually leads."""
REASONS = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 422: "Invalid"}


def lines(records: Iterable[Record], now: int, tick: int, first: int = 0) -> Iterator[str]:
    """The log, oldest first; `now`: the time (s since 1970) of a tick; `first`: how many there were before."""
    for number, record in enumerate(records, first):
        yield json.dumps(_event(record, now - (tick - record.tick), number), separators=(",", ":"))


def _event(record: Record, at: int, number: int) -> dict[str, Any]:
    stamp = format_micro(at * 1_000_000)
    status: dict[str, Any] = {"metadata": {}, "code": record.code}
    if record.code >= 400:
        reason = {"reason": REASONS[record.code]} if record.code in REASONS else {}
        status = {"metadata": {}, "status": "Failure", "message": record.message, **reason, "code": record.code}
    forbidden = record.decided == "authorization"
    uri, about = _about(record)
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": _identity(f"{record.tick}/{number}/{uri}/{record.verb}"),
        "stage": "ResponseComplete",
        "requestURI": uri,
        "verb": record.verb,
        "user": {"username": record.user, **({"groups": list(record.groups)} if record.groups else {})},
        "objectRef": about,
        "responseStatus": status,
        "requestReceivedTimestamp": stamp,
        "stageTimestamp": stamp,
        "annotations": {"authorization.k8s.io/decision": "forbid" if forbidden else "allow"},
    }


def _identity(of: str) -> str:
    """As a UUID is written."""
    digits = blake2b(of.encode(), digest_size=16).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _about(record: Record) -> tuple[str, dict[str, str]]:
    """(the request's path, the object that it is about)."""
    plural, _, group = record.resource.partition(".")
    known = scheme.for_group_resource(record.resource)
    version = known.version if known is not None else "v1"
    root = f"/apis/{group}/{version}" if group else f"/api/{version}"
    space = f"/namespaces/{record.namespace}" if record.namespace and plural != "namespaces" else ""
    name = f"/{record.name}" if record.name and record.verb != "create" else ""
    below = f"/{record.subresource}" if record.subresource else ""
    about = {
        "resource": plural,
        "namespace": record.namespace,
        "name": record.name,
        "apiGroup": group,
        "apiVersion": version,
        "subresource": record.subresource,
    }
    return f"{root}{space}/{plural}{name}{below}", {key: value for key, value in about.items() if value}

"""Events, of the core group and of events.k8s.io (pkg/apis/core/validation/events.go).

Both versions are one type within the API server, so errors name the internal fields whichever version was sent:
`involvedObject`, not `regarding`. An Event with an `eventTime` is of the new kind and must be complete; only
events.k8s.io insists on it.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.report import IMMUTABLE, JsonMap, Report, number, part, same, text

MOST_CHARACTERS = 128
MOST_OF_NOTE = 1024
UNSET = "needs to be unset"
NEWER = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
}
"""What events.k8s.io calls the internal fields whose names differ."""
KEPT: tuple[tuple[str, Any], ...] = (
    ("involvedObject", {}),
    ("reason", ""),
    ("message", ""),
    ("source", {}),
    ("firstTimestamp", None),
    ("lastTimestamp", None),
    ("count", 0),
    ("reason", ""),
    ("type", ""),
    ("eventTime", None),
    ("action", ""),
    ("related", None),
    ("reportingController", ""),
    ("reportingInstance", ""),
)
"""Fields that events.k8s.io lets nobody change, in upstream's order (which has the reason twice), and their zeros."""


def core_event(r: Report, data: JsonMap) -> None:
    """A new Event of the core group."""
    metadata.object_meta(r, part(data, "metadata"), metadata.any_name, namespaced=True)
    _legacy(r, data, part(data, "involvedObject"), text(data, "message"), "reportingComponent")


def core_event_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed Event of the core group: anything may change."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    _legacy(r, new, part(new, "involvedObject"), text(new, "message"), "reportingComponent")


def event(r: Report, data: JsonMap) -> None:
    """A new Event of events.k8s.io."""
    _legacy(r, data, part(data, "regarding"), text(data, "note"), "reportingController")
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)
    _series(r, data)
    if not data.get("eventTime"):
        r.required("eventTime")
    kind = text(data, "type")
    if kind not in ("Normal", "Warning"):
        r.invalid("type", "", f"has invalid value: {kind}")
    for name in ("firstTimestamp", "lastTimestamp", "count"):
        if data.get(NEWER[name]):
            r.invalid(name, "", UNSET)
    source = part(data, NEWER["source"])
    if text(source, "component") or text(source, "host"):
        r.invalid("source", "", UNSET)


def event_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed Event of events.k8s.io: only its series goes on."""
    _legacy(r, new, part(new, "regarding"), text(new, "note"), "reportingController")
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    if not same(new.get("series"), old.get("series")):
        _series(r, new)
    for name, zero in KEPT:
        now, was = _value(new, name), _value(old, name)
        if not same(now, was):
            r.invalid(name, zero if now is None else now, IMMUTABLE)


def _value(data: JsonMap, name: str) -> Any:
    return data.get(NEWER.get(name, name))


def _series(r: Report, data: JsonMap) -> None:
    series = data.get("series")
    if series is None:
        return
    if number(series, "count") < 2:
        r.invalid("series.count", "", "should be at least 2")
    if not series.get("lastObservedTime"):
        r.required("series.lastObservedTime")


def _legacy(r: Report, data: JsonMap, about: JsonMap, note: str, controller: str) -> None:
    """What holds in every version: the namespaces agree, and an Event of the new kind is complete."""
    namespace, of_object = text(part(data, "metadata"), "namespace"), text(about, "namespace")
    new_kind = bool(data.get("eventTime"))
    if of_object:
        agree = new_kind or namespace == of_object
    else:
        agree = namespace in (("default", "kube-system") if new_kind else ("", "default"))
    if not agree:
        r.invalid("involvedObject.namespace", of_object, "does not match event.namespace")
    if new_kind:
        _complete(r, data, note, controller)


def _complete(r: Report, data: JsonMap, note: str, controller: str) -> None:
    reporter = text(data, "reportingComponent") or text(data, "reportingController")
    if not reporter:
        r.required(controller)
    r.syntax(names.is_qualified_name, controller, reporter)
    for name in ("reportingInstance", "action", "reason"):
        value = text(data, name)
        if not value:
            r.required(name)
        if len(value.encode()) > MOST_CHARACTERS:
            r.invalid(name, "", f"can have at most {MOST_CHARACTERS} characters")
    if len(note.encode()) > MOST_OF_NOTE:
        r.invalid("message", "", f"can have at most {MOST_OF_NOTE} characters")

"""Events: a row a rule of upstream's ValidateEventCreate and ValidateEventUpdate."""

import pytest

from tests.apiserver.door import document
from tests.apiserver.rules import changed, created

TIME = "2026-01-01T00:00:00.000000Z"
NEEDED = "Required value"
UNSET = 'Invalid value: "": needs to be unset'
LONG = 'Invalid value: "": can have at most 128 characters'
SERIES = {"count": 2, "lastObservedTime": TIME}


def event(**more):
    full = {
        "eventTime": TIME,
        "reportingController": "example.com/me",
        "reportingInstance": "me-1",
        "action": "Doing",
        "reason": "Done",
        "type": "Normal",
        "regarding": {"kind": "Pod", "name": "a", "namespace": "default"},
    }
    return document("Event", "events.k8s.io/v1", "x", **full | more)


def core_event(**more):
    about = {"kind": "Pod", "name": "a", "namespace": "default"}
    return document("Event", "v1", "x", **{"involvedObject": about, "type": "Normal"} | more)


def of_namespace(namespace, data):
    data["metadata"]["namespace"] = namespace
    return data


ELSEWHERE = ("involvedObject.namespace", 'Invalid value: "other": does not match event.namespace')
NOWHERE = ("involvedObject.namespace", 'Invalid value: "": does not match event.namespace')

REFUSED = [
    (core_event(involvedObject={"kind": "Pod", "namespace": "other"}), *ELSEWHERE),
    (of_namespace("mine", core_event(involvedObject={"kind": "Node"})), *NOWHERE),
    (of_namespace("mine", event(regarding={"kind": "Node"})), *NOWHERE),
    (core_event(eventTime=TIME, reportingComponent="me", action="a", reason="b"), "reportingInstance", NEEDED),
    (event(eventTime=None), "eventTime", NEEDED),
    (event(action=""), "action", NEEDED),
    (event(reason=""), "reason", NEEDED),
    (event(reportingInstance=""), "reportingInstance", NEEDED),
    (event(reportingInstance="a" * 129), "reportingInstance", LONG),
    (event(action="a" * 129), "action", LONG),
    (event(reason="a" * 129), "reason", LONG),
    (event(note="a" * 1025), "message", 'Invalid value: "": can have at most 1024 characters'),
    (event(type="Odd"), "type", 'Invalid value: "": has invalid value: Odd'),
    (event(deprecatedFirstTimestamp=TIME), "firstTimestamp", UNSET),
    (event(deprecatedLastTimestamp=TIME), "lastTimestamp", UNSET),
    (event(deprecatedCount=1), "count", UNSET),
    (event(deprecatedSource={"host": "a"}), "source", UNSET),
    (event(series=SERIES | {"count": 1}), "series.count", 'Invalid value: "": should be at least 2'),
    (event(series={"count": 2}), "series.lastObservedTime", NEEDED),
]


@pytest.mark.parametrize(("data", "field", "message"), REFUSED)
def test_an_event_is_refused_for_one_reason(data, field, message):
    assert [(field, message)] == created(data)


@pytest.mark.parametrize(("data", "field"), [
    (event(reportingController=""), "reportingController"),
    (core_event(eventTime=TIME, reportingInstance="a", action="a", reason="b"), "reportingComponent"),
])  # fmt: skip
def test_each_version_has_its_own_name_for_who_reports(data, field):
    assert (field, NEEDED) == created(data)[0]
    assert {field} == {path for path, _ in created(data)}


@pytest.mark.parametrize(
    "data",
    [
        core_event(),
        core_event(type="Odd"),
        core_event(involvedObject={"kind": "Node", "name": "a"}),
        event(),
        event(series=SERIES),
        of_namespace("kube-system", event(regarding={"kind": "Node", "name": "a"})),
    ],
)
def test_an_event_is_accepted(data):
    assert created(data) == []


@pytest.mark.parametrize(("change", "field", "shown"), [
    ({"note": "b"}, "message", '"b"'),
    ({"action": "Other"}, "action", '"Other"'),
    ({"type": "Warning"}, "type", '"Warning"'),
    ({"reportingController": "b"}, "reportingController", '"b"'),
    ({"reportingInstance": "b"}, "reportingInstance", '"b"'),
    ({"eventTime": "2026-01-02T00:00:00.000000Z"}, "eventTime", '"2026-01-02T00:00:00.000000Z"'),
    ({"related": {"kind": "Node"}}, "related", '{"kind":"Node"}'),
])  # fmt: skip
def test_of_a_newer_event_only_the_series_goes_on(change, field, shown):
    assert [(field, f"Invalid value: {shown}: field is immutable")] == changed(event(), event(**change))
    assert changed(event(series=SERIES), event(series=SERIES | {"count": 3})) == []


def test_of_a_core_event_everything_may_change():
    assert changed(core_event(), core_event(message="b", reason="c", count=5)) == []

"""List calls choose by labels and fields."""

import pytest

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.selection import select

PODS, EVENTS = scheme.for_plural("pods"), scheme.for_plural("events")


def pod(name, labels=None, node="", phase="Running", **spec):
    return decode_object(
        types.Pod,
        {
            "metadata": {"name": name, "namespace": "shop", "labels": labels or {}},
            "spec": {"nodeName": node, **spec},
            "status": {"phase": phase},
        },
    )


SHOP = [pod("a", {"app": "web"}, "n1"), pod("b", {"app": "db"}, "n2", "Pending"), pod("c", restartPolicy="Never")]


@pytest.mark.parametrize(
    "labels, fields, want",
    [
        ("", "", "abc"),
        ("app=web", "", "a"),
        ("app", "", "ab"),
        ("app notin (web)", "", "bc"),
        ("", "spec.nodeName=n1", "a"),
        ("", "spec.nodeName=", "c"),
        ("", "status.phase!=Running", "b"),
        ("", "status.phase=Running,metadata.name!=a", "c"),
        ("", "spec.restartPolicy=Never", "c"),
        ("", "spec.hostNetwork=false", "abc"),
        ("app", "metadata.namespace=shop,metadata.name=b", "b"),
    ],
)
def test_both_selectors_choose(labels, fields, want):
    assert want == "".join(p.metadata.name for p in select(PODS, SHOP, labels, fields))


def test_events_are_chosen_by_what_they_speak_of():
    about = {"kind": "Pod", "name": "a", "uid": "7"}
    event = decode_object(
        types.Event, {"metadata": {"name": "e"}, "involvedObject": about, "source": {"component": "kubelet"}}
    )
    assert [event] == select(EVENTS, [event], "", "involvedObject.kind=Pod,involvedObject.uid=7,source=kubelet")
    assert select(EVENTS, [event], "", "involvedObject.name=b") == []


@pytest.mark.parametrize(
    "plural, labels, fields, message",
    [
        ("pods", "", "spec.image=x", "field label not supported: spec.image"),
        (
            "deployments",
            "",
            "spec.replicas=1",
            '"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        ("pods", "a=b=c", "", "found '=', expected: ',' or 'end of string'"),
        ("pods", "", "nonsense", "invalid selector: 'nonsense'; can't understand 'nonsense'"),
    ],
)
def test_what_a_kind_does_not_offer_is_a_400(plural, labels, fields, message):
    with pytest.raises(StatusError) as refused:
        select(scheme.for_plural(plural), [], labels, fields)
    assert (400, message) == (refused.value.code, refused.value.message)

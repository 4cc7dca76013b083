"""What a watch hears."""

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import KEPT_TICKS
from kubesim_tui.apiserver.watching import BOOKMARK_PERIOD, INITIAL_END, Watch, WatchOptions
from tests.apiserver.custom import CustomDoor, definition, version, widget
from tests.apiserver.door import Door, document
from tests.harness import ADMIN, Request, User

CONFIG_MAPS = scheme.for_plural("configmaps")


@pytest.fixture
def door():
    made = Door()
    made.send("create", config_map("a"))
    return made


def config_map(name, **labels):
    made = document("ConfigMap", "v1", name)
    made["metadata"]["labels"] = labels
    return made


def watch(door, label_selector="", user=ADMIN, resource=CONFIG_MAPS, **options):
    request = Request(user, "watch", resource, "default", label_selector=label_selector)
    return Watch(door.server, request, WatchOptions(**options))


def heard(found):
    return [(e.type, e.object.metadata.name) for e in found.poll()]


def label(door, name, **labels):
    body = {"metadata": {"labels": labels}}
    door.server.handle(Request(ADMIN, "patch", CONFIG_MAPS, "default", name, body=body, patch_type="merge"))


def test_from_a_revision_on_only_what_is_new(door):
    found = watch(door, resource_version=str(door.etcd.revision))
    door.send("create", config_map("b"))
    label(door, "b", x="1")
    door.send("delete", config_map("b"))
    assert heard(found) == [("ADDED", "b"), ("MODIFIED", "b"), ("DELETED", "b")]
    assert heard(found) == []


def test_without_a_revision_what_there_is_comes_first(door):
    found = watch(door)
    door.send("create", config_map("b"))
    assert heard(found) == [("ADDED", "a"), ("ADDED", "b")]


def test_who_chooses_hears_of_what_comes_in_and_goes_out(door):
    found = watch(door, "x=1", resource_version=str(door.etcd.revision))
    label(door, "a", x="1")
    label(door, "a", y="2")
    label(door, "a", x="3")
    events = found.poll()
    assert [e.type for e in events] == ["ADDED", "MODIFIED", "DELETED"]
    assert events[2].object.metadata.labels == {"x": "1", "y": "2"}
    assert events[2].object.metadata.resource_version == door.etcd.revision


def test_other_namespaces_and_kinds_are_not_heard(door):
    door.namespace("other")
    found = watch(door, resource_version=str(door.etcd.revision))
    door.send("create", config_map("b"), namespace="other")
    door.send("create", document("Secret", "v1", "s"))
    assert heard(found) == []


def test_initial_events_end_with_a_bookmark(door):
    found = watch(door, initial=True, match="NotOlderThan", bookmarks=True)
    first, last = found.poll()
    assert (first.type, last.type) == ("ADDED", "BOOKMARK")
    assert last.object.metadata.annotations == {INITIAL_END: "true"}
    assert last.object.metadata.resource_version == door.etcd.revision


def test_bookmarks_come_when_nothing_else_does(door):
    found = watch(door, resource_version=str(door.etcd.revision), bookmarks=True)
    door.tick(BOOKMARK_PERIOD - 1)
    assert heard(found) == []
    door.tick()
    assert [e.type for e in found.poll()] == ["BOOKMARK"]


def test_a_watch_that_is_too_old_begins_anew(door):
    then = door.etcd.revision - 1
    late = watch(door, resource_version=str(door.etcd.revision))
    door.send("create", config_map("b"))
    door.tick(KEPT_TICKS + 1)
    door.etcd.compact()
    for ask in (lambda: watch(door, resource_version=str(then)), late.poll):
        with pytest.raises(StatusError) as error:
            ask()
        assert (error.value.code, error.value.reason) == (410, "Expired")
    assert error.value.message == f"too old resource version: {then + 1} ({door.etcd.compacted})"


def test_options_that_do_not_go_together(door):
    for options, said in (
        ({"initial": True}, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
        ({"match": "Exact"}, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"),
    ):
        with pytest.raises(StatusError) as error:
            watch(door, **options)
        assert error.value.message == (
            f'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: {said}'
        )


def test_who_may_not_watch_hears_nothing(door):
    with pytest.raises(StatusError, match='User "jane" cannot watch resource "configmaps"'):
        watch(door, user=User("jane", ("system:authenticated",)))


def test_custom_objects_come_in_the_version_that_is_asked_for():
    door = CustomDoor(definition(versions=[version("v1"), version("v1beta1", storage=False)]))
    beta = door.server.resource_for_kind("example.com/v1beta1", "Widget")
    found = watch(door, resource=beta)
    door.send("create", widget())
    assert [e.object.api_version for e in found.poll()] == ["example.com/v1beta1"]

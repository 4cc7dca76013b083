"""Objects of which only the metadata are asked for."""

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.listing import ListOptions
from tests.apiserver.door import Door, pod
from tests.harness import ADMIN, Request

PODS = scheme.for_plural("pods")


@pytest.fixture(scope="module")
def door():
    made = Door()
    for name in ("a", "b"):
        made.send("create", pod(name))
    return made


def asked(verb, name="", **more):
    return Request(ADMIN, verb, PODS, "default", name, metadata_only=True, **more)


def test_an_object_is_its_metadata(door):
    found = encode_object(door.server.handle(asked("get", "a")))
    assert (found["apiVersion"], found["kind"]) == ("meta.k8s.io/v1", "PartialObjectMetadata")
    assert found["metadata"] == encode_object(door.etcd.get("pods", ("default", "a")))["metadata"]
    assert set(found) == {"apiVersion", "kind", "metadata"}


def test_a_list_and_its_portions_are_too(door):
    assert [(o.kind, o.metadata.name) for o in door.server.handle(asked("list"))] == [
        ("PartialObjectMetadata", "a"),
        ("PartialObjectMetadata", "b"),
    ]
    portion = door.server.page(asked("list"), ListOptions(limit=1))
    assert [(o.kind, o.metadata.name) for o in portion.items] == [("PartialObjectMetadata", "a")]
    assert portion.remaining == 1


def test_what_is_written_is_the_whole_object(door):
    body = {"metadata": {"labels": {"a": "b"}}}
    answer = door.server.handle(asked("patch", "b", body=body, patch_type="merge"))
    assert (answer.kind, answer.metadata.labels) == ("PartialObjectMetadata", {"a": "b"})
    assert encode_object(door.etcd.get("pods", ("default", "b")))["spec"]["containers"]

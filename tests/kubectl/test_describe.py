"""`kubectl describe` prints of each object what the real one printed."""

import json
import pathlib

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import decode_object
from kubesim_tui.kubectl.describe import rbac
from tests.harness import Harness
from tests.kubectl import board

CASES = json.loads((pathlib.Path(__file__).parent.parent / "data/described.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["object"]["kind"])
def test_an_object_alone_in_a_cluster_is_described_as_the_real_kubectl_does(case):
    data = case["object"]
    resource = scheme.for_kind(data["apiVersion"], data["kind"])
    harness, key = Harness(), (data["metadata"].get("namespace", ""), data["metadata"]["name"])
    harness.etcd.put(resource.group_resource, key, decode_object(resource.cls, data))
    group = f".{resource.version}.{resource.group}" if resource.group else ""
    reply = board.kubectl(harness, f"describe {resource.plural}{group} {key[1]}", now=case["now"])
    out = "\n".join(reply.out).rstrip("\n").split("\n")
    assert [line.rstrip() for line in case["out"]] == [line.rstrip() for line in out]


def test_each_verb_on_an_url_has_a_line_of_its_own_and_those_on_a_resource_share_one():
    rules = [
        {"nonResourceURLs": ["/a", "/b"], "verbs": ["get", "head"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "get", "list"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["watch", "get"]},
    ]
    assert list(rbac.rows(rules)) == [
        ("deployments.apps", "[]", "[]", "[get list watch]"),
        ("", "[/a]", "[]", "[get]"),
        ("", "[/b]", "[]", "[get]"),
        ("", "[/a]", "[]", "[head]"),
        ("", "[/b]", "[]", "[head]"),
    ]


def test_an_autoscaler_is_described_in_its_newer_version_whichever_was_asked_for():
    harness = board.load("kinds.yaml")
    old = board.kubectl(harness, "describe hpa.v1.autoscaling")
    assert list(old.out) == list(board.kubectl(harness, "describe hpa").out) != []

"""Whatever a manifest holds, it is accepted or refused with a Status: no exception, in bounded time and memory."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api import manifest, scheme
from kubesim_tui.apiserver.decoding import MOST_BYTES, MOST_DEPTH
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.cluster.sim import Sim
from tests.apiserver.door import Door, deployment, document
from tests.fuzz.trial import Bench
from tests.harness import ADMIN, Request

TRIALS = 2000


@pytest.fixture(scope="module")
def bench():
    return Bench()


@settings(max_examples=TRIALS)
@given(seed=st.integers(0, 2**32))
def test_a_mutated_manifest_ends_in_an_acceptance_or_a_refusal(bench, seed):
    bench.run(random.Random(str(seed)))


def test_most_trials_reach_the_door_and_some_pass_it(bench):
    ended = [bench.run(random.Random(f"reach/{i}")) for i in range(300)]
    assert sum(e.accepted + e.refused > 0 for e in ended) > 200
    assert sum(e.accepted for e in ended) > 10


def refusal(data, verb="create", patch_type=""):
    """The refusal of a body that goes to the door as it is."""
    resource = scheme.for_kind(data["apiVersion"], data["kind"])
    name = data["metadata"]["name"]
    with pytest.raises(StatusError) as refused:
        Door().server.handle(Request(ADMIN, verb, resource, "default", name, body=data, patch_type=patch_type))
    return refused.value.code, refused.value.reason, refused.value.message


def nested(depth, leaf):
    for _ in range(depth):
        leaf = {"a": leaf}
    return leaf


@pytest.mark.parametrize(
    "verb, patch_type", [("create", ""), ("patch", "merge"), ("patch", "strategic"), ("update", "")]
)
def test_a_body_of_more_than_three_mebibytes_is_refused(verb, patch_type):
    data = document("ConfigMap", "v1", "kube-root-ca.crt", data={"a": "x" * MOST_BYTES})
    said = (413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728")
    assert refusal(data, verb, patch_type) == said


def test_ten_megabytes_in_a_file_are_read_and_refused(tmp_path):
    file = tmp_path / "big.yaml"
    file.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n  a: |\n" + "    ten bytes\n" * 750_000
    )
    sim = Sim(nodes=1)
    sim.apply([file])
    assert [o.error["reason"] for o in sim.outcomes] == ["RequestEntityTooLarge"]


@pytest.mark.parametrize("depth", [MOST_DEPTH, 5_000, 200_000])
def test_a_body_that_is_nested_too_deeply_is_refused(depth):
    data = document("ControllerRevision", "apps/v1", "deep", revision=1, data=nested(depth, 1))
    assert refusal(data) == (400, "BadRequest", "json: exceeded max depth")


def test_a_schema_that_is_nested_as_deeply_as_can_be_is_read():
    schema = {"type": "string"}
    for _ in range((MOST_DEPTH - 8) // 2):
        schema = {"type": "object", "properties": {"a": schema}}
    names = {"plural": "deeps", "singular": "deep", "kind": "Deep", "listKind": "DeepList"}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    data = document("CustomResourceDefinition", "apiextensions.k8s.io/v1", "deeps.example.com", spec=spec)
    assert Door().send("create", data).metadata.name == "deeps.example.com"


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "document contains excessive aliasing"),
        ("a: " + "[" * 100_000, "exceeded maximum nesting depth"),
        ("".join("  " * i + "a:\n" for i in range(2000)), "exceeded maximum nesting depth"),
        ('{"a":' * 20_000 + "1" + "}" * 20_000, "exceeded max depth"),
    ],
)  # fmt: skip
def test_a_bomb_does_not_go_off(text, said):
    (found,) = manifest.read(text, "bomb.yaml")
    assert said in found.error.message


def test_what_passes_the_door_has_no_more_levels_than_may_be():
    data = deployment()
    data["metadata"]["annotations"] = {"a": "[" * 1000}
    assert Door().send("create", data).metadata.annotations["a"] == "[" * 1000

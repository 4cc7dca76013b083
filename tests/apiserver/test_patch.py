"""Patches do what upstream's own tables say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import scheme
from kubesim_tui.apiserver import patch
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.patch import json_merge, json_patch, strategic
from kubesim_tui.apiserver.patch.schema import PatchError
from kubesim_tui.apiserver.request import Options
from kubesim_tui.kubectl.merge import diff, three_way

NAMES = st.sampled_from(["a", "b", "c"])
ENV = st.lists(st.fixed_dictionaries({"name": NAMES, "value": NAMES}), unique_by=lambda v: v["name"], max_size=3)
CONTAINER = st.fixed_dictionaries(
    {"name": NAMES, "image": NAMES}, optional={"env": ENV, "args": st.lists(NAMES, max_size=2), "command": st.just([])}
)
VOLUME = st.one_of(
    st.builds(lambda n: {"name": n, "emptyDir": {}}, NAMES),
    st.builds(lambda n, c: {"name": n, "configMap": {"name": c}}, NAMES, NAMES),
)
DEPLOYMENT = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.fixed_dictionaries({}, optional={"labels": st.dictionaries(NAMES, NAMES, max_size=2)}),
        "spec": st.fixed_dictionaries(
            {
                "replicas": st.integers(0, 3),
                "strategy": st.sampled_from([{"type": "Recreate"}, {"rollingUpdate": {"maxSurge": 1}}]),
                "template": st.fixed_dictionaries(
                    {
                        "spec": st.fixed_dictionaries(
                            {
                                "containers": st.lists(CONTAINER, unique_by=lambda v: v["name"], max_size=3),
                                "volumes": st.lists(VOLUME, unique_by=lambda v: v["name"], max_size=3),
                            }
                        )
                    }
                ),
            }
        ),
    },
)
CODE = "apps.v1.Deployment"


@given(DEPLOYMENT, DEPLOYMENT)
def test_a_two_way_patch_leads_from_one_state_to_the_other(old, new):
    assert new == strategic.apply(CODE, old, diff.two_way(CODE, old, new))


@given(DEPLOYMENT, DEPLOYMENT, DEPLOYMENT)
def test_applying_twice_changes_nothing_more(applied, wanted, live):
    once = strategic.apply(CODE, live, three_way.strategic(CODE, applied, wanted, live))
    again = strategic.apply(CODE, once, three_way.strategic(CODE, wanted, wanted, once))
    assert once == again


@given(DEPLOYMENT, DEPLOYMENT)
def test_when_nobody_else_wrote_apply_gives_what_is_wanted(applied, wanted):
    assert wanted == strategic.apply(CODE, applied, three_way.strategic(CODE, applied, wanted, applied))


def test_a_custom_kind_merges_by_json_only():
    once = json_merge.merge({"a": {"x": 1, "y": 1}}, three_way.json_patch({"a": {"y": 1}}, {"a": {}}, {"a": {"x": 1}}))
    assert once == {"a": {"x": 1}}


@pytest.mark.parametrize(
    "operation, want",
    [
        ({"op": "add", "path": "/a/-", "value": 3}, {"a": [1, 2, 3], "b/c": 0}),
        ({"op": "add", "path": "/a/0", "value": 3}, {"a": [3, 1, 2], "b/c": 0}),
        ({"op": "remove", "path": "/a/-1"}, {"a": [1], "b/c": 0}),
        ({"op": "replace", "path": "/b~1c", "value": None}, {"a": [1, 2], "b/c": None}),
        ({"op": "move", "from": "/a", "path": "/d"}, {"d": [1, 2], "b/c": 0}),
        ({"op": "copy", "from": "/a/0", "path": "/b~1c"}, {"a": [1, 2], "b/c": 1}),
        ({"op": "test", "path": "/a/1", "value": 2}, {"a": [1, 2], "b/c": 0}),
    ],
)
def test_json_patch_operations(operation, want):
    assert want == json_patch.apply({"a": [1, 2], "b/c": 0}, [operation])


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/x"},
        {"op": "replace", "path": "/x/y", "value": 1},
        {"op": "add", "path": "/x/y", "value": 1},
        {"op": "add", "path": "/a/5", "value": 1},
        {"op": "test", "path": "/a/1", "value": True},
        {"op": "dance", "path": "/a"},
    ],
)
def test_an_operation_that_does_not_fit_is_refused_as_a_whole(operation):
    with pytest.raises(StatusError) as refused:
        patch.apply(scheme.for_plural("pods"), {"a": [1, 1]}, [operation], "json", Options())
    assert (
        refused.value.code,
        refused.value.message,
    ) == (422, "the server rejected our request due to an error in our request")


def test_a_strategic_patch_with_an_unknown_field_into_a_struct_is_refused():
    with pytest.raises(PatchError, match='unable to find api field in struct PodSpec for the json field "nope"'):
        strategic.apply("core.v1.Pod", {"spec": {"nope": {}}}, {"spec": {"nope": {"a": 1}}})

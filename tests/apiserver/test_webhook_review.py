"""What a webhook answers, and what is no answer."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.apiserver.admission.webhook.review import Malformed, read

HEAD = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}


def answer(**response):
    return json.dumps({**HEAD, "response": {"uid": "u", "allowed": True, **response}})


def refused(body):
    with pytest.raises(Malformed) as error:
        read(body, "u", "hook")
    return f"{error.value.prefix}: {error.value}"


def test_a_verdict_with_all_that_it_may_say():
    patch = base64.b64encode(b'[{"op": "remove", "path": "/a"}]').decode()
    verdict = read(answer(patch=patch, patchType="JSONPatch", warnings=["w"], status={"code": 403}), "u", "hook")
    assert (verdict.allowed, verdict.patch, verdict.warnings) == (True, [{"op": "remove", "path": "/a"}], ("w",))
    assert verdict.status == {"code": 403}


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ({"allowed": "yes"}, "string into Go struct field AdmissionResponse.response.allowed of type bool"),
        ({"uid": 1}, "number into Go struct field AdmissionResponse.response.uid of type types.UID"),
        ({"warnings": "w"}, "string into Go struct field AdmissionResponse.response.warnings of type []string"),
        ({"warnings": [1]}, "number into Go struct field AdmissionResponse.response.warnings of type string"),
        ({"patch": [1]}, "array into Go struct field AdmissionResponse.response.patch of type []uint8"),
        ({"status": "no"}, "string into Go struct field AdmissionResponse.response.status of type v1.Status"),
        ({"status": {"code": "403"}}, "string into Go struct field Status.response.status.code of type int32"),
        ({"status": {"message": 1}}, "number into Go struct field Status.response.status.message of type string"),
    ],
)
def test_values_of_another_type_are_no_answer(response, said):
    assert refused(answer(**response)) == f"failed to call webhook: json: cannot unmarshal {said}"


@pytest.mark.parametrize("body", ["", "[]", "nonsense", "1", '{"a":', "[" * 100_000])
def test_what_is_no_object_is_no_answer(body):
    assert refused(body) == "failed to call webhook: couldn't get version/kind; json parse error"


def test_reviews_of_another_kind_or_request_are_invalid():
    assert refused("{}").startswith(
        "received invalid webhook response: expected webhook response of admission.k8s.io/v1"
    )
    assert refused(json.dumps(HEAD)) == "received invalid webhook response: webhook response was absent"
    assert refused(answer(uid="v")) == 'received invalid webhook response: expected response.uid="u", got "v"'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["uid", "allowed", "status", "patch", "patchType", "auditAnnotations", "warnings"])


@given(st.dictionaries(NAMES, JSON))
def test_whatever_is_answered_is_a_verdict_or_malformed(response):
    try:
        verdict = read(answer(**response), "u", "hook")
    except Malformed:
        return
    assert isinstance(verdict.allowed, bool)
    assert {type(w) for w in verdict.warnings} <= {str, type(None)}

"""Claims to devices, their templates and classes of devices: a row a rule, in the words of Kubernetes 1.37."""

import pytest

from tests.apiserver import rules
from tests.apiserver.door import document

AT = "spec.devices"
UNKNOWN = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
WANTED = {"deviceClassName": "gpu", "allocationMode": "ExactCount", "count": 1}


def request(name="a", **more):
    return {"name": name, "exactly": {**WANTED, **more}}


def claim(*requests, **devices):
    return document(
        "ResourceClaim", "resource.k8s.io/v1", "x", spec={"devices": {"requests": list(requests), **devices}}
    )


def device_class(**spec):
    return document("DeviceClass", "resource.k8s.io/v1", "x", spec=spec)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (claim(request()), []),
        (claim({"name": "a"}),
         [(f"{AT}.requests[0]", "Required value: exactly one of `exactly` or `firstAvailable` is required")]),
        (claim({**request(), "firstAvailable": [{"name": "b", **WANTED}]}),
         [(f"{AT}.requests[0]", "Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but "
                                "multiple fields are set")]),
        (claim(request(deviceClassName="")), [(f"{AT}.requests[0].exactly.deviceClassName", "Required value")]),
        (claim(request(allocationMode="All")),
         [(f"{AT}.requests[0].exactly.count",
           "Invalid value: 1: must not be specified when allocationMode is 'All'")]),
        (claim(request(count=-1)),
         [(f"{AT}.requests[0].exactly.count", "Invalid value: -1: must be greater than zero")]),
        (claim(request(tolerations=[{"operator": "Some"}, {"operator": "Exists", "value": "v"}])),
         [(f"{AT}.requests[0].exactly.tolerations[1].value",
           'Invalid value: "v": must be empty for operator `Exists`'),
          (f"{AT}.requests[0].exactly.tolerations[0].operator",
           'Unsupported value: "Some": supported values: "Equal", "Exists"')]),
        (claim(request(), constraints=[{"requests": ["b"], "matchAttribute": "numa"}]),
         [(f"{AT}.constraints[0].requests[0]", f'Invalid value: "b": {UNKNOWN}'),
          (f"{AT}.constraints[0].matchAttribute",
           'Invalid value: "numa": a fully qualified name must be a domain and a name separated by a slash')]),
        (claim({"name": "a", "firstAvailable": [{"name": "b", **WANTED}]},
               constraints=[{"requests": ["a/b"], "matchAttribute": "dra.example.com/numa"}]), []),
        (claim(request(), config=[{"requests": ["a"]}]), [(f"{AT}.config[0].opaque", "Required value")]),
        (claim(*[request(f"a{i}") for i in range(33)]),
         [(f"{AT}.requests", "Too many: 33: must have at most 32 items")]),
        (device_class(selectors=[{}]), [("spec.selectors[0].cel", "Required value")]),
        (device_class(config=[{"opaque": {"driver": "", "parameters": {"a": "b"}}}]),
         [("spec.config[0].opaque.driver", "Required value")]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_claim_or_a_class_is_told(data, told):
    assert rules.created(data) == told


def test_what_a_claim_wants_never_changes():
    assert rules.changed(claim(request()), claim(request("b"))) == [("spec", "Invalid value: null: field is immutable")]


def test_the_claims_of_a_template_have_labels_and_annotations_only():
    spec = {"metadata": {"name": "y"}, "spec": claim(request())["spec"]}
    data = document("ResourceClaimTemplate", "resource.k8s.io/v1", "x", spec=spec)
    assert rules.created(data) == [("spec.metadata.name", "Forbidden: cannot be set")]

"""Certificate signing requests: what is asked for, by whom, and what each of three ways to change one may change."""

import base64

import pytest

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.request import User
from kubesim_tui.apiserver.validation.kinds import validate_update
from tests.apiserver.door import Door, document
from tests.apiserver.rules import changed, created, reported
from tests.certificates import PEM, REQUEST, block

ANN = User("ann", ("team", "system:masters"), (("scope", "a"), ("scope", "b")))
NO_REQUEST = "PEM block type must be CERTIFICATE REQUEST"
CONDITIONS, CERTIFICATE = "status.conditions", "status.certificate"


def request(status=None, **spec):
    given = {"request": REQUEST, "usages": ["client auth"], "signerName": "example.com/mine", **spec}
    data = document("CertificateSigningRequest", "certificates.k8s.io/v1", "x", spec=given)
    return data | ({"status": status} if status else {})


def conditions(*types, status="True"):
    return request({"conditions": [{"type": kind, "status": status} for kind in types]})


def certified(text):
    return request({"certificate": text})


def approved(old, new):
    return changed(old, new, lambda resource, new, old: validate_update(resource, new, old, "approval"))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (base64.b64encode(b"no PEM").decode(), NO_REQUEST),
        (block(b"", "CERTIFICATE"), NO_REQUEST),
        (base64.b64encode(PEM.replace("MIGN", "M!GN").encode()).decode(), NO_REQUEST),
        (block(b""), "asn1: syntax error: sequence truncated"),
        (block(b"\x30"), "asn1: syntax error: truncated tag or length"),
        (block(b"\x30\x05\x30"), "asn1: syntax error: data truncated"),
        (block(b"\x30\x80\x00\x00"), "asn1: structure error: indefinite length found (not DER)"),
        (block(b"\x31\x00"), "asn1: structure error: tags don't match"),
        (block(b"\x30\x04\x30\x00\x30\x00"), "asn1: syntax error: sequence truncated"),
    ],
)
def test_a_request_is_a_pkcs10_block(data, told):
    assert [("spec.request", f'Invalid value: "{data}": {told}')] == created(request(request=data))


def test_text_around_the_block_does_not_matter():
    text = f"Request of ann:\n{PEM}# the end\n"
    assert created(request(request=base64.b64encode(text.encode()).decode())) == []


@pytest.mark.parametrize(
    "rest", ["-----BEGIN A-----\n" * 20000, "-----BEGIN A-----\n" + "\n" * 300000, "a:\n" * 100000]
)
def test_a_hostile_text_is_read_in_no_time(rest):
    told = created(request(request=base64.b64encode(rest.encode()).decode()))
    assert told[0][0] == "spec.request"


@pytest.mark.parametrize(
    ("signer", "told"),
    [
        ("a.b/" + "c" * 568, "Too long: may not be more than 571 bytes"),
        ("A.B/c", 'validating label "A": '),
        ("a.b/C", 'validating label "C": '),
    ],
)
def test_a_signer_has_a_domain_and_a_path(signer, told):
    (*_, (field, message)) = created(request(signerName=signer))
    assert (field, told in message) == ("spec.signerName", True)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (request(), certified(block(b"x", "CERTIFICATE")), []),
        (
            request(),
            certified(block(b"x", "KEY")),
            [(CERTIFICATE, 'only CERTIFICATE PEM blocks are allowed, found "KEY"')],
        ),
        (
            request(),
            certified(block(b"x", "CERTIFICATE", "a: b\n\n")),
            [(CERTIFICATE, "no PEM block headers are permitted")],
        ),
        (request(), certified("eA=="), [(CERTIFICATE, "must contain at least one CERTIFICATE PEM block")]),
        (certified("eA=="), certified("eA=="), []),
    ],
)
def test_a_status_takes_certificates(old, new, expected):
    shown = [(field, f'Invalid value: "<certificate data>": {told}') for field, told in expected]
    assert shown == reported(old, new)


@pytest.mark.parametrize(
    ("rule", "old", "new", "expected"),
    [
        (
            reported,
            certified(block(b"x", "CERTIFICATE")),
            certified(block(b"y", "CERTIFICATE")),
            [(CERTIFICATE, "Forbidden: updates may not modify existing certificate content")],
        ),
        (
            reported,
            request(),
            conditions("Approved"),
            [(CONDITIONS, 'Forbidden: updates may not add a condition of type "Approved"')],
        ),
        (reported, request(), conditions("Failed"), []),
        (
            reported,
            conditions("Failed"),
            request(),
            [(CONDITIONS, 'Forbidden: updates may not remove a condition of type "Failed"')],
        ),
        (approved, request(), conditions("Approved"), []),
        (
            approved,
            conditions("Approved"),
            request(),
            [(CONDITIONS, 'Forbidden: updates may not remove a condition of type "Approved"')],
        ),
        (
            approved,
            request(),
            certified(block(b"x", "CERTIFICATE")),
            [(CERTIFICATE, "Forbidden: updates may not set certificate content")],
        ),
        (
            approved,
            request(),
            conditions("Denied", status="False"),
            [(f"{CONDITIONS}[0].status", 'Unsupported value: "False": supported values: "True"')],
        ),
        (
            approved,
            conditions("Approved"),
            conditions("Approved", "Denied"),
            [
                (
                    CONDITIONS,
                    r'Invalid value: "{conditions[{\"type\": \"Approved\"}], conditions[{\"type\": \"Denied\"}]}": '
                    'must specify at most one of: `conditions[{"type": "Approved"}]`, `conditions[{"type": "Denied"}]`',
                )
            ],
        ),
        (approved, conditions("Approved", "Denied"), conditions("Approved", "Denied", "Far"), []),
        (changed, request(usages=["odd", "odd"]), request(usages=["even", "even"]), []),
        (changed, request(signerName="kubernetes.io/legacy-unknown"), request(), []),
        (
            changed,
            request(),
            request(signerName="kubernetes.io/legacy-unknown"),
            [
                (
                    "spec.signerName",
                    'Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API '
                    "version",
                )
            ],
        ),
    ],
)
def test_each_way_changes_its_own_part(rule, old, new, expected):
    assert expected == rule(old, new)


def sent(door, data):
    return encode_object(door.send("create", data, user=ANN))


def test_a_request_is_that_of_who_sends_it():
    door = Door()
    spec = sent(door, request(username="root", uid="1", groups=["system:masters"], extra={"x": ["y"]}))["spec"]
    assert {k: v for k, v in spec.items() if k in ("username", "uid", "groups", "extra")} == {
        "username": "ann",
        "groups": ["team", "system:masters"],
        "extra": {"scope": ["a", "b"]},
    }


def test_an_update_changes_neither_what_is_asked_nor_what_was_answered():
    door = Door()
    first = sent(door, request())
    changed = {**first, "spec": {"request": "eA=="}, "status": {"certificate": "eA=="}}
    later = encode_object(door.send("update", changed))
    assert (later["spec"], later.get("status")) == (first["spec"], first.get("status"))

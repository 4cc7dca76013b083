"""Certificate signing requests: approved by kubelets' right or by hand, signed, cleaned away. Tokens in Secrets."""

import base64

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Request
from kubesim_tui.controllers.certificates import ApprovingController, CleanerController, SigningController
from kubesim_tui.controllers.serviceaccounttoken import ServiceAccountTokenController
from tests.certificates import REQUEST
from tests.controllers.bench import Manager
from tests.harness import ADMIN

HOUR = 3600
RESOURCE = for_plural("certificatesigningrequests")
CLIENT, KUBELET = "kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-kubelet"


def manager():
    m = Manager()
    for name, cls in (
        ("approving", ApprovingController),
        ("signing", SigningController),
        ("cleaner", CleanerController),
    ):
        m.add(cls(f"certificatesigningrequest-{name}-controller", m.kit))
    return m


def ask(m, name="ann", signer=CLIENT, usages=("client auth",), **spec):
    body = {"request": REQUEST, "signerName": signer, "usages": list(usages), **spec}
    made = m.create(
        {
            "apiVersion": "certificates.k8s.io/v1",
            "kind": "CertificateSigningRequest",
            "metadata": {"name": name},
            "spec": body,
        }
    )
    m.tick()
    return made


def decide(m, type_, name="ann"):
    data = read(m, name)
    conditions = [{"type": type_, "status": "True", "reason": "KubectlApprove", "message": "by hand"}]
    data["status"] = {"conditions": conditions}
    m.server.handle(Request(ADMIN, "update", RESOURCE, "", name, "approval", body=data))
    m.tick()


def read(m, name="ann"):
    return encode_object(m.server.handle(Request(ADMIN, "get", RESOURCE, "", name)))


def types_of(m, name="ann"):
    return [c["type"] for c in read(m, name).get("status", {}).get("conditions", ())]


def test_what_nobody_approves_waits():
    m = manager()
    ask(m)
    assert (types_of(m), "certificate" in read(m).get("status", {})) == ([], False)


def test_what_is_approved_is_signed():
    m = manager()
    ask(m)
    decide(m, "Approved")
    text = base64.b64decode(read(m)["status"]["certificate"]).decode()
    assert text.startswith("-----BEGIN CERTIFICATE-----\n")
    assert text.endswith("\n-----END CERTIFICATE-----\n")


def test_what_is_denied_or_for_a_foreign_signer_is_not_signed():
    m = manager()
    ask(m)
    decide(m, "Denied")
    ask(m, "far", "example.com/signer")
    decide(m, "Approved", "far")
    assert ["certificate" in read(m, name)["status"] for name in ("ann", "far")] == [False, False]


def test_usages_that_the_signer_does_not_give():
    m = manager()
    ask(m, usages=("server auth",))
    decide(m, "Approved")
    failed = read(m)["status"]["conditions"][1]
    assert (failed["type"], failed["reason"]) == ("Failed", "SignerValidationFailure")


@pytest.mark.parametrize(
    ("age", "decision", "left"), [(2, None, 1), (2, "Approved", 0), (2, "Denied", 0), (25, None, 0)]
)
def test_old_requests_are_cleaned_away(age, decision, left):
    m = manager()
    ask(m)
    if decision:
        decide(m, decision)
    m.tick(age * HOUR)
    assert len(m.etcd.table(RESOURCE.group_resource)) == left


# -- tokens --------------------------------------------------------------------------------------------------------


def secret(account="robot"):
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {"name": "robot-token", "annotations": {"kubernetes.io/service-account.name": account}},
    }


def robots():
    m = Manager(ServiceAccountTokenController)
    m.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}})
    m.create(secret())
    m.tick()
    return m


def test_a_token_secret_is_filled_in():
    m = robots()
    found = m.get(types.Secret, "robot-token")
    uid = m.get(types.ServiceAccount, "robot").metadata.uid
    data = {k: base64.b64decode(v).decode() for k, v in found.data.items()}
    assert (data["namespace"], data["token"]) == ("default", f"system:serviceaccount:default:robot:{uid}")
    assert data["ca.crt"].startswith("-----BEGIN CERTIFICATE-----")
    assert found.metadata.annotations["kubernetes.io/service-account.uid"] == uid


def test_a_token_goes_with_its_account():
    m = robots()
    m.delete(types.ServiceAccount, "robot")
    m.tick()
    with pytest.raises(StatusError):
        m.get(types.Secret, "robot-token")


def test_a_token_for_nobody_is_deleted():
    m = Manager(ServiceAccountTokenController)
    m.create(secret("nobody"))
    m.tick()
    assert m.list(types.Secret) == []

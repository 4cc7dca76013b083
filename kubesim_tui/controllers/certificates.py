"""The controllers of CertificateSigningRequests: approving, signing, cleaning up (pkg/controller/certificates).

Kubelets' own requests are approved by themselves; all others wait for `kubectl certificate approve`. What is approved,
for a signer that the manager holds a key of, is signed. Certificates are texts in the form of one, not X.509: nobody
checks signatures here (FIDELITY.md).
"""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Mapping
from typing import Any, cast

from kubesim_tui.api.pkcs10 import subject
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.times import format_time, parse_time
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import reviews
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import Controller, Kit
from kubesim_tui.kernel.engine import Key

REQUESTS = "certificatesigningrequests"
CLIENT = "kubernetes.io/kube-apiserver-client"
KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"
KUBELET_SERVING = "kubernetes.io/kubelet-serving"
LEGACY = "kubernetes.io/legacy-unknown"
NODE = "system:node:"
YEAR = 365 * 24 * 3600
"""--cluster-signing-duration."""

_BOTH = frozenset({"digital signature", "key encipherment"})
USAGES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    CLIENT: (frozenset({"client auth"}), _BOTH),
    KUBELET_CLIENT: (frozenset({"client auth", "digital signature"}), frozenset({"key encipherment"})),
    KUBELET_SERVING: (frozenset({"server auth", "digital signature"}), frozenset({"key encipherment"})),
}
"""By signer: the usages that must be asked for, and those that may be. The legacy signer takes any."""

HOUR = 3600
KEPT = {"pending": 24 * HOUR, "approved": HOUR, "denied": HOUR, "failed": HOUR}
"""How long requests are kept (certificates/cleaner): what waits for a day; what is decided for an hour."""
Data = Mapping[str, Any]


def condition_of(status: Data, type_: str) -> Data | None:
    """A condition that is set."""
    return next((c for c in status.get("conditions") or () if c.get("type") == type_), None)


def is_signed(status: Data) -> bool:
    """Whether there is a certificate."""
    return bool(status.get("certificate"))


def refusal(spec: Data) -> str:
    """Why the signer will not sign; "" if it will. Pure."""
    rules = USAGES.get(spec.get("signerName", ""))
    if rules is None:
        return ""
    needed, allowed = rules
    asked = set(spec.get("usages") or ())
    if not needed <= asked or not asked <= needed | allowed:
        return f"usages did not match: {', '.join(sorted(asked))}"
    return ""


def certificate(name: str, spec: Data, now: int) -> str:
    """The text of a certificate, as base64 like all bytes in JSON. Pure."""
    ends = now + int(spec.get("expirationSeconds") or YEAR)
    content = {
        "issuer": "kubernetes",
        "subject": {"commonName": spec.get("username", ""), "organization": list(spec.get("groups") or ())},
        "request": name,
        "usages": sorted(spec.get("usages") or ()),
        "notBefore": format_time(now),
        "notAfter": format_time(ends),
    }
    body = "\n".join(textwrap.wrap(base64.b64encode(json.dumps(content, sort_keys=True).encode()).decode(), 64))
    text = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    return base64.b64encode(text.encode()).decode()


def expires(status: Data, made: int) -> int:
    """When a request is cleaned away (Unix seconds). Pure."""
    for type_ in ("Denied", "Failed", "Approved"):
        found = condition_of(status, type_)
        if found is not None:
            since = found.get("lastUpdateTime") or found.get("lastTransitionTime")
            return (parse_time(since) if since else made) + KEPT[type_.lower()]
    return made + KEPT["pending"]


class _RequestController(Controller):
    """What the three have in common: a key is a request's name."""

    account = "certificate-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.requests = self.watch(kit.shared(REQUESTS))
        self.requests.on_change(self._changed)

    def _changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None:
            self.enqueue(now.metadata.name)

    def sync(self, key: Key) -> None:
        """Work on one request that is still there."""
        found = self.requests.get("", cast(str, key))
        if found is not None:
            self.work(found, generic.plain(found, "spec"), generic.plain(found, "status"))

    def work(self, found: Object, spec: Data, status: Data) -> None:
        """Do what this controller does."""
        raise NotImplementedError

    def _with(self, status: Data, type_: str, reason: str, message: str) -> dict[str, Any]:
        now = format_time(self.now)
        conditions = generic.condition(
            list(status.get("conditions") or ()), type_, "True", reason, message, now, lastUpdateTime=now
        )
        return {**status, "conditions": conditions}


class ApprovingController(_RequestController):
    """Approves what kubelets ask for about themselves."""

    def work(self, found: Object, spec: Data, status: Data) -> None:
        """Approve a node's own client certificate."""
        decided = condition_of(status, "Approved") or condition_of(status, "Denied") or is_signed(status)
        if decided or spec.get("signerName") != KUBELET_CLIENT or refusal(spec):
            return
        common, organizations = _subject(spec)
        user = str(spec.get("username", ""))
        own = user.startswith(NODE)
        if not own and not (common.startswith(NODE) and organizations == ["system:nodes"]):
            return
        if not own and not self._may(spec, "nodeclient"):
            return
        text = f"Auto approving {'self ' if own else ''}kubelet client certificate after SubjectAccessReview."
        body = generic.with_part(found, "status", self._with(status, "Approved", "AutoApproved", text))
        self.client.send(
            Request(self.client.user, "update", for_plural(REQUESTS), "", found.metadata.name, "approval", body=body)
        )

    def _may(self, spec: Data, what: str) -> bool:
        """Whether who asks may have such certificates approved by themselves (a role binding says so)."""
        attributes = {"group": "certificates.k8s.io", "resource": REQUESTS, "subresource": what, "verb": "create"}
        asked = {"user": spec.get("username"), "groups": list(spec.get("groups") or ())}
        self.client.call()
        review = {"spec": {**asked, "resourceAttributes": attributes}}
        found = reviews.answer(self.client.server, self.client.user, "subjectaccessreviews", review)
        return bool(found["status"]["allowed"])


def _subject(spec: Data) -> tuple[str, list[str]]:
    try:
        return subject(base64.b64decode(spec.get("request") or ""))
    except ValueError:
        return "", []


class SigningController(_RequestController):
    """Signs what is approved."""

    def work(self, found: Object, spec: Data, status: Data) -> None:
        """Issue a certificate, or say why not."""
        if is_signed(status) or condition_of(status, "Failed") or not condition_of(status, "Approved"):
            return
        if condition_of(status, "Denied") or spec.get("signerName") not in (*USAGES, LEGACY):
            return
        why = refusal(spec)
        if why:
            made = self._with(status, "Failed", "SignerValidationFailure", why)
        else:
            made = {**status, "certificate": certificate(found.metadata.name, spec, self.now)}
        self.client.update_status(generic.with_part(found, "status", made))


class CleanerController(_RequestController):
    """Deletes old requests."""

    def work(self, found: Object, _spec: Data, status: Data) -> None:
        """Now or when its time has come."""
        left = expires(status, found.metadata.creation_timestamp or self.now) - self.now
        if left > 0:
            self.enqueue_after(left, found.metadata.name)
            return
        generic.delete(self.client, for_plural(REQUESTS), "", found.metadata.name, Options(uid=found.metadata.uid))

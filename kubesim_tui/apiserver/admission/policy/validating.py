"""ValidatingAdmissionPolicies: what comes of what they say (policy/validating/dispatcher.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.admission.attributes import Attributes, attributes
from kubesim_tui.apiserver.admission.policy.evaluation import Decision, decide
from kubesim_tui.apiserver.admission.policy.params import BadConfiguration
from kubesim_tui.apiserver.admission.policy.source import Bound, Source, details, misconfigured
from kubesim_tui.apiserver.authorization.rbac import Rbac
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request

Json = Mapping[str, Any]
GROUP = "admissionregistration.k8s.io"
POLICIES, BINDINGS = f"validatingadmissionpolicies.{GROUP}", f"validatingadmissionpolicybindings.{GROUP}"
KIND = "ValidatingAdmissionPolicy"
CODES = {"Unauthorized": 401, "Forbidden": 403, "RequestEntityTooLarge": 413}


class ValidatingPolicies(Source):
    """Asked about what will be."""

    def __init__(self, etcd: Etcd, rbac: Rbac | None = None) -> None:
        super().__init__(etcd, rbac, POLICIES, BINDINGS)

    def validate(self, request: Request, data: Json | None, old: Object | None) -> list[str]:
        """Ask every policy that is bound; returns warnings. StatusError: refused, the first counts."""
        if not self.present:
            return []
        about = attributes(self.etcd, request, data, old)
        refused: list[tuple[str, Decision]] = []
        warnings: list[str] = []
        for one in self.bound(about):
            by = f"{KIND} '{one.name}' with binding '{one.binding_name}'"
            actions = one.binding.get("validationActions") or ()
            for decision in self._decisions(one, about):
                if "Warn" in actions and not decision.broken:
                    warnings.append(f"Validation failed for {by}: {decision.message}")
                if "Deny" in actions or decision.broken:
                    refused.append((by, decision))
        if refused:
            by, decision = refused[0]
            raise _forbidden(about, f"{by} denied request: {decision.message}", decision.reason or "Invalid")
        return warnings

    def _decisions(self, one: Bound, about: Attributes) -> list[Decision]:
        """What a policy says with the params of a binding."""
        try:
            scopes = self.scopes(one, about)
        except BadConfiguration as wrong:
            return [] if one.ignored else [Decision(misconfigured(wrong), "", broken=True)]
        return [decision for known in scopes for decision in decide(one.spec, known)]


def _forbidden(about: Attributes, said: str, reason: str) -> StatusError:
    r, found = about.request.resource, details(about, said)
    message = errors.forbidden(r.group, r.plural, found.name, said).message
    return StatusError(CODES.get(reason, 422), reason, message, found).at(f"admission/{KIND}")

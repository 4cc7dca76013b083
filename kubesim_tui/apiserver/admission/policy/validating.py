"""ValidatingAdmissionPolicies and bindings: whom to ask, and what comes of it (policy/validating/dispatcher.go)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.admission.attributes import Attributes, attributes
from kubesim_tui.apiserver.admission.conditions import scope
from kubesim_tui.apiserver.admission.policy.evaluation import Decision, decide
from kubesim_tui.apiserver.admission.policy.params import BadConfiguration, collect
from kubesim_tui.apiserver.admission.webhook.matching import could_match, matches_resources
from kubesim_tui.apiserver.admission.webhook.review import request_of
from kubesim_tui.apiserver.apiextensions.overlay import Overlay
from kubesim_tui.apiserver.authorization.rbac import Rbac
from kubesim_tui.apiserver.errors import Cause, Details, StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request

Json = Mapping[str, Any]
GROUP = "admissionregistration.k8s.io"
POLICIES, BINDINGS = f"validatingadmissionpolicies.{GROUP}", f"validatingadmissionpolicybindings.{GROUP}"
CODES = {"Unauthorized": 401, "Forbidden": 403, "RequestEntityTooLarge": 413}
STATION = "admission/ValidatingAdmissionPolicy"


class ValidatingPolicies:
    """All policies of a cluster, read from etcd for each request that they can concern."""

    def __init__(self, etcd: Etcd, rbac: Rbac | None = None) -> None:
        self.etcd, self.rbac, self.kinds = etcd, rbac, Overlay(etcd)
        self._policies, self._bindings = etcd.table(POLICIES).objects, etcd.table(BINDINGS).objects

    @property
    def present(self) -> bool:
        """Whether there are any that are bound."""
        return bool(self._policies and self._bindings)

    def concern(self, request: Request) -> bool:
        """Whether any policy may want to hear of a request. Cheap while there are none."""
        return self.present and any(_could_match(spec, request) for _, spec in _specs(self._policies))

    def validate(self, request: Request, data: Json | None, old: Object | None) -> list[str]:
        """Ask every policy that is bound; returns warnings. StatusError: refused."""
        if not self.present:
            return []
        about = attributes(self.etcd, request, data, old)
        refused: list[tuple[str, str, Decision]] = []
        warnings: list[str] = []
        for name, spec in _specs(self._policies):
            if not _could_match(spec, request) or not matches_resources(spec.get("matchConstraints") or {}, about):
                continue
            for bound, binding in _specs(self._bindings):
                if binding.get("policyName") != name or not matches_resources(
                    binding.get("matchResources") or {}, about
                ):
                    continue
                actions = binding.get("validationActions") or ()
                for decision in self._decisions(spec, binding, about):
                    if "Warn" in actions and not decision.broken:
                        with_binding = f"'{name}' with binding '{bound}'"
                        warnings.append(
                            f"Validation failed for ValidatingAdmissionPolicy {with_binding}: {decision.message}"
                        )
                    if "Deny" in actions or decision.broken:
                        refused.append((name, bound, decision))
        if refused:
            raise _forbidden(about, *refused[0])
        return warnings

    def _decisions(self, spec: Json, binding: Json, about: Attributes) -> list[Decision]:
        """What a policy says with the params of a binding."""
        namespace = about.request.namespace
        try:
            params = collect(self.etcd, self.kinds, spec.get("paramKind"), binding.get("paramRef"), namespace)
        except BadConfiguration as wrong:
            if spec.get("failurePolicy") == "Ignore":
                return []
            return [Decision(f"failed to configure binding: {wrong}", "", broken=True)]
        known = scope(about, request_of(about, 0), self.rbac)
        known["namespaceObject"] = self._namespace(about)
        return [decision for p in params for decision in decide(spec, {**known, "params": p})]

    def _namespace(self, about: Attributes) -> dict[str, Any] | None:
        if about.request.resource.group_resource == "namespaces" or not about.request.namespace:
            return None
        found = self.etcd.get("namespaces", ("", about.request.namespace))
        return None if found is None else encode_object(found)


def _specs(table: Mapping[tuple[str, str], Object]) -> Iterator[tuple[str, Json]]:
    """(name, spec) of all, in the order of their names."""
    for key in sorted(table):
        found = table[key]
        if isinstance(found, Unstructured):
            yield found.metadata.name, found.rest.get("spec") or {}


def _could_match(spec: Json, request: Request) -> bool:
    constraints = spec.get("matchConstraints") or {}
    return could_match(
        {"rules": constraints.get("resourceRules"), "matchPolicy": constraints.get("matchPolicy")}, request
    )


def _forbidden(about: Attributes, policy: str, binding: str, decision: Decision) -> StatusError:
    r = about.request.resource
    own = (about.object or {}).get("metadata") or {}
    name = about.name or own.get("generateName") or "Unknown"
    said = f"ValidatingAdmissionPolicy '{policy}' with binding '{binding}' denied request: {decision.message}"
    refused = errors.forbidden(r.group, r.plural, name, said)
    reason = decision.reason or "Invalid"
    details = Details(name=name, group=r.group, kind=r.plural, causes=(Cause("", said),))
    return StatusError(CODES.get(reason, 422), reason, refused.message, details).at(STATION)

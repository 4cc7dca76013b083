"""MutatingAdmissionPolicies: objects are changed on their way in (policy/mutating/dispatcher.go).

They come before the mutating webhooks. Those that want to be asked again (IfNeeded) are, once, when the object has
been changed since by another policy or a webhook.
"""

from __future__ import annotations

import copy
from typing import Any

from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.admission.attributes import Attributes, attributes
from kubesim_tui.apiserver.admission.conditions import hold
from kubesim_tui.apiserver.admission.policy.evaluation import variables
from kubesim_tui.apiserver.admission.policy.mutation import TYPES, mutated
from kubesim_tui.apiserver.admission.policy.params import BadConfiguration
from kubesim_tui.apiserver.admission.policy.source import Bound, Source, details, misconfigured
from kubesim_tui.apiserver.apiextensions.cel.values import CelError
from kubesim_tui.apiserver.authorization.rbac import Rbac
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request

JsonMap = dict[str, Any]
GROUP = "admissionregistration.k8s.io"
POLICIES, BINDINGS = f"mutatingadmissionpolicies.{GROUP}", f"mutatingadmissionpolicybindings.{GROUP}"
KIND = "MutatingAdmissionPolicy"


class MutatingPolicies(Source):
    """Asked before an object is validated."""

    def __init__(self, etcd: Etcd, rbac: Rbac | None = None) -> None:
        super().__init__(etcd, rbac, POLICIES, BINDINGS)

    def mutate(self, request: Request, data: JsonMap, old: Object | None, *, again: bool = False) -> bool:
        """Change an object in place; whether it was changed. `again`: only those that want to be asked again."""
        if not self.present or not data:
            return False
        changed = self._turn(request, data, old, again=again)
        if changed and not again:
            self._turn(request, data, old, again=True)
        return changed

    def _turn(self, request: Request, data: JsonMap, old: Object | None, *, again: bool) -> bool:
        before = copy.deepcopy(data)
        about = attributes(self.etcd, request, data, old)
        for one in self.bound(about):
            if again and one.spec.get("reinvocationPolicy") != "IfNeeded":
                continue
            try:
                self._one(one, about, data)
            except BadConfiguration as wrong:
                self._failed(one, about, misconfigured(wrong), "Forbidden")
            except CelError as wrong:
                self._failed(one, about, str(wrong), "Invalid")
        return data != before

    def _failed(self, one: Bound, about: Attributes, why: str, reason: str) -> None:
        """The request is refused, unless the policy's failures are ignored."""
        if not one.ignored:
            said = f"policy '{one.name}' with binding '{one.binding_name}' denied request: {why}"
            raise StatusError(403, reason, said, details(about, said)).at(f"admission/{KIND}")

    def _one(self, one: Bound, about: Attributes, data: JsonMap) -> None:
        """All mutations of one policy, one after the other."""
        for scope in self.scopes(one, about):
            if not hold(one.spec.get("matchConditions") or (), {**scope, "namespaceObject": None}):
                continue
            for mutation in one.spec.get("mutations") or ():
                known = {**scope, **TYPES}
                made = mutated(
                    mutation, about.request.resource, data, {**known, "variables": variables(one.spec, known)}
                )
                if made is not data:
                    data.clear()
                    data.update(made)

"""CEL at the door: the variables of a request, and matchConditions (plugin/webhook/matchconditions)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubesim_tui.api import types
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.admission.attributes import Attributes
from kubesim_tui.apiserver.apiextensions.cel.authz import Authorizer, Check
from kubesim_tui.apiserver.apiextensions.cel.evaluate import Meter, evaluate
from kubesim_tui.apiserver.apiextensions.cel.parser import parse
from kubesim_tui.apiserver.apiextensions.cel.tokens import SyntaxFault
from kubesim_tui.apiserver.apiextensions.cel.values import CelError
from kubesim_tui.apiserver.authentication import service_account
from kubesim_tui.apiserver.authorization.rbac import Rbac

Json = Mapping[str, Any]
CALL_LIMIT, CONDITIONS_BUDGET = 1_000_000, 2_500_000
"""What one expression, and all matchConditions of a policy or webhook, may cost."""
SPENT = "validation failed due to running out of cost budget, no further validation rules will be run"


class Spent(CelError):
    """The budget is used up: nothing more is asked."""

    def __init__(self) -> None:
        super().__init__(SPENT)


class Budget:
    """What some expressions may cost together."""

    def __init__(self, left: int) -> None:
        self.left = left

    def value(self, expression: str, scope: Json) -> Any:
        """The value of an expression; CelError in the words of the API server, Spent when nothing is left."""
        meter = Meter(CALL_LIMIT)
        try:
            return evaluate(parse(expression), scope, meter)
        except SyntaxFault as fault:
            raise CelError(f"compilation error: compilation failed: {fault.shown(expression)}") from None
        except CelError as error:
            raise CelError(f"expression '{expression}' resulted in error: {error}") from None
        finally:
            self.left -= meter.spent
            if self.left < 0:
                raise Spent


def scope(about: Attributes, asked: Json, rbac: Rbac | None) -> dict[str, Any]:
    """The variables of a request: `asked` is its AdmissionRequest."""
    request = {k: v for k, v in asked.items() if k not in ("object", "oldObject", "uid")}
    found = {"object": about.object, "oldObject": about.old, "namespaceObject": None}
    return {**found, "request": request, "authorizer": authorizer(about, rbac)}


def authorizer(about: Attributes, rbac: Rbac | None) -> Authorizer:
    """Who may do what, for the user who asks; without RBAC everybody may do everything."""

    def ask(check: Check, verb: str) -> tuple[bool, str]:
        user = about.request.user if check.of.account is None else service_account(*check.of.account)
        if rbac is None:
            return True, ""
        if check.path:
            return rbac.authorize_url(user, verb, check.path)
        what = Resource("", check.group, "v1", check.resource, "", (), True, (), check.resource, types.Unstructured)
        return rbac.authorize(user, verb, what, check.subresource, check.namespace, check.name)

    r, request = about.request.resource, about.request
    made = Authorizer(ask)
    own = Check(made, "", r.group, r.plural, request.subresource, request.namespace, about.name)
    return Authorizer(ask, request=own)


def hold(conditions: Iterable[Json], variables: Json) -> bool:
    """Whether all of some matchConditions are true. CelError if one fails and none is false."""
    failed: list[str] = []
    budget = Budget(CONDITIONS_BUDGET)
    for condition in conditions:
        try:
            if budget.value(condition.get("expression") or "", variables) is not True:
                return False
        except Spent:
            raise
        except CelError as error:
            failed.append(str(error))
    if failed:
        raise CelError(failed[0] if len(failed) == 1 else f"[{', '.join(dict.fromkeys(failed))}]")
    return True

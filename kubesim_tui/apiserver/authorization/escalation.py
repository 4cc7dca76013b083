"""Nobody grants what they do not have: a new Role's rules, and those that a binding binds, must be the user's own.

Who may `escalate` roles, or `bind` a role, is excused; so are system:masters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from kubesim_tui.api.fielderror import quoted
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.authorization.rbac import GROUP, MASTERS, Rbac
from kubesim_tui.apiserver.authorization.rules import Rule, compact, from_json, uncovered
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Request

ROLES = frozenset({"roles", "clusterroles"})
BINDINGS = frozenset({"rolebindings", "clusterrolebindings"})
STATION = "authorization"
EVERYTHING = (Rule(("*",), ("*",), ("*",)), Rule(("*",), urls=("*",)))


def check(rbac: Rbac, request: Request, obj: Object, old: Object | None) -> None:
    """403 if a Role or a binding grants more than the user has."""
    resource, user = request.resource, request.user
    if resource.group != GROUP or MASTERS in user.groups or not isinstance(obj, Unstructured):
        return
    before = cast(Unstructured, old).rest if old is not None else {}
    if resource.plural in ROLES:
        same = all(obj.rest.get(n) == before.get(n) for n in ("rules", "aggregationRule"))
        if same or _may(rbac, request, "escalate", request.name):
            return
        if obj.rest.get("aggregationRule"):
            _refuse_aggregation(rbac, request, obj)
        _refuse(rbac, request, obj, [from_json(r) for r in obj.rest.get("rules") or ()])
    elif resource.plural in BINDINGS:
        ref = obj.rest.get("roleRef") or {}
        if (obj.rest.get("subjects"), ref) == (before.get("subjects"), before.get("roleRef")):
            return
        kind, name = ref.get("kind") or "", ref.get("name") or ""
        if _may(rbac, request, "bind", name, "roles" if kind == "Role" else "clusterroles"):
            return
        rules = rbac.rules_of(kind, name, request.namespace)
        if rules is None:
            text = f'{kind.lower()}.{GROUP} "{name}" not found'
            raise StatusError(404, "NotFound", text, errors.Details(name, GROUP, kind.lower())).at(STATION)
        _refuse(rbac, request, obj, rules)


def _may(rbac: Rbac, request: Request, verb: str, name: str, plural: str = "") -> bool:
    """Whether the user has a rule for a verb on roles of this name."""
    namespace = "" if plural == "clusterroles" and not request.namespace else request.namespace
    wanted = plural or request.resource.plural
    held = rbac.held(request.user, namespace).rules
    return any(rule.allows(verb, GROUP, wanted, "") and rule.allows_name(name) for rule, _ in held)


def _refuse_aggregation(rbac: Rbac, request: Request, obj: Object) -> None:
    """A role that gathers others' rules can gather anything."""
    if uncovered([rule for rule, _ in rbac.held(request.user, "").rules], EVERYTHING):
        why = "must have cluster-admin privileges to use an aggregationRule"
        raise errors.forbidden(GROUP, request.resource.plural, obj.metadata.name, why).at(STATION)


def _refuse(rbac: Rbac, request: Request, obj: Object, wanted: Sequence[Rule]) -> None:
    user = request.user
    missing = uncovered([rule for rule, _ in rbac.held(user, request.namespace).rules], wanted)
    if not missing:
        return
    groups = " ".join(quoted(g) for g in user.groups)
    head = f"user {quoted(user.name)} (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:"
    lines = sorted({str(rule) for rule in compact(missing)})
    why = "\n".join([head, *lines])
    raise errors.forbidden(GROUP, request.resource.plural, obj.metadata.name, why).at(STATION)

"""Which webhooks a request concerns: rules, scope, selectors, conditions. Pure.

Paths: (group, version, plural, subresource). With matchPolicy Equivalent a rule about another version of the same
resource matches, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from kubesim_tui.api import labels
from kubesim_tui.api.frozen import thaw
from kubesim_tui.apiserver.apiextensions.cel.evaluate import Meter, evaluate
from kubesim_tui.apiserver.apiextensions.cel.parser import parse
from kubesim_tui.apiserver.apiextensions.cel.tokens import SyntaxFault
from kubesim_tui.apiserver.apiextensions.cel.values import CelError, Unsupported
from kubesim_tui.apiserver.request import Request

Json = Mapping[str, Any]
CONNECTS = frozenset({"exec", "attach", "portforward", "proxy"})
EXEMPT_GROUP = "admissionregistration.k8s.io"
MATCH_COST = 1_000_000


@frozen(eq=False)
class Attributes:
    """What webhooks are asked about: the request, and the object before and after it (JSON)."""

    request: Request
    operation: str  # CREATE, UPDATE, DELETE, CONNECT
    object: Json | None
    old: Json | None
    namespace_labels: Mapping[str, str] | None  # of the object's namespace; None: it has none


def operation(request: Request, *, exists: bool) -> str:
    """What a request does to an object, as rules name it."""
    if request.verb in ("delete", "deletecollection"):
        return "DELETE"
    if request.subresource in CONNECTS:
        return "CONNECT"
    return "UPDATE" if exists and request.verb in ("update", "patch") else "CREATE"


def could_match(hook: Json, request: Request) -> bool:
    """Whether any rule of a webhook is about the request's resource."""
    if request.resource.group == EXEMPT_GROUP:
        return False
    return any(_names(rule, request, hook.get("matchPolicy") or "Equivalent") for rule in hook.get("rules") or ())


def matches(hook: Json, about: Attributes) -> bool:
    """Whether a webhook is to be called."""
    policy = hook.get("matchPolicy") or "Equivalent"
    rules = [r for r in hook.get("rules") or () if _names(r, about.request, policy)]
    if not any(_has(r.get("operations") or (), about.operation) for r in rules):
        return False
    return _namespace_fits(hook, about) and _object_fits(hook, about)


def _names(rule: Json, request: Request, policy: str) -> bool:
    r = request.resource
    scope = rule.get("scope") or "*"
    own = "Namespaced" if r.namespaced else "Cluster"
    return (
        _has(rule.get("apiGroups") or (), r.group)
        and (policy == "Equivalent" or _has(rule.get("apiVersions") or (), r.version))
        and scope in ("*", own)
        and any(_is(pattern, r.plural, request.subresource) for pattern in rule.get("resources") or ())
    )


def _is(pattern: str, plural: str, subresource: str) -> bool:
    resource, _, sub = pattern.partition("/")
    return resource in ("*", plural) and (sub == subresource or sub == "*")


def _has(words: Sequence[str], word: str) -> bool:
    return word in words or "*" in words


def _namespace_fits(hook: Json, about: Attributes) -> bool:
    selector = hook.get("namespaceSelector")
    if not selector:
        return True
    found = about.namespace_labels
    return found is None or labels.from_object(thaw(selector)).matches(found)


def _object_fits(hook: Json, about: Attributes) -> bool:
    selector = hook.get("objectSelector")
    if not selector:
        return True
    wanted = labels.from_object(thaw(selector))
    objects = [o for o in (about.object, about.old) if o is not None]
    return any(wanted.matches((o.get("metadata") or {}).get("labels") or {}) for o in objects)


def conditions_hold(hook: Json, review: Json, about: Attributes) -> bool:
    """matchConditions: CEL on the request and its objects. CelError if one fails and none is false."""
    failed: CelError | None = None
    scope = {"request": review, "object": about.object, "oldObject": about.old}
    for condition in hook.get("matchConditions") or ():
        try:
            if evaluate(parse(condition.get("expression") or ""), scope, Meter(MATCH_COST)) is not True:
                return False
        except Unsupported:
            continue
        except (CelError, SyntaxFault) as error:
            failed = failed or CelError(str(error))
    if failed is not None:
        raise failed
    return True

"""Which webhooks a request concerns: rules, scope, selectors. Pure. Policies are matched in the same way.

Paths: (group, version, plural, subresource). With matchPolicy Equivalent a rule about another version of the same
resource matches, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubesim_tui.api import labels
from kubesim_tui.api.frozen import thaw
from kubesim_tui.apiserver.admission.attributes import Attributes
from kubesim_tui.apiserver.request import Request

Json = Mapping[str, Any]
EXEMPT_GROUP = "admissionregistration.k8s.io"


def could_match(hook: Json, request: Request) -> bool:
    """Whether any rule of a webhook is about the request's resource."""
    if request.resource.group == EXEMPT_GROUP:
        return False
    return any(_names(rule, request, hook.get("matchPolicy") or "Equivalent") for rule in hook.get("rules") or ())


def matches(hook: Json, about: Attributes) -> bool:
    """Whether a webhook is to be called."""
    policy = hook.get("matchPolicy") or "Equivalent"
    rules = hook.get("rules") or ()
    return _ruled(rules, about, policy) and _namespace_fits(hook, about) and _object_fits(hook, about)


def matches_resources(found: Json, about: Attributes) -> bool:
    """Whether the matchConstraints of a policy, or the matchResources of a binding, are about a request."""
    policy = found.get("matchPolicy") or "Equivalent"
    if not _namespace_fits(found, about) or not _object_fits(found, about):
        return False
    if _ruled(found.get("excludeResourceRules") or (), about, policy):
        return False
    rules = found.get("resourceRules") or ()
    return not rules or _ruled(rules, about, policy)


def _ruled(rules: Sequence[Json], about: Attributes, policy: str) -> bool:
    return any(
        _names(rule, about.request, policy)
        and _has(rule.get("operations") or (), about.operation)
        and (not rule.get("resourceNames") or about.name in rule["resourceNames"])
        for rule in rules
    )


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

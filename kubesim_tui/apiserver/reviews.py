"""Questions to the API server that are sent as objects and not stored: may I, what may I, who am I.

`answer` takes the plural of a review and its JSON and gives it back with its status. To ask is a right, too, which
system:basic-user gives to everybody who is authenticated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import evolve

from kubesim_tui.api import types
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver import authentication, errors
from kubesim_tui.apiserver.authorization.rbac import Rbac
from kubesim_tui.apiserver.request import User

JsonMap = dict[str, Any]
AUDIENCE = "https://kubernetes.default.svc.cluster.local"
AUTHORIZATION, AUTHENTICATION = "authorization.k8s.io", "authentication.k8s.io"


class Asked(Protocol):
    """What a review needs of the API server."""

    authorizer: Any


def answer(server: Asked, user: User, plural: str, data: JsonMap, namespace: str = "") -> JsonMap:
    """A review with its status. 404 if there is no such review, 403 if the user may not ask."""
    found = REVIEWS.get(plural)
    if found is None:
        raise errors.not_found("", plural, "")
    group, review = found
    allowed, reason = server.authorizer.authorize(user, "create", _resource(group, plural), "", namespace, "")
    if not allowed:
        where = f' in the namespace "{namespace}"' if namespace else " at the cluster scope"
        why = f'User "{user.name}" cannot create resource "{plural}" in API group "{group}"{where}'
        raise errors.forbidden(group, plural, "", why + (f": {reason}" if reason else "")).at("authorization")
    return {**data, "status": review(server.authorizer, user, data.get("spec") or {})}


def _resource(group: str, plural: str) -> Resource:
    return Resource("", group, "v1", plural, plural, (), True, (), plural, types.Unstructured)


def _decide(authorizer: Any, user: User, spec: JsonMap) -> JsonMap:
    """Whether a user may do what a spec asks about."""
    url = spec.get("nonResourceAttributes")
    if url is not None:
        if not isinstance(authorizer, Rbac):
            return {"allowed": True}
        allowed, reason = authorizer.authorize_url(user, url.get("verb") or "", url.get("path") or "")
    else:
        asked = spec.get("resourceAttributes") or {}
        what = _resource(asked.get("group") or "", asked.get("resource") or "")
        words = [asked.get(name) or "" for name in ("subresource", "namespace", "name")]
        allowed, reason = authorizer.authorize(user, asked.get("verb") or "", what, *words)
    return {"allowed": allowed, **({"reason": reason} if reason else {})}


def _self_access(authorizer: Any, user: User, spec: JsonMap) -> JsonMap:
    return _decide(authorizer, user, spec)


def _access(authorizer: Any, _user: User, spec: JsonMap) -> JsonMap:
    return _decide(authorizer, User(spec.get("user") or "", tuple(spec.get("groups") or ())), spec)


def _self_rules(authorizer: Any, user: User, spec: JsonMap) -> JsonMap:
    """All rules of the user in a namespace."""
    held = authorizer.held(user, spec.get("namespace") or "") if isinstance(authorizer, Rbac) else None
    rules = [rule for rule, _ in held.rules] if held is not None else []
    resources = [
        {
            "verbs": list(rule.verbs),
            "apiGroups": list(rule.groups),
            "resources": list(rule.resources),
            **({"resourceNames": list(rule.names)} if rule.names else {}),
        }
        for rule in rules
        if rule.resources
    ]
    urls = [{"verbs": list(rule.verbs), "nonResourceURLs": list(rule.urls)} for rule in rules if rule.urls]
    return {"resourceRules": resources, "nonResourceRules": urls, "incomplete": False}


def _self(_authorizer: Any, user: User, _spec: JsonMap) -> JsonMap:
    """Who the user is."""
    return {"userInfo": user.to_json()}


def _token(authorizer: Any, _user: User, spec: JsonMap) -> JsonMap:
    """Whose token this is."""
    found = authentication.by_token(authorizer.etcd, spec.get("token") or "") if isinstance(authorizer, Rbac) else None
    if found is None:
        return {"user": {}, "error": "invalid bearer token"}
    namespace, _, name = found.name.removeprefix(authentication.ACCOUNT_PREFIX).partition(":")
    account = authorizer.etcd.get("serviceaccounts", (namespace, name))
    who = evolve(found, uid=account.metadata.uid) if account is not None else found
    return {"authenticated": True, "user": who.to_json(), "audiences": spec.get("audiences") or [AUDIENCE]}


Review = Callable[[Any, User, JsonMap], JsonMap]
REVIEWS: Mapping[str, tuple[str, Review]] = {
    "selfsubjectaccessreviews": (AUTHORIZATION, _self_access),
    "localsubjectaccessreviews": (AUTHORIZATION, _access),
    "subjectaccessreviews": (AUTHORIZATION, _access),
    "selfsubjectrulesreviews": (AUTHORIZATION, _self_rules),
    "selfsubjectreviews": (AUTHENTICATION, _self),
    "tokenreviews": (AUTHENTICATION, _token),
}
"""By plural: the group, and the function."""

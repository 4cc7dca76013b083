"""Acting as somebody else (`--as`, `--as-group` …): each of it must be allowed (upstream: the impersonation filter).

The groups of a service account come with its name; everybody but the anonymous is authenticated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from kubesim_tui.api import scheme, types
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.authentication import ACCOUNT_PREFIX, ANONYMOUS, AUTHENTICATED, service_account
from kubesim_tui.apiserver.request import User

AUTHENTICATION = "authentication.k8s.io"


class Authorizer(Protocol):
    """Who decides."""

    def authorize(
        self, user: User, verb: str, resource: Resource, subresource: str, namespace: str, name: str
    ) -> tuple[bool, str]:
        """Whether a user may do a thing, and why."""
        ...


def impersonate(
    authorizer: Authorizer,
    asks: User,
    name: str,
    groups: Sequence[str] = (),
    extra: Mapping[str, Sequence[str]] | None = None,
    uid: str = "",
) -> User:
    """The user whom `asks` acts as. 403 if one of the parts is not allowed."""
    account = _account(name)
    if account is not None:
        _check(authorizer, asks, scheme.for_plural("serviceaccounts"), "", *account)
    else:
        _check(authorizer, asks, _resource("users", ""), "", "", name)
    for group in groups:
        _check(authorizer, asks, _resource("groups", ""), "", "", group)
    for key, values in sorted((extra or {}).items()):
        for value in values:
            _check(authorizer, asks, _resource("userextras", AUTHENTICATION), key, "", value)
    if uid:
        _check(authorizer, asks, _resource("uids", AUTHENTICATION), "", "", uid)
    own = service_account(*account).groups if account is not None and not groups else tuple(groups)
    if name != ANONYMOUS.name and AUTHENTICATED not in own:
        own = (*own, AUTHENTICATED)
    pairs = tuple((key, value) for key, values in sorted((extra or {}).items()) for value in values)
    return User(name, own or ANONYMOUS.groups, pairs, uid)


def _account(name: str) -> tuple[str, str] | None:
    """(namespace, name) of a service account."""
    parts = name.removeprefix(ACCOUNT_PREFIX).split(":")
    return (parts[0], parts[1]) if name.startswith(ACCOUNT_PREFIX) and len(parts) == 2 else None


def _resource(plural: str, group: str) -> Resource:
    """Things that exist for this check only."""
    return Resource("", group, "v1", plural, plural, (), False, (), plural, types.Unstructured)


def _check(authorizer: Authorizer, asks: User, resource: Resource, sub: str, namespace: str, name: str) -> None:
    allowed, reason = authorizer.authorize(asks, "impersonate", resource, sub, namespace, name)
    if allowed:
        return
    plural = f"{resource.plural}/{sub}" if sub else resource.plural
    where = f' in the namespace "{namespace}"' if namespace else " at the cluster scope"
    why = f'User "{asks.name}" cannot impersonate resource "{plural}" in API group "{resource.group}"{where}'
    raise errors.forbidden(resource.group, resource.plural, name, why + (f": {reason}" if reason else ""))

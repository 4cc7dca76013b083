"""`authorizer`: what users may do, asked by an expression (library/authz.go).

`authorizer.group('apps').resource('deployments').namespace('x').check('create').allowed()`: each step narrows a check
down, and only `check` asks. Selectors of labels and fields are taken and not looked at, as RBAC does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, TypeVar

from attrs import evolve, field, frozen

from kubesim_tui.api import names
from kubesim_tui.apiserver.apiextensions.cel.operators import overload
from kubesim_tui.apiserver.apiextensions.cel.values import CelError


class Ask(Protocol):
    """Whether somebody may do a thing, and why."""

    def __call__(self, check: Check, verb: str) -> tuple[bool, str]:
        """(allowed, reason)."""
        ...


@frozen
class Authorizer:
    """Who is asked about: the user of the request, or a service account."""

    cel_type: ClassVar[str] = "kubernetes.authorization.Authorizer"

    ask: Ask
    account: tuple[str, str] | None = None  # namespace and name; None: the user
    request: Check | None = field(default=None, eq=False)  # about the resource of the request


@frozen
class Check:
    """What is asked: a path, or a resource."""

    cel_type: ClassVar[str] = "kubernetes.authorization.ResourceCheck"

    of: Authorizer
    path: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""


@frozen
class Decision:
    """The answer."""

    cel_type: ClassVar[str] = "kubernetes.authorization.Decision"

    allowed: bool
    reason: str
    error: str = ""


T = TypeVar("T")


def _need(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise overload()
    return value


def _path(who: Any, path: str) -> Check:
    if not path.strip():
        raise CelError("path must not be empty")
    return Check(_need(who, Authorizer), path=path)


def _account(who: Any, namespace: str, name: str) -> Authorizer:
    for said in names.is_dns1123_subdomain(name):
        raise CelError(f"Invalid service account name: {said}")
    for said in names.is_dns1123_label(namespace):
        raise CelError(f"Invalid service account namespace: {said}")
    return Authorizer(_need(who, Authorizer).ask, (namespace, name))


def _resource(check: Any, resource: str) -> Check:
    if not resource.strip():
        raise CelError("resource must not be empty")
    return evolve(_need(check, Check), resource=resource)


def _narrowed(field: str) -> Callable[[Any, str], Check]:
    def narrow(check: Any, value: str) -> Check:
        changed: dict[str, Any] = {field: value}
        return evolve(_need(check, Check), **changed)

    return narrow


def _check(check: Any, verb: str) -> Decision:
    found = _need(check, Check)
    return Decision(*found.of.ask(found, verb))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "path": _path,
    "group": lambda who, group: Check(_need(who, Authorizer), group=group),
    "serviceAccount": _account,
    "resource": _resource,
    "subresource": _narrowed("subresource"),
    "namespace": _narrowed("namespace"),
    "name": _narrowed("name"),
    "fieldSelector": lambda check, _: _need(check, Check),
    "labelSelector": lambda check, _: _need(check, Check),
    "check": _check,
    "allowed": lambda decision: _need(decision, Decision).allowed,
    "reason": lambda decision: _need(decision, Decision).reason,
    "errored": lambda decision: bool(_need(decision, Decision).error),
    "error": lambda decision: _need(decision, Decision).error,
}

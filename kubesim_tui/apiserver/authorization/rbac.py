"""The RBAC authorizer: what a user may do follows from the Roles and bindings in etcd.

Members of system:masters may do everything. Members of system:nodes have the rules of system:node: upstream's node
authorizer, without its look at what is bound to the node (docs/FIDELITY.md).

The answers are remembered until a Role or a binding changes: every request passes here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from attrs import frozen

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.authorization.rules import Rule, from_json
from kubesim_tui.apiserver.etcd import Change, Etcd
from kubesim_tui.apiserver.request import User

GROUP = "rbac.authorization.k8s.io"
ROLES, CLUSTER_ROLES = f"roles.{GROUP}", f"clusterroles.{GROUP}"
ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS = f"rolebindings.{GROUP}", f"clusterrolebindings.{GROUP}"
MASTERS, NODES, NODE_ROLE = "system:masters", "system:nodes", "system:node"
ACCOUNT_PREFIX = "system:serviceaccount:"
MOST = 8192

Json = Mapping[str, Any]
Answer = tuple[bool, str]
Key = tuple[str, tuple[str, ...], str]


@frozen
class Held:
    """The rules that a user has in a namespace, each with where it comes from; and roles that are missing."""

    rules: tuple[tuple[Rule, str], ...]
    missing: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why a refusal may be a mistake."""
        if not self.missing:
            return ""
        return "RBAC: " + (self.missing[0] if len(self.missing) == 1 else f"[{', '.join(self.missing)}]")


class Rbac:
    """server.Authorizer by Roles and bindings."""

    def __init__(self, etcd: Etcd) -> None:
        self.etcd = etcd
        self._held: dict[Key, Held] = {}
        self._answers: dict[tuple[str, tuple[str, ...], str, str, str, str], Answer] = {}
        for resource in (ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS):
            etcd.subscribe(resource, self)

    def deliver(self, _change: Change) -> None:
        """A Role or a binding has changed: nothing that is remembered holds."""
        self._held.clear()
        self._answers.clear()

    def authorize(
        self, user: User, verb: str, resource: Resource, subresource: str, namespace: str, name: str
    ) -> Answer:
        """Whether a user may do a thing, and why."""
        groups = user.groups
        if MASTERS in groups:
            return True, ""
        key = (user.name, groups, verb, resource.group_resource, subresource, namespace)
        known = self._answers.get(key)
        if known is not None:
            return known
        held = self.held(user, namespace)
        named = False
        for rule, source in held.rules:
            if rule.allows(verb, resource.group, resource.plural, subresource):
                if not rule.names:
                    return self._remember(key, (True, source))
                if name in rule.names:
                    return True, source
                named = True
        return (False, held.reason) if named else self._remember(key, (False, held.reason))

    def _remember(self, key: tuple[str, tuple[str, ...], str, str, str, str], answer: Answer) -> Answer:
        """Answers that do not depend on the object's name."""
        if len(self._answers) >= MOST:
            self._answers.clear()
        self._answers[key] = answer
        return answer

    def authorize_url(self, user: User, verb: str, path: str) -> Answer:
        """Whether a user may ask for a URL that is no resource (`/healthz`)."""
        if MASTERS in user.groups:
            return True, ""
        held = self.held(user, "")
        for rule, source in held.rules:
            if rule.allows_url(verb, path):
                return True, source
        return False, held.reason

    # -- whose rules -------------------------------------------------------------------------------------------

    def held(self, user: User, namespace: str) -> Held:
        """All rules of a user in a namespace ("": those that hold everywhere)."""
        key = (user.name, user.groups, namespace)
        found = self._held.get(key)
        if found is None:
            if len(self._held) >= MOST:
                self._held.clear()
            found = self._held[key] = self._collect(user, namespace)
        return found

    def _collect(self, user: User, namespace: str) -> Held:
        rules: list[tuple[Rule, str]] = []
        missing: list[str] = []
        if NODES in user.groups:
            role = self.rules_of("ClusterRole", NODE_ROLE, "")
            rules += [(rule, "Node authorizer") for rule in role or ()]
        for binding in self._bindings(namespace):
            subject = next((s for s in _subjects(binding) if applies(s, user, binding.metadata.namespace)), None)
            if subject is None:
                continue
            ref = _ref(binding)
            found = self.rules_of(ref["kind"], ref["name"], binding.metadata.namespace)
            if found is None:
                missing.append(f'{ref["kind"].lower()}.{GROUP} "{ref["name"]}" not found')
            else:
                rules += [(rule, _source(binding, ref, subject)) for rule in found]
        return Held(tuple(rules), tuple(dict.fromkeys(missing)))

    def _bindings(self, namespace: str) -> Iterator[Object]:
        table = self.etcd.table(CLUSTER_ROLE_BINDINGS).objects
        yield from (table[key] for key in sorted(table))
        inside = self.etcd.table(ROLE_BINDINGS).by_namespace.get(namespace, {}) if namespace else {}
        yield from (inside[key] for key in sorted(inside))

    def rules_of(self, kind: str, name: str, namespace: str) -> list[Rule] | None:
        """The rules of a Role or ClusterRole; None if there is none."""
        if kind == "Role":
            role = self.etcd.get(ROLES, (namespace, name))
        else:
            role = self.etcd.get(CLUSTER_ROLES, ("", name))
        if not isinstance(role, Unstructured):
            return None
        return [from_json(r) for r in role.rest.get("rules") or ()]


def _subjects(binding: Object) -> Any:
    return cast(Unstructured, binding).rest.get("subjects") or ()


def _ref(binding: Object) -> Json:
    return cast(Json, cast(Unstructured, binding).rest.get("roleRef") or {"kind": "", "name": ""})


def applies(subject: Json, user: User, namespace: str) -> bool:
    """Whether a subject of a binding (in a namespace) is a user, or one of the user's groups."""
    kind, name = subject.get("kind"), subject.get("name") or ""
    if kind == "User":
        return user.name == name
    if kind == "Group":
        return name in user.groups
    home = subject.get("namespace") or namespace
    return kind == "ServiceAccount" and bool(home) and user.name == f"{ACCOUNT_PREFIX}{home}:{name}"


def _source(binding: Object, ref: Json, subject: Json) -> str:
    meta = binding.metadata
    kind = "RoleBinding" if meta.namespace else "ClusterRoleBinding"
    name = f"{meta.name}/{meta.namespace}" if meta.namespace else meta.name
    who = subject.get("name") or ""
    if subject.get("kind") == "ServiceAccount":
        who = f"{who}/{subject.get('namespace') or meta.namespace}"
    to = f'{subject.get("kind")} "{who}"'
    return f'RBAC: allowed by {kind} "{name}" of {ref["kind"]} "{ref["name"]}" to {to}'

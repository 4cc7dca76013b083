"""Policies and their bindings in etcd: which of them a request concerns, with which params (policy/generic)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.admission.attributes import Attributes
from kubesim_tui.apiserver.admission.conditions import scope
from kubesim_tui.apiserver.admission.policy.params import BadConfiguration, collect
from kubesim_tui.apiserver.admission.webhook.matching import could_match, matches_resources
from kubesim_tui.apiserver.admission.webhook.review import request_of
from kubesim_tui.apiserver.apiextensions.overlay import Overlay
from kubesim_tui.apiserver.authorization.rbac import Rbac
from kubesim_tui.apiserver.errors import Cause, Details
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request

Json = Mapping[str, Any]


@frozen(eq=False)
class Bound:
    """A policy that holds for a request by a binding."""

    name: str
    binding_name: str
    spec: Json
    binding: Json

    @property
    def ignored(self) -> bool:
        """Whether its failures are."""
        return self.spec.get("failurePolicy") == "Ignore"


class Source:
    """All policies of one kind, read from etcd for each request that they can concern."""

    def __init__(self, etcd: Etcd, rbac: Rbac | None, policies: str, bindings: str) -> None:
        self.etcd, self.rbac, self.kinds = etcd, rbac, Overlay(etcd)
        self._policies, self._bindings = etcd.table(policies).objects, etcd.table(bindings).objects

    @property
    def present(self) -> bool:
        """Whether there are any that are bound."""
        return bool(self._policies and self._bindings)

    def concern(self, request: Request) -> bool:
        """Whether any policy may want to hear of a request. Cheap while there are none."""
        return self.present and any(_could_match(spec, request) for _, spec in _specs(self._policies))

    def bound(self, about: Attributes) -> Iterator[Bound]:
        """What holds for a request: by the names of the policies, then of the bindings."""
        for name, spec in _specs(self._policies):
            constraints = spec.get("matchConstraints") or {}
            if not _could_match(spec, about.request) or not matches_resources(constraints, about):
                continue
            for binding_name, binding in _specs(self._bindings):
                resources = binding.get("matchResources") or {}
                if binding.get("policyName") == name and matches_resources(resources, about):
                    yield Bound(name, binding_name, spec, binding)

    def scopes(self, one: Bound, about: Attributes) -> list[dict[str, Any]]:
        """The variables of its expressions, for each object of its params. BadConfiguration."""
        namespace = about.request.namespace
        params = collect(self.etcd, self.kinds, one.spec.get("paramKind"), one.binding.get("paramRef"), namespace)
        known = scope(about, request_of(about, 0), self.rbac) | {"namespaceObject": self._namespace(about)}
        return [{**known, "params": p} for p in params]

    def _namespace(self, about: Attributes) -> dict[str, Any] | None:
        if about.request.resource.group_resource == "namespaces" or not about.request.namespace:
            return None
        found = self.etcd.get("namespaces", ("", about.request.namespace))
        return None if found is None else encode_object(found)


def misconfigured(wrong: BadConfiguration) -> str:
    """What is said of a binding that cannot be asked."""
    return f"failed to configure binding: {wrong}"


def details(about: Attributes, said: str) -> Details:
    """What an answer that refuses is about; a name that is to be made is known by its beginning."""
    r, own = about.request.resource, (about.object or {}).get("metadata") or {}
    name = about.name or own.get("generateName") or "Unknown"
    return Details(name=name, group=r.group, kind=r.plural, causes=(Cause("", said),))


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

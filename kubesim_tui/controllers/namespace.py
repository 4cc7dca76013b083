"""namespace-controller: a deleted namespace is emptied, Pods first; when nothing is left in it, it is let go.

As pkg/controller/namespace/deletion. What is left shows in the namespace's conditions, to the letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from attrs import frozen

from kubesim_tui.api import scheme
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Namespace, NamespaceCondition, NamespaceStatus, Object, Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.request import Request
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import Controller, Kit, lookup
from kubesim_tui.controllers.customs import CustomKinds
from kubesim_tui.kernel.engine import Key

FINALIZER = "kubernetes"


@frozen
class Left:
    """What is left in a namespace: resource → count, finalizer → count, and seconds to wait before the next look."""

    resources: Mapping[str, int]
    finalizers: Mapping[str, int]
    estimate: int


def conditions(
    known: Sequence[NamespaceCondition], left: Left, failure: str, now: int
) -> tuple[NamespaceCondition, ...]:
    """The five conditions of a namespace that is being deleted; unchanged ones keep their time."""
    remaining = [f"{r} has {n} resource instances" for r, n in sorted(left.resources.items())]
    holding = [f"{f} in {n} resource instances" for f, n in sorted(left.finalizers.items())]
    rows = [
        ("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            "False",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        (
            "NamespaceDeletionContentFailure",
            "True" if failure else "False",
            "ContentDeletionFailed" if failure else "ContentDeleted",
            failure or "All content successfully deleted, may be waiting on finalization",
        ),
        (
            "NamespaceContentRemaining",
            "True" if remaining else "False",
            "SomeResourcesRemain" if remaining else "ContentRemoved",
            f"Some resources are remaining: {', '.join(remaining)}"
            if remaining
            else "All content successfully removed",
        ),
        (
            "NamespaceFinalizersRemaining",
            "True" if holding else "False",
            "SomeFinalizersRemain" if holding else "ContentHasNoFinalizers",
            f"Some content in the namespace has finalizers remaining: {', '.join(holding)}"
            if holding
            else "All content-preserving finalizers finished",
        ),
    ]
    return tuple([_kept(find(known, row[0]), row, now) for row in rows])


def _kept(known: NamespaceCondition | None, row: tuple[str, str, str, str], now: int) -> NamespaceCondition:
    type_, status, reason, message = row
    if known is not None and (known.status, known.reason, known.message) == (status, reason, message):
        return known
    return NamespaceCondition(type=type_, status=status, reason=reason, message=message, last_transition_time=now)


class NamespaceController(Controller):
    """See the module."""

    account = "namespace-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.namespaces = self.watch(kit.shared("namespaces"))
        self.contents: list[tuple[Resource, Informer]] = [
            (r, self.watch(kit.shared(r.plural))) for r in generic.watchable() if r.namespaced
        ]
        self.customs = CustomKinds(self, kit)
        self.events = scheme.for_plural("events")
        self.namespaces.on_change(self._changed)

    def _changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None and now.metadata.deletion_timestamp is not None:
            self.enqueue(now.metadata.name)

    def sync(self, key: Key) -> None:
        """Delete what is left; finalize when nothing is."""
        name = cast(str, key)
        namespace = lookup(self.namespaces, Namespace, "", name)
        if namespace is None or namespace.metadata.deletion_timestamp is None or namespace.spec is None:
            return
        if FINALIZER not in namespace.spec.finalizers:
            return
        namespace = self._terminating(namespace)
        failure = self._delete_contents(name)
        left = self._left(name)
        namespace = self._report(namespace, conditions(_conditions(namespace), left, failure, self.now))
        if left.resources or failure:
            self.enqueue_after(max(1, left.estimate // 2 + 1 if left.estimate else 1), name)
            return
        self._finalize(namespace)

    def _terminating(self, namespace: Namespace) -> Namespace:
        status = namespace.status or NamespaceStatus()
        if status.phase == "Terminating":
            return namespace
        return self.client.update_status(namespace.evolve(status=status.evolve(phase="Terminating")))

    def _report(self, namespace: Namespace, made: tuple[NamespaceCondition, ...]) -> Namespace:
        if made == _conditions(namespace):
            return namespace
        status = (namespace.status or NamespaceStatus()).evolve(conditions=made)
        return self.client.update_status(namespace.evolve(status=status))

    def _delete_contents(self, name: str) -> str:
        """Ask for the deletion of all: of Pods alone as long as there are any. Returns what was refused."""
        failures = []
        for resource, cache in sorted(self._contents(), key=_pods_first):
            if not any(o.metadata.deletion_timestamp is None for o in cache.table.in_namespace(name)):
                if resource.plural == "pods" and any(True for _ in cache.table.in_namespace(name)):
                    break
                continue
            failures += self._delete_collection(resource, name)
            if resource.plural == "pods" and any(True for _ in cache.table.in_namespace(name)):
                break
        else:
            failures += self._delete_collection(self.events, name)
        return ", ".join(failures)

    def _contents(self) -> list[tuple[Resource, Informer]]:
        """Everything that can lie in a namespace."""
        return [*self.contents, *(pair for pair in self.customs.informers.values() if pair[0].namespaced)]

    def _delete_collection(self, resource: Resource, name: str) -> list[str]:
        try:
            self.client.send(Request(self.client.user, "deletecollection", resource, name))
        except StatusError as refused:
            return [refused.message]
        return []

    def _left(self, name: str) -> Left:
        resources: Counter[str] = Counter()
        finalizers: Counter[str] = Counter()
        estimate = 0
        for resource, cache in self._contents():
            for obj in cache.table.in_namespace(name):
                resources[f"{resource.plural}.{resource.group}"] += 1
                finalizers.update(obj.metadata.finalizers)
                if isinstance(obj, Pod):
                    estimate = max(estimate, obj.metadata.deletion_grace_period_seconds or 0)
        return Left(resources, finalizers, estimate)

    def _finalize(self, namespace: Namespace) -> None:
        assert namespace.spec is not None
        kept = tuple([f for f in namespace.spec.finalizers if f != FINALIZER])
        body = namespace.evolve(spec=namespace.spec.evolve(finalizers=kept))
        name = namespace.metadata.name
        self.client.send(Request(self.client.user, "update", scheme.of(body), "", name, "finalize", body=body))


def _conditions(namespace: Namespace) -> tuple[NamespaceCondition, ...]:
    return namespace.status.conditions if namespace.status is not None else ()


def _pods_first(entry: tuple[Resource, Informer]) -> bool:
    return entry[0].plural != "pods"

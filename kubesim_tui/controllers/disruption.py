"""disruption-controller: how many Pods of a PodDisruptionBudget may go just now.

As pkg/controller/disruption. The eviction subresource spends what `status.disruptionsAllowed` says, and notes the
Pods; those count as gone until they are, or two minutes have passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from attrs import frozen

from kubesim_tui.api import intstr, labels
from kubesim_tui.api.codec import decode
from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.times import format_time, parse_time
from kubesim_tui.api.types import LabelSelector, Object, OwnerReference, Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, key_of, lookup
from kubesim_tui.kernel.engine import Key

DELETION_TIMEOUT = 120
"""Seconds after which an evicted Pod that is still there counts again."""


class NoScale(Exception):
    """A Pod's controller is of a kind that has no size."""


@frozen
class Budget:
    """The figures of a budget."""

    expected: int
    desired: int
    unmanaged: tuple[str, ...] = ()


def figures(
    spec: Mapping[str, Any], pods: Sequence[tuple[str, str | None]], scales: Mapping[str, int | None]
) -> Budget:
    """`pods`: name and controller's uid of each; `scales`: uid → its size, None for one that has none. Pure.

    NoScale if a size is needed that does not exist.
    """
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if most is None and isinstance(least, int):
        return Budget(len(pods), least)
    if most is None and least is None:
        return Budget(len(pods), 0)
    sizes: dict[str, int] = {}
    unmanaged = []
    for name, uid in pods:
        if uid is None:
            unmanaged.append(name)
        elif uid not in sizes:
            size = scales.get(uid)
            if size is None:
                raise NoScale(name)
            sizes[uid] = size
    expected = sum(sizes.values())
    if most is not None:
        desired = max(0, expected - intstr.scaled_value(most, expected, round_up=True))
    else:
        desired = intstr.scaled_value(least, expected, round_up=True)
    return Budget(expected, desired, tuple(unmanaged))


def allowed(budget: Budget, healthy: int) -> int:
    """How many may go."""
    return max(0, healthy - budget.desired) if budget.expected > 0 else 0


class DisruptionController(Controller):
    """See the module."""

    account = "disruption-controller"
    source = "controllermanager"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.budgets, self.pods = self.watch(kit.shared("poddisruptionbudgets")), self.watch(kit.shared("pods"))
        self.owners = {
            kind: self.watch(kit.shared(plural))
            for kind, plural in (
                ("ReplicaSet", "replicasets"),
                ("Deployment", "deployments"),
                ("ReplicationController", "replicationcontrollers"),
                ("StatefulSet", "statefulsets"),
            )
        }
        self._selectors: dict[Name, tuple[Object, LabelSelector | None]] = {}
        self.budgets.on_change(self._budget_changed)
        self.pods.on_change(self._pod_changed)

    # -- events ------------------------------------------------------------------------------------------------

    def _budget_changed(self, before: Object | None, now: Object | None) -> None:
        obj = cast(Object, now or before)
        if now is None:
            self._selectors.pop(key_of(obj), None)
        self.enqueue(key_of(obj), 5)

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        old, pod = cast("Pod | None", before), cast("Pod | None", now)
        if old is not None and pod is not None and _face(old) == _face(pod):
            return
        obj = cast(Object, now or before)
        for budget in self.budgets.table.in_namespace(obj.metadata.namespace):
            if selector.matches(self._selector(budget), obj.metadata.labels):
                self.enqueue(key_of(budget), 5)

    def _selector(self, budget: Object) -> LabelSelector | None:
        """A budget's selector, typed; remembered as long as the object is the same."""
        key = key_of(budget)
        known = self._selectors.get(key)
        if known is None or known[0] is not budget:
            data = generic.plain(budget, "spec").get("selector")
            known = self._selectors[key] = (budget, decode(LabelSelector, data) if data is not None else None)
        return known[1]

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Compute one budget's status."""
        budget = lookup(self.budgets, Object, *cast(Name, key))
        if budget is None:
            return
        chosen = self._selector(budget)
        namespace = budget.metadata.namespace
        pods = [
            cast(Pod, p) for p in self.pods.table.in_namespace(namespace) if selector.matches(chosen, p.metadata.labels)
        ]
        if not pods:
            self.recorder.event(budget, NORMAL, "NoPods", "No matching pods found")
        spec = generic.plain(budget, "spec")
        try:
            found = self._figures(spec, pods)
        except NoScale as failure:
            self._failed(budget, str(failure))
            return
        if found.unmanaged:
            self._unmanaged(budget, spec)
        self._report(budget, found, pods)

    def _figures(self, spec: dict[str, Any], pods: list[Pod]) -> Budget:
        refs = {p.metadata.name: controller_of(p) for p in pods}
        owners: dict[str, int | None] = {}
        rows: list[tuple[str, str | None]] = []
        for name, ref in refs.items():
            uid, size = self._scale(pods[0].metadata.namespace, ref) if ref is not None else (None, None)
            rows.append((name, uid))
            if uid is not None:
                owners[uid] = size
        try:
            return figures(spec, rows, owners)
        except NoScale as pod:
            ref = refs[str(pod)]
            assert ref is not None
            group = ref.api_version.partition("/")[0] if "/" in ref.api_version else ""
            plural = f"{ref.kind.lower()}s.{group}" if group else f"{ref.kind.lower()}s"
            raise NoScale(f"{plural} does not implement the scale subresource") from None

    def _scale(self, namespace: str, ref: OwnerReference) -> tuple[str, int | None]:
        """A controller's uid and size; of a ReplicaSet with a Deployment, the Deployment's."""
        cache = self.owners.get(ref.kind)
        owner = cache.get(namespace, ref.name) if cache is not None else None
        if owner is None or owner.metadata.uid != ref.uid:
            return ref.uid, None
        above = controller_of(owner)
        if ref.kind == "ReplicaSet" and above is not None and above.kind == "Deployment":
            return self._scale(namespace, above)
        replicas = cast(Any, owner).spec.replicas
        return ref.uid, 1 if replicas is None else replicas

    def _failed(self, budget: Object, why: str) -> None:
        """Fail safe: nobody may go."""
        text = f"Failed to calculate the number of expected pods: {why}"
        self.recorder.event(budget, WARNING, "CalculateExpectedPodCountFailed", text)
        status = generic.plain(budget, "status")
        conditions = generic.condition(
            status.get("conditions") or [], "DisruptionAllowed", "False", "SyncFailed", why, format_time(self.now)
        )
        conditions[-1]["observedGeneration"] = budget.metadata.generation or 0
        self._write(budget, {**status, "disruptionsAllowed": 0, "conditions": conditions})

    def _unmanaged(self, budget: Object, spec: dict[str, Any]) -> None:
        shown = labels.format_object(spec.get("selector"))
        text = (
            f"Pods selected by this PodDisruptionBudget (selector: {shown}) were found to be unmanaged. As a result, "
            "the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account "
            'for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
        )
        self.recorder.event(budget, WARNING, "UnmanagedPods", text)

    def _report(self, budget: Object, found: Budget, pods: list[Pod]) -> None:
        status = generic.plain(budget, "status")
        disrupted, recheck = self._disrupted(budget, status.get("disruptedPods") or {}, pods)
        healthy = sum(
            [
                1
                for p in pods
                if p.metadata.deletion_timestamp is None and p.metadata.name not in disrupted and is_pod_ready(p)
            ]
        )
        may = allowed(found, healthy)
        conditions = generic.condition(
            status.get("conditions") or [],
            "DisruptionAllowed",
            "True" if may > 0 else "False",
            "SufficientPods" if may > 0 else "InsufficientPods",
            "",
            format_time(self.now),
            observedGeneration=budget.metadata.generation or 0,
        )
        made = {
            "observedGeneration": budget.metadata.generation or 0,
            "disruptionsAllowed": may,
            "currentHealthy": healthy,
            "desiredHealthy": found.desired,
            "expectedPods": found.expected,
            "conditions": conditions,
        }
        if disrupted:
            made["disruptedPods"] = disrupted
        self._write(budget, made)
        if recheck is not None:
            self.enqueue_after(recheck, key_of(budget))

    def _disrupted(self, budget: Object, known: dict[str, Any], pods: list[Pod]) -> tuple[dict[str, str], int | None]:
        """Evicted Pods that are still there and not yet being deleted, and seconds until the first is given up."""
        kept: dict[str, str] = {}
        waits = []
        for pod in pods:
            at = known.get(pod.metadata.name)
            if at is None or pod.metadata.deletion_timestamp is not None:
                continue
            left = (parse_time(at) if isinstance(at, str) else int(at)) + DELETION_TIMEOUT - self.now
            if left < 0:
                meta = budget.metadata
                text = f"Pod was expected by PDB {meta.namespace}/{meta.name} to be deleted but it wasn't"
                self.recorder.event(pod, WARNING, "NotDeleted", text)
            else:
                kept[pod.metadata.name] = at
                waits.append(left + 1)
        return kept, min(waits, default=None)

    def _write(self, budget: Object, status: dict[str, Any]) -> None:
        if status == generic.plain(budget, "status"):
            return
        try:
            self.client.update_status(generic.with_part(budget, "status", status))
        except StatusError as refused:
            if refused.code != 404:
                raise


def _face(pod: Pod) -> tuple[bool, bool, object]:
    """What of a Pod counts here."""
    return is_pod_ready(pod), pod.metadata.deletion_timestamp is None, pod.metadata.labels

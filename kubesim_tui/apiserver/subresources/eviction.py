"""pods/eviction: delete a Pod if its disruption budget allows (429 if not)."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import labels, types
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.api.scheme import for_kind
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.errors import Cause, StatusError
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, body, parent

MOST_DISRUPTED = 2000
REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
BUDGETS = "poddisruptionbudgets.policy"


class Eviction(Subresource):
    """Create an Eviction."""

    def create(self, door: Door, request: Request) -> tuple[types.Object, bool]:
        """Evict; answers as a deletion does."""
        options = _options(request)
        pod = parent(door, request)
        assert isinstance(pod, types.Pod)
        if not _ignores_budget(pod):
            budgets = _budgets(door, pod)
            if len(budgets) > 1:
                raise StatusError(500, "", SEVERAL)
            if budgets:
                _ask(door, budgets[0], pod, options)
        return door.registry.delete(request.resource, request.namespace, request.name, options)


def _options(request: Request) -> Options:
    """The deletion's options: those of the Eviction, and the request's."""
    given: dict[str, Any] = (body(request) if request.body else {}).get("deleteOptions") or {}
    preconditions = given.get("preconditions") or {}
    return Options(
        dry_run=request.options.dry_run or bool(given.get("dryRun")),
        grace=given.get("gracePeriodSeconds", request.options.grace),
        propagation=given.get("propagationPolicy") or request.options.propagation,
        uid=preconditions.get("uid") or request.options.uid,
        resource_version=int(preconditions.get("resourceVersion") or request.options.resource_version),
    )


def _ignores_budget(pod: types.Pod) -> bool:
    """A Pod that does not serve anyway, or is being deleted."""
    phase = pod.status.phase if pod.status is not None else ""
    return phase in ("Succeeded", "Failed", "Pending") or pod.metadata.deletion_timestamp is not None


def _budgets(door: Door, pod: types.Pod) -> list[dict[str, Any]]:
    found = []
    for budget in door.registry.etcd.table(BUDGETS).in_namespace(pod.metadata.namespace):
        data = encode_object(budget)
        selector = (data.get("spec") or {}).get("selector")
        if selector and labels.from_object(selector).matches(pod.metadata.labels):
            found.append(data)
    return sorted(found, key=_name)


def _name(data: dict[str, Any]) -> str:
    return str(data["metadata"]["name"])


def _ask(door: Door, budget: dict[str, Any], pod: types.Pod, options: Options) -> None:
    """Spend one of the budget's disruptions; a Pod that is not ready costs none while the others are enough."""
    status = budget.get("status") or {}
    healthy, desired = status.get("currentHealthy", 0), status.get("desiredHealthy", 0)
    if not is_pod_ready(pod):
        always = (budget.get("spec") or {}).get("unhealthyPodEvictionPolicy") == "AlwaysAllow"
        if always or (healthy >= desired and desired > 0):
            return
    _check(budget, status, healthy, desired)
    if not options.dry_run:
        _spend(door, budget, status, pod)


def _check(budget: dict[str, Any], status: dict[str, Any], healthy: int, desired: int) -> None:
    name = _name(budget)
    if status.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
        text = f"The disruption budget {name} is still being processed by the server."
        raise errors.too_many_requests(REFUSED, 10, [Cause("DisruptionBudget", text)])
    if len(status.get("disruptedPods") or {}) > MOST_DISRUPTED:
        text = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise errors.forbidden("policy", "poddisruptionbudget", name, text)
    if status.get("disruptionsAllowed", 0) <= 0:
        text = f"The disruption budget {name} needs {desired} healthy pods and has {healthy} currently"
        raise errors.too_many_requests(REFUSED, 0, [Cause("DisruptionBudget", text)])


def _spend(door: Door, budget: dict[str, Any], status: dict[str, Any], pod: types.Pod) -> None:
    """One disruption less, and the Pod's name noted for the disruption controller."""
    key = (pod.metadata.namespace, _name(budget))
    resource = for_kind("policy/v1", "PodDisruptionBudget")
    assert resource is not None
    old = door.registry.get(resource, *key)
    disrupted = {**(status.get("disruptedPods") or {}), pod.metadata.name: door.registry.context.now()}
    allowed = status["disruptionsAllowed"] - 1
    now = {**status, "disruptedPods": disrupted, "disruptionsAllowed": allowed}
    if not allowed:
        now["conditions"] = [_exhausted(c) for c in status.get("conditions") or ()]
    new = decode_object(resource.cls, {**budget, "status": now})
    door.registry.update(resource, new, old, Options(), status=True)


def _exhausted(condition: dict[str, Any]) -> dict[str, Any]:
    if condition.get("type") != "DisruptionAllowed":
        return condition
    return {**condition, "status": "False", "reason": "InsufficientPods"}

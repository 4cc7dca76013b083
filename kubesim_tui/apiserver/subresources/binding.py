"""pods/binding: the scheduler's one write. A Pod that has a node, or is being deleted, cannot be bound (409)."""

from __future__ import annotations

from kubesim_tui.api import fielderror, names, types
from kubesim_tui.api.fielderror import FieldError
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.helpers.conditions import with_condition
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.errors import Cause
from kubesim_tui.apiserver.registry.store import Registry
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, body, parent


class Binding(Subresource):
    """Create a Binding: the Pod gets its node, and the condition PodScheduled."""

    def create(self, door: Door, request: Request) -> types.Object:
        """Bind; returns the bound Pod."""
        data = body(request)
        target = data.get("target") or {}
        wrong = _validate(target)
        if wrong:
            causes = [Cause(e.reason, e.message, e.field) for e in wrong]
            raise errors.invalid("", "Binding", request.name, causes)
        pod = parent(door, request)
        assert isinstance(pod, types.Pod)
        meta = data.get("metadata") or {}
        _check(pod, meta.get("uid") or "")
        return _assign(door.registry, request, pod, target["name"], meta.get("annotations") or {})


def _validate(target: dict[str, str]) -> list[FieldError]:
    found = []
    if target.get("kind") not in (None, "", "Node"):
        found.append(fielderror.not_supported("target.kind", target["kind"], ["Node", "<empty>"]))
    name = target.get("name")
    if not name:
        found.append(fielderror.required("target.name"))
    elif not found:
        found += [fielderror.invalid("target.name", name, said) for said in names.is_dns1123_subdomain(name)]
    return found


def _check(pod: types.Pod, uid: str) -> None:
    name, spec = pod.metadata.name, pod.spec or types.PodSpec()
    if uid and uid != pod.metadata.uid:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {pod.metadata.uid}"
        raise errors.conflict("", "pods", name, why)
    why = ""
    if pod.metadata.deletion_timestamp is not None:
        why = f"pod {name} is being deleted, cannot be assigned to a host"
    elif spec.node_name:
        why = f'pod {name} is already assigned to node "{spec.node_name}"'
    elif spec.scheduling_gates:
        why = f"pod {name} has non-empty .spec.schedulingGates"
    if why:
        raise errors.conflict("", "pods/binding", name, why)


def _assign(
    registry: Registry, request: Request, pod: types.Pod, node: str, annotations: dict[str, str]
) -> types.Object:
    status, meta = pod.status or types.PodStatus(), pod.metadata
    scheduled = types.PodCondition(
        type="PodScheduled",
        status="True",
        last_transition_time=registry.etcd.clock.now,
        observed_generation=meta.generation,
    )
    if annotations:
        meta = meta.evolve(annotations=FrozenMap({**meta.annotations, **annotations}))
    bound = pod.evolve(
        metadata=meta,
        spec=(pod.spec or types.PodSpec()).evolve(node_name=node),
        status=status.evolve(conditions=with_condition(status.conditions, scheduled)),
    )
    if request.options.dry_run:
        return bound
    return registry.etcd.put("pods", (meta.namespace, meta.name), bound)

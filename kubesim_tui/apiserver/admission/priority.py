"""Priority: a Pod's priority and preemption policy follow from its PriorityClass, and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from kubesim_tui.api.types import Object, Pod, PriorityClass
from kubesim_tui.apiserver.admission.plugin import PODS, JsonMap, Plugin, Refused
from kubesim_tui.apiserver.request import Request

CLASSES = "priorityclasses.scheduling.k8s.io"
PREEMPT = "PreemptLowerPriority"


class Priority(Plugin):
    """See the module."""

    name: ClassVar[str] = "Priority"
    resources: ClassVar[frozenset[str]] = frozenset({PODS, CLASSES})

    def admit(self, request: Request, data: JsonMap, old: Object | None) -> None:
        """Resolve a Pod's class."""
        if request.resource.group_resource != PODS:
            return
        spec = data["spec"]
        if old is not None:
            _keep(spec, cast(Pod, old))
            return
        found = self._class(spec)
        value, policy = (found.value or 0, found.preemption_policy or PREEMPT) if found else (0, PREEMPT)
        _agree(spec, "priority", value, "integer value of priority")
        _agree(spec, "preemptionPolicy", policy, "string value of PreemptionPolicy")

    def _class(self, spec: JsonMap) -> PriorityClass | None:
        name = spec.get("priorityClassName")
        if not name:
            default = self.default()
            if default is not None:
                spec["priorityClassName"] = default.metadata.name
            return default
        found = self.etcd.get(CLASSES, ("", name))
        if found is None:
            raise Refused(f"no PriorityClass with name {name} was found")
        return cast(PriorityClass, found)

    def default(self) -> PriorityClass | None:
        """The class of Pods that name none: of several the one with the lowest value."""
        classes = [cast(PriorityClass, c) for c in self.etcd.table(CLASSES)]
        marked = [c for c in classes if c.global_default]
        return min(marked, key=_order) if marked else None

    def review(self, request: Request, data: JsonMap, old: Object | None) -> Sequence[str]:
        """There is one default class at most."""
        if request.resource.group_resource == CLASSES and data.get("globalDefault"):
            default = self.default()
            if default is not None and (old is None or default.metadata.name != old.metadata.name):
                name = default.metadata.name
                raise Refused(f"PriorityClass {name} is already marked as default. Only one default can exist")
        return ()


def _order(found: PriorityClass) -> tuple[int, str]:
    return found.value or 0, found.metadata.name


def _keep(spec: JsonMap, old: Pod) -> None:
    """A change that leaves them out keeps them."""
    if old.spec is None:
        return
    for name, value in (("priority", old.spec.priority), ("preemptionPolicy", old.spec.preemption_policy)):
        if spec.get(name) is None and value is not None:
            spec[name] = value


def _agree(spec: JsonMap, name: str, computed: int | str, what: str) -> None:
    given = spec.get(name)
    if given is not None and given != computed:
        raise Refused(
            f"the {what} ({given}) must not be provided in pod spec; "
            f"priority admission controller computed {computed} from the given PriorityClass name"
        )
    spec[name] = computed

"""What the controller reads of a Job (the kind has no class of its own) and of its Pods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.api.codec import decode
from kubesim_tui.api.helpers.conditions import pod_condition
from kubesim_tui.api.types import LabelSelector, Object, Pod, PodTemplateSpec
from kubesim_tui.controllers import generic

FINALIZER = "batch.kubernetes.io/job-tracking"
INDEX = "batch.kubernetes.io/job-completion-index"
FAILURES, IGNORED = "batch.kubernetes.io/job-index-failure-count", "batch.kubernetes.io/job-index-ignored-failure-count"
OURS = "kubernetes.io/job-controller"


@frozen(eq=False)
class Job:
    """One Job."""

    object: Object
    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    selector: LabelSelector | None
    template: PodTemplateSpec

    @classmethod
    def of(cls, obj: Object, known: Job | None = None) -> Job:
        """Read one; the template stays the same object while the spec does."""
        spec, status = generic.plain(obj, "spec"), generic.plain(obj, "status")
        if known is not None and known.spec == spec:
            return cls(obj, known.spec, status, known.selector, known.template)
        selector = spec.get("selector")
        template = decode(PodTemplateSpec, spec.get("template") or {})
        return cls(obj, spec, status, decode(LabelSelector, selector) if selector is not None else None, template)

    @property
    def parallelism(self) -> int:
        """Most Pods at a time."""
        return number(self.spec, "parallelism", 1)

    @property
    def completions(self) -> int | None:
        """Pods that must succeed; None: a work queue, one success ends it."""
        found = self.spec.get("completions")
        return None if found is None else int(found)

    @property
    def indexed(self) -> bool:
        """Whether each completion has a number."""
        return self.spec.get("completionMode") == "Indexed"

    @property
    def suspended(self) -> bool:
        """Whether it is to have no Pods for now."""
        return bool(self.spec.get("suspend"))

    @property
    def per_index(self) -> int | None:
        """backoffLimitPerIndex."""
        found = self.spec.get("backoffLimitPerIndex")
        return None if found is None else int(found)

    @property
    def only_failed(self) -> bool:
        """Whether a Pod is replaced only when it has ended, not already when it is told to."""
        policy = self.spec.get("podReplacementPolicy")
        return policy == "Failed" or (policy is None and bool(self.spec.get("podFailurePolicy")))

    def condition(self, type_: str) -> Mapping[str, Any] | None:
        """A condition that is True."""
        for c in self.status.get("conditions") or ():
            if c.get("type") == type_ and c.get("status") == "True":
                return dict(c)
        return None

    @property
    def finished(self) -> bool:
        """Complete or Failed."""
        return self.condition("Complete") is not None or self.condition("Failed") is not None


def number(spec: Mapping[str, Any], key: str, default: int) -> int:
    """A whole number of a spec."""
    found = spec.get(key)
    return default if found is None else int(found)


def phase(pod: Pod) -> str:
    """A Pod's phase."""
    return pod.status.phase if pod.status is not None else ""


def index_of(pod: Pod) -> int | None:
    """A Pod's completion index; None if it has none that is a number."""
    text = pod.metadata.annotations.get(INDEX, "")
    return int(text) if text.isdecimal() and text.isascii() and int(text) < 2**31 else None


def annotation_count(pod: Pod, key: str) -> int:
    """A number among a Pod's annotations, else 0."""
    text = pod.metadata.annotations.get(key, "")
    return int(text) if text.isdecimal() else 0


def is_failed(job: Job, pod: Pod) -> bool:
    """Failed; or, unless only ended Pods are replaced, told to go before it succeeded."""
    if phase(pod) == "Failed":
        return True
    return not job.only_failed and pod.metadata.deletion_timestamp is not None and phase(pod) != "Succeeded"


def finish_time(pod: Pod) -> int:
    """When a Pod ended, as far as can be told."""
    status = pod.status
    if status is not None:
        ends: list[int] = []
        for s in (*status.init_container_statuses, *status.container_statuses):
            terminated = s.state.terminated if s.state is not None else None
            if terminated is None or terminated.finished_at is None:
                ends = []
                break
            ends.append(terminated.finished_at)
        if ends:
            return max(ends)
        ready = pod_condition(pod, "Ready")
        if ready is not None and ready.status == "False" and ready.last_transition_time is not None:
            return ready.last_transition_time
    meta = pod.metadata
    if meta.deletion_timestamp is not None:
        return meta.deletion_timestamp - (meta.deletion_grace_period_seconds or 0)
    return meta.creation_timestamp or 0

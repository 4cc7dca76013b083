"""The Pods of a Job as they are created: with the tracking finalizer, and of an Indexed Job with their index."""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.api.frozen import merged
from kubesim_tui.api.types import EnvVar, EnvVarSource, ObjectFieldSelector, ObjectMeta, Pod, PodSpec
from kubesim_tui.controllers.base import key_of
from kubesim_tui.controllers.expectations import Expectations
from kubesim_tui.controllers.job import policies
from kubesim_tui.controllers.job.decide import Decision
from kubesim_tui.controllers.job.view import FAILURES, FINALIZER, IGNORED, INDEX, Job, annotation_count
from kubesim_tui.controllers.pod_control import PodControl, pod_from_template
from kubesim_tui.kernel.engine import Engine

_INDEX_ENV = EnvVar(
    name="JOB_COMPLETION_INDEX",
    value_from=EnvVarSource(
        field_ref=ObjectFieldSelector(field_path=f"metadata.annotations['{INDEX}']"),
    ),
)


class Host(Protocol):
    """What is needed of the controller."""

    engine: Engine
    expected: Expectations
    control: PodControl


class Creation:
    """Create the next Pod: with the finalizer, and of an Indexed Job with its index."""

    def __init__(self, controller: Host, job: Job, d: Decision) -> None:
        self.controller, self.job, self.d = controller, job, d
        self.indexes = iter(d.create)
        self.made = 0
        pod = pod_from_template(job.template, job.object)
        self.pod = pod.evolve(metadata=pod.metadata.evolve(finalizers=(*pod.metadata.finalizers, FINALIZER)))

    def __call__(self) -> None:
        controller, key = self.controller, key_of(self.job.object)
        index = next(self.indexes)
        pod = self.pod if index is None else indexed_pod(self.job, self.pod, index, self.d.predecessors.get(index))
        controller.expected.creations(key, 1, controller.engine.clock.tick)
        try:
            controller.control.create(pod, self.job.object)
        except Exception:
            controller.expected.saw_creation(key)
            raise
        self.made += 1


def indexed_pod(job: Job, pod: Pod, index: int, before: Pod | None) -> Pod:
    """A Pod with its completion index: as annotation, label, host name, environment, and in its name."""
    meta, spec = pod.metadata, pod.spec or PodSpec()
    own: dict[str, str] = {INDEX: str(index)}
    if job.per_index is not None:
        own |= _failure_counts(job, before)
    containers = tuple([c.evolve(env=(*c.env, _INDEX_ENV)) for c in spec.containers])
    inits = tuple([c.evolve(env=(*c.env, _INDEX_ENV)) for c in spec.init_containers])
    made: ObjectMeta = meta.evolve(
        generate_name=f"{job.object.metadata.name}-{index}-",
        annotations=merged(meta.annotations, own),
        labels=merged(meta.labels, {INDEX: str(index)}),
    )
    hostname = f"{job.object.metadata.name}-{index}"
    return pod.evolve(metadata=made, spec=spec.evolve(containers=containers, init_containers=inits, hostname=hostname))


def _failure_counts(job: Job, before: Pod | None) -> dict[str, str]:
    if before is None:
        return {FAILURES: "0"}
    counts = policies.counts(job, before)
    found = {FAILURES: str(annotation_count(before, FAILURES) + (1 if counts else 0))}
    ignored = annotation_count(before, IGNORED) + (0 if counts else 1)
    return found | ({IGNORED: str(ignored)} if ignored else {})

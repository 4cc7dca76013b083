"""The loop: decide, delete or create, count ended Pods, report.

Counting survives any interruption: an ended Pod is first noted in status.uncountedTerminatedPods, then loses its
finalizer, and only then the number grows.
"""

from __future__ import annotations

from typing import Any, cast

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.conditions import is_pod_terminal
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Object, Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.adoption import claim
from kubesim_tui.controllers.base import NORMAL, WARNING, Kit, key_of, lookup
from kubesim_tui.controllers.job.backoff import NO_FAILURES, Record
from kubesim_tui.controllers.job.creation import Creation
from kubesim_tui.controllers.job.decide import Decision, Observed, decide, suspension
from kubesim_tui.controllers.job.view import FINALIZER, OURS, Job
from kubesim_tui.controllers.pod_control import slow_start
from kubesim_tui.controllers.pod_owner import PodOwner
from kubesim_tui.kernel.engine import Key

INTERIM = {"Complete": "SuccessCriteriaMet", "Failed": "FailureTarget"}


class JobController(PodOwner):
    """Runs every Job to its end."""

    account = source = "job-controller"
    owner_kind = "Job"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.jobs, self.pods = self.watch(kit.shared("jobs")), self.watch(kit.shared("pods"))
        self._read: dict[Name, Job] = {}
        self._records: dict[str, Record] = {}
        self.jobs.on_change(self._job_changed)
        self.pods.on_change(self.pod_changed)

    # -- events ------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """All this is memory."""
        super().stop()
        self._read.clear()
        self._records.clear()

    def _job_changed(self, before: Object | None, now: Object | None) -> None:
        obj = cast(Object, now or before)
        if now is None:
            self._read.pop(key_of(obj), None)
            self._records.pop(obj.metadata.uid, None)
            self.expected.forget(key_of(obj))
        self.enqueue(key_of(obj))

    def offer(self, orphan: Object) -> None:
        """An orphan: a Job that chooses it may want it; one that still has the finalizer must lose it."""
        if FINALIZER in orphan.metadata.finalizers:
            self.enqueue(("orphan", orphan.metadata.namespace, orphan.metadata.name))
        for obj in self.jobs.table.in_namespace(orphan.metadata.namespace):
            if selector.matches(self._job(obj).selector, orphan.metadata.labels):
                self.enqueue(key_of(obj))

    def _job(self, obj: Object) -> Job:
        key = key_of(obj)
        known = self._read.get(key)
        if known is None or known.object is not obj:
            known = self._read[key] = Job.of(obj, known)
        return known

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """One sync of one Job."""
        if len(cast("tuple[str, ...]", key)) == 3:
            self._free_orphan(*cast("tuple[str, str, str]", key)[1:])
            return
        obj = lookup(self.jobs, Object, *cast(Name, key))
        if obj is None:
            self.expected.forget(key)
            return
        job = self._job(obj)
        managed_by = job.spec.get("managedBy")
        if job.finished or (managed_by and managed_by != OURS):
            self._release(job)
            return
        pods: list[Pod] = claim(self.client, obj, self.pods.table, _Chooses(job))
        satisfied = self.expected.satisfied(key, self.engine.clock.tick)
        before = self._records.get(obj.metadata.uid, NO_FAILURES)
        d = decide(Observed(job, pods, before, satisfied, self.now))
        made, gone, refused = self._act(job, d)
        self._report(job, d, pods, made, gone)
        self._records[obj.metadata.uid] = d.record
        if d.wait is not None:
            self.enqueue_after(max(1, d.wait), key)
        if refused is not None:
            raise refused

    def _act(self, job: Job, d: Decision) -> tuple[int, int, StatusError | None]:
        """(Pods made, Pods deleted, the first refusal)."""
        if d.create:
            creation = Creation(self, job, d)
            refused = slow_start(len(d.create), creation)
            return creation.made, 0, refused
        refused, gone = None, 0
        for pod in d.delete:
            key = key_of(job.object)
            self.expected.deletion(key, pod.metadata.uid, self.engine.clock.tick)
            try:
                self.control.delete(pod, job.object)
                gone += 1
            except Exception as error:
                self.expected.saw_deletion(key, pod.metadata.uid)
                if not isinstance(error, StatusError):
                    raise
                if error.code != 404:
                    refused = refused or error
        return 0, gone, refused

    # -- counting and reporting --------------------------------------------------------------------------------

    def _report(self, job: Job, d: Decision, pods: list[Pod], made: int, gone: int) -> None:
        status = self._base(job, d, made, gone)
        noted = dict(job.status.get("uncountedTerminatedPods") or {})
        good = [*(noted.get("succeeded") or []), *(p.metadata.uid for p in d.new_succeeded)]
        bad = [*(noted.get("failed") or []), *(p.metadata.uid for p in d.new_failed)]
        if job.indexed:
            good = []
        uncounted = {k: v for k, v in (("succeeded", good), ("failed", bad)) if v}
        if uncounted:
            first = {**status, "uncountedTerminatedPods": uncounted}
            job = self._write(job, first)
        held = {p.metadata.uid for p in d.counted} | set(good) | set(bad)
        for pod in pods:
            if pod.metadata.uid in held and FINALIZER in pod.metadata.finalizers:
                self._free(pod)
        if not job.indexed:
            status["succeeded"] = int(job.status.get("succeeded") or 0) + len(good)
        status["failed"] = int(job.status.get("failed") or 0) + len(bad)
        status["uncountedTerminatedPods"] = {}
        finished = self._conclude(job, d, status, gone)
        job = self._write(job, status)
        if finished is not None:
            self._say_finished(job, *finished)
            self._release(job)

    def _base(self, job: Job, d: Decision, made: int, gone: int) -> dict[str, Any]:
        """The status without the counts of ended Pods. What could not be made or deleted is not counted as such."""
        failed_to_delete = len(d.delete) - gone if d.delete else 0
        failed_to_make = len(d.create) - made if d.create else 0
        status: dict[str, Any] = dict(job.status)
        status["active"] = d.active - failed_to_make + failed_to_delete
        status["ready"] = d.ready
        status["terminating"] = max(0, d.terminating - failed_to_delete)
        if job.indexed:
            status["completedIndexes"] = d.completed_indexes
            status["succeeded"] = d.succeeded
        if d.failed_indexes is not None:
            status["failedIndexes"] = d.failed_indexes
        if not job.suspended and not status.get("startTime"):
            status["startTime"] = format_time(self.now)
        if d.managed:
            self._suspension(job, status)
        return status

    def _suspension(self, job: Job, status: dict[str, Any]) -> None:
        changed = suspension(job)
        if changed is None:
            return
        value, reason, message = changed
        status["conditions"] = self._set(status, "Suspended", value, reason, message)
        if job.suspended:
            status.pop("startTime", None)
        else:
            status["startTime"] = format_time(self.now)
        self.recorder.event(job.object, NORMAL, reason.removeprefix("Job"), message)

    def _set(self, status: dict[str, Any], type_: str, value: str, reason: str, message: str) -> list[dict[str, Any]]:
        now = format_time(self.now)
        known = list(status.get("conditions") or ())
        return generic.condition(known, type_, value, reason, message, now, lastProbeTime=now)

    def _conclude(self, job: Job, d: Decision, status: dict[str, Any], gone: int) -> tuple[str, str, str] | None:
        """Set the condition that the end is decided, and when no Pod is left the final one (returned)."""
        if d.verdict is None or (d.delete and gone < len(d.delete)):
            return None
        type_, reason, message = d.verdict
        if job.condition(INTERIM[type_]) is None:
            status["conditions"] = self._set(status, INTERIM[type_], "True", reason, message)
        if status["active"] or status["terminating"]:
            return None
        status["conditions"] = self._set(status, type_, "True", reason, message)
        if type_ == "Complete":
            status["completionTime"] = format_time(self.now)
        return d.verdict

    def _say_finished(self, job: Job, type_: str, reason: str, message: str) -> None:
        if type_ == "Complete":
            self.recorder.event(job.object, NORMAL, "Completed", "Job completed")
        else:
            self.recorder.event(job.object, WARNING, reason, message)

    def _write(self, job: Job, status: dict[str, Any]) -> Job:
        made = {k: v for k, v in status.items() if v not in ("", None) and not (v == 0 and k in _OMITTED)}
        if made == job.status:
            return job
        return Job.of(self.client.update_status(generic.with_part(job.object, "status", made)), job)

    # -- finalizers --------------------------------------------------------------------------------------------

    def _release(self, job: Job) -> None:
        """Pods of a Job that has ended keep no finalizer."""
        for pod in list(self.pods.table.owned_by(job.object.metadata.uid)):
            if FINALIZER in pod.metadata.finalizers and (
                is_pod_terminal(cast(Pod, pod)) or pod.metadata.deletion_timestamp is not None
            ):
                self._free(cast(Pod, pod))

    def _free_orphan(self, namespace: str, name: str) -> None:
        pod = lookup(self.pods, Pod, namespace, name)
        if pod is not None and controller_of(pod) is None and FINALIZER in pod.metadata.finalizers:
            self._free(pod)

    def _free(self, pod: Pod) -> None:
        fresh = lookup(self.pods, Pod, *key_of(pod))
        if fresh is None or fresh.metadata.uid != pod.metadata.uid:
            return
        kept = tuple([f for f in fresh.metadata.finalizers if f != FINALIZER])
        try:
            meta = fresh.metadata
            body = {"metadata": {"finalizers": list(kept) or None, "resourceVersion": str(meta.resource_version)}}
            self.client.patch(Pod, meta.namespace, meta.name, body)
        except StatusError as refused:
            if refused.code != 404:
                raise


_OMITTED = frozenset({"active", "succeeded", "failed"})


class _Chooses:
    """The Job's selector as a function."""

    def __init__(self, job: Job) -> None:
        self.selector = job.selector

    def __call__(self, obj: Object) -> bool:
        return selector.matches(self.selector, obj.metadata.labels)

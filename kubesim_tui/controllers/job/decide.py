"""What one sync of a Job does. Pure.

As syncJob and manageJob in job_controller.go of 1.37: with tracking by finalizers, pod replacement policy, success and
failure policies. Either Pods are created or deleted in one sync, never both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import evolve, frozen

from kubesim_tui.api.helpers.conditions import is_pod_active, is_pod_ready, is_pod_terminating
from kubesim_tui.api.times import parse_time
from kubesim_tui.api.types import Pod
from kubesim_tui.controllers.job import backoff, indexes, policies
from kubesim_tui.controllers.job.backoff import NO_FAILURES, Record
from kubesim_tui.controllers.job.view import FINALIZER, Job, finish_time, index_of, is_failed, number, phase
from kubesim_tui.controllers.replicaset.order import active_order

BURST = 500
Verdict = tuple[str, str, str]
"""(Complete or Failed, reason, message)."""


@frozen
class Decision:
    """The writes, and what the status becomes."""

    create: tuple[int | None, ...] = ()  # a Pod each; its index, or None
    delete: tuple[Pod, ...] = ()
    active: int = 0
    ready: int = 0
    terminating: int = 0
    succeeded: int = 0
    failed: int = 0
    completed_indexes: str = ""
    failed_indexes: str | None = None
    verdict: Verdict | None = None
    counted: tuple[Pod, ...] = ()  # ended Pods that are counted now: their finalizer goes
    new_succeeded: tuple[Pod, ...] = ()
    new_failed: tuple[Pod, ...] = ()
    record: Record = NO_FAILURES
    wait: int | None = None  # seconds until the next look
    managed: bool = False
    predecessors: Mapping[int, Pod] = {}  # failed Pods by index, for their replacements


@frozen
class Observed:
    """What a sync starts from."""

    job: Job
    pods: Sequence[Pod]
    record: Record
    satisfied: bool  # the cache shows all that was asked for
    now: int


def decide(seen: Observed) -> Decision:
    """The whole of one sync of a Job that has not finished."""
    job = seen.job
    active = [p for p in seen.pods if is_pod_active(p)]
    d = _counted(seen)
    d = evolve(
        d,
        active=len(active),
        ready=sum([is_pod_ready(p) for p in active]),
        terminating=sum([is_pod_terminating(p) for p in seen.pods]),
    )
    done, given_up = _indexes(seen)
    if job.indexed:
        d = evolve(d, succeeded=indexes.total(done), completed_indexes=indexes.text(done))
        if job.per_index is not None:
            d = evolve(d, failed_indexes=indexes.text(given_up))
    verdict = _verdict(seen, d, done, given_up)
    if verdict is not None:
        d = _end(seen, d, active, verdict)
    else:
        if seen.satisfied and job.object.metadata.deletion_timestamp is None:
            d = _manage(seen, evolve(d, managed=True), active, done, given_up)
        d = _maybe_complete(job, _deadline(seen, d))
    if d.verdict is not None or job.per_index is None or job.object.metadata.deletion_timestamp is not None:
        return d
    return _held_back(d, indexes.kept(job, seen.pods, done, given_up).values())


def _held_back(d: Decision, kept: Collection[Pod]) -> Decision:
    """Pods that their replacement still asks how often their index has failed are counted once it is there."""
    uids = {pod.metadata.uid for pod in kept}
    return evolve(
        d,
        counted=tuple([p for p in d.counted if p.metadata.uid not in uids]),
        new_failed=tuple([p for p in d.new_failed if p.metadata.uid not in uids]),
    )


def suspension(job: Job) -> tuple[str, str, str] | None:
    """What the condition Suspended becomes: status, reason, message; None if it stays."""
    was = job.condition("Suspended") is not None
    if job.suspended == was:
        return None
    return ("True", "JobSuspended", "Job suspended") if job.suspended else ("False", "JobResumed", "Job resumed")


def _uncounted(job: Job, key: str) -> list[str]:
    return list((job.status.get("uncountedTerminatedPods") or {}).get(key) or ())


def _counted(seen: Observed) -> Decision:
    """Pods that have ended and are not counted yet."""
    job = seen.job
    known = {*_uncounted(job, "succeeded"), *_uncounted(job, "failed")}
    fresh = [p for p in seen.pods if FINALIZER in p.metadata.finalizers and p.metadata.uid not in known]
    if job.indexed:
        most = job.completions or 0
        fresh = [p for p in fresh if (n := index_of(p)) is not None and n < most]
    good = [p for p in fresh if phase(p) == "Succeeded"]
    bad = [p for p in fresh if is_failed(job, p)]
    counting = [p for p in bad if policies.counts(job, p)]
    made = backoff.record(seen.record, [finish_time(p) for p in good], [finish_time(p) for p in bad])
    return Decision(
        succeeded=number(job.status, "succeeded", 0) + len(good) + len(_uncounted(job, "succeeded")),
        failed=number(job.status, "failed", 0) + len(counting) + len(_uncounted(job, "failed")),
        counted=(*good, *bad),
        new_succeeded=tuple(good),
        new_failed=tuple(counting),
        record=made,
    )


def _indexes(seen: Observed) -> tuple[indexes.Intervals, indexes.Intervals]:
    if not seen.job.indexed:
        return [], []
    done = indexes.succeeded(seen.job, seen.pods)[1]
    return done, indexes.failed(seen.job, seen.pods) if seen.job.per_index is not None else []


# -- has it ended? -----------------------------------------------------------------------------------------------


def _verdict(seen: Observed, d: Decision, done: indexes.Intervals, given_up: indexes.Intervals) -> Verdict | None:
    job = seen.job
    for interim, final in (("SuccessCriteriaMet", "Complete"), ("FailureTarget", "Failed")):
        known = job.condition(interim)
        if known is not None:
            return final, known.get("reason") or "", known.get("message") or ""
    message = policies.fail_message(job, seen.pods)
    if message:
        return "Failed", "PodFailurePolicy", message
    if d.failed > number(job.spec, "backoffLimit", 6) or _past_limit_on_restarts(seen):
        return "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"
    if _seconds_to_deadline(seen) == 0:
        return "Failed", "DeadlineExceeded", "Job was active longer than specified deadline"
    if job.indexed and job.per_index is not None:
        failed = _failed_indexes(job, done, given_up)
        if failed is not None:
            return failed
    if job.indexed:
        message = policies.success_message(job, done)
        if message:
            return "Complete", "SuccessPolicy", message
    return None


def _failed_indexes(job: Job, done: indexes.Intervals, given_up: indexes.Intervals) -> Verdict | None:
    count, most = indexes.total(given_up), job.spec.get("maxFailedIndexes")
    if most is not None and count > most:
        text = "Job has exceeded the specified maximal number of failed indexes"
        return "Failed", "MaxFailedIndexesExceeded", text
    if count and count + indexes.total(done) >= (job.completions or 0):
        return "Failed", "FailedIndexes", "Job has failed indexes"
    return None


def _past_limit_on_restarts(seen: Observed) -> bool:
    """With restartPolicy OnFailure the restarts of containers count."""
    spec = seen.job.template.spec
    if spec is None or spec.restart_policy != "OnFailure":
        return False
    restarts = 0
    for pod in seen.pods:
        if phase(pod) in ("Running", "Pending") and pod.status is not None:
            statuses = (*pod.status.init_container_statuses, *pod.status.container_statuses)
            restarts += sum([s.restart_count or 0 for s in statuses])
    limit = number(seen.job.spec, "backoffLimit", 6)
    return restarts >= limit if limit else restarts > 0


def _seconds_to_deadline(seen: Observed) -> int | None:
    limit, start = seen.job.spec.get("activeDeadlineSeconds"), seen.job.status.get("startTime")
    if limit is None or start is None or seen.job.suspended:
        return None
    return max(0, parse_time(start) + int(limit) - seen.now)


def _deadline(seen: Observed, d: Decision) -> Decision:
    left = _seconds_to_deadline(seen)
    if left is None and not seen.job.suspended and seen.job.status.get("startTime") is None:
        limit = seen.job.spec.get("activeDeadlineSeconds")
        left = None if limit is None else int(limit)
    waits = [w for w in (left, d.wait) if w is not None]
    return evolve(d, wait=min(waits)) if waits else d


def _end(seen: Observed, d: Decision, active: Sequence[Pod], verdict: Verdict) -> Decision:
    """The Job has ended: its active Pods go; those of a Job that failed count as failed."""
    if not seen.satisfied:
        return evolve(d, verdict=None)
    d = evolve(d, verdict=verdict, delete=tuple(active), active=0, ready=0, terminating=d.terminating + len(active))
    if verdict[0] == "Failed":
        tracked = [p for p in active if FINALIZER in p.metadata.finalizers]
        if seen.job.indexed:
            most = seen.job.completions or 0
            tracked = [p for p in tracked if (n := index_of(p)) is not None and n < most]
        d = evolve(
            d,
            failed=d.failed + len(tracked),
            new_failed=(*d.new_failed, *tracked),
            counted=(*d.counted, *tracked),
        )
    return d


def _maybe_complete(job: Job, d: Decision) -> Decision:
    if job.completions is None:
        complete = d.succeeded > 0 and d.active == 0
    else:
        complete = d.succeeded >= job.completions and d.active == 0
    if not complete:
        return d
    return evolve(d, verdict=("Complete", "CompletionsReached", "Reached expected number of succeeded pods"))


# -- how many Pods? ----------------------------------------------------------------------------------------------


def _manage(
    seen: Observed, d: Decision, active: list[Pod], done: indexes.Intervals, given_up: indexes.Intervals
) -> Decision:
    job = seen.job
    wanted = 0 if job.suspended else _wanted(job, d, given_up)
    gone = _to_remove(job, active, max(0, d.active - wanted))[:BURST]
    if gone:
        ready = sum([is_pod_ready(p) for p in gone])
        return evolve(
            d,
            delete=tuple(gone),
            active=d.active - len(gone),
            ready=d.ready - ready,
            terminating=d.terminating + len(gone),
        )
    missing = wanted - d.active - (d.terminating if job.only_failed else 0)
    if missing <= 0 or job.suspended:
        return d
    if job.per_index is None:
        since = None if d.record.last is None else seen.now - d.record.last
        left = backoff.remaining(d.record.failures, since)
        if left:
            return evolve(d, wait=left)
    return _create(seen, d, active, done, given_up, min(missing, BURST))


def _create(
    seen: Observed,
    d: Decision,
    active: list[Pod],
    done: indexes.Intervals,
    given_up: indexes.Intervals,
    missing: int,
) -> Decision:
    job = seen.job
    if not job.indexed:
        return evolve(d, create=(None,) * missing, active=d.active + missing)
    busy: list[int | None] = [index_of(p) for p in active]
    if job.only_failed:
        busy += [index_of(p) for p in seen.pods if is_pod_terminating(p)]
    taken = indexes.join(done, [n for a, b in given_up for n in range(a, b + 1)])
    completions = job.completions or 0
    if job.per_index is None:
        chosen = indexes.pending(completions, taken, busy, missing)
        return evolve(d, create=tuple(chosen), active=d.active + len(chosen))
    before = indexes.kept(job, seen.pods, done, given_up)
    free = indexes.pending(completions, taken, busy, completions)
    waits = {n: backoff.remaining_of_index(before.get(n), seen.now) for n in free}
    chosen = [n for n in free if not waits[n]][:missing]
    later = [w for w in waits.values() if w]
    wait = min(later) if later and len(chosen) < missing else None
    return evolve(d, create=tuple(chosen), active=d.active + len(chosen), wait=wait, predecessors=before)


def _wanted(job: Job, d: Decision, given_up: indexes.Intervals) -> int:
    """How many Pods should be active."""
    if job.completions is None:
        return d.active if d.succeeded > 0 else job.parallelism
    left = job.completions - d.succeeded - indexes.total(given_up)
    return max(0, min(left, job.parallelism))


def _to_remove(job: Job, active: list[Pod], least: int) -> list[Pod]:
    """Pods to remove: of an Indexed Job first those without a place, then in the order of all controllers."""
    gone: list[Pod] = []
    left = active
    if job.indexed:
        gone, left = indexes.superfluous(active, job.completions or 0)
    if len(gone) < least:
        gone += active_order(left)[: least - len(gone)]
    return gone

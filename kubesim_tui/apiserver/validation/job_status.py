"""A Job's status: figures, times and conditions that go together (pkg/apis/batch/validation, registry/batch/job).

Since others than the Job controller may manage a Job (`managedBy`), a status is held to what its readers rely on.
Most rules look only at what the change touches, so that what was stored wrong, or what a new spec has overtaken, is
not in the way of the next report.
"""

from __future__ import annotations

from kubesim_tui.api.times import parse_time
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.job_policies import count_indexes, overlap
from kubesim_tui.apiserver.validation.report import JsonMap, Report, number, part, same, text

COUNTS = ("active", "succeeded", "failed", "ready", "terminating")
FINAL = ("Failed", "Complete", "FailureTarget")
CONDITIONS = "status.conditions"


def has_condition(status: JsonMap, kind: str, value: str = "True") -> bool:
    """Whether a Job's status has a condition of that type and status."""
    return any(text(c, "type") == kind and text(c, "status") == value for c in status.get("conditions") or ())


def _finished(status: JsonMap) -> bool:
    return has_condition(status, "Complete") or has_condition(status, "Failed")


def job_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A new status of a Job."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    spec, now, was = part(new, "spec"), part(new, "status"), part(old, "status")
    for name in COUNTS:
        r.not_negative(f"status.{name}", now.get(name))
    _uncounted(r, part(now, "uncountedTerminatedPods"), "status.uncountedTerminatedPods")
    _complete(r, now, was)
    _finished_by_target(r, now, was)
    _nothing_left(r, spec, now, was)
    _indexes(r, spec, now, was)
    if number(now, "terminating") > 0 and _finished(now) and _turned(now, was, "Complete", "Failed", "terminating"):
        r.invalid("status.terminating", now["terminating"], "terminating>0 is invalid for finished job")
    if number(now, "ready") > number(now, "active") and _turned(now, was, "ready", "active"):
        r.invalid("status.ready", now["ready"], "cannot set more ready pods than active")
    _success(r, spec, now)
    _kept(r, spec, now, was)


def _turned(now: JsonMap, was: JsonMap, *names: str) -> bool:
    """Whether a change touches one of these fields, or conditions by type."""
    return any(
        has_condition(now, name) != has_condition(was, name) if name[0].isupper() else now.get(name) != was.get(name)
        for name in names
    )


def _uncounted(r: Report, pods: JsonMap, path: str) -> None:
    """Each Pod that is not yet counted is noted once."""
    seen: set[str] = set()
    for kind in ("succeeded", "failed"):
        for i, uid in enumerate(pods.get(kind) or ()):
            at = f"{path}.{kind}[{i}]"
            if not uid:
                r.invalid(at, uid, "must not be empty")
            elif uid in seen:
                r.duplicate(at, uid)
            seen.add(uid)


def _complete(r: Report, now: JsonMap, was: JsonMap) -> None:
    """Complete excludes Failed, and comes with the time of completion."""
    complete, end = has_condition(now, "Complete"), now.get("completionTime")
    if complete and has_condition(now, "Failed") and _turned(now, was, "Complete", "Failed"):
        r.invalid_without(CONDITIONS, "cannot set Complete=True and Failed=true conditions")
    if complete and has_condition(now, "FailureTarget") and _turned(now, was, "Complete", "FailureTarget"):
        r.invalid_without(CONDITIONS, "cannot set Complete=True and FailureTarget=true conditions")
    if _turned(now, was, "Complete", "completionTime"):
        if end is not None and not complete:
            said = "cannot set completionTime when there is no Complete=True condition"
            r.invalid("status.completionTime", end, said)
        if end is None and complete:
            r.required("status.completionTime", "completionTime is required for Complete jobs")
    start = now.get("startTime")
    early = start is not None and end is not None and parse_time(end) < parse_time(start)
    if early and _turned(now, was, "startTime", "completionTime"):
        r.invalid("status.completionTime", end, "must be equal to or after `startTime`")


def _finished_by_target(r: Report, now: JsonMap, was: JsonMap) -> None:
    """What ends a Job is noted before its end is."""
    for end, target, also in (("Failed", "FailureTarget", "failedIndexes"), ("Complete", "SuccessCriteriaMet", None)):
        unannounced = has_condition(now, end) and not has_condition(now, target)
        if unannounced and _turned(now, was, end, also or target):
            r.invalid_without(CONDITIONS, f"cannot set {end}=True condition without the {target}=true condition")


def _nothing_left(r: Report, spec: JsonMap, now: JsonMap, was: JsonMap) -> None:
    """A finished Job has begun, and has no Pod that is active or not counted."""
    if not _finished(now):
        return
    turned = not _finished(was)
    if number(now, "active") > 0 and (turned or _turned(now, was, "active")):
        r.invalid("status.active", now["active"], "active>0 is invalid for finished job")
    never = bool(spec.get("suspend")) and spec.get("completions") == 0
    if now.get("startTime") is None and (turned or _turned(now, was, "startTime")) and not never:
        r.required("status.startTime", "startTime is required for finished job")
    left = part(now, "uncountedTerminatedPods")
    if any(left.values()) and (turned or not same(left, was.get("uncountedTerminatedPods"))):
        r.invalid("status.uncountedTerminatedPods", left, "must be empty for finished job")


def _indexes(r: Report, spec: JsonMap, now: JsonMap, was: JsonMap) -> None:
    """Indexes are in order, of this Job, and either completed or failed."""
    completed, failed = text(now, "completedIndexes"), now.get("failedIndexes")
    completions, per_index = spec.get("completions"), spec.get("backoffLimitPerIndex") is not None
    new_completed, new_failed = _turned(now, was, "completedIndexes"), _turned(now, was, "failedIndexes")
    if new_completed and completions is not None:
        _well_formed(r, completed, completions, "completedIndexes")
    if new_failed and completions is not None and per_index and failed is not None:
        _well_formed(r, failed, completions, "failedIndexes")
    if new_completed and completed and text(spec, "completionMode") != "Indexed":
        said = "cannot set non-empty completedIndexes when non-indexed completion mode"
        r.invalid("status.completedIndexes", completed, said)
    if new_failed and failed is not None and not per_index:
        said = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        r.invalid("status.failedIndexes", failed, said)
    if (new_completed or new_failed) and completions is not None and failed is not None:
        both = overlap(completed, failed, completions)
        if both is not None:
            said = f"failedIndexes and completedIndexes overlap at index: {both}"
            r.invalid("status.failedIndexes", failed, said)


def _well_formed(r: Report, indexes: str, completions: int, name: str) -> None:
    try:
        count_indexes(indexes, completions)
    except ValueError as wrong:
        r.invalid(f"status.{name}", indexes, f"error parsing {name}: {wrong}")


def _success(r: Report, spec: JsonMap, now: JsonMap) -> None:
    """A Job whose success is decided has not failed."""
    decided = has_condition(now, "SuccessCriteriaMet")
    if decided and has_condition(now, "Failed"):
        r.invalid_without(CONDITIONS, "cannot set SuccessCriteriaMet=True and Failed=true conditions")
    if decided and has_condition(now, "FailureTarget"):
        r.invalid_without(CONDITIONS, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")
    if spec.get("successPolicy") is not None and not decided and has_condition(now, "Complete"):
        said = "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"
        r.invalid_without(CONDITIONS, said)


def _kept(r: Report, spec: JsonMap, now: JsonMap, was: JsonMap) -> None:
    """What has been reported is not taken back."""
    for kind in FINAL:
        if has_condition(was, kind) and not has_condition(now, kind):
            r.invalid_without(CONDITIONS, f"cannot disable the terminal {kind}=True condition")
    if number(now, "failed") < number(was, "failed"):
        r.invalid("status.failed", number(now, "failed"), "cannot decrease the failed counter")
    scalable = text(spec, "completionMode") == "Indexed" and spec.get("completions") == spec.get("parallelism")
    if number(now, "succeeded") < number(was, "succeeded") and not scalable:
        r.invalid("status.succeeded", number(now, "succeeded"), "cannot decrease the succeeded counter")
    end, start = now.get("completionTime"), now.get("startTime")
    if end is not None and was.get("completionTime") not in (None, end):
        r.invalid("status.completionTime", end, "field is immutable")
    resumes = has_condition(was, "Suspended") and has_condition(now, "Suspended", "False")
    if was.get("startTime") not in (None, start) and not spec.get("suspend") and not resumes:
        r.invalid("status.startTime", start, "field is immutable for unsuspended job once set")
    decided = has_condition(now, "SuccessCriteriaMet")
    if has_condition(was, "SuccessCriteriaMet") and not decided:
        r.invalid_without(CONDITIONS, "cannot disable the SuccessCriteriaMet=True condition")
    if has_condition(was, "Complete") and not has_condition(was, "SuccessCriteriaMet") and decided:
        said = "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"
        r.invalid_without(CONDITIONS, said)

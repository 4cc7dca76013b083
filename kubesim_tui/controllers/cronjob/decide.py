"""What one sync of a CronJob does. Pure.

As syncCronJob in cronjob_controllerv2.go and its utils: only the latest missed start is made up for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from attrs import evolve, frozen

from kubesim_tui.api.helpers.cron import Schedule, parse
from kubesim_tui.api.times import civil_from_days, format_time
from kubesim_tui.controllers.cronjob.schedule import next_start

NORMAL, WARNING = "Normal", "Warning"
TOO_MANY = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
FORBIDDEN = "Not starting job because prior execution is running and concurrency policy is Forbid"
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]


@frozen
class Child:
    """A Job of the CronJob. `ended`: "", "Complete" or "Failed"."""

    name: str
    uid: str
    ended: str = ""
    start: int | None = None
    completion: int | None = None


@frozen
class Cron:
    """What is read of a CronJob."""

    name: str
    schedule: str
    created: int
    policy: str = "Allow"
    suspend: bool = False
    deadline: int | None = None
    last_schedule: int | None = None
    last_success: int | None = None
    active: tuple[tuple[str, str], ...] = ()  # (name, uid)
    deleting: bool = False
    keep_successful: int | None = 3
    keep_failed: int | None = 1


@frozen
class Decision:
    """What to do. Events are (type, reason, message); `start`: the scheduled time of the Job to create."""

    events: tuple[tuple[str, str, str], ...] = ()
    active: tuple[tuple[str, str], ...] = ()
    last_success: int | None = None
    start: int | None = None
    replace: tuple[tuple[str, str], ...] = ()
    wait: int | None = None


class NoSchedule(Exception):
    """The schedule never comes, or two starts are less than a second apart."""


def most_recent(
    cron: Cron, now: int, schedule: Schedule, zone: tzinfo | None, *, with_deadline: bool
) -> tuple[int, int | None, str]:
    """(the time looked from, the latest start not after now or None, how many were missed: none, few, many)."""
    earliest = cron.created if cron.last_schedule is None else cron.last_schedule
    if with_deadline and cron.deadline is not None:
        earliest = max(earliest, now - cron.deadline)
    first = next_start(schedule, earliest, zone)
    second = next_start(schedule, first, zone) if first is not None else None
    if first is None or second is None:
        raise NoSchedule("time difference between two schedules is less than 1 second")
    if now < first:
        return earliest, None, "none"
    if now < second:
        return earliest, first, "none"
    between = second - first
    if between < 1:
        raise NoSchedule("time difference between two schedules is less than 1 second")
    missed = (now - first) // between + 1
    found, t = None, next_start(schedule, first + (missed - 2) * between, zone)
    while t is not None and t <= now:
        found, t = t, next_start(schedule, t, zone)
    return earliest, found, "many" if missed > 100 else "few"


def seconds_to_next(cron: Cron, now: int, schedule: Schedule, zone: tzinfo | None) -> int:
    """Seconds until the next start (one is added, as upstream adds a tenth)."""
    try:
        earliest, found, missed = most_recent(cron, now, schedule, zone, with_deadline=False)
    except NoSchedule:
        found, earliest, missed = now, now, "none"
    start = found if found is not None else earliest if missed == "none" else now
    at = next_start(schedule, start, zone)
    return max(1, (at if at is not None else now) - now)


def job_name(cron: Cron, at: int) -> str:
    """`<name>-<minutes since 1970>`."""
    return f"{cron.name}-{at // 60}"


def has_unlisted(cron: Cron, jobs: Sequence[Child]) -> bool:
    """Whether a Job runs that the CronJob, as we know it, does not list: then a fresh look is due."""
    uids = {uid for _, uid in cron.active}
    return any(not j.ended and j.uid not in uids for j in jobs)


def bookkeeping(cron: Cron, jobs: Sequence[Child], exists: Mapping[str, bool]) -> Decision:
    """The list of active Jobs brought in line with the Jobs there are.

    `exists`: by name, whether Jobs that are listed but not among `jobs` are there after all.
    """
    events, active, success = [], list(cron.active), cron.last_success
    for job in jobs:
        listed = any(uid == job.uid for _, uid in active)
        if not listed and not job.ended:
            events.append(
                (WARNING, "UnexpectedJob", f"Saw a job that the controller did not create or forgot: {job.name}")
            )
        elif listed and job.ended:
            active = [a for a in active if a[1] != job.uid]
            events.append((NORMAL, "SawCompletedJob", f"Saw completed job: {job.name}, condition: {job.ended}"))
        if job.ended == "Complete" and job.completion is not None and (success is None or success < job.completion):
            success = job.completion
    uids = {j.uid for j in jobs}
    for name, uid in cron.active:
        if uid not in uids and not exists.get(name, False):
            active = [a for a in active if a[1] != uid]
            events.append((NORMAL, "MissingJob", f"Active job went missing: {name}"))
    return Decision(tuple(events), tuple(active), success)


def decide(
    cron: Cron, jobs: Sequence[Child], now: int, zone: tzinfo | None = None, exists: Mapping[str, bool] | None = None
) -> Decision:
    """The whole of one sync."""
    d = bookkeeping(cron, jobs, exists or {})
    if cron.deleting or cron.suspend:
        return d
    try:
        schedule = parse(cron.schedule)
    except ValueError as error:
        return _said(d, WARNING, "UnparseableSchedule", f"unparseable schedule: {cron.schedule} : {error}")
    try:
        _, at, missed = most_recent(cron, now, schedule, zone, with_deadline=True)
    except NoSchedule as error:
        return _said(d, WARNING, "InvalidSchedule", f"invalid schedule: {cron.schedule} : {error}")
    d = evolve(d, wait=seconds_to_next(cron, now, schedule, zone))
    if at is None:
        return d
    if missed == "many":
        d = _said(d, WARNING, "TooManyMissedTimes", TOO_MANY)
    if cron.deadline is not None and at + cron.deadline < now:
        return _said(d, WARNING, "MissSchedule", f"Missed scheduled time to start a job: {rfc1123(at)}")
    name = job_name(cron, at)
    if any(a[0] == name for a in d.active) or cron.last_schedule == at:
        return d
    if cron.policy == "Forbid" and d.active:
        return _said(d, NORMAL, "JobAlreadyActive", FORBIDDEN)
    replaced = d.active if cron.policy == "Replace" else ()
    return evolve(d, start=at, replace=replaced)


def _said(d: Decision, type_: str, reason: str, message: str) -> Decision:
    return evolve(d, events=(*d.events, (type_, reason, message)))


def superfluous(jobs: Sequence[Child], ended: str, keep: int | None) -> list[Child]:
    """Ended Jobs beyond the history limit, oldest first."""
    if keep is None:
        return []
    found = by_start([j for j in jobs if j.ended == ended])
    return found[: max(0, len(found) - keep)]


def by_start(jobs: Sequence[Child]) -> list[Child]:
    """Oldest start first, those without one last; equal ones by name."""
    return sorted(jobs, key=_start)


def _start(job: Child) -> tuple[bool, int, str]:
    return job.start is None, job.start or 0, job.name


def rfc1123(at: int) -> str:
    """`Thu, 19 May 2016 10:00:00 +0000`."""
    day = at // 86400
    year, month, of_month = civil_from_days(day)
    return f"{_DAYS[(day + 4) % 7]}, {of_month:02} {_MONTHS[month - 1]} {year:04} {format_time(at)[11:19]} +0000"


def from_json(obj: Any, spec: Mapping[str, Any], status: Mapping[str, Any], parse_time: Any) -> Cron:
    """A CronJob of its JSON."""
    last, success = status.get("lastScheduleTime"), status.get("lastSuccessfulTime")
    return Cron(
        name=obj.metadata.name,
        schedule=spec.get("schedule", ""),
        created=obj.metadata.creation_timestamp or 0,
        policy=spec.get("concurrencyPolicy") or "Allow",
        suspend=bool(spec.get("suspend")),
        deadline=spec.get("startingDeadlineSeconds"),
        last_schedule=parse_time(last) if last else None,
        last_success=parse_time(success) if success else None,
        active=tuple([(a.get("name", ""), a.get("uid", "")) for a in status.get("active") or ()]),
        deleting=obj.metadata.deletion_timestamp is not None,
        keep_successful=spec.get("successfulJobsHistoryLimit", 3),
        keep_failed=spec.get("failedJobsHistoryLimit", 1),
    )

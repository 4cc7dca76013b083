"""CronJobs: the schedule, its time zone, and the Jobs that are made (pkg/apis/batch/validation)."""

from __future__ import annotations

from kubesim_tui.api import names
from kubesim_tui.api.helpers import cron
from kubesim_tui.apiserver.validation import batch, metadata
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, text

LONGEST_NAME = 52
"""Room for the 11 characters that a Job's name has more."""


def cron_job(r: Report, data: JsonMap) -> None:
    """A new CronJob: its name leaves room for what a Job's has more."""
    meta = part(data, "metadata")
    metadata.object_meta(r, meta, names.is_dns1123_subdomain, namespaced=True)
    _spec(r, part(data, "spec"), {})
    if len(text(meta, "name").encode()) > LONGEST_NAME:
        r.invalid("metadata.name", meta["name"], f"must be no more than {LONGEST_NAME} characters")


def cron_job_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed CronJob. A time zone, and one within the schedule, that has been stored may stay."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    _spec(r, part(new, "spec"), part(old, "spec"))


def _spec(r: Report, spec: JsonMap, before: JsonMap) -> None:
    schedule, zone = text(spec, "schedule"), spec.get("timeZone")
    if schedule:
        _schedule(r, schedule, zone, tolerated="TZ" in text(before, "schedule"))
    else:
        r.required("spec.schedule")
    r.not_negative("spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    if zone is not None and zone != before.get("timeZone"):
        _time_zone(r, zone, "spec.timeZone")
    r.one_of("spec.concurrencyPolicy", text(spec, "concurrencyPolicy"), ("Allow", "Forbid", "Replace"))
    inner = part(part(spec, "jobTemplate"), "spec")
    batch.template_spec(r, inner, "spec.jobTemplate.spec")
    if inner.get("selector") is not None:
        r.invalid("spec.jobTemplate.spec.selector", inner["selector"], "`selector` will be auto-generated")
    if inner.get("manualSelector"):
        r.not_supported("spec.jobTemplate.spec.manualSelector", True, ("nil", "false"))
    for name in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        r.not_negative(f"spec.{name}", spec.get(name))


def _time_zone(r: Report, zone: str, path: str) -> None:
    """A name of the time zone database, not the machine's own zone."""
    if not zone:
        r.invalid(path, zone, "timeZone must be nil or non-empty string")
        return
    if zone.casefold() == "local":
        r.invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")
        if zone == "Local":
            return
    try:
        cron.load_zone(zone)
    except cron.CronError as wrong:
        r.invalid(path, zone, str(wrong))


def _schedule(r: Report, schedule: str, zone: str | None, *, tolerated: bool) -> None:
    try:
        cron.parse(_without_zone(schedule))
    except cron.CronError as wrong:
        r.invalid("spec.schedule", schedule, str(wrong))
    if "TZ" not in schedule:
        return
    if not tolerated:
        r.invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
    elif zone is not None:
        r.invalid("spec.schedule", schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule")


def _without_zone(schedule: str) -> str:
    """A schedule without the time zone that it begins with, as the library reads it."""
    if not schedule.startswith(("TZ=", "CRON_TZ=")):
        return schedule
    zone, space, rest = schedule.partition(" ")
    if not space:
        raise cron.CronError("invalid schedule format: runtime error: slice bounds out of range [:-1]")
    name = zone.partition("=")[2]
    try:
        cron.load_zone(name or "UTC")
    except cron.CronError as wrong:
        raise cron.CronError(f"provided bad location {name}: {wrong}") from None
    return rest.strip()

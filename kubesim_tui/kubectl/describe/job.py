"""kubectl describe job and cronjob."""

from __future__ import annotations

from kubesim_tui.apiserver.table.workloads import job_duration
from kubesim_tui.kubectl.describe import template
from kubesim_tui.kubectl.describe.workload import selector_text
from kubesim_tui.kubectl.describe.writer import NONE, UNSET, Data, Writer, boolean, date, lower, owner

INDEXES_SHOWN = 50


def describe(w: Writer, o: Data) -> None:
    """One Job."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    w.name(o)
    w(0, f"Selector:\t{selector_text(spec.get('selector'))}")
    w.about(o)
    if owner(o):
        w(0, f"Controlled By:\t{owner(o)}")
    _settings(w, spec)
    for title, key in (("Start Time", "startTime"), ("Completed At", "completionTime")):
        if status.get(key):
            w(0, f"{title}:\t{date(status[key])}")
    if status.get("startTime") and status.get("completionTime"):
        w(0, f"Duration:\t{job_duration(o, w.now)}")
    if spec.get("activeDeadlineSeconds") is not None:
        w(0, f"Active Deadline Seconds:\t{spec['activeDeadlineSeconds']}s")
    ready = "" if status.get("ready") is None else f" ({status['ready']} Ready)"
    active, done, failed = (status.get(k) or 0 for k in ("active", "succeeded", "failed"))
    w(0, f"Pods Statuses:\t{active} Active{ready} / {done} Succeeded / {failed} Failed")
    if spec.get("completionMode") == "Indexed":
        w(0, f"Completed Indexes:\t{_indexes(status.get('completedIndexes', ''))}")
    template.describe(w, spec.get("template"))
    w.events(o)


def _settings(w: Writer, spec: Data) -> None:
    if spec.get("parallelism") is not None:
        w(0, f"Parallelism:\t{spec['parallelism']}")
    w(0, f"Completions:\t{UNSET if spec.get('completions') is None else spec['completions']}")
    if spec.get("completionMode"):
        w(0, f"Completion Mode:\t{spec['completionMode']}")
    if spec.get("suspend") is not None:
        w(0, f"Suspend:\t{lower(spec['suspend'])}")
    for title, key in (("Backoff Limit", "backoffLimit"), ("TTL Seconds After Finished", "ttlSecondsAfterFinished")):
        if spec.get(key) is not None:
            w(0, f"{title}:\t{spec[key]}")


def _indexes(text: str) -> str:
    if len(text) <= INDEXES_SHOWN:
        return text or NONE
    end = text.find(",", INDEXES_SHOWN)
    return text if end < 0 else f"{text[: end + 1]}..."


def describe_cron(w: Writer, o: Data) -> None:
    """One CronJob."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    w.name(o)
    w.about(o)
    w(0, f"Schedule:\t{spec.get('schedule', '')}")
    w(0, f"Concurrency Policy:\t{spec.get('concurrencyPolicy', '')}")
    w(0, f"Suspend:\t{boolean(spec.get('suspend'))}")
    w(0, f"Time Zone:\t{spec.get('timeZone') or UNSET}")
    for title, key, unit in (
        ("Successful Job History Limit", "successfulJobsHistoryLimit", ""),
        ("Failed Job History Limit", "failedJobsHistoryLimit", ""),
        ("Starting Deadline Seconds", "startingDeadlineSeconds", "s"),
    ):
        w(0, f"{title}:\t{UNSET if spec.get(key) is None else f'{spec[key]}{unit}'}")
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    w(0, f"Selector:\t{selector_text(job['selector']) if job.get('selector') is not None else UNSET}")
    for title, key in (("Parallelism", "parallelism"), ("Completions", "completions")):
        w(0, f"{title}:\t{UNSET if job.get(key) is None else job[key]}")
    if job.get("activeDeadlineSeconds") is not None:
        w(0, f"Active Deadline Seconds:\t{job['activeDeadlineSeconds']}s")
    template.describe(w, job.get("template"))
    last = status.get("lastScheduleTime")
    w(0, f"Last Schedule Time:\t{date(last) if last else UNSET}")
    w(0, f"Active Jobs:\t{', '.join(j.get('name', '') for j in status.get('active') or ()) or NONE}")
    w.events(o)

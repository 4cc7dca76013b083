"""CronJobs: when a start is due, and one sync."""

from attrs import evolve

from kubesim_tui.api.helpers.cron import parse
from kubesim_tui.controllers.cronjob.decide import (
    Child,
    Cron,
    NoSchedule,
    by_start,
    decide,
    has_unlisted,
    job_name,
    most_recent,
)
from tests.upstream.adapters import answers
from tests.upstream.objects import seconds


class _Time(int):
    """A moment, which the table writes as text."""

    def __eq__(self, wanted):
        return isinstance(wanted, str) and seconds(wanted) == int(self)

    __hash__ = int.__hash__


def _time(moment):
    return None if moment is None else _Time(moment)


def _cron(given, **more):
    return Cron(
        "c",
        given["schedule"],
        seconds(given["creationTimestamp"]),
        deadline=given.get("startingDeadlineSeconds"),
        last_schedule=seconds(given.get("lastScheduleTime")),
        **more,
    )


def _recent(given, with_deadline):
    found, now = _cron(given), seconds(given["now"])
    try:
        earliest, recent, missed = most_recent(found, now, parse(given["schedule"]), None, with_deadline=with_deadline)
    except (NoSchedule, ValueError):
        return {"error": True, "needed": False}
    return {
        "error": False,
        "needed": recent is not None,
        "time": _time(recent),
        "recent": _time(recent),
        "earliest": _time(earliest),
        "missed": missed,
    }


@answers("cronjob", "next_schedule")
def next_schedule(given):
    return _recent(given, True)


@answers("cronjob", "most_recent")
def most_recent_schedule(given):
    return _recent(given, given["includeStartingDeadline"])


@answers("cronjob", "sort_jobs_by_start")
def sort_jobs(given):
    jobs = [Child(j["name"], j["name"], start=seconds(j["startTime"])) for j in given.rows("jobs")]
    return {"order": [j.name for j in by_start(jobs)]}


@answers("cronjob_sync", "cronjob_sync")
def sync(given):
    now = seconds(given["now"])
    cron = _cron(given, policy=given["concurrencyPolicy"], suspend=given["suspend"])
    children, cached, live = [], [], []
    for row in given.rows("jobs"):
        at = seconds(row["creationTimestamp"])
        made = Child(job_name(cron, at), "uid", "Complete" if row["finished"] else "", at)
        children += [made] if row["inJobList"] else []
        cached += [(made.name, made.uid)] if row["inCachedStatusActive"] else []
        live += [(made.name, made.uid)] if row["inLiveStatusActive"] else []
    known = evolve(cron, active=tuple(cached))
    if has_unlisted(known, children):
        known = evolve(cron, active=tuple(live))
    d = decide(known, children, now, None, {name: True for name, _ in cached})
    return {
        "creates": int(d.start is not None),
        "deletes": len(d.replace),
        "activeAfter": len(d.active) - len(d.replace) + (d.start is not None),
        "warningEvents": sum(e[0] == "Warning" for e in d.events),
        "error": False,
        "requeueAtNextSchedule": d.wait is not None,
    }

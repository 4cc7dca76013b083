from datetime import datetime
from zoneinfo import ZoneInfo

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.helpers.cron import parse
from kubesim_tui.apiserver.request import Request
from kubesim_tui.controllers.cronjob.controller import CronJobController
from kubesim_tui.controllers.cronjob.decide import (
    Cron,
    rfc1123,
)
from kubesim_tui.controllers.cronjob.schedule import next_start
from kubesim_tui.controllers.garbagecollector.controller import GarbageCollector
from kubesim_tui.controllers.job.controller import JobController
from tests.controllers.bench import Manager, template
from tests.controllers.test_job import end
from tests.harness import ADMIN


def time(text):
    return None if text is None else int(datetime.fromisoformat(text).timestamp())


def cron(given, **more):
    return Cron(
        "c",
        given["schedule"],
        time(given["creationTimestamp"]),
        deadline=given.get("startingDeadlineSeconds"),
        last_schedule=time(given.get("lastScheduleTime")),
        **more,
    )


def test_a_time_zone_shifts_the_schedule():
    at = next_start(parse("0 9 * * *"), time("2026-07-01T00:00:00Z"), ZoneInfo("Europe/Berlin"))
    assert at == time("2026-07-01T07:00:00Z")


def test_a_time_that_the_clock_leaves_out_starts_nothing():
    at = next_start(parse("30 2 * * *"), time("2026-03-28T12:00:00Z"), ZoneInfo("Europe/Berlin"))
    assert at in (time("2026-03-29T00:30:00Z"), time("2026-03-30T00:30:00Z"))


def test_times_in_messages():
    assert rfc1123(time("2016-05-19T10:00:00Z")) == "Thu, 19 May 2016 10:00:00 +0000"


# -- whole runs --------------------------------------------------------------------------------------------------


def manager(schedule="*/1 * * * *", **spec):
    m = Manager(CronJobController, JobController, GarbageCollector)
    job = {"spec": {"template": template({}, restartPolicy="Never"), "backoffLimit": 0}}
    m.create(
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"name": "c"},
            "spec": {"schedule": schedule, "jobTemplate": job, **spec},
        }
    )
    return m


def jobs(m):
    return list(m.server.handle(Request(ADMIN, "list", scheme.for_plural("jobs"), "default")))


def status(m):
    found = m.server.handle(Request(ADMIN, "get", scheme.for_plural("cronjobs"), "default", "c"))
    return encode_object(found).get("status", {})


def run(m, ticks, phase="Succeeded"):
    for _ in range(ticks):
        m.tick()
        m.bind()
        end(m, phase)


def test_a_job_starts_each_minute_and_three_are_kept():
    m = manager()
    run(m, 400)
    assert (len(jobs(m)), len(m.said("SuccessfulCreate")) >= 6) == (3, True)
    assert status(m)["lastScheduleTime"] == "2026-01-01T09:06:00Z"
    assert "lastSuccessfulTime" in status(m)


def test_the_name_of_a_job_is_its_minute():
    m = manager()
    run(m, 62)
    (only,) = jobs(m)
    assert only.metadata.name == f"c-{time('2026-01-01T09:01:00Z') // 60}"
    assert only.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"] == "2026-01-01T09:01:00Z"


def test_forbid_skips_while_one_runs():
    m = manager(concurrencyPolicy="Forbid")
    for _ in range(200):
        m.tick()
        m.bind()
    assert (len(jobs(m)), len(status(m)["active"])) == (1, 1)
    assert m.said("JobAlreadyActive")[0][1].startswith("Not starting job because prior execution is running")


def test_replace_stops_the_running_one():
    m = manager(concurrencyPolicy="Replace")
    for _ in range(125):
        m.tick()
        m.bind()
        for p in m.pods():
            if p.metadata.deletion_timestamp is not None:
                m.gone(p.metadata.name)
    assert [o.metadata.name for o in jobs(m)] == [f"c-{time('2026-01-01T09:02:00Z') // 60}"]


def test_a_suspended_cron_job_starts_nothing():
    m = manager(suspend=True)
    run(m, 130)
    assert jobs(m) == []


def test_between_starts_it_costs_nothing():
    m = manager("0 0 1 1 *")
    m.tick(2)
    before = m.etcd.revision
    m.tick(300)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)

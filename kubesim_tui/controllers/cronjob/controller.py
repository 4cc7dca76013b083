"""The loop: bookkeeping of its Jobs, the next start, and the history."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, cast

from attrs import evolve

from kubesim_tui.api import scheme
from kubesim_tui.api.frozen import FrozenMap, freeze
from kubesim_tui.api.helpers.cron import CronError, load_zone
from kubesim_tui.api.helpers.ownership import controller_of, controller_ref
from kubesim_tui.api.times import format_time, parse_time
from kubesim_tui.api.types import Object, ObjectMeta, Unstructured
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, lookup
from kubesim_tui.controllers.cronjob import decide
from kubesim_tui.controllers.cronjob.decide import Child, Cron, Decision
from kubesim_tui.kernel.engine import Key

SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"


class CronJobController(Controller):
    """Starts Jobs by the clock."""

    account = source = "cronjob-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.crons, self.jobs = self.watch(kit.shared("cronjobs")), self.watch(kit.shared("jobs"))
        self._due: dict[Name, int] = {}
        self.crons.on_change(self.enqueue_changed)
        self.jobs.on_change(self._job_changed)

    def stop(self) -> None:
        """Timers are memory."""
        super().stop()
        self._due.clear()

    def _job_changed(self, before: Object | None, now: Object | None) -> None:
        obj = cast(Object, now or before)
        ref = controller_of(obj)
        if ref is not None and ref.kind == "CronJob":
            self.enqueue((obj.metadata.namespace, ref.name))

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """One sync of one CronJob."""
        obj = lookup(self.crons, Object, *cast(Name, key))
        if obj is None:
            self._due.pop(cast(Name, key), None)
            return
        spec, status = generic.plain(obj, "spec"), generic.plain(obj, "status")
        cron = decide.from_json(obj, spec, status, parse_time)
        children = [_child(j) for j in self.jobs.table.owned_by(obj.metadata.uid)]
        if decide.has_unlisted(cron, children):
            obj = self._fresh(obj)
            spec, status = generic.plain(obj, "spec"), generic.plain(obj, "status")
            cron = decide.from_json(obj, spec, status, parse_time)
        exists = {name: self.jobs.get(obj.metadata.namespace, name) is not None for name, _ in cron.active}
        zone, problem = _zone(spec.get("timeZone"))
        d = decide.decide(cron, children, self.now, zone, exists)
        if problem and not cron.suspend:
            d = evolve(d, start=None, wait=None, events=(*d.events, (WARNING, "UnknownTimeZone", problem)))
        for event in d.events:
            self.recorder.event(obj, *event)
        active, last = self._start(obj, spec, cron, d)
        self._report(obj, status, d, active, last)
        self._clean_up(obj, cron, children)
        if d.wait is not None:
            self._wait(key, d.wait)

    def _fresh(self, obj: Object) -> Object:
        """The CronJob from the server, not from the cache."""
        meta = obj.metadata
        resource = scheme.for_plural("cronjobs")
        return cast(Object, self.client.send(Request(self.client.user, "get", resource, meta.namespace, meta.name)))

    def _wait(self, key: Key, seconds: int) -> None:
        """One timer a CronJob, not one a sync."""
        at = self.engine.clock.tick + seconds
        name = cast(Name, key)
        if self._due.get(name) != at:
            self._due[name] = at
            self.enqueue_after(seconds, key)

    def _start(
        self, obj: Object, spec: dict[str, Any], cron: Cron, d: Decision
    ) -> tuple[tuple[tuple[str, str], ...], int | None]:
        """Replace and create; the active Jobs and the last start after it."""
        if d.start is None:
            return d.active, cron.last_schedule
        active = d.active
        for name, uid in d.replace:
            self._delete(obj, name)
            active = tuple([a for a in active if a[1] != uid])
        made = self._create(obj, spec, decide.job_name(cron, d.start), d.start)
        if made is not None:
            active = (*active, (made.metadata.name, made.metadata.uid))
        return active, d.start

    def _create(self, obj: Object, spec: dict[str, Any], name: str, at: int) -> Object | None:
        template = spec.get("jobTemplate") or {}
        meta = template.get("metadata") or {}
        job = Unstructured(
            api_version="batch/v1",
            kind="Job",
            metadata=ObjectMeta(
                name=name,
                namespace=obj.metadata.namespace,
                labels=FrozenMap(meta.get("labels") or {}),
                annotations=FrozenMap({**(meta.get("annotations") or {}), SCHEDULED: format_time(at)}),
                owner_references=(controller_ref(obj),),
            ),
            rest=FrozenMap({"spec": freeze(template.get("spec") or {})}),
        )
        try:
            made = self.client.create(job)
        except StatusError as refused:
            if refused.reason == "AlreadyExists":
                return self.jobs.get(obj.metadata.namespace, name)
            if not any(c.reason == "NamespaceTerminating" for c in refused.details.causes):
                self.recorder.event(obj, WARNING, "FailedCreate", f"Error creating job: {refused.message}")
            raise
        self.recorder.event(obj, NORMAL, "SuccessfulCreate", f"Created job {name}")
        return made

    def _delete(self, obj: Object, name: str) -> None:
        generic.delete(
            self.client, scheme.for_plural("jobs"), obj.metadata.namespace, name, Options(propagation="Background")
        )
        self.recorder.event(obj, NORMAL, "SuccessfulDelete", f"Deleted job {name}")

    def _report(
        self,
        obj: Object,
        status: dict[str, Any],
        d: Decision,
        active: tuple[tuple[str, str], ...],
        last: int | None,
    ) -> None:
        made: dict[str, Any] = {}
        if active:
            made["active"] = [self._reference(obj.metadata.namespace, name, uid) for name, uid in active]
        if last is not None:
            made["lastScheduleTime"] = format_time(last)
        if d.last_success is not None:
            made["lastSuccessfulTime"] = format_time(d.last_success)
        if _without_revisions(made) != _without_revisions(status):
            self.client.update_status(generic.with_part(obj, "status", made))

    def _reference(self, namespace: str, name: str, uid: str) -> dict[str, str]:
        found = self.jobs.get(namespace, name)
        made = {"apiVersion": "batch/v1", "kind": "Job", "name": name, "namespace": namespace, "uid": uid}
        return made | ({"resourceVersion": str(found.metadata.resource_version)} if found is not None else {})

    def _clean_up(self, obj: Object, cron: Cron, children: list[Child]) -> None:
        for ended, keep in (("Complete", cron.keep_successful), ("Failed", cron.keep_failed)):
            for job in decide.superfluous(children, ended, keep):
                self._delete(obj, job.name)


def _without_revisions(status: dict[str, Any]) -> dict[str, Any]:
    active = [{k: v for k, v in a.items() if k != "resourceVersion"} for a in status.get("active") or ()]
    return {**status, "active": active}


def _zone(name: str | None) -> tuple[tzinfo | None, str]:
    """The time zone, and what is wrong with its name."""
    try:
        return load_zone(name) if name else None, ""
    except CronError as wrong:
        return None, f'invalid timeZone: "{name}": {wrong}'


def _child(obj: Object) -> Child:
    status = generic.plain(obj, "status")
    ended = [c["type"] for c in status.get("conditions") or () if c.get("status") == "True"]
    end = next((e for e in ended if e in ("Complete", "Failed")), "")
    start, completion = status.get("startTime"), status.get("completionTime")
    return Child(
        obj.metadata.name,
        obj.metadata.uid,
        end,
        parse_time(start) if start else None,
        parse_time(completion) if completion else None,
    )

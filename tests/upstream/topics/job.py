"""Jobs: one sync, back-off, indexes."""

import contextlib

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.controllers.job import backoff, indexes
from kubesim_tui.controllers.job.backoff import Record
from kubesim_tui.controllers.job.controller import JobController
from kubesim_tui.controllers.job.decide import Observed, decide, suspension
from kubesim_tui.controllers.job.view import FAILURES, FINALIZER, INDEX, Job, finish_time
from tests.controllers.bench import Manager
from tests.upstream.adapters import answers
from tests.upstream.answers import Within
from tests.upstream.objects import pod, seconds

NOW = 1_000_000
MANY = 1_000
PHASES = {"pending": "Pending", "active": "Running", "succeeded": "Succeeded", "failed": "Failed"}


def _job(spec, status=None, deleting=False):
    data = {"template": {"metadata": {}, "spec": {"restartPolicy": "Never", "containers": []}}, **spec}
    meta = types.ObjectMeta(name="foobar", namespace="default", deletion_timestamp=1 if deleting else None)
    frozen = types.Unstructured(api_version="batch/v1", kind="Job", metadata=meta)
    return Job(frozen, data, status or {}, None, Job.of(frozen).template)


def _pod(name, phase, index=None, ready=False, deleting=False, finalizer=True, **annotations):
    notes = {k: str(v) for k, v in annotations.items()}
    if index is not None:
        notes[INDEX] = str(index)
    meta = types.ObjectMeta(
        name=name,
        namespace="default",
        uid=name,
        annotations=FrozenMap(notes),
        finalizers=(FINALIZER,) if finalizer else (),
        deletion_timestamp=NOW if deleting else None,
    )
    conditions = (types.PodCondition(type="Ready", status="True"),) if ready else ()
    return types.Pod(metadata=meta, spec=types.PodSpec(), status=types.PodStatus(phase=phase, conditions=conditions))


def _counted(given):
    """The Pods of which the table tells how many there are, and those with an index."""
    counts = given.part("pods")
    made = [
        _pod(f"{key}-{i}", phase, ready=key == "active" and i < counts.get("ready", 0))
        for key, phase in PHASES.items()
        for i in range(counts.get(key, 0))
    ]
    made += [_pod(f"terminating-{i}", "Running", deleting=True) for i in range(counts.get("terminating", 0))]
    return made + [_pod(f"indexed-{i}", r["phase"], r["index"]) for i, r in enumerate(given.rows("podsWithIndexes"))]


@answers("job", "sync_job")
def sync(given):
    if given.get("podApiError") or given.get("podLimit"):
        return _refused_sync(given, _PodWrites(given.get("podLimit") or 0))
    return _sync(given)


def _sync(given):
    gates = given.part("featureGates")
    gates.know("JobPodReplacementPolicy", "JobSuccessPolicy", "JobManagedBy")  # always on
    spec = {"podReplacementPolicy": "TerminatingOrFailed", **given["spec"]}
    late = given.part("backoff")
    record = Record(late.get("failuresAfterLastSuccess", 0), NOW - late["secondsSinceLastFailure"] if late else None)
    suspended = {"conditions": [{"type": "Suspended", "status": "True"}]} if given.get("wasSuspended") else None
    job = _job(spec, suspended, deleting=given.get("deleting", False))
    observed = Observed(
        job,
        _counted(given),
        record,
        not given.get("pendingExpectations"),
        NOW,
    )
    d = decide(observed)
    figures = {
        "active": d.active,
        "ready": d.ready,
        "succeeded": d.succeeded,
        "failed": d.failed,
        "terminating": d.terminating,
        "completedIndexes": d.completed_indexes,
    }
    return {
        "status": Within(figures),
        "podsCreated": len(d.create),
        "podsDeleted": len(d.delete),
        "createdIndexes": sorted(i for i in d.create if i is not None),
        "conditions": _Conditions(job, d),
    }


class _PodWrites:
    """Whatever concerns Pods is refused, but for the first creations; the attempts are kept."""

    def __init__(self, creations):
        self.creations, self.attempts = creations, []

    def authorize(self, user, verb, resource, subresource, namespace, name):
        refused = resource.plural == "pods" and verb in ("create", "update", "patch", "delete")
        if refused:
            self.attempts.append(verb)
        return not refused or (verb == "create" and len(self.attempts) <= self.creations), "out of order"


def _refused_sync(given, writes):
    """A whole controller, of whose writes of Pods not all succeed."""
    m = Manager(JobController)
    template = {"metadata": {}, "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    meta = {"name": "foobar", "uid": "job-uid", "creationTimestamp": "2026-01-01T00:00:00Z", "namespace": "default"}
    spec = {"selector": {"matchLabels": {"job": "foobar"}}, "template": template, **given["spec"]}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec}
    owner = types.OwnerReference(api_version="batch/v1", kind="Job", name="foobar", uid="job-uid", controller=True)
    for made in _counted(given):
        owned = made.metadata.evolve(owner_references=(owner,), labels=FrozenMap(job="foobar"))
        m.put("pods", made.evolve(metadata=owned))
    m.put("jobs.batch", decode_object(types.Unstructured, job))
    m.server.authorizer = writes
    with contextlib.suppress(StatusError):
        m.components[0].sync(("default", "foobar"))
    status = encode_object(m.etcd.get("jobs.batch", ("default", "foobar"))).get("status", {})
    figures = {key: status.get(key, 0) for key in ("active", "ready", "succeeded", "failed", "terminating")}
    deleted = [p for p in m.pods() if p.metadata.deletion_timestamp is not None]
    return {
        "status": Within(figures),
        "podsCreated": min(writes.attempts.count("create"), writes.creations or MANY),  # refused at once: the attempts
        "podsDeleted": len(deleted),
    }


class _Conditions:
    """What a sync says of the Job as a whole: it is suspended, or it ends."""

    def __init__(self, job, decided):
        changed = suspension(job) if decided.managed else None
        verdict = decided.verdict
        self.found = {"Suspended": changed} if changed else {}
        self.found |= {verdict[0]: ("True", *verdict[1:])} if verdict else {}

    def __eq__(self, wanted):
        return all(self._holds(c) for c in wanted)

    __hash__ = None

    def _holds(self, condition):
        kind = condition["type"]
        if kind not in self.found:
            return False
        status, reason, message = self.found[kind]
        return condition == Within(type=kind, status=status, reason=reason, message=message)


# -- back-off ----------------------------------------------------------------------------------------------------


@answers("job", "backoff_record")
def backoff_record(given):
    succeeded, failed = (map(seconds, given[k] or ()) for k in ("succeededAt", "failedAt"))
    found = backoff.record(Record(given["storedFailures"]), succeeded, failed)
    return {"failuresAfterLastSuccess": found.failures, "lastFailureTime": _time(found.last)}


class _Time(int):
    """A moment, which the table writes as text."""

    def __eq__(self, wanted):
        return seconds(wanted) == int(self)

    __hash__ = int.__hash__


def _time(moment):
    return None if moment is None else _Time(moment)


@answers("job", "backoff_remaining")
def backoff_remaining(given):
    late = given["secondsSinceLastFailure"]
    found = backoff.remaining(given["failures"], late, given["defaultSeconds"], given["maxSeconds"])
    return {"seconds": found}


@answers("job", "backoff_remaining_index")
def backoff_remaining_of_index(given):
    failures, late = given["failureCount"], given.get("secondsSinceLastFailure") or 0
    ignored = given.get("ignoredFailureCount") or 0
    count = 0 if failures is None else failures + ignored + 1
    return {"seconds": backoff.remaining(count, late, given["defaultSeconds"], given["maxSeconds"])}


@answers("job", "pod_finish_time")
def pod_finish_time(given):
    return {"time": _time(finish_time(pod(given["pod"])))}


# -- indexes -----------------------------------------------------------------------------------------------------


def _indexed(row, name):
    notes = {FAILURES: row["failureCount"]} if row.get("failureCount") is not None else {}
    made = _pod(row.get("uid", name), row["phase"], row["index"], finalizer=row.get("finalizer", True), **notes)
    status = made.status
    if "exitCode" in row:
        ended = types.ContainerState(terminated=types.ContainerStateTerminated(exit_code=row["exitCode"]))
        status = status.evolve(container_statuses=(types.ContainerStatus(name="c", state=ended),))
    if "finishedSecondsAgo" in row:
        since = NOW - row["finishedSecondsAgo"]
        ready = types.PodCondition(type="Ready", status="False", last_transition_time=since)
        status = status.evolve(conditions=(ready,))
    return made.evolve(status=status)


def _pods(given):
    return [_indexed(row, f"p{i}") for i, row in enumerate(given.rows("pods"))]


@answers("job_indexed", "succeeded_indexes")
def succeeded_indexes(given):
    spec = {"completions": given["completions"], "completionMode": "Indexed"}
    before, done = indexes.succeeded(_job(spec, {"completedIndexes": given["statusCompletedIndexes"]}), _pods(given))
    return {"fromStatus": [list(i) for i in before], "all": [list(i) for i in done]}


def _limited(given):
    spec = {"completionMode": "Indexed", "podReplacementPolicy": "TerminatingOrFailed"}
    for name in ("completions", "backoffLimitPerIndex", "podFailurePolicy"):
        if name in given:
            spec[name] = given[name]
    return _job(spec, {"failedIndexes": given.get("statusFailedIndexes", "")})


@answers("job_indexed", "index_failed")
def index_failed(given):
    return {"failed": indexes.is_index_failed(_limited(given), _indexed(given.part("pod"), "p"))}


@answers("job_indexed", "failed_indexes")
def failed_indexes(given):
    return {"failed": [list(i) for i in indexes.failed(_limited(given), _pods(given))]}


@answers("job_indexed", "delayed_deletion")
def delayed_deletion(given):
    job, pods = _limited(given), _pods(given)
    done, gone = indexes.succeeded(job, pods)[1], indexes.failed(job, pods)
    return {"kept": sorted(p.metadata.uid for p in indexes.kept(job, pods, done, gone).values())}

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.apiserver.request import Request
from kubesim_tui.controllers.job import backoff, indexes
from kubesim_tui.controllers.job.controller import JobController
from kubesim_tui.controllers.job.view import FAILURES, FINALIZER, IGNORED, INDEX
from tests.controllers.bench import Manager, template
from tests.harness import ADMIN, running

JOBS = scheme.for_plural("jobs")
NOW = 1_000_000


def typed_pod(name, phase, index=None, ready=False, deleting=False, finalizer=True, **annotations):
    notes = {k: str(v) for k, v in annotations.items()}
    if index is not None:
        notes[INDEX] = index
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


def test_intervals_are_written_as_upstream_writes_them():
    assert indexes.text([(0, 0), (2, 3), (5, 9)]) == "0,2,3,5-9"


def test_an_ignored_failure_makes_the_wait_of_an_index_longer():
    failed = typed_pod("p", "Failed", "0", **{FAILURES: 1, IGNORED: 1})
    ready = types.PodCondition(type="Ready", status="False", last_transition_time=NOW)
    failed = failed.evolve(status=failed.status.evolve(conditions=(ready,)))
    assert backoff.remaining_of_index(failed, NOW) == 40


# -- whole runs --------------------------------------------------------------------------------------------------


def job(**spec):
    made = template({}, restartPolicy="Never")
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": {"template": made, "backoffLimit": 6, "parallelism": 1, "completions": 1, **spec},
    }


def manager(**spec):
    m = Manager(JobController)
    m.create(job(**spec))
    return m


def end(m, phase="Succeeded", count=100):
    """Running Pods end."""
    for found in [p for p in m.pods() if p.status.phase in ("Pending", "Running")][:count]:
        if found.metadata.deletion_timestamp is None:
            status = running(found, False, m.engine.clock.now)
            m.admin.update_status(found.evolve(status=status.evolve(phase=phase)))


def status(m):
    return encode_object(m.server.handle(Request(ADMIN, "get", JOBS, "default", "j"))).get("status", {})


def conditions(m):
    return [(c["type"], c["status"], c.get("reason")) for c in status(m).get("conditions", [])]


def rounds(m, count, phase="Succeeded"):
    for _ in range(count):
        m.tick()
        m.bind()
        end(m, phase)
        for p in m.pods():
            if p.metadata.deletion_timestamp is not None:
                m.gone(p.metadata.name)
    m.tick()


def test_a_job_runs_its_completions_so_many_at_a_time():
    m = manager(completions=5, parallelism=2)
    m.tick()
    first = len(m.pods())
    rounds(m, 4)
    found = status(m)
    assert (first, found["succeeded"], found.get("active", 0), len(m.pods())) == (2, 5, 0, 5)
    assert conditions(m) == [
        ("SuccessCriteriaMet", "True", "CompletionsReached"),
        ("Complete", "True", "CompletionsReached"),
    ]
    assert m.said("Completed") == [("Completed", "Job completed")]
    assert "completionTime" in found


def test_failures_wait_longer_and_longer_and_end_the_job():
    m = manager(backoffLimit=2)
    times = []
    for _ in range(90):
        before = len(m.pods())
        m.tick()
        if len(m.pods()) > before:
            times.append(m.engine.tick - 1)
        end(m, "Failed")
    assert times == [0, 11, 32]
    assert conditions(m)[-1] == ("Failed", "True", "BackoffLimitExceeded")
    assert m.said("BackoffLimitExceeded") == [("BackoffLimitExceeded", "Job has reached the specified backoff limit")]
    assert status(m)["failed"] == 3


def test_a_deadline_ends_a_job_and_its_pods():
    m = manager(activeDeadlineSeconds=5)
    m.tick()
    m.bind()
    m.tick(8)
    decided = conditions(m)
    for p in m.pods():
        m.gone(p.metadata.name)
    m.tick()
    assert decided == [("FailureTarget", "True", "DeadlineExceeded")]
    assert conditions(m)[-1] == ("Failed", "True", "DeadlineExceeded")


def test_a_suspended_job_has_no_pods_until_it_is_resumed():
    m = manager(suspend=True)
    m.tick(3)
    before = (len(m.pods()), conditions(m))
    data = encode_object(m.server.handle(Request(ADMIN, "get", JOBS, "default", "j")))
    data["spec"]["suspend"] = False
    m.server.handle(Request(ADMIN, "update", JOBS, "default", "j", body=data))
    m.tick(2)
    assert before == (0, [("Suspended", "True", "JobSuspended")])
    assert (len(m.pods()), conditions(m)) == (1, [("Suspended", "False", "JobResumed")])


def test_indexed_pods_know_their_index():
    m = manager(completions=3, parallelism=3, completionMode="Indexed")
    m.tick()
    found = sorted((p.metadata.annotations[INDEX], p.spec.hostname, p.metadata.name[:4]) for p in m.pods())
    assert found == [("0", "j-0", "j-0-"), ("1", "j-1", "j-1-"), ("2", "j-2", "j-2-")]
    rounds(m, 2)
    assert (status(m)["completedIndexes"], conditions(m)[-1][0]) == ("0-2", "Complete")


def test_each_index_is_tried_again_as_often_as_its_own_limit_says():
    m = manager(completions=3, parallelism=3, completionMode="Indexed", backoffLimit=None, backoffLimitPerIndex=1)
    for _ in range(60):
        m.tick()
        for found in m.pods():
            index = found.metadata.annotations[INDEX]
            if found.status.phase == "Pending":
                phase = "Succeeded" if index == "1" else "Failed"
                ended = running(found, False, m.engine.clock.now).evolve(phase=phase)
                m.admin.update_status(found.evolve(status=ended))
    tries = sorted(p.metadata.annotations[INDEX] for p in m.pods())
    counts = sorted(p.metadata.annotations["batch.kubernetes.io/job-index-failure-count"] for p in m.pods())
    assert (tries, counts) == (["0", "0", "1", "2", "2"], ["0", "0", "0", "1", "1"])
    assert (status(m)["failedIndexes"], status(m)["completedIndexes"], status(m)["failed"]) == ("0,2", "1", 4)
    assert conditions(m)[-1] == ("Failed", "True", "FailedIndexes")


def test_a_work_queue_ends_with_its_first_success_and_the_others_finish():
    m = manager(completions=None, parallelism=3)
    m.tick()
    m.bind()
    end(m, count=1)
    m.tick(2)
    waiting = (len(m.pods()), conditions(m))
    rounds(m, 2)
    assert waiting == (3, [])
    assert conditions(m)[-1][0] == "Complete"


def test_a_failure_policy_ends_a_job_at_once():
    rule = {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}
    m = manager(podFailurePolicy={"rules": [rule]})
    m.tick()
    m.bind()
    (only,) = m.pods()
    ended = types.ContainerStateTerminated(exit_code=42, finished_at=m.engine.clock.now)
    container = types.ContainerStatus(name="c", state=types.ContainerState(terminated=ended))
    m.admin.update_status(only.evolve(status=types.PodStatus(phase="Failed", container_statuses=(container,))))
    m.tick(2)
    last = status(m)["conditions"][-1]
    assert (last["type"], last["reason"], last["message"]) == (
        "Failed",
        "PodFailurePolicy",
        f"Container c for pod default/{only.metadata.name} failed with exit code 42 matching FailJob rule at index 0",
    )


def test_a_deleted_pod_is_replaced():
    m = manager()
    m.tick()
    m.bind()
    m.delete(types.Pod, m.pods()[0].metadata.name)
    m.tick(15)
    assert (status(m)["failed"], status(m)["active"]) == (1, 1)


def test_a_finished_job_costs_nothing():
    m = manager()
    rounds(m, 2)
    before = m.etcd.revision
    m.tick(30)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)

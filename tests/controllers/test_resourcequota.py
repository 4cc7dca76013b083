from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.request import Request
from kubesim_tui.controllers.garbagecollector.controller import GarbageCollector
from kubesim_tui.controllers.job.controller import JobController
from kubesim_tui.controllers.resourcequota import ResourceQuotaController
from kubesim_tui.controllers.ttlafterfinished import TTLAfterFinishedController
from tests.controllers.bench import Manager, template
from tests.controllers.test_job import job, rounds
from tests.harness import ADMIN


def manager(**hard):
    m = Manager(ResourceQuotaController)
    spec = {"hard": {k.replace("_", "."): v for k, v in hard.items()}}
    m.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": spec})
    return m


def pod(m, name, cpu="500m"):
    spec = template()["spec"]
    spec["containers"][0]["resources"] = {"requests": {"cpu": cpu, "memory": "64Mi"}}
    m.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


def status(m):
    found = m.server.handle(Request(ADMIN, "get", scheme.for_plural("resourcequotas"), "default", "q"))
    return encode_object(found).get("status")


def test_a_new_quota_knows_what_is_there():
    m = Manager(ResourceQuotaController)
    pod(m, "a")
    pod(m, "b")
    spec = {"hard": {"pods": "5", "requests.cpu": "4"}}
    m.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": spec})
    m.tick()
    assert status(m) == {"hard": spec["hard"], "used": {"pods": "2", "requests.cpu": "1"}}


def test_what_goes_or_ends_is_given_back():
    m = Manager(ResourceQuotaController)
    for name in "abc":
        pod(m, name)
    m.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "5"}}})
    m.tick()
    m.gone("a")
    found = m.get(types.Pod, "b")
    m.admin.update_status(found.evolve(status=found.status.evolve(phase="Succeeded")))
    m.tick()
    assert status(m)["used"] == {"pods": "1"}


def test_another_limit_is_taken_over():
    m = manager(pods="5")
    m.tick()
    data = encode_object(m.server.handle(Request(ADMIN, "get", scheme.for_plural("resourcequotas"), "default", "q")))
    data["spec"] = {"hard": {"configmaps": "3"}}
    m.server.handle(Request(ADMIN, "update", scheme.for_plural("resourcequotas"), "default", "q", body=data))
    m.tick()
    assert status(m) == {"hard": {"configmaps": "3"}, "used": {"configmaps": "0"}}


def test_a_quiet_quota_costs_nothing():
    m = manager(pods="5")
    m.tick()
    before = m.etcd.revision
    m.tick(20)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)


def test_a_finished_job_goes_after_its_time():
    m = Manager(JobController, TTLAfterFinishedController, GarbageCollector)
    m.create(job(ttlSecondsAfterFinished=20))
    rounds(m, 2)
    m.tick(15)
    early = len(m.etcd.table("jobs.batch"))
    m.settle(10)
    assert (early, len(m.etcd.table("jobs.batch")), m.pods()) == (1, 0, [])

"""Resources of running containers that change."""

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.request import Request
from tests.harness import ADMIN
from tests.kubelet.rig import Rig


def resources(cpu="100m", memory="64Mi"):
    return {"requests": {"cpu": cpu, "memory": memory}}


def resize(r, wanted, name="web"):
    """`kubectl patch pod web --subresource resize`."""
    data = encode_object(r.get(Pod, name))
    data["spec"]["containers"][0]["resources"] = wanted
    resource = r.server.resource_for_kind("v1", "Pod")
    r.server.handle(Request(ADMIN, "update", resource, "default", name, subresource="resize", body=data))


def pod(r, name="web", wanted=None, **of):
    r.pod(name, resources=wanted or resources(), **of)
    r.tick(3)


def conditions(r, name="web"):
    return {c.type: (c.status, c.reason, c.message) for c in r.get(Pod, name).status.conditions if "Resize" in c.type}


def test_a_container_gets_more_without_a_restart():
    r = Rig()
    pod(r, wanted=resources(cpu="100m", memory="64Mi"))
    id = r.container().id
    resize(r, resources(cpu="500m", memory="128Mi"))
    r.tick()
    during = conditions(r)
    r.tick(2)
    (status,) = r.get(Pod, "web").status.container_statuses
    assert during == {"PodResizeInProgress": ("True", "", "")}
    assert conditions(r) == {}
    assert (r.container().id, r.container().config.limits.shares, status.restart_count) == (id, 512, 0)
    assert status.rest["allocatedResources"] == {"cpu": "500m", "memory": "128Mi"}
    said = '{"containers":[{"name":"app","resources":{"requests":{"cpu":"500m","memory":"128Mi"}}}],"generation":2}'
    assert r.said("ResizeStarted", "ResizeCompleted") == [
        f"ResizeStarted: Pod resize started: {said}",
        f"ResizeCompleted: Pod resize completed: {said}",
    ]


def limited(memory):
    return {"requests": {"memory": memory}, "limits": {"memory": memory}}


def test_where_its_policy_says_so_the_container_is_restarted():
    r = Rig()
    pod(r, wanted=limited("64Mi"), resizePolicy=[{"resourceName": "memory", "restartPolicy": "RestartContainer"}])
    resize(r, limited("128Mi"))
    r.tick(5)
    (status,) = r.get(Pod, "web").status.container_statuses
    assert (status.restart_count, r.container().config.limits.memory_bytes) == (1, 128 << 20)
    assert r.said("Killing") == ["Killing: Container app resize requires restart"]
    assert conditions(r) == {}


def test_a_policy_about_memory_does_not_concern_cpu():
    r = Rig()
    policy = [{"resourceName": "memory", "restartPolicy": "RestartContainer"}]
    pod(r, wanted=resources(cpu="1"), resizePolicy=policy)
    resize(r, resources(cpu="2"))
    r.tick(3)
    assert (r.status(), r.container().config.limits.shares) == ("Running app=Running*", 2048)


def test_what_the_node_can_never_grant_is_infeasible():
    r = Rig()
    pod(r)
    resize(r, resources(cpu="64"))
    r.tick(2)
    text = "Node didn't have enough capacity: cpu, requested: 64000, capacity: 4000"
    assert conditions(r) == {"PodResizePending": ("True", "Infeasible", text)}
    assert r.container().config.limits.shares == 102
    assert r.said("ResizeInfeasible")[0].startswith("ResizeInfeasible: Pod resize Infeasible: {")


def test_what_it_cannot_grant_now_is_deferred_until_another_has_gone():
    r = Rig()
    pod(r, "other", wanted=resources(cpu="3"))
    pod(r)
    resize(r, resources(cpu="2"))
    r.tick(2)
    deferred = conditions(r)
    r.delete(Pod, "other")
    r.tick(60)
    text = "Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000"
    assert deferred == {"PodResizePending": ("True", "Deferred", text)}
    assert (conditions(r), r.container().config.limits.shares) == ({}, 2048)


def test_a_container_that_is_restarted_meanwhile_gets_what_is_granted():
    r = Rig()
    pod(r)
    resize(r, resources(cpu="64"))
    r.tick(2)
    r.world.machines["node-a"].runtime.kill(r.container().id, r.engine.clock.tick)
    r.tick(15)
    assert (r.container().config.attempt, r.container().config.limits.shares) == (1, 102)


def test_a_memory_limit_below_what_is_in_use_waits():
    r = Rig()
    pod(r, wanted=limited("256Mi"))
    used = r.container().memory_bytes(r.engine.clock.tick)
    resize(r, limited("1Mi"))
    r.tick(3)
    text = f'attempting to set container "app" memory limit (1048576) below current usage ({used})'
    assert conditions(r) == {"PodResizeInProgress": ("True", "Error", text)}
    assert r.status() == "Running app=Running*"

"""When a node runs short of memory or disk."""

from kubesim_tui.api.types import Pod
from kubesim_tui.world.reference import parse
from tests.kubelet.rig import Rig

MIB, GIB = 1 << 20, 1 << 30


def conditions(r):
    return {c.type: (c.status, c.reason) for c in r.node().status.conditions}


def leak(r, name, mib_a_second):
    """Let the container of a Pod lose memory from now on."""
    runtime = r.world.machines["node-a"].runtime
    id = r.get(Pod, name).status.container_statuses[0].container_id.partition("://")[2]
    runtime.leak(id, mib_a_second * MIB, r.engine.clock.tick)


def memory(request=None):
    return {"resources": {"requests": {"memory": request}}} if request else {}


def test_the_greedy_one_is_evicted():
    """Both use more than half of 8 GiB in the end; the one without request exceeds it most, and goes."""
    r = Rig()
    r.pod("modest", **memory("4Gi"))
    r.pod("greedy")
    r.tick(3)
    leak(r, "modest", 20)
    leak(r, "greedy", 40)
    assert r.history(200, "greedy")[-1][1] == "Failed(Evicted) app=Completed(0)"
    status = r.get(Pod, "greedy").status
    assert status.message.startswith("The node was low on resource: memory. Threshold quantity: 100Mi, available: ")
    assert "Container app was using " in status.message
    assert status.message.endswith("request is 0, has larger consumption of memory. ")
    assert r.said("Evicted", about="greedy") == [f"Evicted: {status.message}"]
    target = next(c for c in status.conditions if c.type == "DisruptionTarget")
    assert (target.status, target.reason, target.message) == ("True", "TerminationByKubelet", status.message)
    assert r.status("modest").startswith("Running")


def test_memory_pressure_shows_for_five_minutes():
    r = Rig()
    r.pod("greedy")
    r.tick(3)
    leak(r, "greedy", 60)
    seen = {}
    for _ in range(600):
        now = r.engine.clock.tick
        r.tick()
        seen.setdefault(conditions(r)["MemoryPressure"], []).append(now)
    pressed = seen["True", "KubeletHasInsufficientMemory"]
    assert 300 <= pressed[-1] - pressed[0] + 1 <= 310
    assert conditions(r)["MemoryPressure"] == ("False", "KubeletHasSufficientMemory")
    assert r.engine.next_timer() is None


def test_under_memory_pressure_best_effort_is_refused():
    r = Rig()
    r.pod("greedy")
    r.tick(3)
    leak(r, "greedy", 100)
    r.tick(90)
    r.pod("late")
    r.pod("asking", **memory("64Mi"))
    r.tick(2)
    late = r.get(Pod, "late").status
    assert (late.phase, late.reason) == ("Failed", "Evicted")
    assert late.message == "Pod was rejected: The node had condition: [MemoryPressure]. "
    assert r.status("asking") == "Running app=Running*"


def test_the_kernel_is_faster():
    """It loses 2 GiB a second: before the kubelet looks, the kernel has killed it."""
    r = Rig()
    r.pod("modest", **memory("1Gi"))
    r.pod("greedy")
    r.tick(3)
    leak(r, "modest", 1)
    leak(r, "greedy", 2048)
    r.tick(7)
    last = r.get(Pod, "greedy").status.container_statuses[0].last_state.terminated
    assert (last.reason, last.exit_code, r.status("modest")) == ("OOMKilled", 137, "Running app=Running*")
    assert r.said("SystemOOM", about="node-a") == ["SystemOOM: System OOM encountered, victim process: app"]


def test_a_full_disk_first_costs_images():
    """An image that nobody uses goes; then there is room enough, and no Pod has to."""
    r = Rig()
    machine = r.world.machines["node-a"]
    machine.runtime.store.add(parse("mysql:8"), 0)
    r.pod()
    r.tick(3)
    machine.fill_disk(machine.disk.capacity_bytes * 15 // 100 - 1 * MIB)
    r.kubelets["node-a"].look()
    r.tick(1)
    held = sorted(image.reference.path for image in machine.runtime.store.images.values())
    assert (held, r.status()) == (["test/app"], "Running app=Running*")


def test_a_full_disk_costs_pods():
    """Nothing is left to reclaim: the Pod that has written most is evicted, and nothing new is taken."""
    r = Rig()
    writer = {"volumes": [{"name": "d", "emptyDir": {}}], "volumeMounts": [{"name": "d", "mountPath": "/d"}]}
    r.pod("writer", **writer)
    r.pod("other")
    r.tick(3)
    machine = r.world.machines["node-a"]
    next(v for v in machine.volumes.values() if v.disk).fill(8 * GIB)
    r.kubelets["node-a"].look()
    r.tick(4)
    assert r.status("writer") == "Failed(Evicted) app=Completed(0)"
    assert r.get(Pod, "writer").status.message.startswith(
        "The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 8"
    )
    assert (r.status("other"), machine.volumes) == ("Running app=Running*", {})
    r.pod("late")
    r.tick(8)
    assert r.get(Pod, "late").status.message == "Pod was rejected: The node had condition: [DiskPressure]. "
    assert conditions(r)["DiskPressure"] == ("True", "KubeletHasDiskPressure")

"""When a node runs short of memory or disk."""

import pytest

from kubesim_tui.api.types import Pod
from kubesim_tui.kubelet.configuration import ConfigurationError, read
from kubesim_tui.kubelet.eviction.thresholds import thresholds
from kubesim_tui.kubelet.oom import used_bytes
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


def about_node(r, *reasons):
    """What is said about the node, without counts."""
    return [text.partition(" x")[0] for text in r.said(*reasons, about="node-a")]


def test_a_full_disk_first_costs_images():
    """An image that nobody uses goes; then there is room enough, and no Pod has to."""
    r = Rig()
    machine = r.world.machines["node-a"]
    machine.runtime.store.add(parse("mysql:8"), 0)
    r.pod()
    r.tick(3)
    machine.fill_disk(machine.disk.capacity_bytes * 15 // 100 - 1 * MIB)
    r.tick(11)
    held = sorted(image.reference.path for image in machine.runtime.store.images.values())
    assert (held, r.status()) == (["test/app"], "Running app=Running*")
    assert about_node(r, "EvictionThresholdMet") == ["EvictionThresholdMet: Attempting to reclaim ephemeral-storage"]


def test_an_image_that_has_just_come_stays_for_two_minutes():
    r = Rig()
    r.pod()
    r.tick(10)
    machine = r.world.machines["node-a"]
    machine.runtime.store.add(parse("mysql:8"), 10)
    machine.fill_disk(0)
    held = [mysql_is_there(machine)]
    for ticks in (100, 30):
        r.tick(ticks)
        held.append(mysql_is_there(machine))
    assert held == [True, True, False]


def mysql_is_there(machine):
    return machine.runtime.has_image("mysql:8")


def writer(**limits):
    """A Pod with an emptyDir at /d."""
    resources = {"resources": {"limits": limits}} if limits else {}
    return {
        "volumes": [{"name": "d", "emptyDir": {}}],
        "volumeMounts": [{"name": "d", "mountPath": "/d"}],
        **resources,
    }


def written(machine):
    return next(v for v in machine.volumes.values() if v.disk)


def test_a_full_disk_costs_pods():
    """Nothing is left to reclaim: the Pod that has written most is evicted, and nothing new is taken."""
    r = Rig()
    r.pod("writer", **writer())
    r.pod("other")
    r.tick(3)
    machine = r.world.machines["node-a"]
    written(machine).fill(8 * GIB)
    r.tick(14)
    assert r.status("writer") == "Failed(Evicted) app=Completed(0)"
    assert r.get(Pod, "writer").status.message.startswith(
        "The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 8"
    )
    assert (r.status("other"), machine.volumes) == ("Running app=Running*", {})
    r.pod("late")
    r.tick(8)
    assert r.get(Pod, "late").status.message == "Pod was rejected: The node had condition: [DiskPressure]. "
    assert conditions(r)["DiskPressure"] == ("True", "KubeletHasDiskPressure")


def test_rubbish_costs_one_pod_after_the_other_but_not_critical_ones():
    """No eviction helps, so each Pod that has gone is followed by the next; the least important ones go first."""
    r = Rig()
    for number, priority in enumerate((0, 100, 2_000_000_000)):
        r.pod(f"pod-{number}", priority=priority)
    r.tick(3)
    r.world.machines["node-a"].fill_disk(1 * GIB)
    r.tick(15)
    first = [r.status(f"pod-{n}").split()[0] for n in range(3)]
    r.tick(15)
    later = [r.status(f"pod-{n}").split()[0] for n in range(3)]
    assert first[0] == "Failed(Evicted)"
    assert later == ["Failed(Evicted)", "Failed(Evicted)", "Running"]


def test_disk_pressure_passes_five_minutes_after_the_disk_was_cleaned():
    r = Rig()
    machine = r.world.machines["node-a"]
    machine.fill_disk(1 * GIB)
    r.tick(30)
    machine.clean_disk()
    seen = {}
    for _ in range(400):
        now = r.engine.clock.tick
        r.tick()
        seen.setdefault(conditions(r)["DiskPressure"][0], []).append(now)
    assert 290 <= len(seen["True"]) <= 320
    assert (conditions(r)["DiskPressure"], r.engine.next_timer()) == (("False", "KubeletHasNoDiskPressure"), None)


def test_inodes_run_out_too():
    r = Rig()
    r.pod()
    r.tick(3)
    r.world.machines["node-a"].fill_disk(leave_inodes=0)
    r.tick(15)
    assert about_node(r, "EvictionThresholdMet") == ["EvictionThresholdMet: Attempting to reclaim inodes"]
    message = r.get(Pod, "web").status.message
    assert message.startswith("The node was low on resource: inodes. Threshold quantity: 327680, available: 0. ")


def test_the_image_collection_says_when_it_is_not_enough():
    """It runs every five minutes; the second failure in a row is told as such."""
    r = Rig(configuration=read({"evictionHard": {}}))
    machine = r.world.machines["node-a"]
    machine.fill_disk(10 * GIB)
    r.tick(302)
    once = about_node(r, "FreeDiskSpaceFailed", "ImageGCFailed")
    r.tick(301)
    assert once[0].startswith("FreeDiskSpaceFailed: Failed to garbage collect required amount of images. Attempted to")
    assert [text.partition(":")[0] for text in about_node(r, "ImageGCFailed")] == ["ImageGCFailed"]
    assert len(once) == 1


def test_a_soft_threshold_waits_for_its_grace_period():
    soft = {
        "evictionSoft": {"nodefs.available": "30%"},
        "evictionSoftGracePeriod": {"nodefs.available": "1m"},
        "evictionMaxPodGracePeriod": 20,
    }
    r = Rig(configuration=read(soft))
    r.pod()
    r.tick(3)
    r.world.machines["node-a"].fill_disk(25 * GIB)
    r.tick(60)
    assert (conditions(r)["DiskPressure"][0], r.status()) == ("True", "Running app=Running*")
    r.tick(30)
    assert r.status().startswith("Failed(Evicted)")


def test_once_met_a_threshold_wants_the_minimum_reclaim_too():
    wanted = {"nodefs.available": "10Gi"}, {"nodefs.available": "5Gi"}
    r = Rig(configuration=read({"evictionHard": wanted[0], "evictionMinimumReclaim": wanted[1]}))
    machine, seen = r.world.machines["node-a"], []
    machine.fill_disk(9 * GIB)
    for freed in (0, 3 * GIB, 4 * GIB):
        machine.clean_disk(freed)
        r.tick(330)
        seen.append(conditions(r)["DiskPressure"][0])
    assert seen == ["True", "True", "False"]


def test_who_has_most_processes_goes_when_they_run_out():
    r = Rig(configuration=read({"evictionHard": {"pid.available": "32570"}}))
    r.pod("few")
    r.tick(3)
    r.pod("many")
    r.tick(3)
    runtime, id = r.world.machines["node-a"].runtime, r.container().id
    for _ in range(15):
        runtime.exec_start(id, ("sleep", "1000"), r.engine.clock.tick)
    r.tick(30)
    assert conditions(r)["PIDPressure"][0] == "True"
    assert [r.status(name).split()[0] for name in ("few", "many")] == ["Running", "Failed(Evicted)"]


# what a Pod may write


def test_an_emptydir_above_its_size_limit_costs_its_pod():
    r = Rig()
    of = writer()
    of["volumes"][0]["emptyDir"] = {"sizeLimit": "1Gi"}
    r.pod(**of)
    r.tick(3)
    written(r.world.machines["node-a"]).grow("core", GIB)
    r.tick(12)
    assert r.status() == "Running app=Running*"
    written(r.world.machines["node-a"]).grow("core", 1)
    r.tick(14)
    assert r.status().startswith("Failed(Evicted)")
    assert r.said("Evicted") == ['Evicted: Usage of EmptyDir volume "d" exceeds the limit "1Gi". ']


def test_files_logs_and_volumes_together_may_not_exceed_the_limit_of_the_pod():
    r = Rig()
    r.pod(**writer(**{"ephemeral-storage": "500Mi"}))
    r.tick(3)
    written(r.world.machines["node-a"]).grow("core", 501 * MIB)
    r.tick(14)
    assert r.get(Pod, "web").status.message == (
        "Pod ephemeral local storage usage exceeds the total limit of containers 500Mi. "
    )


def test_a_container_may_not_exceed_its_own_limit():
    """Two containers with 300Mi each: one writes 400 MiB into its own layer."""
    r = Rig()
    limit = {"resources": {"limits": {"ephemeral-storage": "300Mi"}}}
    containers = [{"name": n, "image": "test/app", **limit} for n in ("app", "side")]
    containers[1]["command"] = ["app"]
    containers[1]["env"] = [{"name": "PORT", "value": "81"}]
    r.pod(spec={"containers": containers})
    r.tick(3)
    r.container("app").own_layer().grow("core", 400 * MIB)
    r.tick(14)
    assert r.said("Evicted") == ['Evicted: Container app exceeded its local ephemeral storage limit "300Mi". ']


# logs


def test_logs_are_turned_at_ten_mebibytes_and_five_files_kept():
    r = Rig()
    r.pod()
    r.tick(3)
    runtime = r.world.machines["node-a"].runtime
    runtime.flood(r.container().id, 4 * MIB, "", r.engine.clock.tick)
    r.tick(120)
    log = r.container().log
    assert len(log.rotated) == 4
    assert log.total_bytes == log.claimed < 160 * MIB
    assert log.rotated[0] > 30 * MIB > 5 * MIB > log.rotated[1]


def test_a_flood_of_logs_counts_against_the_limit():
    r = Rig()
    r.pod(resources={"limits": {"ephemeral-storage": "1Gi"}})
    r.tick(3)
    runtime = r.world.machines["node-a"].runtime
    before = runtime.disk.used_bytes
    runtime.flood(r.container().id, 64 * MIB, "", r.engine.clock.tick)
    r.tick(60)
    assert r.status().startswith("Failed(Evicted)")
    assert runtime.disk.used_bytes == before


def test_a_quiet_log_takes_nothing_of_the_disk():
    r = Rig()
    r.pod()
    r.tick(3)
    assert r.container().logged().claimed == 0


# the file of its configuration


@pytest.mark.parametrize(
    "given, wrong",
    [
        ({"evictionHurd": {}}, "the kubelet has no field 'evictionHurd'"),
        ({"evictionHard": {"nodefs.available": "lots"}}, "eviction threshold 'lots' is neither"),
        ({"evictionHard": {"nodefs.available": "-1Gi"}}, "eviction threshold '-1Gi' is neither"),
        ({"evictionHard": {"nodefs.free": "1Gi"}}, "unsupported eviction signal nodefs.free"),
        ({"evictionHard": {"nodefs.available": "120%"}}, "eviction percentage threshold 120% must be"),
        ({"evictionSoft": {"memory.available": "1Gi"}}, "grace period must be specified for the soft eviction"),
        ({"imageGCHighThresholdPercent": 70}, "imageGCLowThresholdPercent 80 must be less than"),
        ({"evictionMinimumReclaim": {"nodefs.free": "1Gi"}}, "unsupported eviction signal nodefs.free"),
        (
            {"evictionSoft": {"memory.available": "1Gi"}, "evictionSoftGracePeriod": {"memory.available": "soon"}},
            "evictionSoftGracePeriod of memory.available: 'soon' is not a duration",
        ),
        ({"evictionMaxPodGracePeriod": -1}, "evictionMaxPodGracePeriod -1 must not be negative"),
        ({"containerLogMaxSize": "-1"}, "containerLogMaxSize -1 must be greater than 0"),
        ({"containerLogMaxFiles": 1}, "containerLogMaxFiles 1 must be greater than 1"),
        ({"containerLogMaxSize": "big"}, "containerLogMaxSize: "),
    ],
)
def test_a_configuration_that_is_wrong_says_where(given, wrong):
    with pytest.raises(ConfigurationError, match=wrong):
        thresholds(read(given))


def test_after_a_look_it_is_known_how_much_requests_may_take_before_the_next_one():
    """85 % of 8 GiB less what is in use; unknown again as soon as a container has changed."""
    r = Rig()
    r.pod("web")
    r.tick(3)
    machine = r.world.machines["node-a"]
    machine.runtime.strain(r.engine.clock.tick)
    r.tick(2)
    near = -(-machine.memory_bytes * 85 // 100)
    assert machine.runtime.room_bytes == near - 1 - used_bytes(machine, r.engine.clock.tick)
    machine.runtime.touches += 1
    assert machine.runtime.room_bytes == -1

"""What goes on when something does not: cut links, stopped kubelets, lost power, a stopped containerd, no memory."""

import copy

from kubesim_tui.api.types import Node, Pod
from kubesim_tui.world import lifecycle
from tests.kubelet.rig import Rig

PROBE = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 5}


def conditions(node):
    return {c.type: (c.status, c.reason) for c in node.status.conditions}


# -- the link


def test_a_cut_link_freezes_what_is_known():
    """New Pods are not heard of and statuses not posted, but what runs is looked after; later all is told."""
    r = Rig()
    r.pod()
    r.tick(5)
    r.cut()
    r.pod("late")
    lifecycle.kill(r.container(), r.engine.clock.tick)
    r.world.machines["node-a"].runtime.touched(r.container().id)
    r.tick(10)
    assert (r.status(), r.status("late")) == ("Running app=Running*", "Pending")
    assert r.container().exit_code is None  # restarted all the same
    r.mend()
    r.tick(3)
    assert (r.status(), r.status("late")) == ("Running app=Running*x1", "Running app=Running*")


def test_a_deletion_is_heard_when_the_link_is_mended():
    r = Rig()
    r.pod()
    r.tick(5)
    r.cut()
    r.delete(Pod, "web")
    r.tick(20)
    assert r.container().exit_code is None
    r.mend()
    r.tick(2)
    assert r.list(Pod) == []


def test_another_pod_of_the_same_name():
    """Deleted by force and made anew while the link was cut: the old one is stopped, then the new one runs."""
    r = Rig()
    r.pod()
    r.tick(3)
    old = r.container()
    r.cut()
    r.delete(Pod, "web", grace=0)
    r.pod()
    r.tick(3)
    assert (old.exit_code, r.status()) == (None, "Pending")
    r.mend()
    r.tick(4)
    assert (old.exit_code, r.container() is old, r.status()) == (0, False, "Running app=Running*")


def test_a_status_that_somebody_else_has_changed_is_put_right():
    """The node-lifecycle controller marks Pods of a lost node as not Ready; their kubelet takes that back."""
    r = Rig()
    r.pod()
    r.tick(3)
    pod = r.get(Pod, "web")
    lost = tuple(c.evolve(status="False") if c.type == "Ready" else c for c in pod.status.conditions)
    r.admin.update_status(pod.evolve(status=pod.status.evolve(conditions=lost)))
    r.tick(1)
    assert {c.type: c.status for c in r.get(Pod, "web").status.conditions}["Ready"] == "True"


def test_hearts_stop_and_beat_with_the_link():
    r = Rig()
    r.tick(3)
    assert r.heartbeats.beats("node-a")
    r.cut()
    assert not r.heartbeats.beats("node-a")
    r.mend()
    assert r.heartbeats.last("node-a", 3) == 3


# -- the kubelet


def test_a_stopped_kubelet_leaves_containers_alone():
    """Nobody restarts what crashes, nobody reports; the new kubelet adopts what runs and starts what does not."""
    r = Rig()
    r.pod("good")
    r.pod("bad", image="busybox:1.36", command=["sh", "-c", "sleep 10; exit 1"])
    r.tick(5)
    before = r.container()
    r.stop_kubelet()
    r.tick(30)
    assert (r.status("bad"), len(r.containers())) == ("Running app=Running*", 2)
    r.start_kubelet()
    r.tick(3)
    good = r.get(Pod, "good").status.container_statuses[0]
    assert (good.restart_count, r.status("bad"), before.exit_code) == (0, "Running app=Running*x1", 1)
    assert r.said("Started", about="good") == ["Started: Container started"]


def test_a_restarted_kubelet_knows_restart_counts_and_addresses():
    r = Rig()
    r.pod(image="busybox:1.36", command=["sh", "-c", "sleep 20; exit 1"])
    r.tick(30)
    assert r.status() == "Running app=Running*x1"
    r.stop_kubelet()
    r.start_kubelet()
    r.tick(2)
    assert (r.status(), r.get(Pod, "web").status.pod_ip) == ("Running app=Running*x1", "10.244.1.2")
    r.pod("next")
    r.tick(2)
    assert r.get(Pod, "next").status.pod_ip == "10.244.1.3"


def test_a_restart_of_the_kubelet_is_not_seen_by_a_pod_with_probes():
    """Neither Ready nor started is lost: no write but what the probes cause."""
    r = Rig()
    r.pod(startupProbe=PROBE, readinessProbe=PROBE, livenessProbe=PROBE)
    r.tick(2)
    r.container().files().write("/tmp/healthy", "ok")
    r.tick(10)
    before = r.get(Pod, "web")
    r.stop_kubelet()
    r.tick(1)
    r.start_kubelet()
    r.tick(30)
    assert r.get(Pod, "web") == before


def test_pods_that_were_deleted_meanwhile_are_stopped():
    """The API has forgotten them while no kubelet ran; their containers are found and ended."""
    r = Rig()
    r.pod()
    r.tick(3)
    container = r.container()
    r.stop_kubelet()
    r.delete(Pod, "web", grace=0)
    r.tick(5)
    assert container.exit_code is None
    r.start_kubelet()
    r.tick(5)
    assert (container.exit_code, r.containers(), r.world.machines["node-a"].runtime.sandboxes) == (0, {}, {})


# -- the machine


def test_power_off_and_on():
    """All is dead, nothing is told; with the power everything starts anew, one restart more, with a new address."""
    r = Rig()
    init = {"name": "init", "image": "busybox:1.36", "command": ["true"], "imagePullPolicy": "IfNotPresent"}
    app = {"name": "app", "image": "test/app", "imagePullPolicy": "IfNotPresent"}
    r.pod(spec={"initContainers": [init], "containers": [app]})
    r.tick(5)
    r.power_off()
    r.tick(10)
    assert (r.status(), r.heartbeats.beats("node-a")) == ("Running init=Completed(0)* app=Running*", False)
    r.power_on()
    r.tick(4)
    assert r.status() == "Running init=Completed(0)*x1 app=Running*x1"
    last = r.get(Pod, "web").status.container_statuses[0].last_state.terminated
    assert (last.exit_code, last.reason) == (255, "Unknown")
    assert r.said("SandboxChanged") == ["SandboxChanged: Pod sandbox changed, it will be killed and re-created."]
    rebooted = r.said("Rebooted", about="node-a")
    assert rebooted == [f"Rebooted: Node node-a has been rebooted, boot id: {r.node().status.node_info.boot_id}"]


def test_a_lost_pod_that_never_restarts_has_failed():
    r = Rig()
    r.pod(restartPolicy="Never")
    r.tick(5)
    r.power_off()
    r.tick(5)
    r.power_on()
    r.tick(2)
    assert r.status() == "Failed app=Unknown(255)"


# -- containerd


def test_a_stopped_containerd():
    """Containers run on; the kubelet can do nothing, and after 30 s (then 3 min) the Node says why."""
    r = Rig()
    r.pod()
    r.tick(5)
    r.world.machines["node-a"].stop_process("containerd")
    r.kubelets["node-a"].look()
    r.delete(Pod, "web")
    r.tick(30)
    assert conditions(r.node())["Ready"] == ("True", "KubeletReady")
    r.tick(16)
    ready = r.node().status.conditions[-1]
    assert (ready.status, ready.message) == ("False", "container runtime is down")
    r.tick(150)
    assert (
        r.node()
        .status.conditions[-1]
        .message.startswith("[container runtime is down, PLEG is not healthy: pleg was last seen active 3m")
    )
    assert (r.container().exit_code, len(r.list(Pod))) == (None, 1)
    r.world.machines["node-a"].start_process("containerd")
    r.kubelets["node-a"].look()
    r.tick(3)
    assert (conditions(r.node())["Ready"], r.list(Pod)) == (("True", "KubeletReady"), [])


# -- memory


def test_a_container_over_its_limit():
    """It leaks 8 MiB a second towards its limit: killed, 137, OOMKilled, restarted."""
    r = Rig()
    r.pod(resources={"limits": {"memory": "64Mi"}})
    r.tick(2)
    r.world.machines["node-a"].runtime.leak(r.container().id, 8 << 20, r.engine.clock.tick)
    r.tick(12)
    status = r.get(Pod, "web").status.container_statuses[0]
    ended = status.last_state.terminated
    assert (ended.reason, ended.exit_code, status.restart_count) == ("OOMKilled", 137, 1)


# -- addresses


def test_a_node_without_addresses():
    r = Rig(pod_cidr="10.244.9.0/29")
    for n in range(6):
        r.pod(f"p{n}")
    r.tick(2)
    assert r.status("p5") == "Pending app=ContainerCreating"
    assert r.said(about="p5")[0].startswith(
        "FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network"
    )
    assert (
        'plugin type="ptp" name="kindnet" failed (add): failed to allocate for range 0: '
        "no IP addresses available in range set: 10.244.9.1-10.244.9.6"
    ) in r.said(about="p5")[0]
    r.delete(Pod, "p0")
    r.tick(14)
    assert r.status("p5") == "Running app=Running*"


def test_a_node_waits_for_its_range():
    """Without a podCIDR the network is not ready; Pods of the host's network run all the same."""
    r = Rig(pod_cidr="")
    r.pod("web")
    r.pod("host", spec={"hostNetwork": True, "containers": [{"name": "app", "image": "test/app"}]})
    r.tick(5)
    ready = r.node().status.conditions[-1]
    assert (ready.status, ready.reason) == ("False", "KubeletNotReady")
    assert ready.message.startswith("container runtime network not ready: NetworkReady=false")
    assert r.get(Pod, "host").status.pod_ip == "192.168.0.11"
    assert r.said("NetworkNotReady")[0].startswith("NetworkNotReady: network is not ready: container runtime network")
    r.patch(Node, "node-a", {"spec": {"podCIDR": "10.244.5.0/24"}}, namespace="")
    r.tick(4)
    assert (r.status(), r.get(Pod, "web").status.pod_ip) == ("Running app=Running*", "10.244.5.2")
    assert conditions(r.node())["Ready"] == ("True", "KubeletReady")


# -- checkpoints


def test_a_checkpoint_goes_on_as_the_original():
    """A copy in the middle of pulls, probes, hooks and back-offs ends with the same objects, events included."""
    r = Rig(have=("busybox:1.36",))
    r.pod("pulling", readinessProbe=PROBE)
    r.pod("crashing", image="busybox:1.36", command=["sh", "-c", "sleep 3; exit 1"])
    r.pod("stopping", image="busybox:1.36", command=["sleep", "99"], terminationGracePeriodSeconds=9)
    r.tick(4)
    r.delete(Pod, "stopping")
    r.tick(3)
    twin = copy.deepcopy(r)
    for one in (r, twin):
        one.tick(60)
    assert _objects(r) == _objects(twin)
    assert r.etcd.revision == twin.etcd.revision


def _objects(r):
    return {name: dict(table.objects) for name, table in sorted(r.etcd.tables.items())}


# -- the client's budget


def test_a_spent_budget_only_delays():
    """Three requests a second: 30 Pods are reported one after the other, and all of them in the end."""
    r = Rig()
    bucket = r.kubelets["node-a"].client.bucket
    bucket.qps, bucket.burst = 3, 3
    for n in range(30):
        r.pod(f"p{n}")
    r.tick(8)
    told = [r.status(f"p{n}") for n in range(30)].count("Running app=Running*")
    assert 0 < told < 30
    r.tick(25)
    assert [r.status(f"p{n}") for n in range(30)] == ["Running app=Running*"] * 30
    assert r.engine.next_timer() is None

"""Pods that a kubelet runs from files, and their mirrors in the API: the control plane itself."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api.types import Pod
from kubesim_tui.cluster.kubeadm.manifests import control_plane, path_of, texts
from tests.kubelet.rig import Rig, line

IMAGES = tuple(m["spec"]["containers"][0]["image"] for m in control_plane())


def control(r):
    return {p.metadata.name: line(p) for p in r.list(Pod, "kube-system")}


def rig():
    r = Rig(have=IMAGES, files=texts(control_plane()))
    for name in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"):
        r.world.machines["node-a"].process(name)
    r.tick(3)
    return r


def tell(r):
    """What the cluster does when processes have changed."""
    r.kubelets["node-a"].look()


def test_the_control_plane_shows_in_kube_system():
    r = rig()
    assert control(r) == {
        f"{name}-node-a": f"Running {name}=Running*"
        for name in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
    }
    pod = r.get(Pod, "etcd-node-a", "kube-system")
    owner = pod.metadata.owner_references[0]
    assert (owner.kind, owner.name, owner.controller) == ("Node", "node-a", True)
    assert pod.metadata.annotations["kubernetes.io/config.source"] == "file"
    assert (
        pod.metadata.annotations["kubernetes.io/config.mirror"] == pod.metadata.annotations["kubernetes.io/config.hash"]
    )
    assert pod.status.pod_ip == "192.168.0.11"


def test_a_deleted_mirror_comes_back():
    """The container does not even notice."""
    r = rig()
    before = r.container("etcd")
    r.delete(Pod, "etcd-node-a", "kube-system")
    r.tick(2)
    assert control(r)["etcd-node-a"] == "Running etcd=Running*"
    assert (r.container("etcd"), before.exit_code) == (before, None)


def test_a_process_that_is_stopped():
    """Its container ends and cannot be started until the process is."""
    r = rig()
    machine = r.world.machines["node-a"]
    machine.stop_process("kube-scheduler")
    tell(r)
    r.tick(4)
    assert control(r)["kube-scheduler-node-a"].startswith("Running kube-scheduler=CrashLoopBackOff")
    machine.start_process("kube-scheduler")
    tell(r)
    r.tick(2)
    assert control(r)["kube-scheduler-node-a"].startswith("Running kube-scheduler=Running*x")


def test_a_restarted_kubelet_adopts_them():
    r = rig()
    before = r.container("etcd")
    r.stop_kubelet()
    r.tick(5)
    r.start_kubelet()
    r.tick(2)
    assert (r.container("etcd"), control(r)["etcd-node-a"]) == (before, "Running etcd=Running*")


def test_they_run_without_an_api_server():
    """The road is closed when the kubelet starts; mirrors are made when it opens."""
    r = Rig(nodes=0)
    kubelet = r.add_node("node-a", 0, IMAGES, files=texts(control_plane()))
    r.stop_kubelet()
    r.roads["node-a"].cut = True
    r.world.machines["node-a"].start_process("kubelet")
    kubelet.wake_up()
    r.tick(4)
    assert (control(r), len([c for c in r.containers().values() if c.exit_code is None])) == ({}, 4)
    r.mend()
    r.tick(1)
    assert control(r)["etcd-node-a"] == "Running etcd=Running*"


def test_a_file_that_is_changed_is_another_pod():
    """The old one ends before the new one begins; the process is away meanwhile, and back in its new release."""
    r = rig()
    machine, path = r.world.machines["node-a"], path_of("kube-apiserver")
    before = r.get(Pod, "kube-apiserver-node-a", "kube-system")
    hash_before = before.metadata.annotations["kubernetes.io/config.hash"]
    machine.files[path] = machine.files[path].replace("v1.37.0", "v1.37.2")
    tell(r)
    seen = []
    for _ in range(8):
        r.tick(1)
        seen.append(machine.runs("kube-apiserver"))
    now = r.get(Pod, "kube-apiserver-node-a", "kube-system")
    assert (seen[0], seen.count(False) > 0, seen[-1]) == (False, True, True)
    assert machine.process("kube-apiserver").release == "v1.37.2"
    assert now.spec.containers[0].image == "registry.k8s.io/kube-apiserver:v1.37.2"
    assert now.metadata.annotations["kubernetes.io/config.hash"] != hash_before
    assert control(r)["kube-apiserver-node-a"] == "Running kube-apiserver=Running*"


def test_a_file_that_is_taken_away_ends_its_pod_and_one_that_is_put_back_starts_it():
    r = rig()
    machine, path = r.world.machines["node-a"], path_of("kube-scheduler")
    text = machine.files.pop(path)
    tell(r)
    r.tick(4)
    assert ("kube-scheduler-node-a" in control(r), machine.runs("kube-scheduler")) == (False, False)
    machine.files[path] = text
    tell(r)
    r.tick(4)
    assert (control(r)["kube-scheduler-node-a"], machine.runs("kube-scheduler")) == (
        "Running kube-scheduler=Running*",
        True,
    )


def test_a_flag_that_its_release_no_longer_knows_ends_the_component_again_and_again():
    r = rig()
    machine, path = r.world.machines["node-a"], path_of("kube-apiserver")
    machine.files[path] = (
        machine.files[path]
        .replace("v1.37.0", "v1.38.0")
        .replace("- --etcd-servers", "- --feature-gates=JobManagedBy=true\n    - --etcd-servers")
    )
    tell(r)
    r.tick(40)
    process = machine.process("kube-apiserver")
    assert (machine.runs("kube-apiserver"), process.failure.partition("] ")[2]) == (
        False,
        '"command failed" err="unrecognized feature gate: JobManagedBy"',
    )
    assert control(r)["kube-apiserver-node-a"].startswith("Running kube-apiserver=CrashLoopBackOff")
    machine.files[path] = machine.files[path].replace("--feature-gates=JobManagedBy=true", "--v=2")
    tell(r)
    r.tick(5)
    assert (machine.runs("kube-apiserver"), process.failure) == (True, "")


NAMES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
GATED = "--feature-gates=JobManagedBy=true"
ACTS = st.tuples(
    st.sampled_from(("change", "break", "remove", "mend", "stop", "start", "power", "kubelet", "wait")),
    st.sampled_from(NAMES),
    st.integers(0, 4),
)


def act(r, what, name, ticks):
    machine, path = r.world.machines["node-a"], path_of(name)
    files = texts(control_plane())
    if what == "change":
        machine.files[path] = files[path].replace("v1.37.0", "v1.37.1")
    elif what == "break":
        machine.files[path] = (
            files[path].replace("v1.37.0", "v1.38.0").replace(f"    - {name}\n", f"    - {name}\n    - {GATED}\n")
        )
    elif what == "remove":
        machine.files.pop(path, None)
    elif what == "mend":
        machine.files[path] = files[path]
    elif what == "stop":
        machine.stop_process(name)
    elif what == "start":
        machine.start_process(name)
    elif what == "power":
        r.power_off()
        r.tick(1)
        r.power_on()
    elif what == "kubelet":
        r.stop_kubelet()
        r.tick(1)
        r.start_kubelet()
    if r.kubelets["node-a"].parts is not None:
        tell(r)
    r.tick(ticks)


@settings(max_examples=25, deadline=None)
@given(st.lists(ACTS, max_size=8))
def test_whatever_was_done_to_files_and_processes_all_runs_when_it_is_mended(acts):
    r = rig()
    for what, name, ticks in acts:
        act(r, what, name, ticks)
    for name in NAMES:
        act(r, "mend", name, 0)
        act(r, "start", name, 0)
    r.tick(40)
    machine = r.world.machines["node-a"]
    assert {name: machine.runs(name) for name in NAMES} == dict.fromkeys(NAMES, True)
    assert {status.rstrip("x123456789").removesuffix("*") for status in control(r).values()} == {
        f"Running {name}=Running" for name in NAMES
    }

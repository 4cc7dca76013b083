"""kubeadm reset: what init or join did to a machine is undone (cmd/reset.go). Its Node stays until it is deleted."""

from __future__ import annotations

from attrs import define

from kubesim_tui.cluster.kubeadm import config
from kubesim_tui.cluster.kubeadm.base import Call
from kubesim_tui.cluster.kubeadm.join import PROXY
from kubesim_tui.cluster.kubeadm.running import Ask, Run, Say, Step
from kubesim_tui.kubelet.flags import KUBELET

WARNING = "[reset] WARNING: Changes made to this host by 'kubeadm init' or 'kubeadm join' will be reverted."
QUESTION = "[reset] Are you sure you want to proceed? [y/N]: "
DIRECTORIES = ("/etc/kubernetes/manifests", "/var/lib/kubelet", "/etc/kubernetes/pki")
FILES = tuple(
    f"/etc/kubernetes/{name}.conf"
    for name in ("admin", "super-admin", "kubelet", "bootstrap-kubelet", "controller-manager", "scheduler")
)
DATA = "/var/lib/etcd"
AFTER = (
    "",
    "The reset process does not perform cleanup of CNI plugin configuration,",
    "network filtering rules and kubeconfig files.",
    "",
    "For information on how to perform this cleanup manually, please see:",
    "    https://k8s.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/",
    "",
)


def steps(call: Call) -> list[Step]:
    """Of `kubeadm reset`."""
    asks: tuple[Step, ...] = () if {"f", "force"} & set(call.flags) else (Warn(), Ask(QUESTION))
    reads: tuple[Step, ...] = (Read(),) if call.machine.name in call.cluster.plane.names else ()
    return [*reads, *asks, Say(("[preflight] Running pre-flight checks",)), LeaveEtcd(), CleanUp(), Say(AFTER)]


@define(eq=False)
class Warn:
    """What is going to happen."""

    def go(self, run: Run) -> bool:
        """Say it."""
        run.warn(WARNING)
        return True


@define(eq=False)
class Read:
    """A machine of the control plane looks how the cluster was set up; where it cannot, it goes on."""

    def go(self, run: Run) -> bool:
        """Tell of it."""
        run.say(
            f'[reset] Reading configuration from the "{config.NAME}" ConfigMap in namespace "{config.NAMESPACE}"...'
        )
        run.say("[reset] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.")
        return True


@define(eq=False)
class LeaveEtcd:
    """The machine's member leaves etcd, if there are others."""

    def go(self, run: Run) -> bool:
        """Take it out, and clear its data away."""
        members = run.call.cluster.plane.members
        if run.place in members.voters and len(members.voters) > 1:
            wrong = members.remove(run.place)
            if wrong:
                advice = "please manually remove this etcd member using etcdctl"
                run.warn(f"[reset] Failed to remove etcd member: {wrong}, {advice}")
        run.say(f"[reset] Deleted contents of the etcd data directory: {DATA}")
        return True


@define(eq=False)
class CleanUp:
    """The kubelet stops, containers and files go."""

    def go(self, run: Run) -> bool:
        """Do it."""
        machine, runtime = run.call.machine, run.call.machine.runtime
        run.say("[reset] Stopping the kubelet service")
        machine.stop_process(KUBELET)
        run.say('[reset] Unmounting mounted directories in "/var/lib/kubelet"')
        for id in list(runtime.sandboxes):
            runtime.remove_sandbox(id, run.now)
        run.say(f"[reset] Deleting contents of directories: [{' '.join(DIRECTORIES)}]")
        run.say(f"[reset] Deleting files: [{' '.join(FILES)}]")
        for path in list(machine.files):
            if path in FILES or path.startswith(tuple(f"{directory}/" for directory in DIRECTORIES)):
                del machine.files[path]
        self._end_processes(run)
        run.call.cluster.look()
        return True

    def _end_processes(self, run: Run) -> None:
        """Those that ran in containers: kube-proxy, and on a machine of the control plane its components."""
        machine = run.call.machine
        machine.stop_process(PROXY)
        if run.place in (*run.call.cluster.plane.names, *run.call.cluster.plane.members.processes):
            runtime = machine.runtime.brand.process
            for name, process in machine.processes.items():
                if name not in (runtime, KUBELET, PROXY):
                    process.leave()

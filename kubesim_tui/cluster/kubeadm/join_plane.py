"""kubeadm join --control-plane: what a machine of the control plane does besides becoming a node.

It gets the shared certificates, has its own issued, writes its manifests, and brings etcd another member.
"""

from __future__ import annotations

from attrs import define

from kubesim_tui.cluster.kubeadm import config, copycerts
from kubesim_tui.cluster.kubeadm.certs import CERTIFICATES, OWN_NAMES
from kubesim_tui.cluster.kubeadm.checks import conclude, in_phase
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.init import in_the_way
from kubesim_tui.cluster.kubeadm.manifests import COMPONENTS, control_plane, path_of, texts
from kubesim_tui.cluster.kubeadm.running import Run
from kubesim_tui.cluster.plane import CONTROL_PLANE_ROLE, ETCD
from kubesim_tui.kubelet import flags
from kubesim_tui.kubelet.static import DIRECTORY

PKI = "/etc/kubernetes/pki"
HEALTHY, PATIENCE = 40, 240
KUBECONFIGS = ("admin.conf", "controller-manager.conf", "scheduler.conf")
FOLDERS = {"etcd-server": "etcd/server", "etcd-peer": "etcd/peer", "etcd-healthcheck-client": "etcd/healthcheck-client"}
NOT_READY = (
    "\nOne or more conditions for hosting a new control plane instance is not satisfied.\n\n{}\n\nPlease ensure that:\n"
    "* The cluster has a stable controlPlaneEndpoint address.\n"
    "* The certificates that must be shared among control plane instances are provided.\n\n"
)
NO_ENDPOINT = (
    "unable to add a new control plane instance to a cluster that doesn't have a stable controlPlaneEndpoint address"
)
NO_CERTIFICATES = (
    f"failure loading certificate for CA: couldn't load the certificate file {PKI}/ca.crt: open {PKI}/ca.crt: no such "
    "file or directory"
)
FOREIGN = "kubesim: only machines that were set up for a control plane can be joined to it again (docs/FIDELITY.md)"
CHECKS = (
    ("kube-apiserver", "https://{}:6443/livez"),
    ("kube-controller-manager", "https://127.0.0.1:10257/healthz"),
    ("kube-scheduler", "https://127.0.0.1:10259/livez"),
)
DONE = (
    "",
    "This node has joined the cluster and a new control plane instance was created:",
    "",
    "* Certificate signing request was sent to apiserver and approval was received.",
    "* The Kubelet was informed of the new secure connection details.",
    "* Control plane label and taint were applied to the new node.",
    "* The Kubernetes control plane instances scaled up.",
    "* A new etcd member was added to the local/stacked etcd cluster.",
    "",
    "To start administering your cluster from this node, you need to run the following as a regular user:",
    "",
    "\tmkdir -p $HOME/.kube",
    "\tsudo cp -i /etc/kubernetes/admin.conf $HOME/.kube/config",
    "\tsudo chown $(id -u):$(id -g) $HOME/.kube/config",
    "",
    "Run 'kubectl get nodes' to see this node join the cluster.",
    "",
)


@define(eq=False)
class MayHost:
    """Whether the cluster and the machine are ready for it."""

    def go(self, run: Run) -> bool:
        """Look."""
        run.version = str(run.configuration["kubernetesVersion"])
        if not run.configuration.get("controlPlaneEndpoint"):
            raise Failure(in_phase("preflight", NOT_READY.format(NO_ENDPOINT)))
        if "certificate-key" not in run.call.flags:
            raise Failure(in_phase("preflight", NOT_READY.format(NO_CERTIFICATES)))
        if run.place not in run.call.cluster.plane.names:
            raise Failure(FOREIGN)
        run.say("[preflight] Running pre-flight checks before initializing the new control plane instance")
        conclude(run, [found for found in in_the_way(run.call) if found[0] != "Port-10250"], "preflight")
        return True


@define(eq=False)
class PrepareControlPlane:
    """Certificates, kubeconfig files and manifests."""

    def go(self, run: Run) -> bool:
        """Download the shared ones, have the others made."""
        phase = "control-plane-prepare/download-certs"
        run.say(
            f'[download-certs] Downloading the certificates in Secret "{copycerts.NAME}" in the '
            f'"{config.NAMESPACE}" Namespace'
        )
        wrong = copycerts.download(run.call.client, run.call.flags["certificate-key"])
        if wrong:
            raise Failure(in_phase(phase, f"error downloading certs: {wrong}"))
        run.say(f'[download-certs] Saving the certificates to the folder: "{PKI}"')
        self._certificates(run)
        run.say("[kubeconfig] Generating kubeconfig files", '[kubeconfig] Using kubeconfig folder "/etc/kubernetes"')
        for name in KUBECONFIGS:
            run.say(f'[kubeconfig] Writing "{name}" kubeconfig file')
            run.call.cluster.trust.issue(name, run.place)
        run.say(f'[control-plane] Using manifest folder "{DIRECTORY.rstrip("/")}"')
        written = texts(control_plane(config.wishes(run.configuration)))
        for name in COMPONENTS:
            run.say(f'[control-plane] Creating static Pod manifest for "{name}"')
            run.call.machine.files[path_of(name)] = written[path_of(name)]
        return True

    def _certificates(self, run: Run) -> None:
        run.say(f'[certs] Using certificateDir folder "{PKI}"')
        stacked = not config.wishes(run.configuration).etcd_servers
        for name in CERTIFICATES:
            if name.endswith(".conf") or (name.startswith("etcd") and not stacked):
                continue
            run.say(f'[certs] Generating "{FOLDERS.get(name, name)}" certificate and key')
            run.call.cluster.trust.issue(OWN_NAMES.get(name, name), run.place)
        run.say(f'[certs] Valid certificates and keys now exist in "{PKI}"', '[certs] Using the existing "sa" key')


@define(eq=False)
class CheckEtcd:
    """etcd is well without the new member."""

    def go(self, run: Run) -> bool:
        """Ask it."""
        if config.wishes(run.configuration).etcd_servers:
            run.say("[check-etcd] Skipping etcd check in external mode")
            return True
        run.say("[check-etcd] Checking that the etcd cluster is healthy")
        members = run.call.cluster.plane.members
        if len(members.heard) < len(members.voters):
            said = "etcd cluster is not healthy: failed to dial endpoint: context deadline exceeded"
            raise Failure(in_phase("check-etcd", said))
        return True


@define(eq=False)
class JoinEtcd:
    """The new member is announced, begins, and catches up."""

    since: int = -1

    def go(self, run: Run) -> bool:
        """Announce it; wait for it."""
        cluster, machine = run.call.cluster, run.call.machine
        if config.wishes(run.configuration).etcd_servers:
            run.say("[control-plane-join] Using external etcd - no local stacked instance added")
            return True
        if self.since < 0:
            self.since = run.now
            url = f"https://{cluster.plane.addresses[machine.name]}:2380"
            wrong = (
                cluster.plane.members.add(machine.name, url) if machine.name not in cluster.plane.members.voters else ""
            )
            if wrong:
                raise Failure(in_phase("etcd-join", f"error creating local etcd static pod manifest file: {wrong}"))
            run.say(
                "[etcd] Announced new etcd member joining to the existing etcd cluster",
                f'[etcd] Creating static Pod manifest for "{ETCD}"',
                "[etcd] Waiting for the new etcd member to join the cluster. This can take up to 40s",
            )
            manifest = texts(control_plane(config.wishes(run.configuration)))[path_of(ETCD)]
            machine.files[path_of(ETCD)] = manifest
            machine.start_process(flags.KUBELET)
            cluster.look()
        if cluster.plane.members.serves(machine.name):
            return True
        if run.now < self.since + HEALTHY:
            return False
        said = "timeout waiting for etcd cluster to be available: context deadline exceeded"
        raise Failure(in_phase("etcd-join", f"error creating local etcd static pod manifest file: {said}"))


@define(eq=False)
class Mark:
    """Its node is one of the control plane."""

    def go(self, run: Run) -> bool:
        """Tell of it: the kubelet has brought label and taint when it registered."""
        labels = f"[{CONTROL_PLANE_ROLE} node.kubernetes.io/exclude-from-external-load-balancers]"
        head = f"[mark-control-plane] Marking the node {run.place} as control-plane by adding the"
        run.say(f"{head} labels: {labels}", f"{head} taints [{CONTROL_PLANE_ROLE}:NoSchedule]")
        return True


@define(eq=False)
class WaitForComponents:
    """Until all three answer."""

    since: int = -1
    left: list[str] | None = None

    def go(self, run: Run) -> bool:
        """Ask those that have not answered yet."""
        machine, plane = run.call.machine, run.call.cluster.plane
        if self.left is None:
            self.since, self.left = run.now, [name for name, _ in CHECKS]
            run.say("[control-plane-check] Waiting for healthy control plane components. This can take up to 4m0s")
            for name, url in CHECKS:
                run.say(f"[control-plane-check] Checking {name} at {url.format(plane.addresses[machine.name])}")
        door = next(door for door in plane.doors if door.place == machine.name)
        for name in list(self.left):
            if machine.runs(name) and (name != COMPONENTS[0] or door.serves()):
                self.left.remove(name)
                run.say(f"[control-plane-check] {name} is healthy after {run.now - self.since}.500s")
        if self.left and run.now >= self.since + PATIENCE:
            run.say(*(f"[control-plane-check] {name} is not healthy after 4m0s" for name in self.left))
            raise Failure(
                in_phase("wait-control-plane", "failed while waiting for the control plane to start: [timeout]")
            )
        return not self.left

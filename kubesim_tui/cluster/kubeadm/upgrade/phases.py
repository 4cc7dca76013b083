"""What stands before and after the static Pods: versions, images, ConfigMaps, files of the kubelet, tokens, addons."""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.releases import COREDNS
from kubesim_tui.api.types import Deployment, Node, Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.addons import DNS, KUBEADM, definitions
from kubesim_tui.cluster.kubeadm import config
from kubesim_tui.cluster.kubeadm.checks import in_phase
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.manifests import REGISTRY
from kubesim_tui.cluster.kubeadm.packages import KUBEADM as TOOL
from kubesim_tui.cluster.kubeadm.packages import installed
from kubesim_tui.cluster.kubeadm.running import PATCHED, Run
from kubesim_tui.cluster.kubeadm.upgrade.policy import Versions, enforce
from kubesim_tui.cluster.kubeadm.upgrade.staticpods import TEMPORARY
from kubesim_tui.cluster.plane import SERVER
from kubesim_tui.kubelet import flags

PREFLIGHT, NAMESPACE = "preflight", "kube-system"
KUBELET_MAP = "kubelet-config"
RULES = (
    "to allow Node Bootstrap tokens to get nodes",
    "to allow Node Bootstrap tokens to post CSRs in order for nodes to get long term certificate credentials",
    "to allow the csrapprover controller automatically approve CSRs from a Node Bootstrap Token",
    "to allow certificate rotation for all node client certificates in the cluster",
    "to allow the API server kubelet client certificate to access the kubelet API",
)


@define(eq=False)
class Policy:
    """Whether the release that was chosen may follow."""

    def go(self, run: Run) -> bool:
        """Compare it with what is there."""
        new, client = run.version, run.call.client
        run.say(f'[upgrade/preflight] You have chosen to upgrade the cluster version to "{new}"')
        try:
            nodes = client.list(Node)
        except ApiError as wrong:
            raise Failure(in_phase(PREFLIGHT, f"couldn't list all nodes in cluster: {wrong}")) from wrong
        kubelets = dict.fromkeys(n.status.node_info.kubelet_version for n in nodes if n.status and n.status.node_info)
        there = Versions(client.road.release(), installed(run.call.machine, TOOL), tuple(kubelets))
        run.say(f"[upgrade/versions] Cluster version: {there.cluster}")
        run.say(f"[upgrade/versions] kubeadm version: {there.kubeadm}")
        fatal, skippable = enforce(there, new)
        if fatal:
            said = f"the version argument is invalid due to these fatal errors:\n\n{_listed(fatal)}"
            said += "\nPlease fix the misalignments highlighted above and try upgrading again"
            raise Failure(in_phase(PREFLIGHT, said))
        if skippable and not (run.flag("force") or run.flag("f")):
            said = f"the version argument is invalid due to these errors:\n\n{_listed(skippable)}"
            raise Failure(in_phase(PREFLIGHT, f"{said}\nCan be bypassed if you pass the --force flag"))
        if skippable:
            run.say(
                f"[upgrade/preflight] Found {len(skippable)} potential version compatibility errors but skipping since "
                f"the --force flag is set: \n\n{_listed(skippable)}"
            )
        return True


def _listed(errors: list[str]) -> str:
    return "".join(f"\t- {said}\n" for said in errors)


@define(eq=False)
class UploadConfiguration:
    """The ConfigMaps for whoever upgrades or joins next."""

    def go(self, run: Run) -> bool:
        """Write them."""
        stored = f'ConfigMap "{config.NAME}" in the "{NAMESPACE}" Namespace'
        run.say(f"[upload-config] Storing the configuration used in {stored}")
        try:
            run.call.put(config.config_map(config.of_version(run.configuration, run.version)))
            created = f'ConfigMap "{KUBELET_MAP}" in namespace {NAMESPACE}'
            run.say(f"[kubelet] Creating a {created} with the configuration for the kubelets in the cluster")
            for data in definitions(KUBEADM):
                if data["metadata"]["name"] == KUBELET_MAP:
                    run.call.put(data)
        except ApiError as wrong:
            raise Failure(
                in_phase("upload-config", f"error uploading the kubeadm ClusterConfiguration: {wrong}")
            ) from wrong
        return True


@define(eq=False)
class KubeletFiles:
    """The kubelet's configuration, for when it is restarted; `own`: on a machine of the control plane."""

    own: bool = True

    def go(self, run: Run) -> bool:
        """Tell of them: what the kubelets of this simulator are told does not change."""
        run.say(
            "[upgrade/kubeconfig] The kubeconfig files for this node were successfully upgraded!"
            if self.own
            else "[upgrade/kubeconfig] Skipping phase. Not a control plane node."
        )
        backup = f"{TEMPORARY}/kubeadm-kubelet-config-{run.call.stamp}/config.yaml"
        run.say(f"[upgrade] Backing up kubelet config file to {backup}")
        run.say(PATCHED)
        run.say(f'[kubelet-start] Writing kubelet configuration to file "{flags.CONFIG}"')
        run.say("[upgrade/kubelet-config] The kubelet configuration for this node was successfully upgraded!")
        return True


@define(eq=False)
class BootstrapTokens:
    """The roles of those who join."""

    def go(self, run: Run) -> bool:
        """Make them, or make them as they should be."""
        run.say("[upgrade/bootstrap-token] Configuring bootstrap token and cluster-info RBAC rules")
        run.say(*(f"[bootstrap-token] Configured RBAC rules {what}" for what in RULES))
        try:
            for data in definitions(KUBEADM):
                if data["kind"] != "ConfigMap":
                    run.call.put(data)
        except ApiError as wrong:
            raise Failure(in_phase("bootstrap-token", str(wrong))) from wrong
        return True


@define(eq=False)
class Addons:
    """CoreDNS and kube-proxy follow when all API servers have the new release."""

    def go(self, run: Run) -> bool:
        """Bring CoreDNS to its release, if it has another."""
        client = run.call.client
        try:
            pods = client.list(Pod, NAMESPACE, label_selector=f"component={SERVER}")
            images = {p.spec.node_name: p.spec.containers[0].image for p in pods if p.spec is not None}
            behind = sorted(node for node, image in images.items() if image != images.get(run.place))
            if behind:
                skipped = f"control plane instances [{' '.join(behind)}] have not been upgraded"
                for _ in (DNS, "kube-proxy"):
                    run.say(f"[upgrade/addon] Skipping upgrade of addons because {skipped}")
                return True
            image = f"{REGISTRY}/coredns/coredns:{COREDNS}"
            body = {"spec": {"template": {"spec": {"containers": [{"name": DNS, "image": image}]}}}}
            client.patch(Deployment, NAMESPACE, DNS, body, "strategic")
        except ApiError as wrong:
            raise Failure(in_phase("addon/coredns", str(wrong))) from wrong
        run.say("[addons] Applied essential addon: CoreDNS", "[addons] Applied essential addon: kube-proxy")
        return True

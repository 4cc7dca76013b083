"""kubeadm upgrade apply on the first machine, and upgrade node on all others (cmd/upgrade/apply.go, node.go)."""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.releases import numbers
from kubesim_tui.cluster.kubeadm.base import Call
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.manifests import path_of
from kubesim_tui.cluster.kubeadm.pulling import PullImages
from kubesim_tui.cluster.kubeadm.running import Ask, ReadConfiguration, Run, Say, Step
from kubesim_tui.cluster.kubeadm.upgrade.health import Health
from kubesim_tui.cluster.kubeadm.upgrade.phases import (
    Addons,
    BootstrapTokens,
    KubeletFiles,
    Policy,
    UploadConfiguration,
)
from kubesim_tui.cluster.kubeadm.upgrade.staticpods import SHOWN, Finish, Plan, Prepare
from kubesim_tui.cluster.plane import SERVER

QUESTION = "[upgrade] Are you sure you want to proceed? [y/N]: "
SKIPS = (
    "[upgrade/addon] Skipping the addon/coredns phase. Not a control plane node.",
    "[upgrade/addon] Skipping the addon/kube-proxy phase. Not a control plane node.",
)


@define(eq=False)
class Choose:
    """The release to which the cluster is brought: one that was named, or that of the ClusterConfiguration."""

    version: str = ""

    def go(self, run: Run) -> bool:
        """Note it."""
        run.version = self.version or str(run.configuration["kubernetesVersion"])
        return True


def is_control_plane(call: Call) -> bool:
    """What kubeadm takes for it: there is a manifest of an API server."""
    return path_of(SERVER) in call.machine.files


def version_of(text: str) -> str:
    """As `v1.37.2`. Failure if it is none."""
    try:
        numbers(text)
    except ValueError as wrong:
        said = f'version "{text}" doesn\'t match patterns for neither semantic version nor labels (stable, latest, ...)'
        raise Failure(said) from wrong
    return f"v{text.removeprefix('v')}"


def apply_steps(call: Call) -> list[Step]:
    """Of `kubeadm upgrade apply VERSION`."""
    if not call.words:
        raise Failure("missing one or more required arguments. Required arguments: [version]")
    if len(call.words) > 1:
        raise Failure("too many arguments. Required arguments: [version]")
    version = version_of(call.words[0])
    _needs_admin(call)
    interactive = not any(name in call.flags for name in ("yes", "y", "force", "f"))
    told = f'[upgrade/control-plane] Upgrading your static Pod-hosted control plane to version "{version}"'
    done = (
        "",
        f'[upgrade] SUCCESS! A control plane node of your cluster was upgraded to "{version}".',
        "",
        "[upgrade] Now please proceed with upgrading the rest of the nodes by following the right order.",
    )
    return [
        ReadConfiguration("upgrade", "[upgrade] FATAL"),
        Choose(version),
        Say(("[upgrade/preflight] Running preflight checks",)),
        Health(phase="preflight"),
        Policy(),
        *((Ask(QUESTION),) if interactive else ()),
        PullImages(),
        Say((f"{told} (timeout: {SHOWN})...",)),
        Prepare(Plan()),
        Finish(),
        UploadConfiguration(),
        KubeletFiles(),
        BootstrapTokens(),
        Addons(),
        Say(done),
    ]


def node_steps(call: Call) -> list[Step]:
    """Of `kubeadm upgrade node`: whatever the ClusterConfiguration says, here as well."""
    if call.words:
        raise Failure(f'unknown command "{call.words[0]}" for "kubeadm upgrade node"')
    first: list[Step] = [
        ReadConfiguration("upgrade", "unable to fetch the kubeadm-config ConfigMap"),
        Choose(),
        Say(("[upgrade/preflight] Running pre-flight checks",)),
    ]
    if not is_control_plane(call):
        return [
            *first,
            Say(
                (
                    "[upgrade/preflight] Skipping prepull. Not a control plane node.",
                    "[upgrade/control-plane] Skipping phase. Not a control plane node.",
                )
            ),
            KubeletFiles(own=False),
            Say(SKIPS),
        ]
    return [*first, PullImages(), ToldNode(), Prepare(Plan()), Finish(), KubeletFiles(), Addons()]


@define(eq=False)
class ToldNode:
    """What is going to be done here."""

    def go(self, run: Run) -> bool:
        """Say it."""
        told = "[upgrade/control-plane] Upgrading your Static Pod-hosted control plane instance to version"
        run.say(f'{told} "{run.version}"...')
        return True


def _needs_admin(call: Call) -> None:
    """Only machines of the control plane have an admin.conf."""
    if call.machine.name not in call.cluster.plane.names:
        path = "/etc/kubernetes/admin.conf"
        said = f'couldn\'t create a Kubernetes client from file "{path}": failed to load admin kubeconfig: '
        raise Failure(f"{said}open {path}: no such file or directory")

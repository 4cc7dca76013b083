"""kubeadm upgrade plan: what there is, and to what it can be brought (cmd/upgrade/plan.go, phases/upgrade)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import define, frozen

from kubesim_tui.api.releases import COREDNS, ETCD, minor, newest, numbers
from kubesim_tui.api.types import Deployment, Node, Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.addons import DNS
from kubesim_tui.cluster.kubeadm.base import Call
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.manifests import COMPONENTS
from kubesim_tui.cluster.kubeadm.packages import KUBEADM, KUBELET, installed
from kubesim_tui.cluster.kubeadm.running import ReadConfiguration, Run, Say, Step
from kubesim_tui.cluster.kubeadm.upgrade.apply import version_of
from kubesim_tui.cluster.kubeadm.upgrade.health import Health
from kubesim_tui.cluster.plane import ETCD as MEMBER
from kubesim_tui.cluster.plane import SERVER
from kubesim_tui.kubectl import tabwriter
from kubesim_tui.world.reference import parse as parse_reference

NAMESPACE = "kube-system"
LINE = "_____________________________________________________________________\n"
CONFIGS = """
The table below shows the current state of component configs as understood by this version of kubeadm.
Configs that have a "yes" mark in the "MANUAL UPGRADE REQUIRED" column require manual config upgrade or
resetting to kubeadm defaults before a successful upgrade can be performed. The version to manually
upgrade to is denoted in the "PREFERRED VERSION" column.

"""
Versions = Mapping[str, list[str]]
"""Version → the nodes that have it."""


@frozen
class There:
    """What runs now."""

    kubelets: Versions
    components: Mapping[str, Versions]
    dns: str
    kubeadm: str

    @property
    def cluster(self) -> str:
        """The newest API server's."""
        return max(self.components[SERVER], key=numbers)


@frozen
class Upgrade:
    """One that is possible."""

    description: str
    version: str
    kubeadm: str  # the one that it needs


def steps(call: Call) -> list[Step]:
    """Of `kubeadm upgrade plan [VERSION]`."""
    wanted = version_of(call.words[0]) if call.words else ""
    return [
        Say(("[preflight] Running pre-flight checks.",)),
        ReadConfiguration("upgrade/config", "[upgrade/init config] FATAL"),
        Health(),
        Look(wanted),
    ]


@define(eq=False)
class Look:
    """Compare what there is with what was published."""

    wanted: str

    def go(self, run: Run) -> bool:
        """Print the plan."""
        run.say("[upgrade] Fetching available versions to upgrade to")
        try:
            there = _there(run.call)
        except ApiError as wrong:
            raise Failure(f"[upgrade/versions] FATAL: {wrong}") from wrong
        run.say(f"[upgrade/versions] Cluster version: {there.cluster.removeprefix('v')}")
        run.say(f"[upgrade/versions] kubeadm version: {there.kubeadm}")
        stable = self.wanted or newest(min(minor(newest()), minor(there.kubeadm)))
        run.say(f"[upgrade/versions] Target version: {stable}")
        patch = self.wanted or newest(minor(there.cluster))
        series = f"version in the v{'.'.join(map(str, numbers(there.cluster)[:2]))} series"
        if numbers(stable) >= numbers(there.cluster):
            run.say(f"[upgrade/versions] Latest {series}: {patch}")
        run.say("")
        found = list(possible(there.cluster, there.kubeadm, stable, patch, series))
        for upgrade in found:
            run.say(*_shown(there, upgrade))
        if found:
            head = "API GROUP\tCURRENT VERSION\tPREFERRED VERSION\tMANUAL UPGRADE REQUIRED"
            rows = ["kubeproxy.config.k8s.io\tv1alpha1\tv1alpha1\tno", "kubelet.config.k8s.io\tv1beta1\tv1beta1\tno"]
            run.say(CONFIGS.removesuffix("\n"), *_table([head, *rows]), LINE)
        return True


def possible(cluster: str, kubeadm: str, stable: str, patch: str, series: str) -> Iterator[Upgrade]:
    """The upgrades that kubeadm offers (GetAvailableUpgrades). Pure."""
    further = numbers(cluster) < numbers(stable)
    if numbers(stable) >= numbers(cluster):
        further = numbers(patch) < numbers(stable)
        if numbers(cluster) < numbers(patch):
            yield Upgrade(series, patch, kubeadm if numbers(kubeadm) >= numbers(patch) else patch)
    if further:
        yield Upgrade("stable version", stable, stable)


def _there(call: Call) -> There:
    client = call.client
    kubelets: dict[str, list[str]] = {}
    for node in client.list(Node):
        if node.status is not None and node.status.node_info is not None:
            kubelets.setdefault(node.status.node_info.kubelet_version, []).append(node.metadata.name)
    components: dict[str, dict[str, list[str]]] = {}
    for name in (*COMPONENTS, MEMBER):
        versions = components.setdefault(name, {})
        for pod in client.list(Pod, NAMESPACE, label_selector=f"component={name},tier=control-plane"):
            assert pod.spec is not None
            versions.setdefault(_tag(pod.spec.containers[0].image), []).append(pod.spec.node_name)
    dns = client.get(Deployment, NAMESPACE, DNS)
    assert dns.spec is not None
    assert dns.spec.template is not None
    assert dns.spec.template.spec is not None
    if not components[SERVER]:
        raise Failure("[upgrade/versions] FATAL: couldn't find any kube-apiserver Pod")
    dns_version = _tag(dns.spec.template.spec.containers[0].image)
    return There(kubelets, components, dns_version, installed(call.machine, KUBEADM))


def _tag(image: str) -> str:
    return parse_reference(image).tag or ""


def _shown(there: There, upgrade: Upgrade) -> list[str]:
    head = "COMPONENT\tNODE\tCURRENT\tTARGET"
    kubelets = {KUBELET: there.kubelets} if len(there.kubelets) > 1 or upgrade.version not in there.kubelets else {}
    rows = [
        *_rows({name: there.components[name] for name in COMPONENTS}, upgrade.version),
        f"kube-proxy\t\t{there.cluster.removeprefix('v')}\t{upgrade.version}",
        f"CoreDNS\t\t{there.dns}\t{COREDNS}",
        *_rows({MEMBER: there.components[MEMBER]}, ETCD),
    ]
    said = [
        "Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade "
        "apply':",
        *_table([head, *_rows(kubelets, upgrade.version)]),
        "",
        f"Upgrade to the latest {upgrade.description}:",
        "",
        *_table([head, *rows]),
        "",
        "You can now apply the upgrade by executing the following command:",
        "",
        f"\tkubeadm upgrade apply {upgrade.version}",
        "",
    ]
    if upgrade.kubeadm != there.kubeadm:
        said += [f"Note: Before you can perform this upgrade, you have to update kubeadm to {upgrade.kubeadm}.", ""]
    return [*said, LINE]


def _rows(found: Mapping[str, Versions], target: str) -> Iterator[str]:
    for name, versions in found.items():
        for version in sorted(versions):
            yield from (f"{name}\t{node}\t{version}\t{target}" for node in versions[version])


def _table(rows: Iterable[str]) -> list[str]:
    return tabwriter.align("\n".join(rows), minimum=10, padding=3).split("\n")

"""Which release may follow which (phases/upgrade/policy.go). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from kubesim_tui.api.releases import minor, numbers

UPGRADE_SKEW = DOWNGRADE_SKEW = 1
KUBELET_SKEW = 3
"""Of minor releases, at most."""


@frozen
class Versions:
    """What is there: of the API server, of kubeadm, of the kubelets (each once)."""

    cluster: str
    kubeadm: str
    kubelets: Sequence[str] = ()


def enforce(there: Versions, new: str) -> tuple[list[str], list[str]]:
    """What speaks against a release: (what cannot be helped, what --force skips)."""
    fatal: list[str] = []
    skippable: list[str] = []
    wanted, cluster, kubeadm = minor(new), minor(there.cluster), minor(there.kubeadm)
    if wanted < kubeadm - 1:
        fatal.append(
            f'Specified version to upgrade to "{new}" is equal to or lower than the minimum supported version '
            f'"{there.cluster}". Please specify a higher version to upgrade to'
        )
    if wanted > cluster + UPGRADE_SKEW:
        fatal.append(
            f'Specified version to upgrade to "{new}" is too high; kubeadm can upgrade only {UPGRADE_SKEW} minor '
            "version at a time"
        )
    if wanted < cluster - DOWNGRADE_SKEW:
        fatal.append(
            f'Specified version to downgrade to "{new}" is too low; kubeadm can downgrade only {DOWNGRADE_SKEW} minor '
            "version at a time"
        )
    if numbers(there.kubeadm) < numbers(new):
        if wanted > kubeadm:
            fatal.append(
                f'Specified version to upgrade to "{new}" is at least one minor release higher than the kubeadm minor '
                f"release ({wanted} > {kubeadm}). Such an upgrade is not supported"
            )
        else:
            skippable.append(
                f'Specified version to upgrade to "{new}" is higher than the kubeadm version "{there.kubeadm}". '
                "Upgrade kubeadm first using the tool you used to install kubeadm"
            )
    if kubeadm > wanted:
        only = ".".join(map(str, numbers(there.kubeadm)[:2]))
        skippable.append(f"Kubeadm version {there.kubeadm} can only be used to upgrade to Kubernetes version {only}")
    old = [version for version in there.kubelets if wanted > minor(version) + KUBELET_SKEW]
    if old:
        skippable.append(
            f"There are kubelets in this cluster that are too old that have these versions [{' '.join(old)}]"
        )
    return fatal, skippable

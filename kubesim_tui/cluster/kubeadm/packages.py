"""What a package manager brings to a machine: kubeadm, kubelet and kubectl, each in a release of Kubernetes.

A kubelet that runs goes on in its old release until somebody restarts it.
"""

from __future__ import annotations

from kubesim_tui.api.releases import VERSION
from kubesim_tui.world.machine import Machine

KUBEADM, KUBELET = "kubeadm", "kubelet"
PACKAGES = (KUBEADM, "kubectl", KUBELET)


def provide(machine: Machine, version: str = VERSION) -> None:
    """A machine that has all three, and its kubelet of the same release."""
    machine.packages.update(dict.fromkeys(PACKAGES, version))
    machine.process(KUBELET).release = version


def installed(machine: Machine, package: str) -> str:
    """The release of one, as `v1.37.0`."""
    return machine.packages.get(package, VERSION)

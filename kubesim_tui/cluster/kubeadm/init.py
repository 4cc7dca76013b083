"""kubeadm init where there is a cluster already: it finds what is in its way (cmd/init.go, preflight/checks.go).

A cluster is not made anew here (FIDELITY.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define

from kubesim_tui.api.releases import minor, newest
from kubesim_tui.cluster.kubeadm.base import Call
from kubesim_tui.cluster.kubeadm.checks import conclude
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.manifests import COMPONENTS, path_of
from kubesim_tui.cluster.kubeadm.packages import KUBEADM, KUBELET, installed
from kubesim_tui.cluster.kubeadm.running import Run, Say, Step
from kubesim_tui.cluster.plane import ETCD

PORTS = ((6443, "kube-apiserver"), (10259, "kube-scheduler"), (10257, "kube-controller-manager"))
NO_NEW = "kubesim: a machine is not made the first of a new cluster here; join it to the one that there is"


def steps(call: Call) -> list[Step]:
    """Of `kubeadm init`."""
    version = call.flags.get("kubernetes-version") or newest(minor(installed(call.machine, KUBEADM)))
    said = (f"[init] Using Kubernetes version: {version}", "[preflight] Running pre-flight checks")
    return [Say(said), Preflight()]


@define(eq=False)
class Preflight:
    """Ports that are taken, files that are there."""

    def go(self, run: Run) -> bool:
        """Look for them."""
        conclude(run, list(in_the_way(run.call)), "preflight")
        raise Failure(NO_NEW)


def in_the_way(call: Call) -> Iterator[tuple[str, str]]:
    """What a control plane cannot begin with."""
    machine = call.machine
    for port, process in PORTS:
        yield from _port(port) if machine.runs(process) else ()
    for name in (*COMPONENTS, ETCD):
        yield from call.taken(path_of(name))
    yield from _port(10250) if machine.runs(KUBELET) else ()
    if machine.runs(ETCD):
        yield from (*_port(2379), *_port(2380))
    if path_of(ETCD) in machine.files:
        yield "DirAvailable--var-lib-etcd", "/var/lib/etcd is not empty"


def _port(number: int) -> Iterator[tuple[str, str]]:
    yield f"Port-{number}", f"Port {number} is in use"

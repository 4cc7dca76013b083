"""kubeadm certs: what was issued for a machine, until when it is good, and new ones.

All of it was made in one minute when the cluster was, and ends a year later in one minute, unless somebody renews it
or upgrades the control plane, which renews it by the way. A kubelet looks after its own certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from kubesim_tui.api import duration, scheme
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.request import Request
from kubesim_tui.cluster.kubeadm.base import Act, Call, Failure
from kubesim_tui.kubectl import tabwriter
from kubesim_tui.world.certificates import YEAR

CERTIFICATES: Mapping[str, tuple[str, str]] = {
    "admin.conf": ("ca", "certificate embedded in the kubeconfig file for the admin to use and for kubeadm itself"),
    "apiserver": ("ca", "certificate for serving the Kubernetes API"),
    "apiserver-etcd-client": ("etcd-ca", "certificate the apiserver uses to access etcd"),
    "apiserver-kubelet-client": ("ca", "certificate for the API server to connect to kubelet"),
    "controller-manager.conf": (
        "ca", "certificate embedded in the kubeconfig file for the controller manager to use",
    ),
    "etcd-healthcheck-client": ("etcd-ca", "certificate for liveness probes to healthcheck etcd"),
    "etcd-peer": ("etcd-ca", "certificate for etcd nodes to communicate with each other"),
    "etcd-server": ("etcd-ca", "certificate for serving etcd"),
    "front-proxy-client": ("front-proxy-ca", "certificate for the front proxy client"),
    "scheduler.conf": ("ca", "certificate embedded in the kubeconfig file for the scheduler manager to use"),
    "super-admin.conf": ("ca", "certificate embedded in the kubeconfig file for the super-admin"),
}  # fmt: skip
"""Name → (who has signed it, what it is)."""
OF_ETCD = "etcd-ca"
AUTHORITIES = ("ca", OF_ETCD, "front-proxy-ca")
OWN_NAMES = {"apiserver": "kube-apiserver"}
"""Those that somebody is asked for by another name."""
ISSUED = tuple(OWN_NAMES.get(name, name) for name in CERTIFICATES)
CONFIG = 'Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...'
AGAIN = "Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it."
DONE = (
    "Done renewing certificates. You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and "
    "etcd, so that they can use the new certificates."
)


def _configuration(call: Call, command: str) -> list[str]:
    """Whether the cluster says how it was set up; where it cannot be asked, defaults are taken."""
    try:
        nodes = scheme.for_plural("nodes")
        call.client.send(Request(call.client.user, "get", nodes, name=call.machine.name))
    except ApiError:
        return [f"[{command}] Error reading configuration from the Cluster. Falling back to default configuration", ""]
    return [f"[{command}] {CONFIG}", f"[{command}] {AGAIN}", ""]


def local(call: Call, names: Iterable[str]) -> list[str]:
    """Those certificates and authorities that are this cluster's own business: not what an external etcd has."""
    external = bool(call.cluster.plane.external)
    return [name for name in names if not external or OF_ETCD not in (name, CERTIFICATES.get(name, ("",))[0])]


def _there(call: Call, name: str) -> bool:
    """The first machine has all; those that joined have no super-admin.conf; a worker has none."""
    own = call.cluster.plane.names
    return call.machine.name in own and (name != "super-admin.conf" or call.machine.name == own[0])


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%b %d, %Y %H:%M UTC")


def _check(call: Call) -> list[str]:
    head = "CERTIFICATE\tEXPIRES\tRESIDUAL TIME\tCERTIFICATE AUTHORITY\tEXTERNALLY MANAGED"
    rows = [head]
    for name in local(call, CERTIFICATES):
        authority = CERTIFICATES[name][0]
        if not _there(call, name):
            rows.append(f"!MISSING! {name}\t\t\t\t")
            continue
        ends = call.cluster.trust.certificate(OWN_NAMES.get(name, name), call.machine.name).ends
        rows.append(f"{name}\t{_date(ends)}\t{duration.human_seconds(ends - call.now - 1)}\t{authority}\t{'no':8}")
    rows += ["", "CERTIFICATE AUTHORITY\tEXPIRES\tRESIDUAL TIME\tEXTERNALLY MANAGED"]
    ends = call.cluster.engine.clock.epoch + 10 * YEAR
    for name in local(call, AUTHORITIES):
        there = call.machine.name in call.cluster.plane.names
        left = duration.human_seconds(ends - call.now - 1)
        rows.append(f"{name}\t{_date(ends)}\t{left}\t{'no':8}" if there else f"!MISSING! {name}\t\t\t")
    return [
        *_configuration(call, "check-expiration"),
        *tabwriter.align("\n".join(rows), minimum=10, padding=3).split("\n"),
    ]


def _renew(call: Call) -> list[str]:
    wanted = call.words[0] if call.words else ""
    if not wanted:
        raise Failure('missing subcommand; "renew" is not meant to be run on its own')
    if wanted != "all" and wanted not in CERTIFICATES:
        raise Failure(f'unknown command "{wanted}" for "kubeadm certs renew"')
    if wanted != "all" and not local(call, (wanted,)):
        raise Failure(f"{wanted} is not a valid certificate for this cluster")
    lines = _configuration(call, "renew")
    for name in local(call, CERTIFICATES) if wanted == "all" else (wanted,):
        text = CERTIFICATES[name][1]
        if _there(call, name):
            call.cluster.trust.issue(OWN_NAMES.get(name, name), call.machine.name)
            lines.append(f"{text} renewed")
        else:
            lines.append(f"MISSING! {text}")
    call.cluster.look()
    return [*lines, "", DONE] if wanted == "all" else lines


COMMANDS: Mapping[tuple[str, ...], Act] = {("certs", "check-expiration"): _check, ("certs", "renew"): _renew}

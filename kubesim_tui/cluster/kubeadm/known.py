"""The flags that each command of kubeadm takes here. Those that only the real one has are refused by their names."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.cluster.kubeadm.failure import Failure

Words = tuple[str, ...]
ANYWHERE = ("v", "kubeconfig")
"""How much is logged, and which file leads to the cluster: both change nothing here."""
CHECKED, OUTPUT = ("ignore-preflight-errors",), ("o", "output")
UPGRADE = (*CHECKED, "certificate-renewal", "etcd-upgrade")
TOKEN = ("token", "discovery-token", "tls-bootstrap-token")
TAKEN: Mapping[Words, Words] = {
    ("certs", "check-expiration"): (),
    ("certs", "renew"): (),
    ("config", "images", "list"): ("kubernetes-version",),
    ("config", "images", "pull"): ("kubernetes-version",),
    ("init",): (*CHECKED, "kubernetes-version"),
    ("init", "phase", "upload-certs"): ("upload-certs", "certificate-key"),
    ("join",): (
        *CHECKED,
        *TOKEN,
        "discovery-token-ca-cert-hash",
        "discovery-token-unsafe-skip-ca-verification",
        "control-plane",
        "certificate-key",
    ),
    ("reset",): ("f", "force"),
    ("token", "create"): ("certificate-key", "description", "groups", "print-join-command", "ttl", "usages"),
    ("token", "delete"): (),
    ("token", "generate"): (),
    ("token", "list"): (),
    ("upgrade", "apply"): (*UPGRADE, "y", "yes", "f", "force"),
    ("upgrade", "node"): UPGRADE,
    ("upgrade", "plan"): (*CHECKED, "etcd-upgrade"),
    ("version",): OUTPUT,
}
"""Command → its flags, without their dashes."""
_ELSEWHERE = (
    "allow-experimental-upgrades allow-missing-template-keys allow-release-candidate-upgrades "
    "apiserver-advertise-address apiserver-bind-port apiserver-cert-extra-sans cert-dir cleanup-tmp-dir config "
    "control-plane-endpoint cri-socket discovery-file dry-run experimental-output feature-gates image-repository "
    "node-name patches pod-network-cidr print-config rootfs service-cidr service-dns-domain show-managed-fields "
    "skip-certificate-key-print skip-phases skip-token-print token-ttl o output"
)
ELSEWHERE = frozenset(_ELSEWHERE.split())
"""Flags that kubeadm has, and that are not there here (FIDELITY.md)."""
VALUED = frozenset(
    {
        *("certificate-key", "description", "groups", "ignore-preflight-errors", "kubeconfig", "kubernetes-version"),
        *("ttl", "usages", "discovery-token-ca-cert-hash", *OUTPUT, *TOKEN),
    }
)
"""Those that have a value behind them, where it is not joined by `=`."""


def check(command: Words, flags: Mapping[str, str]) -> None:
    """Failure if a command does not take one of its flags."""
    for name in flags:
        if name in TAKEN[command] or name in ANYWHERE:
            continue
        if name in ELSEWHERE:
            raise Failure(f"kubesim: kubeadm's --{name} is not there (docs/FIDELITY.md)")
        raise Failure(f"unknown flag: --{name}" if len(name) > 1 else f"unknown shorthand flag: '{name}' in -{name}")

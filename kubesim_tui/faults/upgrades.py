"""Upgrades that go wrong: a pipeline that does not look brings the next release to one machine after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.api.releases import RELEASES, unknown_gates
from kubesim_tui.faults.fault import Fault, Options, Story
from kubesim_tui.faults.options import positive

GATE, PAUSE = "JobManagedBy", 60


def gate(given: Any) -> str:
    """A feature gate that the next release no longer knows."""
    if not unknown_gates(RELEASES[-1], str(given)):
        raise ValueError(f"{given!r} is no feature gate that {RELEASES[-1]} has removed")
    return str(given)


def _gate(options: Options) -> str:
    return gate(options.get("gate", GATE))


def _pause(options: Options) -> int:
    return positive(options.get("seconds", PAUSE))


UPGRADES: Mapping[str, Fault] = {
    "control-plane-upgrade": Fault(
        "apiserver",
        lambda h, _n, o: h.roll_out_plane(_gate(o), _pause(o)),
        lambda h, _n, _o: h.roll_back_plane(),
        "a pipeline upgrades one control-plane machine after the other, and its API servers do not come up (with: "
        "seconds that it waits for each; gate, a feature gate that is still in the manifest and not in the release)",
        {"seconds": positive, "gate": gate},
        story=Story(
            "The manifest of kube-apiserver carries a feature gate that the new release has removed: the kubelet "
            "starts the static Pod, which ends at once, and backs off. With one machine nobody answers; of several the "
            "balancer passes over those that are down, until the pipeline has been everywhere. kubeadm upgrade would "
            "have put the old manifest back after five minutes.",
            "The connection to the server was refused; what runs goes on, and nothing is replaced. With several "
            "machines at first one Node of the control plane that is NotReady, and kubectl that works.",
            "ssh control-plane crictl ps -a, crictl logs …; ssh control-plane grep feature-gates "
            "/etc/kubernetes/manifests/kube-apiserver.yaml",
            "Read what a release removes; one machine, and a look, before the next; kubeadm upgrade, which rolls back. "
            "Mend the manifest on its machine: sed -i '/feature-gates/d' …, or the old file.",
            ("unknown-gate",),
        ),
    ),
    "kubelet-upgrade": Fault(
        "fleet",
        lambda h, _n, o: h.roll_out_kubelets(h.nodes(), _gate(o), _pause(o)),
        lambda h, _n, _o: h.roll_back_kubelets(),
        "a pipeline upgrades the kubelet of one node after the other, and they do not come up (with: seconds that it "
        "waits for each; gate, a feature gate that is still among its flags and not in the release)",
        {"seconds": positive, "gate": gate},
        story=Story(
            "The new kubelet is told of a feature gate that its release has removed, and ends as soon as it starts. "
            "Containers go on, but nobody renews the lease: after 50 s the Node is NotReady and its Pods leave the "
            "EndpointSlices, while the next node's turn has come.",
            "Ever more Nodes NotReady, ever fewer endpoints, then 503 from Services whose Pods all still run.",
            "kubectl get nodes; ssh NODE journalctl -u kubelet; ssh NODE cat /var/lib/kubelet/kubeadm-flags.env",
            "One node, and a look, before the next; stop when a Node is NotReady. Take the gate out of the flags, or "
            "install the old kubelet.",
            ("unknown-gate",),
        ),
    ),
}
"""Name → row."""

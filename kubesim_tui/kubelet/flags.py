"""What a kubelet is told when it starts (/var/lib/kubelet/kubeadm-flags.env), and whether its release knows it all.

One that does not begins in vain: systemd starts it again every ten seconds, until the file or the release is another.
"""

from __future__ import annotations

import re

from kubesim_tui.api.releases import VERSION, unknown_gates
from kubesim_tui.world.machine import Machine

KUBELET, FILE = "kubelet", "/var/lib/kubelet/kubeadm-flags.env"
CONFIG, KUBECONFIG = "/var/lib/kubelet/config.yaml", "/etc/kubernetes/kubelet.conf"
"""What a machine has that was joined to a cluster: how the kubelet is to work, and how it finds the API server."""
CONFIG_TEXT = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
KUBECONFIG_TEXT = "apiVersion: v1\nkind: Config\n"
NO_CONFIG = (
    f'"command failed" err="failed to load kubelet config file, path: {CONFIG}, error: failed to load Kubelet config '
    f'file {CONFIG}, error failed to read kubelet config file \\"{CONFIG}\\", error: open {CONFIG}: no such file or '
    'directory"'
)
_GATES = re.compile(r"--feature-gates[= ]([^\s\"]+)")


def refusal(machine: Machine, process: str = KUBELET) -> str:
    """Why a kubelet that starts on a machine cannot go on; "" if it can, as all other processes do."""
    if process != KUBELET:
        return ""
    if CONFIG not in machine.files:
        return NO_CONFIG
    text = machine.files.get(FILE)
    if text is None:
        return ""
    unknown = [gate for gates in _GATES.findall(text) for gate in unknown_gates(release(machine), gates)]
    if not unknown:
        return ""
    said = "failed to set feature gates from initial flags-based config: unrecognized feature gate: "
    return f'"command failed" err="{said}{unknown[0]}"'


def release(machine: Machine) -> str:
    """The release that a kubelet has which starts now."""
    return machine.packages.get(KUBELET) or machine.process(KUBELET).release or VERSION


def restarted(machine: Machine) -> bool:
    """systemd has started a kubelet again that could not go on: whether it can by now."""
    process = machine.processes.get(KUBELET)
    return process is not None and process.gone and not refusal(machine) and process.come(release(machine))

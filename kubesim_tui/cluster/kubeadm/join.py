"""kubeadm join: a machine becomes a node (cmd/join.go). Its kubelet asks for a certificate with the token, once.

The request is approved and signed by controllers; the kubelet of this simulator begins when that is done.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from attrs import define

from kubesim_tui.api.pkcs10 import make
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Node
from kubesim_tui.apiserver.authentication import by_token
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Request
from kubesim_tui.cluster.kubeadm import copycerts
from kubesim_tui.cluster.kubeadm.base import Call
from kubesim_tui.cluster.kubeadm.checks import conclude, in_phase
from kubesim_tui.cluster.kubeadm.discovery import Discover, token, validate
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.join_plane import DONE as PLANE_DONE
from kubesim_tui.cluster.kubeadm.join_plane import (
    CheckEtcd,
    JoinEtcd,
    Mark,
    MayHost,
    PrepareControlPlane,
    WaitForComponents,
)
from kubesim_tui.cluster.kubeadm.pulling import PullImages
from kubesim_tui.cluster.kubeadm.running import PATCHED, ReadConfiguration, Run, Say, Step
from kubesim_tui.controllers.certificates import KUBELET_CLIENT
from kubesim_tui.kubelet import flags

PATIENCE = 300
AUTHORITY = "/etc/kubernetes/pki/ca.crt"
PROXY = "kube-proxy"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
DONE = (
    "",
    "This node has joined the cluster:",
    "* Certificate signing request was sent to apiserver and a response was received.",
    "* The Kubelet was informed of the new secure connection details.",
    "",
    "Run 'kubectl get nodes' on the control-plane to see this node join the cluster.",
    "",
)
HELP = (
    "",
    "Unfortunately, an error has occurred, likely caused by:",
    "\t- The kubelet is not running",
    "\t- The kubelet is unhealthy due to a misconfiguration of the node in some way (required cgroups disabled)",
    "",
    "If you are on a systemd-powered system, you can try to troubleshoot the error with the following commands:",
    "\t- 'systemctl status kubelet'",
    "\t- 'journalctl -xeu kubelet'",
    "",
)


def steps(call: Call) -> list[Step]:
    """Of `kubeadm join SERVER --token … --discovery-token-ca-cert-hash …`."""
    validate(call)
    plane = "control-plane" in call.flags
    if plane and "certificate-key" in call.flags:
        copycerts.check_key(call.flags["certificate-key"])
    first: list[Step] = [
        Say(("[preflight] Running pre-flight checks",)),
        Preflight(),
        Discover(),
        ReadConfiguration("preflight", in_phase("preflight", "unable to fetch the kubeadm-config ConfigMap")),
    ]
    if not plane:
        return [*first, StartKubelet(), Bootstrap(), Say(DONE)]
    return [
        *first,
        MayHost(),
        PullImages("[preflight]"),
        PrepareControlPlane(),
        CheckEtcd(),
        StartKubelet(),
        JoinEtcd(),
        Bootstrap(),
        Mark(),
        WaitForComponents(),
        Say(PLANE_DONE),
    ]


@define(eq=False)
class Preflight:
    """The machine is not in a cluster already."""

    def go(self, run: Run) -> bool:
        """Look for what an earlier join has left."""
        conclude(run, list(_wrong(run.call)), "preflight")
        return True


def _wrong(call: Call) -> Iterator[tuple[str, str]]:
    yield from call.taken(flags.KUBECONFIG)
    if call.machine.runs(flags.KUBELET):
        yield "Port-10250", "Port 10250 is in use"
    if "control-plane" not in call.flags:
        yield from call.taken(AUTHORITY)


@define(eq=False)
class StartKubelet:
    """What the kubelet needs is written, if no node of that name is Ready."""

    def go(self, run: Run) -> bool:
        """Write it."""
        name = run.place
        try:
            node: Node | None = _bootstrapper(run.call).get(Node, "", name)
        except StatusError as refused:
            if refused.code != 404:
                raise Failure(in_phase("kubelet-start", f'cannot get Node "{name}": {refused}')) from refused
            node = None
        except ApiError as wrong:
            said = run.call.told(wrong, f"/api/v1/nodes/{name}?timeout=10s")
            raise Failure(in_phase("kubelet-start", f'cannot get Node "{name}": {said}')) from wrong
        conditions = node.status.conditions if node is not None and node.status is not None else ()
        if any(c.type == "Ready" and c.status == "True" for c in conditions):
            said = (
                f'a Node with name "{name}" and status "Ready" already exists in the cluster. You must delete the '
                "existing Node or change the name of this new joining Node"
            )
            raise Failure(in_phase("kubelet-start", said))
        run.call.machine.files[AUTHORITY] = "\n"
        run.call.machine.files[flags.CONFIG] = flags.CONFIG_TEXT
        run.say(
            '[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/instance-config.yaml"',
            PATCHED,
            f'[kubelet-start] Writing kubelet configuration to file "{flags.CONFIG}"',
            f'[kubelet-start] Writing kubelet environment file with flags to file "{flags.FILE}"',
            "[kubelet-start] Starting the kubelet",
        )
        return True


@define(eq=False)
class Bootstrap:
    """The kubelet's certificate is asked for with the token, and waited for."""

    request: str = ""
    since: int = -1

    def go(self, run: Run) -> bool:
        """Ask, or see whether it has come."""
        if self.since < 0:
            self.since = run.now
            run.say(
                "[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to "
                "4m0s",
                "[kubelet-check] The kubelet is healthy after 1.000s",
                "[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap",
            )
        if self._signed(run):
            start(run)
            return True
        if run.now < self.since + PATIENCE:
            return False
        run.say(*HELP)
        raise Failure(
            in_phase("kubelet-wait-bootstrap", "failed while waiting for TLS bootstrap: context deadline exceeded")
        )

    def _signed(self, run: Run) -> bool:
        requests = for_plural("certificatesigningrequests")
        try:
            client = _bootstrapper(run.call)
            if not self.request:
                draws = run.call.cluster.chance.stream("kubelet/certificates")
                self.request = "node-csr-" + "".join(draws.choice(LETTERS) for _ in range(43))
                asked = _request(self.request, run.place)
                client.send(Request(client.user, "create", requests, name=self.request, body=asked))
            found = client.send(Request(client.user, "get", requests, name=self.request))
        except ApiError:
            return False  # the kubelet tries again
        return bool((found.rest.get("status") or {}).get("certificate"))


def start(run: Run) -> None:
    """The kubelet begins, with its new certificate; kube-proxy follows, as its DaemonSet's Pod would."""
    machine, cluster = run.call.machine, run.call.cluster
    machine.files[flags.KUBECONFIG] = flags.KUBECONFIG_TEXT
    cluster.trust.issue(flags.KUBELET, machine.name)
    for process in (flags.KUBELET, PROXY):
        machine.start_process(process)
    cluster.look()


def _bootstrapper(call: Call) -> Client:
    """Who a machine is that shows a token. StatusError, if it is nobody by that."""
    server = call.cluster.server
    user = by_token(server.etcd, token(call.flags))
    if user is None:
        raise StatusError(401, "Unauthorized", "Unauthorized")
    return Client(server, user, call.cluster.plane.balanced(call.machine.name))


def _request(name: str, node: str) -> dict[str, object]:
    return {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": name},
        "spec": {
            "request": b64encode(make(f"system:node:{node}", "system:nodes")).decode(),
            "signerName": KUBELET_CLIENT,
            "usages": ["digital signature", "client auth"],
        },
    }

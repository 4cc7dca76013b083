"""kubeadm join, first half: whether this is the cluster that was meant, and whether it lets this machine in.

As discovery/token/token.go: cluster-info must bear a signature made with the token, and its authority the pinned hash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import define

from kubesim_tui.api.types import ConfigMap
from kubesim_tui.apiserver.authentication import ANONYMOUS
from kubesim_tui.apiserver.bootstraptoken import TOKEN
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.kubeadm import authority
from kubesim_tui.cluster.kubeadm.base import Call
from kubesim_tui.cluster.kubeadm.checks import in_phase
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.running import Run
from kubesim_tui.controllers.bootstrap import KUBECONFIG, SIGNATURE, sign

PATIENCE = 300
PATH = f"/api/v1/namespaces/{authority.NAMESPACE}/configmaps/{authority.NAME}?timeout=10s"
IDENTITY = "couldn't validate the identity of the API Server"
UNSAFE = (
    "using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your "
    "kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue"
)


def token(flags: Mapping[str, str]) -> str:
    """The token of the command line."""
    return flags.get("token") or flags.get("discovery-token") or flags.get("tls-bootstrap-token") or ""


def validate(call: Call) -> None:
    """Failure if the command line does not say by whom and how to be let in."""
    given, errors = token(call.flags), list[str]()
    if not call.words and not given:
        raise Failure('discovery: Invalid value: "": bootstrapToken or file must be set')
    if not call.words:
        errors.append("discovery.bootstrapToken: Required value: APIServerEndpoint is not set")
    if "discovery-token-ca-cert-hash" not in call.flags and (
        "discovery-token-unsafe-skip-ca-verification" not in call.flags
    ):
        errors.append(f'discovery.bootstrapToken.caCertHashes: Invalid value: "": {UNSAFE}')
    if TOKEN.fullmatch(given) is None:
        errors.append(f'discovery.bootstrapToken.token: Invalid value: "{given}": the bootstrap token is invalid')
        errors.append(f'discovery.tlsBootstrapToken: Invalid value: "{given}": the bootstrap token is invalid')
    if errors:
        raise Failure(errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")


@define(eq=False)
class Discover:
    """See the module. cluster-info is asked for again for five minutes."""

    since: int = -1

    def go(self, run: Run) -> bool:
        """Ask; believe what bears the right signature."""
        self.since = run.now if self.since < 0 else self.since
        match = TOKEN.fullmatch(token(run.call.flags))
        assert match is not None  # it was validated
        name, secret = match.groups()
        data, said = _cluster_info(run.call)
        signature = data.get(SIGNATURE + name, "")
        if not said and not signature:
            said = f'could not find a JWS signature in the cluster-info ConfigMap for token ID "{name}"'
        if said:
            if run.now < self.since + PATIENCE:
                return False
            raise Failure(in_phase("preflight", f"{IDENTITY}: {said}"))
        if signature != sign(data.get(KUBECONFIG, ""), name, secret):
            said = "failed to verify JWS signature of received cluster info object, can't trust this API Server"
            raise Failure(in_phase("preflight", f"{IDENTITY}: {said}"))
        self._pinned(run)
        return True

    def _pinned(self, run: Run) -> None:
        wanted, own = run.call.flags.get("discovery-token-ca-cert-hash"), authority.pin(run.call.epoch)
        if wanted is None:
            return
        kind, _, digits = wanted.partition(":")
        if kind.lower() != "sha256" or re.fullmatch(r"[0-9a-fA-F]{64}", digits) is None:
            broken = f'invalid hash "{wanted}", expected a 32 byte SHA-256 hash'
            said = broken if kind.lower() == "sha256" else f'unknown hash format "{kind}"'
            raise Failure(in_phase("preflight", f"{IDENTITY}: invalid discovery token CA certificate hash: {said}"))
        if wanted.lower() != own:
            said = (
                f'cluster CA found in {authority.NAME} ConfigMap is invalid: none of the public keys "{own}" are pinned'
            )
            raise Failure(in_phase("preflight", f"{IDENTITY}: {said}"))


def _cluster_info(call: Call) -> tuple[Mapping[str, str], str]:
    """What cluster-info holds, and why it is not known."""
    server = call.words[0]
    request = f'failed to request the cluster-info ConfigMap: Get "https://{server}{PATH}": '
    if server not in authority.endpoints(call.cluster.plane):
        return {}, f"{request}dial tcp {server}: connect: no route to host"
    client = Client(call.cluster.server, ANONYMOUS, call.cluster.plane.balanced(call.machine.name))
    try:
        return client.get(ConfigMap, authority.NAMESPACE, authority.NAME).data or {}, ""
    except ApiError as wrong:
        return {}, f"failed to request the cluster-info ConfigMap: {call.told(wrong, PATH)}"

"""What machines know a cluster by: its certificate authority, cluster-info, and the names of its API servers.

The authority is a stand-in for a certificate: a text that follows from when the cluster was made.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.cluster.plane import BALANCER, ControlPlane

PORT = 6443
NAME, NAMESPACE = "cluster-info", "kube-public"


def certificate(epoch: int) -> bytes:
    """The cluster's."""
    return f"ca {epoch}".encode()


def pin(epoch: int) -> str:
    """As --discovery-token-ca-cert-hash names it."""
    return f"sha256:{sha256(certificate(epoch)).hexdigest()}"


def endpoint(names: tuple[str, ...], addresses: Mapping[str, str]) -> str:
    """Where people and machines find the API servers: the balancer before several, or the only one."""
    return f"{BALANCER if len(names) > 1 else addresses[names[0]]}:{PORT}"


def endpoints(plane: ControlPlane) -> Iterator[str]:
    """All by which one is found."""
    yield endpoint(plane.names, plane.addresses)
    yield from (f"{plane.addresses[name]}:{PORT}" for name in plane.names)


def cluster_info(server: str, epoch: int) -> dict[str, Any]:
    """The ConfigMap that anybody may read who wants to join."""
    cluster = {
        "certificate-authority-data": b64encode(certificate(epoch)).decode(),
        "server": f"https://{server}",
    }
    content = {
        "apiVersion": "v1",
        "clusters": [{"cluster": cluster, "name": ""}],
        "contexts": None,
        "current-context": "",
        "kind": "Config",
        "users": None,
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "data": {"kubeconfig": manifest.dump(content)},
    }

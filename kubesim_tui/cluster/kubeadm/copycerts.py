"""The certificates that machines of a control plane share: put into a Secret for two hours, under a key that is told.

As phases/copycerts: the Secret belongs to a bootstrap token that lets nobody in; when that is over, it is collected.
What is stored are stand-ins, which only the right key turns back.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from hashlib import sha256

from kubesim_tui.api.types import Secret
from kubesim_tui.apiserver.bootstraptoken import DEFAULT_GROUP, NAMESPACE, PREFIX
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.cluster.kubeadm import token
from kubesim_tui.cluster.kubeadm.base import Call
from kubesim_tui.cluster.kubeadm.failure import Failure

NAME, ROLE = "kubeadm-certs", "kubeadm:kubeadm-certs"
HOURS = "2h0m0s"
ABOUT = "Proxy for managing TTL for the kubeadm-certs secret"
SHARED = (
    "ca.crt",
    "ca.key",
    "etcd-ca.crt",
    "etcd-ca.key",
    "front-proxy-ca.crt",
    "front-proxy-ca.key",
    "sa.key",
    "sa.pub",
)
KEY = re.compile(r"[0-9a-f]{64}")
DIGITS = "0123456789abcdef"
RBAC = "rbac.authorization.k8s.io"


def upload(call: Call) -> list[str]:
    """`kubeadm init phase upload-certs --upload-certs`."""
    if "upload-certs" not in call.flags:
        return ["[upload-certs] Skipping phase. Please see --upload-certs"]
    draws = call.cluster.chance.stream("kubeadm/certificate-key")
    key = call.flags.get("certificate-key") or "".join(draws.choice(DIGITS) for _ in range(64))
    check_key(key)
    try:
        owner = _token(call)
        call.put(_secret(key, owner))
        for data in _roles():
            call.put(data)
    except ApiError as wrong:
        said = call.told(wrong, f"/api/v1/namespaces/{NAMESPACE}/secrets")
        raise Failure(f"error execution phase upload-certs: error uploading certs: {said}") from wrong
    return [
        f'[upload-certs] Storing the certificates in Secret "{NAME}" in the "{NAMESPACE}" Namespace',
        "[upload-certs] Using certificate key:",
        key,
    ]


def check_key(key: str) -> None:
    """Failure if it cannot be one."""
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})*", key) is None:
        raise Failure(f'certificateKey: Invalid value: "{key}": encoding/hex: invalid byte')
    if len(key) != 64:
        said = f"invalid certificate key size {len(key) // 2}, the key must be an AES key of size 32"
        raise Failure(f'certificateKey: Invalid value: "{key}": {said}')


def download(client: Client, key: str) -> str:
    """Why the shared certificates cannot be had with a key; "" if they can."""
    try:
        found = client.get(Secret, NAMESPACE, NAME)
    except StatusError as refused:
        if refused.code != 404:
            return f"error downloading the secret: {refused}"
        return (
            f'error downloading the secret: Secret "{NAME}" was not found in the "{NAMESPACE}" Namespace. This Secret '
            "might have expired. Please, run `kubeadm init phase upload-certs --upload-certs` on a control plane to "
            "generate a new one"
        )
    except ApiError as wrong:
        return f"error downloading the secret: {wrong}"
    held = {name: b64decode(text) for name, text in (found.data or {}).items()}
    if any(data != _sealed(key, name) for name, data in held.items()):
        return "error decoding secret data with provided key: cipher: message authentication failed"
    missing = next((name for name in SHARED if name not in held), "")
    path = f"/etc/kubernetes/pki/{missing}"
    said = f"the Secret does not include the required certificate or key - name: {missing}, path: {path}"
    return said if missing else ""


def _sealed(key: str, name: str) -> bytes:
    return hmac.new(key.encode(), name.encode(), sha256).digest()


def _token(call: Call) -> Secret:
    """The token by whose end the Secret ends."""
    flags = {"ttl": HOURS, "description": ABOUT, "usages": "", "groups": ""}
    made = token.create(Call(call.cluster, call.machine, (), flags))
    return call.client.get(Secret, NAMESPACE, f"{PREFIX}{made.partition('.')[0]}")


def _secret(key: str, owner: Secret) -> dict[str, object]:
    reference = {
        "apiVersion": "v1",
        "kind": "Secret",
        "name": owner.metadata.name,
        "uid": owner.metadata.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "ownerReferences": [reference]},
        "type": "Opaque",
        "data": {name: b64encode(_sealed(key, name)).decode() for name in SHARED},
    }


def _roles() -> list[dict[str, object]]:
    meta = {"name": ROLE, "namespace": NAMESPACE}
    rule = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [NAME], "verbs": ["get"]}
    bound = {"apiGroup": RBAC, "kind": "Group", "name": DEFAULT_GROUP}
    return [
        {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": meta, "rules": [rule]},
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": meta,
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": ROLE},
            "subjects": [bound],
        },
    ]

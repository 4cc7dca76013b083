"""Bootstrap tokens: a Secret in kube-system each, by which a machine is somebody until it has a certificate.

As plugin/pkg/auth/authenticator/token/bootstrap, and k8s.io/cluster-bootstrap.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime

from kubesim_tui.api.types import Secret
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import User

TYPE, PREFIX, NAMESPACE = "bootstrap.kubernetes.io/token", "bootstrap-token-", "kube-system"
TOKEN = re.compile(r"([a-z0-9]{6})\.([a-z0-9]{16})")
USAGE = "usage-bootstrap-"
SIGNING, AUTHENTICATION = f"{USAGE}signing", f"{USAGE}authentication"
GROUP, USER = "system:bootstrappers", "system:bootstrap:"
DEFAULT_GROUP = f"{GROUP}:kubeadm:default-node-token"
"""That of kubeadm's tokens."""


def read(secret: Secret) -> dict[str, str]:
    """What a token's Secret says."""
    return {key: b64decode(text).decode("utf-8", "replace") for key, text in (secret.data or {}).items()}


def expires(data: Mapping[str, str]) -> int | None:
    """When a token ends (Unix seconds); None: never."""
    try:
        return int(datetime.fromisoformat(data["expiration"]).timestamp()) if data.get("expiration") else None
    except ValueError:
        return 0  # one that cannot be read is over


def user(etcd: Etcd, text: str) -> User | None:
    """Who shows a token; None if there is none such, it is over, or is not meant for that."""
    match = TOKEN.fullmatch(text)
    found = etcd.get("secrets", (NAMESPACE, f"{PREFIX}{match[1]}")) if match is not None else None
    if match is None or not isinstance(found, Secret) or found.type != TYPE:
        return None
    data = read(found)
    ends = expires(data)
    good = data.get("token-secret") == match[2] and data.get(AUTHENTICATION) == "true"
    if not good or (ends is not None and ends <= etcd.clock.now):
        return None
    groups = [group for group in data.get("auth-extra-groups", "").split(",") if group]
    return User(f"{USER}{match[1]}", (GROUP, *groups, "system:authenticated"))

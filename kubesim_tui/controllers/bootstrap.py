"""Bootstrap tokens: who joins must be able to trust cluster-info, and a token ends (pkg/controller/bootstrap).

The signer puts a signature of cluster-info with each token beside it, by which a machine that knows the token knows
the cluster. The cleaner deletes tokens whose time is over. kubeadm switches both on.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import cast

from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.types import ConfigMap, Object, Secret
from kubesim_tui.apiserver.bootstraptoken import NAMESPACE, SIGNING, TYPE, expires, read
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers.base import Controller, Kit, lookup
from kubesim_tui.kernel.engine import Key

PUBLIC = "kube-public"
CLUSTER_INFO, KUBECONFIG, SIGNATURE = "cluster-info", "kubeconfig", "jws-kubeconfig-"


def sign(content: str, token_id: str, token_secret: str) -> str:
    """A detached JWS (HS256): header and signature, nothing between."""
    header = _url(json.dumps({"alg": "HS256", "kid": token_id}, separators=(",", ":")).encode())
    told = f"{header}.{_url(content.encode())}"
    return f"{header}..{_url(hmac.new(token_secret.encode(), told.encode(), hashlib.sha256).digest())}"


def _url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


class _TokenController(Controller):
    """What both have in common: they see the tokens."""

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.secrets = self.watch(kit.shared("secrets"))
        self.secrets.on_change(self._secret_changed)

    def _secret_changed(self, before: Object | None, now: Object | None) -> None:
        secret = now or before
        if isinstance(secret, Secret) and secret.type == TYPE and secret.metadata.namespace == NAMESPACE:
            self.enqueue(self.concerns(secret.metadata.name))

    def concerns(self, name: str) -> str:
        """The key to work on when a token changes."""
        raise NotImplementedError


class BootstrapSigner(_TokenController):
    """Keeps the signatures in cluster-info."""

    account = "bootstrap-signer"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.config_maps = self.watch(kit.shared("configmaps"))
        self.config_maps.on_change(self._config_map_changed)

    def concerns(self, _name: str) -> str:
        """There is one ConfigMap."""
        return CLUSTER_INFO

    def _config_map_changed(self, before: Object | None, now: Object | None) -> None:
        found = now or before
        if found is not None and (found.metadata.name, found.metadata.namespace) == (CLUSTER_INFO, PUBLIC):
            self.enqueue(CLUSTER_INFO)

    def sync(self, _key: Key) -> None:
        """Sign with each token that may sign, and drop signatures of those that are gone."""
        found = lookup(self.config_maps, ConfigMap, PUBLIC, CLUSTER_INFO)
        if found is None:
            return
        data = {key: text for key, text in (found.data or {}).items() if not key.startswith(SIGNATURE)}
        content = data.get(KUBECONFIG, "")
        for secret in self.secrets.table.in_namespace(NAMESPACE):
            token = read(secret) if isinstance(secret, Secret) and secret.type == TYPE else {}
            ends = expires(token)
            if content and token.get(SIGNING) == "true" and (ends is None or ends > self.now):
                name = token.get("token-id", "")
                data[SIGNATURE + name] = sign(content, name, token.get("token-secret", ""))
        if data != dict(found.data or {}):
            self.client.update(found.evolve(data=FrozenMap(data)))


class TokenCleaner(_TokenController):
    """Deletes what is over."""

    account = "token-cleaner"

    def concerns(self, name: str) -> str:
        """Each token by itself."""
        return name

    def sync(self, key: Key) -> None:
        """Now, or when its time has come."""
        name = cast(str, key)
        secret = lookup(self.secrets, Secret, NAMESPACE, name)
        ends = expires(read(secret)) if secret is not None else None
        if secret is None or ends is None:
            return
        if ends > self.now:
            self.enqueue_after(ends - self.now, name)
        else:
            self.client.delete(Secret, NAMESPACE, name, Options(uid=secret.metadata.uid))

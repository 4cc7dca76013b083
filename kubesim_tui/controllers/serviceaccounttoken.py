"""serviceaccount-token-controller: Secrets of type kubernetes.io/service-account-token hold a token, and go with it.

As pkg/controller/serviceaccount/tokens_controller.go. Nobody makes such Secrets by himself since 1.24; whoever makes
one (its annotation names the account) finds token, root certificate and namespace filled in.
"""

from __future__ import annotations

import base64
from typing import cast

from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.types import Object, Secret, ServiceAccount
from kubesim_tui.apiserver import authentication
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers.base import Controller, Kit, key_of, lookup
from kubesim_tui.kernel.engine import Key

TYPE = "kubernetes.io/service-account-token"
ACCOUNT_NAME, ACCOUNT_UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"


def filled(secret: Secret, account: ServiceAccount, root_ca: str) -> Secret:
    """A token Secret with all that belongs into it; the same object if nothing is missing. Pure."""
    meta, uid = secret.metadata, account.metadata.uid
    token = authentication.token(meta.namespace, account.metadata.name, uid)
    given = {"ca.crt": root_ca, "namespace": meta.namespace, "token": token}
    data = FrozenMap({**secret.data, **{k: base64.b64encode(v.encode()).decode() for k, v in given.items()}})
    if data == secret.data and meta.annotations.get(ACCOUNT_UID) == uid:
        return secret
    annotations = FrozenMap({**meta.annotations, ACCOUNT_UID: uid})
    return secret.evolve(data=data, metadata=meta.evolve(annotations=annotations))


class ServiceAccountTokenController(Controller):
    """See the module. It speaks as the manager itself, which may read and write Secrets."""

    account = "system:kube-controller-manager"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.root_ca = kit.extras.root_ca
        self.accounts = self.watch(kit.shared("serviceaccounts"))
        self.secrets = self.watch(kit.shared("secrets"))
        self.accounts.on_change(self._account_changed)
        self.secrets.on_change(self._secret_changed)

    def _secret_changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None and cast(Secret, now).type == TYPE:
            self.enqueue(key_of(now))

    def _account_changed(self, before: Object | None, now: Object | None) -> None:
        """Another account, or none: its Secrets follow."""
        if before is not None and now is not None and before.metadata.uid == now.metadata.uid:
            return
        obj = cast(Object, now or before)
        for secret in self.secrets.table.in_namespace(obj.metadata.namespace):
            meta = secret.metadata
            if cast(Secret, secret).type == TYPE and meta.annotations.get(ACCOUNT_NAME) == obj.metadata.name:
                self.enqueue(key_of(secret))

    def sync(self, key: Key) -> None:
        """Fill one Secret in, or delete it if its account is not there."""
        secret = lookup(self.secrets, Secret, *cast(Name, key))
        if secret is None or secret.metadata.deletion_timestamp is not None or secret.type != TYPE:
            return
        meta = secret.metadata
        account = lookup(self.accounts, ServiceAccount, meta.namespace, meta.annotations.get(ACCOUNT_NAME, ""))
        uid = meta.annotations.get(ACCOUNT_UID, "")
        if account is None or uid not in ("", account.metadata.uid):
            self._delete(secret)
            return
        wanted = filled(secret, account, self.root_ca)
        if wanted is not secret:
            self.client.update(wanted)

    def _delete(self, secret: Secret) -> None:
        meta = secret.metadata
        try:
            self.client.delete(Secret, meta.namespace, meta.name, Options(uid=meta.uid))
        except StatusError as refused:
            if refused.code not in (404, 409):
                raise

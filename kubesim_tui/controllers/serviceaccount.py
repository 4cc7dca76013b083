"""serviceaccount-controller: every namespace has a ServiceAccount `default`, made again when somebody deletes it."""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.types import Namespace, Object, ObjectMeta, ServiceAccount
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.controllers.base import Controller, Kit, lookup
from kubesim_tui.kernel.engine import Key

DEFAULT = "default"


class ServiceAccountController(Controller):
    """See the module."""

    account = "service-account-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.namespaces = self.watch(kit.shared("namespaces"))
        self.accounts = self.watch(kit.shared("serviceaccounts"))
        self.namespaces.on_change(self._namespace_changed)
        self.accounts.on_change(self._account_changed)

    def _namespace_changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None:
            self.enqueue(now.metadata.name)

    def _account_changed(self, before: Object | None, now: Object | None) -> None:
        if now is None and before is not None:
            self.enqueue(before.metadata.namespace)

    def sync(self, key: Key) -> None:
        """Make what is missing, unless the namespace is going."""
        name = cast(str, key)
        namespace = lookup(self.namespaces, Namespace, "", name)
        if namespace is None or namespace.metadata.deletion_timestamp is not None:
            return
        if self.accounts.get(name, DEFAULT) is not None:
            return
        try:
            self.client.create(ServiceAccount(metadata=ObjectMeta(name=DEFAULT, namespace=name)))
        except StatusError as refused:
            if refused.code != 409 and not any(c.reason == "NamespaceTerminating" for c in refused.details.causes):
                raise

"""root-ca-certificate-publisher-controller: every namespace has a ConfigMap with the cluster's root certificate.

Pods mount it beside their token, to know the API server by it.
"""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.types import ConfigMap, Namespace, Object, ObjectMeta
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.controllers.base import Controller, Kit, lookup
from kubesim_tui.kernel.engine import Key

NAME = "kube-root-ca.crt"
DESCRIPTION = FrozenMap(
    {
        "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using "
        "internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed "
        "across distributions of Kubernetes clusters."
    }
)


class RootCACertPublisher(Controller):
    """See the module."""

    account = "root-ca-cert-publisher"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.data = FrozenMap({"ca.crt": kit.extras.root_ca})
        self.namespaces = self.watch(kit.shared("namespaces"))
        self.config_maps = self.watch(kit.shared("configmaps"))
        self.namespaces.on_change(self._namespace_changed)
        self.config_maps.on_change(self._config_map_changed)

    def _namespace_changed(self, before: Object | None, now: Object | None) -> None:
        if now is not None and before is None:
            self.enqueue(now.metadata.name)

    def _config_map_changed(self, before: Object | None, now: Object | None) -> None:
        obj = now or before
        if obj is not None and obj.metadata.name == NAME:
            self.enqueue(obj.metadata.namespace)

    def sync(self, key: Key) -> None:
        """Make it, or put its data right."""
        name = cast(str, key)
        namespace = lookup(self.namespaces, Namespace, "", name)
        if namespace is None or namespace.metadata.deletion_timestamp is not None:
            return
        found = lookup(self.config_maps, ConfigMap, name, NAME)
        if found is None:
            self._create(name)
        elif found.data != self.data:
            self.client.update(found.evolve(data=self.data))

    def _create(self, namespace: str) -> None:
        meta = ObjectMeta(name=NAME, namespace=namespace, annotations=DESCRIPTION)
        try:
            self.client.create(ConfigMap(metadata=meta, data=self.data))
        except StatusError as refused:
            if refused.code != 409 and not any(c.reason == "NamespaceTerminating" for c in refused.details.causes):
                raise

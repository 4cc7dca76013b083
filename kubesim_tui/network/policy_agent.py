"""The network plugin's agent: it keeps the table of NetworkPolicies that the machines enforce.

It hears of policies a tick late, as kube-proxy does of Services. All machines share one table (FIDELITY.md); `version`
grows whenever a connection may be judged otherwise: with the policies themselves, and while there are any with the
labels of Pods and namespaces.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Always
from kubesim_tui.network.policy import Policies, Policy, read


class PolicyAgent(Component):
    """See the module."""

    phase = "network"

    def __init__(
        self, engine: Engine, client: Client, policies: Informer, pods: Informer, namespaces: Informer
    ) -> None:
        super().__init__("network-plugin/policies", engine, client, Always())
        self.table, self.version = Policies(), 0
        self._policies = self.watch(policies)
        policies.on_change(self._policy_changed)
        for informer in (self.watch(pods), self.watch(namespaces)):
            informer.on_change(self._labels_changed)

    def _policy_changed(self, before: Object | None, now: Object | None) -> None:
        obj = now or before
        assert obj is not None
        self.enqueue(obj.metadata.namespace)

    def _labels_changed(self, before: Object | None, now: Object | None) -> None:
        if self.table and before is not None and now is not None and before.metadata is not now.metadata:
            self.version += before.metadata.labels != now.metadata.labels

    def sync(self, key: Key) -> None:
        """Read the policies of one namespace anew."""
        assert isinstance(key, str)
        found = sorted(self._policies.table.in_namespace(key), key=_name)
        known = {**self.table.by_namespace, key: tuple(map(_read, found))}
        self.table = Policies({namespace: made for namespace, made in sorted(known.items()) if made})
        self.version += 1


def _name(obj: Object) -> str:
    return obj.metadata.name


def _read(obj: Object) -> Policy:
    assert isinstance(obj, Unstructured)
    spec: Any = obj.rest.get("spec") or {}
    return read(obj.metadata.namespace, obj.metadata.name, spec)

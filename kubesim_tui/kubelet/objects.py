"""What a kubelet knows of the API: its own Pods, and the ConfigMaps, Secrets and Services that they refer to.

All of it comes from informers, so that a cut link leaves the kubelet with what it knew last. While connected these
share etcd's own tables, and 500 kubelets cost no memory.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field

from kubesim_tui.api import scheme
from kubesim_tui.api.types import ConfigMap, Object, Secret, Service
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.kubelet.service_env import from_services

Name = tuple[str, str]


@define(eq=False)
class Informers:
    """The watches of one kubelet."""

    pods: Informer
    config_maps: Informer
    secrets: Informer
    services: Informer

    @classmethod
    def of(cls, etcd: Etcd, engine: Engine, node: str) -> Informers:
        """Watches without lag; of Pods those of one node."""
        pods, *others = (scheme.for_plural(p).group_resource for p in ("pods", "configmaps", "secrets", "services"))
        return cls(Informer(etcd, engine, pods, node=node), *(Informer(etcd, engine, other) for other in others))

    def all(self) -> tuple[Informer, ...]:
        """All of them, Pods last: when those are heard of, the others are known."""
        return (self.config_maps, self.secrets, self.services, self.pods)


@define(eq=False)
class Objects:
    """Look-ups in the caches; `readers` says which Pods show which ConfigMap or Secret in a volume."""

    informers: Informers
    readers: dict[tuple[str, str, str], dict[Name, None]] = field(factory=dict)  # (kind, namespace, name) → Pods
    _service_env: dict[tuple[str, bool], Mapping[str, str]] = field(factory=dict)

    def config_map(self, namespace: str, name: str) -> ConfigMap | None:
        """A ConfigMap, None if there is none."""
        found = self.informers.config_maps.get(namespace, name)
        return found if isinstance(found, ConfigMap) else None

    def secret(self, namespace: str, name: str) -> Secret | None:
        """A Secret, None if there is none."""
        found = self.informers.secrets.get(namespace, name)
        return found if isinstance(found, Secret) else None

    def service_env(self, namespace: str, links: bool) -> Mapping[str, str]:
        """The variables of the Services of a namespace; without links only those of the API server's."""
        known = self._service_env.get((namespace, links))
        if known is None:
            known = self._service_env[namespace, links] = from_services(self._services(namespace, links))
        return known

    def _services(self, namespace: str, links: bool) -> list[Service]:
        found: dict[str, Service] = {}
        master = self.informers.services.get("default", "kubernetes")
        if isinstance(master, Service):
            found["kubernetes"] = master
        if links:
            for obj in self.informers.services.table.in_namespace(namespace):
                if isinstance(obj, Service):
                    found[obj.metadata.name] = obj
        return list(found.values())

    def services(self, namespace: str) -> tuple[Service, ...]:
        """The Services of a namespace, by name."""
        found = [s for s in self.informers.services.table.in_namespace(namespace) if isinstance(s, Service)]
        return tuple(sorted(found, key=lambda s: s.metadata.name))

    def service_changed(self, _before: Object | None, _now: Object | None) -> None:
        """Containers that start from now on see other variables."""
        self._service_env.clear()

    def reads(self, pod: Name, kind: str, name: str) -> None:
        """A Pod shows an object in a volume."""
        self.readers.setdefault((kind, pod[0], name), {})[pod] = None

    def reads_no_more(self, pod: Name, kind: str, name: str) -> None:
        """Its volume is gone."""
        readers = self.readers.get((kind, pod[0], name))
        if readers is not None:
            readers.pop(pod, None)
            if not readers:
                del self.readers[kind, pod[0], name]

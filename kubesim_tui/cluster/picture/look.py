"""One look at a cluster: objects by kind, Pods with what is known of them, who belongs to whom.

It looks *beside* the API server, as a spectator does, so that the board survives a dead door.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode
from kubesim_tui.api.helpers.nodes import is_ready
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.cluster.picture.pods import pod_view
from kubesim_tui.cluster.view import PodView, Ref

ABOVE = {"ReplicaSet": "replicasets.apps", "Job": "jobs.batch"}
"""Kinds whose owner is what people mean: a Deployment, a CronJob."""

Name = tuple[str, str]


WORKLOADS: Mapping[str, str] = {
    "Deployment": "deployments.apps",
    "StatefulSet": "statefulsets.apps",
    "DaemonSet": "daemonsets.apps",
    "ReplicaSet": "replicasets.apps",
    "ReplicationController": "replicationcontrollers",
    "Job": "jobs.batch",
    "CronJob": "cronjobs.batch",
}
"""Kind → resource, in the order of the board."""


class Usage(Protocol):
    """What Pods and nodes use."""

    def pod(self, namespace: str, name: str) -> tuple[int, int]:
        """(millicores, bytes) of a Pod in the last tick."""
        ...

    def node(self, name: str) -> tuple[int, int]:
        """(millicores, bytes) of a node."""
        ...


def ref(obj: types.Object) -> Ref:
    """What names an object."""
    return Ref(obj.kind, obj.metadata.namespace, obj.metadata.name)


def template_of(obj: types.Object | None) -> types.PodSpec:
    """What a workload's Pods are made of, or a Pod itself; an empty spec if it says nothing of Pods."""
    spec = getattr(obj, "spec", None)
    if isinstance(spec, types.PodSpec):
        return spec
    if isinstance(obj, types.Unstructured):
        spec = obj.rest.get("spec") or {}
        spec = (spec.get("jobTemplate") or {}).get("spec") or spec
        return decode(types.PodSpec, (spec.get("template") or {}).get("spec") or {})
    template = getattr(spec, "template", None)
    return (template.spec if template else None) or types.PodSpec()


class Look:
    """See the module. `pods`: every Pod, by namespace and name."""

    def __init__(self, etcd: Etcd, usage: Usage, now: int) -> None:
        self.etcd, self.usage, self.now = etcd, usage, now
        nodes = [n for n in self.all("nodes") if isinstance(n, types.Node)]
        self._lost = dict.fromkeys(n.metadata.name for n in nodes if not is_ready(n))
        self._owners: dict[str, Ref] = {}
        self._labelled: dict[tuple[str, str, str], list[Name]] = {}
        self.objects: dict[Name, types.Pod] = {}
        self.pods: dict[Name, PodView] = {}
        for obj in self.all("pods"):
            if isinstance(obj, types.Pod):
                self._add(obj)

    def all(self, resource: str) -> list[types.Object]:
        """Every object of a resource, by namespace and name."""
        found = self.etcd.table(resource).objects
        return [found[key] for key in sorted(found)]

    def _add(self, pod: types.Pod) -> None:
        meta = pod.metadata
        key = (meta.namespace, meta.name)
        lost = pod.spec is not None and pod.spec.node_name in self._lost
        self.objects[key] = pod
        self.pods[key] = pod_view(pod, ref(pod), self._owner(pod), self.usage.pod(*key), self.now, lost=lost)
        for label, value in meta.labels.items():
            self._labelled.setdefault((meta.namespace, label, value), []).append(key)

    def _owner(self, pod: types.Pod) -> Ref | None:
        """The workload that a Pod belongs to: its Deployment rather than its ReplicaSet."""
        owner = controller_of(pod)
        if owner is None:
            return None
        known = self._owners.get(owner.uid)
        if known is None:
            namespace = pod.metadata.namespace
            above = self.etcd.get(ABOVE[owner.kind], (namespace, owner.name)) if owner.kind in ABOVE else None
            top = controller_of(above) if above is not None else None
            known = Ref(top.kind, namespace, top.name) if top is not None else Ref(owner.kind, namespace, owner.name)
            self._owners[owner.uid] = known
        return known

    def workload(self, name: Ref) -> types.Object | None:
        """A workload (or a Pod that nobody owns) by its name."""
        if name.kind == "Pod":
            return self.objects.get((name.namespace, name.name))
        return self.etcd.get(WORKLOADS[name.kind], (name.namespace, name.name)) if name.kind in WORKLOADS else None

    def selected(self, namespace: str, selector: Mapping[str, str]) -> tuple[PodView, ...]:
        """The Pods that a Service selects, by name; none if it selects by nothing."""
        if not selector:
            return ()
        groups = [self._labelled.get((namespace, label, value), []) for label, value in selector.items()]
        keys = min(groups, key=len)
        wanted = selector.items()
        return tuple(self.pods[key] for key in keys if wanted <= self.objects[key].metadata.labels.items())

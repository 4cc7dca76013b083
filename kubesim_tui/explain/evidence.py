"""What an explanation may look at: the objects in etcd, their Events, and the containers and machines themselves.

It never sees the list of planned faults: causes must follow from what is so.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Reversible
from typing import Protocol

from kubesim_tui.api import types
from kubesim_tui.api.helpers.nodes import is_ready
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.helpers.selector import matches_set
from kubesim_tui.apiserver.etcd import DELETED, Etcd
from kubesim_tui.apiserver.request import Record
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.world import World

WORKLOADS = {
    "Deployment": "deployments.apps",
    "ReplicaSet": "replicasets.apps",
    "StatefulSet": "statefulsets.apps",
    "DaemonSet": "daemonsets.apps",
    "ReplicationController": "replicationcontrollers",
}
OF_SERVICE = "kubernetes.io/service-name"


class Remembers(Protocol):
    """What earlier looks have found (explain.memory)."""

    def lately(
        self, evidence: Evidence, about: Subject, since: int, but: Container[str] = ()
    ) -> tuple[Link, Chain] | None:
        """What was so of a workload since a tick, but for some causes: that it was, and the chain behind; else None."""
        ...


class Evidence:
    """One look; made anew for each question."""

    def __init__(
        self, etcd: Etcd, world: World, requests: Reversible[Record] = (), memory: Remembers | None = None
    ) -> None:
        """`requests`: the trace of the API server, oldest first: who asked for what. `memory`: of earlier looks."""
        self.etcd, self.world, self.requests, self.memory = etcd, world, requests, memory

    @property
    def tick(self) -> int:
        """Now."""
        return self.etcd.clock.tick

    def pod(self, namespace: str, name: str) -> types.Pod | None:
        """A Pod, if it is there."""
        found = self.etcd.get("pods", (namespace, name))
        return found if isinstance(found, types.Pod) else None

    def service(self, namespace: str, name: str) -> types.Service | None:
        """A Service, if it is there."""
        found = self.etcd.get("services", (namespace, name))
        return found if isinstance(found, types.Service) else None

    def node_ready(self, name: str) -> bool | None:
        """Whether the cluster holds a node for ready; None if it has none of that name."""
        node = self.etcd.get("nodes", ("", name))
        if not isinstance(node, types.Node):
            return None
        return is_ready(node)

    def lost_nodes(self) -> list[str]:
        """Names of the nodes that are not ready."""
        return sorted(n.metadata.name for n in self.etcd.table("nodes") if not self.node_ready(n.metadata.name))

    def workload(self, obj: types.Object) -> types.Object:
        """The topmost owner of a Pod: its Deployment rather than its ReplicaSet; itself if nobody owns it."""
        owner = controller_of(obj)
        while owner is not None and owner.kind in WORKLOADS:
            above = self.etcd.get(WORKLOADS[owner.kind], (obj.metadata.namespace, owner.name))
            if above is None:
                break
            obj, owner = above, controller_of(above)
        return obj

    def workload_of(self, about: Subject | None) -> Subject | None:
        """The workload of a Pod that is named, found by its name where it is gone; whatever is no Pod stays."""
        if about is None or about[0] != "Pod":
            return about
        pod = self.pod(about[1], about[2])
        if pod is not None:
            return subject(self.workload(pod))
        gone = [o for o in self.tops(about[1]) if about[2].startswith(o.metadata.name + "-")]
        return subject(max(gone, key=_name_length)) if gone else about

    def behind(self, about: Subject | None) -> Subject | None:
        """The first workload behind a Service; None for whatever else is named."""
        service = self.service(about[1], about[2]) if about is not None and about[0] == "Service" else None
        makers = self.makers(service) if service is not None else []
        return subject(makers[0]) if makers else None

    def tops(self, namespace: str) -> list[types.Object]:
        """The workloads of a namespace that nobody owns."""
        tables = (self.etcd.table(resource).in_namespace(namespace) for resource in WORKLOADS.values())
        return [obj for table in tables for obj in table if controller_of(obj) is None]

    def selected(self, service: types.Service) -> list[types.Pod]:
        """The Pods that a Service selects, by name."""
        selector = service.spec.selector if service.spec else {}
        if not selector:
            return []
        found = self.etcd.table("pods").in_namespace(service.metadata.namespace)
        pods = [p for p in found if isinstance(p, types.Pod) and matches_set(selector, p.metadata.labels)]
        return sorted(pods, key=lambda p: p.metadata.name)

    def endpoints(self, service: types.Service) -> Iterator[tuple[str, int]]:
        """Address and port of all that is written down to stand behind a Service."""
        for piece in self.etcd.table("endpointslices.discovery.k8s.io").in_namespace(service.metadata.namespace):
            if (
                isinstance(piece, types.EndpointSlice)
                and piece.metadata.labels.get(OF_SERVICE) == service.metadata.name
            ):
                for port in piece.ports:
                    yield from ((a, port.port) for e in piece.endpoints for a in e.addresses if port.port is not None)

    def makers(self, service: types.Service) -> list[types.Object]:
        """The workloads whose template a Service's selector matches."""
        selector = service.spec.selector if service.spec else {}
        if not selector:
            return []
        tops = self.tops(service.metadata.namespace)
        return [obj for obj in tops if matches_set(selector, template_labels(obj))]

    def former_maker(self, service: types.Service) -> types.Object | None:
        """The workload whose template a Service's selector matched, deleted a while ago; None if etcd knows of none."""
        selector = service.spec.selector if service.spec else {}
        if not selector:
            return None
        for change in reversed(self.etcd.journal):
            made_pods = change.resource in WORKLOADS.values() and controller_of(change.object) is None
            if change.type != DELETED or not made_pods or change.key[0] != service.metadata.namespace:
                continue
            if matches_set(selector, template_labels(change.object)):
                return change.object
        return None

    def deletion(self, resource: str, namespace: str, name: str) -> Record | None:
        """The latest request that deleted an object; None if none is known."""
        return next((r for r in self._deletions(resource, namespace) if r.name == name), None)

    def deletion_of_copy(self, owner: types.Object) -> Record | None:
        """The latest request that deleted a Pod of a workload; None if none is known."""
        about, mine = subject(owner), f"{owner.metadata.name}-"
        for record in self._deletions("pods", owner.metadata.namespace):
            if record.name.startswith(mine) and self.workload_of(("Pod", record.namespace, record.name)) == about:
                return record
        return None

    def _deletions(self, resource: str, namespace: str) -> Iterator[Record]:
        """Requests that deleted something, the latest first. A kubelet only finishes what somebody else has begun."""
        for record in reversed(self.requests):
            gone = record.verb == "delete" or record.subresource == "eviction"
            asked = gone and record.code < 300 and not record.user.startswith("system:node:")
            if asked and (record.resource, record.namespace) == (resource, namespace):
                yield record

    def refusal(self, *controllers: str) -> Record | None:
        """The latest request of one of these controllers for which it had no right; None if none is known."""
        users = [f"system:serviceaccount:kube-system:{controller}" for controller in controllers]
        refused = (r for r in reversed(self.requests) if r.code == 403 and r.decided == "authorization")
        return next((r for r in refused if r.user in users), None)

    def event_of_copy(self, owner: types.Object, reason: str) -> types.Event | None:
        """The latest Event with a reason about any Pod of a workload, one that is gone among them."""
        about = subject(owner)
        found = [
            event
            for event in self.etcd.table("events").in_namespace(owner.metadata.namespace)
            if isinstance(event, types.Event) and event.reason == reason and event.involved_object is not None
        ]
        mine = [e for e in found if self.workload_of(_regarding(e)) == about]
        return max(mine, key=_last_seen, default=None)

    def owned(self, obj: types.Object) -> Iterable[types.Object]:
        """A workload and the ReplicaSets that it has made."""
        yield obj
        if obj.kind == "Deployment":
            yield from self.etcd.table("replicasets.apps").owned_by(obj.metadata.uid)

    def event(self, about: Subject, *reasons: str, but: str = "\0") -> types.Event | None:
        """The latest Event with one of these reasons about an object; none whose message begins with `but`."""
        best: types.Event | None = None
        for obj in self.etcd.table("events"):
            if not isinstance(obj, types.Event) or obj.reason not in reasons or obj.involved_object is None:
                continue
            ref = obj.involved_object
            if (obj.message or "").startswith(but):
                continue
            if (ref.kind, ref.name) == (about[0], about[2]) and (not about[1] or ref.namespace == about[1]):
                best = obj if best is None or (obj.last_timestamp or 0) >= (best.last_timestamp or 0) else best
        return best

    def events(self, about: Subject, *reasons: str) -> list[types.Event]:
        """The Events with one of these reasons about an object, the latest first."""
        found = [
            event
            for event in self.etcd.table("events").in_namespace(about[1] or "default")
            if isinstance(event, types.Event) and event.reason in reasons and _regarding(event) == about
        ]
        return sorted(found, key=_last_seen, reverse=True)

    def tick_of(self, seconds: int | None) -> int | None:
        """The tick of a time in an object."""
        return None if seconds is None else self.etcd.clock.tick_of(seconds)

    def leaving(self, namespace: str) -> bool:
        """Whether a namespace is being deleted, or is gone."""
        found = self.etcd.get("namespaces", ("", namespace))
        return found is None or found.metadata.deletion_timestamp is not None

    def stopped(self, process: str) -> bool:
        """Whether a process of the control plane does not do its work, on whatever machine."""
        return not self.world.acts(process)

    def component(self, process: str) -> Subject:
        """A process of the control plane, by the Pod as which it shows: of several the one that works, or did last."""
        return "Pod", "kube-system", f"{process}-{self.world.keeper(process)}"


def _regarding(event: types.Event) -> Subject | None:
    ref = event.involved_object
    return (ref.kind, ref.namespace, ref.name) if ref is not None else None


def _last_seen(event: types.Event) -> int:
    return event.last_timestamp or 0


def _name_length(obj: types.Object) -> int:
    return len(obj.metadata.name)


def template_labels(obj: types.Object) -> Mapping[str, str]:
    """The labels that a workload gives its Pods."""
    if isinstance(obj, types.Unstructured):
        template = (obj.rest.get("spec") or {}).get("template") or {}
        return (template.get("metadata") or {}).get("labels") or {}
    template = getattr(getattr(obj, "spec", None), "template", None)
    return template.metadata.labels if template is not None else {}


def chosen(service: types.Object) -> str:
    """What a Service selects, as kubectl writes it."""
    selector = service.spec.selector if isinstance(service, types.Service) and service.spec is not None else {}
    return ",".join(f"{key}={value}" for key, value in sorted(selector.items())) or "(none)"


def replicas(obj: types.Object) -> int | None:
    """How many copies a workload is asked for; None for what has no such number."""
    return getattr(getattr(obj, "spec", None), "replicas", None)


__all__ = ["Evidence", "World", "replicas", "subject"]

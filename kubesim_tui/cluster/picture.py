"""Paints the frozen View of now from etcd, the machines and the traffic: a spectator beside the door.

Built only when somebody looks. `Pictures.take(cluster)` gives the same object until a tick or a change has come.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.helpers.resources import request_amounts
from kubesim_tui.api.helpers.selector import matches_set
from kubesim_tui.api.quantity import milli, value
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.table.nodes import node_status
from kubesim_tui.apiserver.table.pods import summary
from kubesim_tui.cluster.view import (
    ClaimView,
    ConfigView,
    EventView,
    Face,
    NodeView,
    PodView,
    Ref,
    RouteView,
    ServiceView,
    WorkloadView,
)

OOM = ("OOMKilled",)
CRASHED = ("CrashLoopBackOff", "Error", "ErrImagePull", "ImagePullBackOff", "CreateContainerConfigError",
           "InvalidImageName", "RunContainerError", "CreateContainerError", "ErrImageNeverPull", "StartError",
           "Evicted", "Failed", "NodeAffinity", "ContainerStatusUnknown")  # fmt: skip
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
WORKLOADS = ("deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps", "replicationcontrollers")


class Usage(Protocol):
    """What Pods and nodes use (metrics/)."""

    def pod(self, namespace: str, name: str) -> tuple[int, int]:
        """(millicores, bytes) of a Pod in the last tick."""
        ...

    def node(self, name: str) -> tuple[int, int]:
        """(millicores, bytes) of a node."""
        ...


def ref(obj: types.Object) -> Ref:
    """What names an object."""
    return Ref(obj.kind, obj.metadata.namespace, obj.metadata.name)


def letters(nodes: Iterable[str]) -> dict[str, str]:
    """One letter a node: its own last one (node-a: a), else the first that is free."""
    names = list(nodes)
    found: dict[str, str] = {}
    taken: dict[str, None] = {}
    for name in names:
        letter = name.rsplit("-", 1)[-1]
        if len(letter) == 1 and letter not in taken:
            taken[letter] = None
            found[name] = letter
    free = (x for x in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" if x not in taken)
    for name in names:
        if name not in found:
            found[name] = next(free, "?")
    return found


def face(pod: types.Pod, status: str, ready: bool, node_lost: bool) -> Face:
    """The glyph of a Pod, from its STATUS."""
    if pod.metadata.deletion_timestamp is not None:
        return Face.UNKNOWN if node_lost else Face.STOPPING
    if node_lost:
        return Face.UNKNOWN
    if status in OOM:
        return Face.OOM
    bare = status.removeprefix("Init:")
    if bare in CRASHED or bare.startswith(("ExitCode:", "Signal:")):
        return Face.CRASH
    if status == "Completed":
        return Face.DONE
    if pod.spec is None or not pod.spec.node_name:
        return Face.PENDING
    if status == "Running":
        return Face.RUNNING if ready else Face.NOT_READY
    return Face.CREATING


def why(pod: types.Pod) -> str:
    """The message behind a status that is not fine."""
    status = pod.status
    if status is None:
        return ""
    for container in (*status.init_container_statuses, *status.container_statuses):
        state = container.state
        if state and state.waiting and state.waiting.message:
            return state.waiting.message
    for condition in status.conditions:
        if condition.status == "False" and condition.type in ("PodScheduled", "Ready") and condition.message:
            return condition.message
    return status.message


class Board:
    """One look at etcd: objects by kind, with what belongs together."""

    def __init__(self, etcd: Etcd, usage: Usage, now: int) -> None:
        self.etcd, self.usage, self.now = etcd, usage, now
        self.lost: dict[str, None] = {}
        for node in self.all("nodes"):
            assert isinstance(node, types.Node)
            if not _ready(node):
                self.lost[node.metadata.name] = None
        self.pods = {(p.ref.namespace, p.ref.name): p for p in (self._pod(p) for p in self.all("pods"))}
        self.labels = {p.metadata.namespace + "/" + p.metadata.name: p.metadata.labels for p in self.all("pods")}

    def all(self, resource: str) -> list[types.Object]:
        """Every object of a resource, by namespace and name."""
        found = self.etcd.table(resource).objects
        return [found[key] for key in sorted(found)]

    # -- Pods and nodes ----------------------------------------------------------------------------------------

    def _pod(self, obj: types.Object) -> PodView:
        assert isinstance(obj, types.Pod)
        found = summary(obj)
        spec = obj.spec or types.PodSpec()
        node = spec.node_name
        cpu, memory = self.usage.pod(obj.metadata.namespace, obj.metadata.name)
        labels = obj.metadata.labels
        meta = obj.metadata
        ready = found.ready == found.containers
        return PodView(
            ref(obj),
            face(obj, found.status, ready, node in self.lost),
            found.status,
            found.ready,
            found.containers,
            found.restarts,
            node,
            obj.status.pod_ip if obj.status else "",
            self.now - (meta.creation_timestamp or self.now),
            self._owner(obj),
            spec.containers[0].image if spec.containers else "",
            labels.get("pod-template-hash") or labels.get("controller-revision-hash", ""),
            cpu,
            memory,
            "" if ready and found.status == "Running" else why(obj),
        )

    def _owner(self, obj: types.Object) -> Ref | None:
        owner = controller_of(obj)
        if owner is None:
            return None
        if owner.kind == "ReplicaSet":
            above = self.etcd.get("replicasets.apps", (obj.metadata.namespace, owner.name))
            top = controller_of(above) if above is not None else None
            if top is not None:
                return Ref(top.kind, obj.metadata.namespace, top.name)
        return Ref(owner.kind, obj.metadata.namespace, owner.name)

    def nodes(self, heard: dict[str, int]) -> tuple[NodeView, ...]:
        """All machines of the cluster."""
        found = [n for n in self.all("nodes") if isinstance(n, types.Node)]
        found.sort(key=lambda n: CONTROL_PLANE in n.metadata.labels)  # workers first
        letter = letters(n.metadata.name for n in found)
        on: dict[str, list[PodView]] = {}
        for pod in self.pods.values():
            on.setdefault(pod.node, []).append(pod)
        return tuple(self._node(n, letter[n.metadata.name], on, heard) for n in found)

    def _node(self, node: types.Node, letter: str, on: dict[str, list[PodView]], heard: dict[str, int]) -> NodeView:
        name, status, labels = node.metadata.name, node.status or types.NodeStatus(), node.metadata.labels
        wanted = [self._requests(p) for p in self.etcd.table("pods").on_node(name)]
        cpu, memory = self.usage.node(name)
        pressure = [c.type for c in status.conditions if c.type.endswith("Pressure") and c.status == "True"]
        spec = node.spec or types.NodeSpec()
        return NodeView(
            ref(node),
            letter,
            labels.get("topology.kubernetes.io/zone", ""),
            node_status(encode_object(node)),
            _ready(node),
            not spec.unschedulable,
            pressure[0] if pressure else "",
            CONTROL_PLANE in labels,
            milli(status.allocatable.get("cpu", "0")),
            cpu,
            sum(c for c, _ in wanted),
            value(status.allocatable.get("memory", "0")),
            memory,
            sum(m for _, m in wanted),
            tuple(on.get(name, ())),
            heard.get(name, 0),
        )

    def _requests(self, pod: types.Object) -> tuple[int, int]:
        assert isinstance(pod, types.Pod)
        if pod.spec is None or (pod.status and pod.status.phase in ("Succeeded", "Failed")):
            return 0, 0
        found = request_amounts(pod.spec)
        return found.get("cpu", 0), found.get("memory", 0)

    # -- workloads ---------------------------------------------------------------------------------------------

    def workloads(self) -> tuple[WorkloadView, ...]:
        """Deployments and their like, then Pods that nobody owns, static ones among them."""
        owned: dict[Ref, list[PodView]] = {}
        for pod in self.pods.values():
            static = pod.owner is not None and pod.owner.kind == "Node"
            owned.setdefault(pod.ref if static else pod.owner or pod.ref, []).append(pod)
        found: list[WorkloadView] = []
        for resource in WORKLOADS:
            for obj in self.all(resource):
                if controller_of(obj) is None:
                    found.append(self._workload(obj, tuple(owned.pop(ref(obj), ()))))
        for name, pods in sorted(owned.items(), key=lambda e: (e[0].namespace, e[0].name)):
            bare = self.etcd.get("pods", (name.namespace, name.name)) if name.kind == "Pod" else None
            if isinstance(bare, types.Pod) and bare.spec is not None:
                found.append(_bare(bare, pods[0]))
        return tuple(found)

    def _workload(self, obj: types.Object, pods: tuple[PodView, ...]) -> WorkloadView:
        spec, status = getattr(obj, "spec", None), getattr(obj, "status", None)
        template = getattr(spec, "template", None)
        pod_spec = (template.spec if template else None) or types.PodSpec()
        want = getattr(spec, "replicas", None)
        return WorkloadView(
            ref(obj),
            len(pods) if want is None else want,
            sum(1 for p in pods if p.face is Face.RUNNING),
            getattr(status, "updated_replicas", 0) or 0,
            getattr(status, "available_replicas", 0) or 0,
            pod_spec.containers[0].image if pod_spec.containers else "",
            _rollout(obj),
            pods,
            config_refs(pod_spec, obj.metadata.namespace),
            claim_refs(pod_spec, obj),
            _probe(pod_spec),
        )

    # -- Services and routes -----------------------------------------------------------------------------------

    def services(self, flows: dict[tuple[str, str], tuple[int, int, int]]) -> tuple[ServiceView, ...]:
        """All Services but `kubernetes`; `flows`: (rate, per mille well, p95) by namespace and name."""
        return tuple(
            self._service(s, flows.get((s.metadata.namespace, s.metadata.name), (0, -1, 0)))
            for s in self.all("services")
            if isinstance(s, types.Service)
        )

    def _service(self, service: types.Service, flow: tuple[int, int, int]) -> ServiceView:
        spec, meta = service.spec or types.ServiceSpec(), service.metadata
        pods = tuple(
            p
            for key, p in self.pods.items()
            if spec.selector and key[0] == meta.namespace and matches_set(spec.selector, self._labels(p))
        )
        ready = total = 0
        for piece in self.etcd.table("endpointslices.discovery.k8s.io").in_namespace(meta.namespace):
            if isinstance(piece, types.EndpointSlice) and piece.metadata.labels.get(_SERVICE) == meta.name:
                total += len(piece.endpoints)
                ready += sum(1 for e in piece.endpoints if e.conditions is None or e.conditions.ready is not False)
        kind = "Headless" if spec.cluster_ip == "None" else spec.type
        owners = tuple(dict.fromkeys(p.owner or p.ref for p in pods))
        return ServiceView(
            ref(service), kind, spec.cluster_ip, _ports(spec), _external(service), ready, total, pods, owners, *flow
        )

    def _labels(self, pod: PodView) -> dict[str, str]:
        return dict(self.labels[f"{pod.ref.namespace}/{pod.ref.name}"])

    def routes(self, controller: bool) -> tuple[RouteView, ...]:
        """Every rule of every Ingress."""
        found: list[RouteView] = []
        for obj in self.all("ingresses.networking.k8s.io"):
            if isinstance(obj, types.Ingress) and obj.spec is not None:
                for rule in obj.spec.rules:
                    for path in rule.http.paths if rule.http else ():
                        found.append(self._route(obj, rule.host, path, controller))
        return tuple(found)

    def _route(self, obj: types.Ingress, host: str, path: types.HTTPIngressPath, controller: bool) -> RouteView:
        backend = path.backend.service if path.backend else None
        service = Ref("Service", obj.metadata.namespace, backend.name if backend else "")
        port = str(backend.port.number or backend.port.name) if backend and backend.port else ""
        problem = ""
        if not controller:
            problem = "no controller"
        elif self.etcd.get("services", (service.namespace, service.name)) is None:
            problem = "service not found"
        return RouteView(ref(obj), host, path.path or "/", path.path_type or "", service, port, problem)

    # -- configuration and storage -----------------------------------------------------------------------------

    def configs(self, workloads: tuple[WorkloadView, ...], stale: dict[Ref, tuple[Ref, ...]]) -> tuple[ConfigView, ...]:
        """ConfigMaps and Secrets that a player may care for; `stale`: Pods that read them before they changed."""
        readers: dict[Ref, list[tuple[Ref, str]]] = {}
        for workload in workloads:
            for used in workload.configs:
                readers.setdefault(used, []).append((workload.ref, self._how(workload.ref, used)))
        found: list[ConfigView] = []
        for obj in self.all("configmaps"):
            if isinstance(obj, types.ConfigMap) and obj.metadata.name != "kube-root-ca.crt":
                keys = tuple(sorted(obj.data.items()))
                found.append(ConfigView(ref(obj), keys, tuple(readers.get(ref(obj), ())), stale.get(ref(obj), ())))
        for obj in self.all("secrets"):
            if isinstance(obj, types.Secret):
                keys = tuple((k, f"{len(v) * 3 // 4} bytes") for k, v in sorted(obj.data.items()))
                found.append(ConfigView(ref(obj), keys, tuple(readers.get(ref(obj), ())), stale.get(ref(obj), ())))
        return tuple(found)

    def _how(self, workload: Ref, used: Ref) -> str:
        resource = {"Deployment": "deployments.apps", "StatefulSet": "statefulsets.apps", "Pod": "pods"}
        obj = self.etcd.get(resource.get(workload.kind, ""), (workload.namespace, workload.name))
        spec = getattr(obj, "spec", None)
        pod_spec = spec if isinstance(spec, types.PodSpec) else getattr(getattr(spec, "template", None), "spec", None)
        return "volume" if pod_spec is not None and used in volume_refs(pod_spec, workload.namespace) else "env"

    def claims(self, stored: dict[str, tuple[int, int]]) -> tuple[ClaimView, ...]:
        """PersistentVolumeClaims; `stored`: (records, bytes) by name of the volume."""
        users: dict[tuple[str, str], list[Ref]] = {}
        for obj in self.all("pods"):
            assert isinstance(obj, types.Pod)
            for volume in obj.spec.volumes if obj.spec else ():
                if volume.persistent_volume_claim is not None:
                    key = (obj.metadata.namespace, volume.persistent_volume_claim.claim_name)
                    users.setdefault(key, []).append(ref(obj))
        found: list[ClaimView] = []
        for obj in self.all("persistentvolumeclaims"):
            if not isinstance(obj, types.PersistentVolumeClaim) or obj.spec is None:
                continue
            spec, status = obj.spec, obj.status or types.PersistentVolumeClaimStatus()
            records, used = stored.get(spec.volume_name, (0, 0))
            modes = ",".join(_MODES.get(m, m) for m in status.access_modes or spec.access_modes)
            pods = tuple(users.get((obj.metadata.namespace, obj.metadata.name), ()))
            found.append(
                ClaimView(
                    ref(obj),
                    status.phase or "Pending",
                    spec.volume_name,
                    status.capacity.get("storage", ""),
                    spec.storage_class_name or "",
                    modes,
                    pods,
                    records,
                    used,
                )
            )
        return tuple(found)

    def events(self, epoch: int, most: int = 200) -> tuple[EventView, ...]:
        """The latest Events, oldest first."""
        found = [e for e in self.etcd.table("events") if isinstance(e, types.Event)]
        found.sort(key=lambda e: (e.last_timestamp or 0, e.metadata.resource_version))
        return tuple(_event(e, epoch) for e in found[-most:])


_SERVICE = "kubernetes.io/service-name"
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def _ready(node: types.Node) -> bool:
    return any(c.type == "Ready" and c.status == "True" for c in (node.status.conditions if node.status else ()))


def _event(event: types.Event, epoch: int) -> EventView:
    about = event.involved_object or types.ObjectReference()
    when = (event.last_timestamp or event.first_timestamp or epoch) - epoch
    target = Ref(about.kind, about.namespace, about.name)
    return EventView(when, event.type, event.reason, target, event.message, event.count or 1)


def _bare(pod: types.Pod, seen: PodView) -> WorkloadView:
    spec = pod.spec or types.PodSpec()
    good = 1 if seen.face is Face.RUNNING else 0
    namespace = pod.metadata.namespace
    claims = claim_refs(spec, pod)
    return WorkloadView(
        ref(pod), 1, good, 1, good, seen.image, "", (seen,), config_refs(spec, namespace), claims, _probe(spec)
    )


def _rollout(obj: types.Object) -> str:
    if not isinstance(obj, types.Deployment) or obj.spec is None or obj.status is None:
        return ""
    want, status = obj.spec.replicas or 0, obj.status
    if obj.spec.paused:
        return "paused"
    for condition in status.conditions:
        if condition.type == "Progressing" and condition.status == "False":
            return f"stuck: {condition.reason}"
    if (status.observed_generation or 0) < (obj.metadata.generation or 0) or status.updated_replicas < want:
        return f"{status.updated_replicas}/{want} updated"
    if status.replicas > status.updated_replicas:
        return f"{status.replicas - status.updated_replicas} old pods"
    return ""


def _probe(spec: types.PodSpec) -> str:
    probe = spec.containers[0].readiness_probe if spec.containers else None
    if probe is None:
        return ""
    if probe.http_get is not None:
        return f"GET {probe.http_get.path or '/'} :{probe.http_get.port}"
    if probe.tcp_socket is not None:
        return f"TCP :{probe.tcp_socket.port}"
    if probe.exec is not None:
        return "exec " + " ".join(probe.exec.command)
    return f"gRPC :{probe.grpc.port}" if probe.grpc is not None else ""


def _ports(spec: types.ServiceSpec) -> str:
    parts = []
    for port in spec.ports:
        same = port.target_port in (None, port.port)
        parts.append(str(port.port) if same else f"{port.port}→{port.target_port}")
    return ",".join(parts)


def _external(service: types.Service) -> str:
    spec = service.spec or types.ServiceSpec()
    if spec.type == "ExternalName":
        return spec.external_name
    if spec.type == "LoadBalancer":
        balancer = service.status.load_balancer if service.status else None
        given = [i.ip or i.hostname for i in (balancer.ingress if balancer else ())]
        return given[0] if given else "<pending>"
    if spec.type == "NodePort":
        return ",".join(f":{p.node_port}" for p in spec.ports if p.node_port)
    return ""


def volume_refs(spec: types.PodSpec, namespace: str) -> tuple[Ref, ...]:
    """ConfigMaps and Secrets that a Pod mounts."""
    found: list[Ref] = []
    for volume in spec.volumes:
        if volume.config_map is not None:
            found.append(Ref("ConfigMap", namespace, volume.config_map.name))
        if volume.secret is not None:
            found.append(Ref("Secret", namespace, volume.secret.secret_name))
    return tuple(dict.fromkeys(found))


def config_refs(spec: types.PodSpec, namespace: str) -> tuple[Ref, ...]:
    """ConfigMaps and Secrets that a Pod reads, as environment or as files."""
    found: list[Ref] = []
    for container in (*spec.init_containers, *spec.containers):
        for source in container.env_from:
            if source.config_map_ref is not None:
                found.append(Ref("ConfigMap", namespace, source.config_map_ref.name))
            if source.secret_ref is not None:
                found.append(Ref("Secret", namespace, source.secret_ref.name))
        for variable in container.env:
            origin = variable.value_from
            if origin is not None and origin.config_map_key_ref is not None:
                found.append(Ref("ConfigMap", namespace, origin.config_map_key_ref.name))
            if origin is not None and origin.secret_key_ref is not None:
                found.append(Ref("Secret", namespace, origin.secret_key_ref.name))
    return tuple(dict.fromkeys([*found, *volume_refs(spec, namespace)]))


def claim_refs(spec: types.PodSpec, owner: types.Object) -> tuple[Ref, ...]:
    """Claims that a workload's Pods use, those of its templates included."""
    namespace = owner.metadata.namespace
    found = [
        Ref("PersistentVolumeClaim", namespace, v.persistent_volume_claim.claim_name)
        for v in spec.volumes
        if v.persistent_volume_claim is not None
    ]
    if isinstance(owner, types.StatefulSet) and owner.spec is not None:
        for template in owner.spec.volume_claim_templates:
            for i in range(owner.spec.replicas or 0):
                name = f"{template.metadata.name}-{owner.metadata.name}-{i}"
                found.append(Ref("PersistentVolumeClaim", namespace, name))
    return tuple(found)

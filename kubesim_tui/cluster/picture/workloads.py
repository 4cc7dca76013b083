"""Workloads: Deployments and their like, Jobs, and Pods that nobody owns."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.cluster.picture.claims import claim_refs
from kubesim_tui.cluster.picture.configs import config_refs
from kubesim_tui.cluster.picture.look import WORKLOADS, Look, ref, template_of
from kubesim_tui.cluster.view import Face, PodView, Ref, WorkloadView


def workload_views(look: Look) -> tuple[WorkloadView, ...]:
    """All workloads, by kind and name; then the Pods that nobody owns but their node (static ones)."""
    owned: dict[Ref, list[PodView]] = {}
    for pod in look.pods.values():
        alone = pod.owner is None or pod.owner.kind == "Node"
        owned.setdefault(pod.ref if alone else pod.owner or pod.ref, []).append(pod)
    found: list[WorkloadView] = []
    for resource in WORKLOADS.values():
        for obj in look.all(resource):
            if controller_of(obj) is None:
                found.append(_view(obj, tuple(owned.pop(ref(obj), ()))))
    bare = sorted((n for n in owned if n.kind == "Pod"), key=_name)
    return (*found, *(_bare(look.objects[n.namespace, n.name], owned[n][0]) for n in bare))


def _name(name: Ref) -> tuple[str, str]:
    return name.namespace, name.name


def _view(obj: types.Object, pods: tuple[PodView, ...]) -> WorkloadView:
    spec = template_of(obj)
    want, ready, updated, available = _figures(obj, pods)
    return WorkloadView(
        ref(obj),
        want,
        ready,
        updated,
        available,
        spec.containers[0].image if spec.containers else "",
        rollout(obj),
        pods,
        config_refs(spec, obj.metadata.namespace),
        claim_refs(spec, obj),
        probe_text(spec),
    )


def _figures(obj: types.Object, pods: tuple[PodView, ...]) -> tuple[int, int, int, int]:
    """(wanted, ready, updated, available). Of a DaemonSet one a node is wanted, of a Job so many that finish well."""
    running = sum(1 for p in pods if p.face is Face.RUNNING)
    if isinstance(obj, types.Unstructured):
        spec, status = obj.rest.get("spec") or {}, obj.rest.get("status") or {}
        if obj.kind == "DaemonSet":
            updated, available = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
            return status.get("desiredNumberScheduled", len(pods)), running, updated, available
        if obj.kind == "Job":
            done = status.get("succeeded", 0)
            return spec.get("completions", spec.get("parallelism", 1)), done, done, done
        return len(pods), running, 0, 0
    spec, status = getattr(obj, "spec", None), getattr(obj, "status", None)
    want = getattr(spec, "replicas", None)
    updated, available = getattr(status, "updated_replicas", 0), getattr(status, "available_replicas", 0)
    return len(pods) if want is None else want, running, updated or 0, available or 0


def _bare(pod: types.Pod, seen: PodView) -> WorkloadView:
    spec = pod.spec or types.PodSpec()
    good = 1 if seen.face is Face.RUNNING else 0
    configs, claims = config_refs(spec, pod.metadata.namespace), claim_refs(spec, pod)
    return WorkloadView(ref(pod), 1, good, 1, good, seen.image, "", (seen,), configs, claims, probe_text(spec))


def rollout(obj: types.Object) -> str:
    """How far a rollout is; "" when it is complete."""
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


def probe_text(spec: types.PodSpec) -> str:
    """The readiness probe of the first container."""
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

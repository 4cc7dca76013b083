"""Defaults of the core group, Pods apart (pkg/apis/core/v1/defaults.go)."""

from __future__ import annotations

import base64

from kubesim_tui.apiserver.defaults.base import Defaulter, JsonMap, copy_missing, each, fill, fill_zero, part, some
from kubesim_tui.apiserver.defaults.pods import pod, pod_template, volume_source

CLIENT_IP_SECONDS = 10800


def service(data: JsonMap) -> None:
    """ClusterIP, no affinity, targetPort = port."""
    spec = part(data, "spec")
    fill_zero(spec, type="ClusterIP", sessionAffinity="None")
    _session_affinity(spec)
    for port in each(spec, "ports"):
        fill_zero(port, protocol="TCP", targetPort=port.get("port") or 0)
    kind = spec["type"]
    if kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and spec.get("externalIPs")):
        fill_zero(spec, externalTrafficPolicy="Cluster")
    if kind in ("ClusterIP", "NodePort", "LoadBalancer"):
        fill(spec, internalTrafficPolicy="Cluster")
    if kind == "LoadBalancer":
        fill(spec, allocateLoadBalancerNodePorts=True)
        for ingress in each(some(some(data, "status"), "loadBalancer"), "ingress"):
            if ingress.get("ip"):
                fill(ingress, ipMode="VIP")


def _session_affinity(spec: JsonMap) -> None:
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
        return
    given = some(some(spec, "sessionAffinityConfig"), "clientIP").get("timeoutSeconds")
    if spec["sessionAffinity"] == "ClientIP" and given is None:
        spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": CLIENT_IP_SECONDS}}


def replication_controller(data: JsonMap) -> None:
    """Selector and labels are those of the template if they are not given."""
    spec = part(data, "spec")
    fill(spec, replicas=1)
    if spec.get("template") is None:
        return
    pod_template(spec["template"])
    labels = some(spec["template"], "metadata").get("labels")
    if labels:
        fill_zero(spec, selector=dict(labels))
        fill_zero(part(data, "metadata"), labels=dict(labels))


def secret(data: JsonMap) -> None:
    """Opaque; stringData is laid over data and never stored."""
    fill_zero(data, type="Opaque")
    plain = data.pop("stringData", None)
    if plain:
        target = part(data, "data")
        for key, value in plain.items():
            target[key] = base64.b64encode((value or "").encode()).decode()


def namespace(data: JsonMap) -> None:
    """Its name is a label; it is Active and has the finalizer of the namespace controller."""
    meta = part(data, "metadata")
    if meta.get("name"):
        part(meta, "labels")["kubernetes.io/metadata.name"] = meta["name"]
    fill_zero(part(data, "status"), phase="Active")


def node(data: JsonMap) -> None:
    """Allocatable is the capacity unless it is given."""
    status = part(data, "status")
    if status.get("allocatable") is None and status.get("capacity") is not None:
        status["allocatable"] = dict(status["capacity"])


def persistent_volume(data: JsonMap) -> None:
    """Retained, a file system, Pending."""
    spec = part(data, "spec")
    fill_zero(part(data, "status"), phase="Pending")
    fill_zero(spec, persistentVolumeReclaimPolicy="Retain")
    fill(spec, volumeMode="Filesystem")
    volume_source(spec)


def claim(data: JsonMap) -> None:
    """A file system, Pending."""
    spec = part(data, "spec")
    fill_zero(part(data, "status"), phase="Pending")
    fill(spec, volumeMode="Filesystem")
    part(spec, "resources")


def endpoints(data: JsonMap) -> None:
    """TCP."""
    for subset in each(data, "subsets"):
        for port in each(subset, "ports"):
            fill_zero(port, protocol="TCP")


def limit_range(data: JsonMap) -> None:
    """For containers: default = max, defaultRequest = default, else min."""
    for item in each(part(data, "spec"), "limits"):
        if item.get("type") != "Container":
            continue
        default, request = dict(some(item, "default")), dict(some(item, "defaultRequest"))
        copy_missing(default, some(item, "max"))
        copy_missing(request, default)
        copy_missing(request, some(item, "min"))
        item.update({k: v for k, v in (("default", default), ("defaultRequest", request)) if v})


def pod_template_object(data: JsonMap) -> None:
    """A PodTemplate."""
    pod_template(part(data, "template"))


DEFAULTERS: dict[str, Defaulter] = {
    "core.v1.Pod": pod,
    "core.v1.PodTemplate": pod_template_object,
    "core.v1.Service": service,
    "core.v1.ReplicationController": replication_controller,
    "core.v1.Secret": secret,
    "core.v1.Namespace": namespace,
    "core.v1.Node": node,
    "core.v1.PersistentVolume": persistent_volume,
    "core.v1.PersistentVolumeClaim": claim,
    "core.v1.Endpoints": endpoints,
    "core.v1.LimitRange": limit_range,
}

"""What is there besides roles: namespaces, priority classes, the Services of the API and of DNS, a class of disks."""

from __future__ import annotations

from typing import Any

JsonMap = dict[str, Any]
NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
API_SERVICE_IP, DNS_SERVICE_IP = "10.96.0.1", "10.96.0.10"
API_PORT = 6443
PROVISIONER = "disk.csi.kubesim.dev"


def namespaces() -> list[JsonMap]:
    """The four that are always there."""
    return [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in NAMESPACES]


def priority_classes() -> list[JsonMap]:
    """The two of the system."""
    node = "Used for system critical pods that must not be moved from their current node."
    cluster = (
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
    )
    rows = (("system-node-critical", 2000001000, node), ("system-cluster-critical", 2000000000, cluster))
    return [
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": name},
            "value": value,
            "description": text,
        }
        for name, value, text in rows
    ]


def storage_class() -> JsonMap:
    """Disks of the cloud, made for whoever claims one."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    }


def services(addresses: tuple[str, ...]) -> list[JsonMap]:
    """`kubernetes`, without a selector: the API server writes its endpoint itself; and `kube-dns`."""
    api = _service("kubernetes", "default", API_SERVICE_IP, {"component": "apiserver", "provider": "kubernetes"})
    api["spec"]["ports"] = [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": API_PORT}]
    labels = {
        "k8s-app": "kube-dns",
        "kubernetes.io/cluster-service": "true",
        "kubernetes.io/name": "CoreDNS",
    }
    dns = _service("kube-dns", "kube-system", DNS_SERVICE_IP, labels)
    dns["metadata"]["annotations"] = {"prometheus.io/port": "9153", "prometheus.io/scrape": "true"}
    dns_ports = (("dns", 53, "UDP"), ("dns-tcp", 53, "TCP"), ("metrics", 9153, "TCP"))
    dns["spec"]["selector"] = {"k8s-app": "kube-dns"}
    dns["spec"]["ports"] = [{"name": n, "port": at, "protocol": p, "targetPort": at} for n, at, p in dns_ports]
    api_slice = _slice("kubernetes", "default", addresses, [{"name": "https", "port": API_PORT, "protocol": "TCP"}])
    return [api, dns, api_slice]


def _service(name: str, namespace: str, address: str, labels: dict[str, str]) -> JsonMap:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"type": "ClusterIP", "clusterIP": address},
    }


def _slice(name: str, namespace: str, addresses: tuple[str, ...], ports: list[JsonMap]) -> JsonMap:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in addresses],
        "ports": ports,
    }

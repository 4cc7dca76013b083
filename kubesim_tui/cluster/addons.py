"""What an installer puts into a new cluster besides Kubernetes itself: names for DNS, the ingress class, static Pods.

The control plane's own processes show as static Pods in kube-system, as a kubeadm cluster has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.apiserver.request import Request, User
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.kubelet.node_status import VERSION
from kubesim_tui.kubelet.static import control_plane
from kubesim_tui.world.image_loader import assets

INSTALLER = User("kubernetes-admin", ("system:masters", "system:authenticated"))

INGRESS: tuple[dict[str, Any], ...] = (
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ingress-nginx"}},
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {
            "name": "nginx",
            "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"},
        },
        "spec": {"controller": "k8s.io/ingress-nginx"},
    },
)

STATIC: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("cloud-controller-manager", "kube-system", f"registry.k8s.io/cloud-controller-manager:{VERSION}", {}),
    ("coredns", "kube-system", "registry.k8s.io/coredns/coredns:v1.12.4", {"k8s-app": "kube-dns"}),
)
"""(name, namespace, image, labels) of what runs beside the four of kubeadm."""

AUTOSCALER: tuple[str, str, str, Mapping[str, str]] = (
    "cluster-autoscaler",
    "kube-system",
    "registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.0",
    {"k8s-app": "cluster-autoscaler"},
)

CONTROLLER = (
    "ingress-nginx-controller",
    "ingress-nginx",
    "registry.k8s.io/ingress-nginx/controller:v1.14.0",
    {"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller"},
)


def install(server: ApiServer, *, ingress: bool, snapshots: bool = False) -> None:
    """For the ingress controller its namespace and class; for the snapshot controller its kinds."""
    for data in (*(INGRESS if ingress else ()), *(definitions("volumesnapshots") if snapshots else ())):
        resource = server.resource_for_kind(data["apiVersion"], data["kind"])
        assert resource is not None
        namespace = data["metadata"].get("namespace", "") if resource.namespaced else ""
        name = data["metadata"]["name"]
        server.handle(Request(INSTALLER, "create", resource, namespace, name, body=data))


def definitions(addon: str) -> tuple[dict[str, Any], ...]:
    """The manifests that come with an addon."""
    file = assets() / "addons" / f"{addon}.yaml"
    return tuple([document.data for document in manifest.read(file.read_text("utf-8"), file.name)])


def static_pods(*, ingress: bool, elect: bool = False, autoscaler: bool = False) -> tuple[Mapping[str, Any], ...]:
    """The manifests that lie in /etc/kubernetes/manifests of a control-plane machine."""
    rows = (*STATIC, *((CONTROLLER,) if ingress else ()), *((AUTOSCALER,) if autoscaler else ()))
    return (*control_plane(elect=elect), *(_static(*row) for row in rows))


def _static(name: str, namespace: str, image: str, labels: Mapping[str, str]) -> Mapping[str, Any]:
    tier = {"component": name, "tier": "control-plane"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {**tier, **labels}},
        "spec": {
            "priorityClassName": "system-node-critical",
            "hostNetwork": True,
            "containers": [{"name": name, "image": image, "resources": {"requests": {"cpu": "100m"}}}],
        },
    }


def images_of(pods: Iterable[Mapping[str, Any]]) -> list[str]:
    """The images of some manifests."""
    return [container["image"] for pod in pods for container in pod["spec"]["containers"]]

"""What an installer puts into a new cluster besides Kubernetes itself: cluster DNS, the ingress class, static Pods.

The control plane's own processes show as static Pods in kube-system, as a kubeadm cluster has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.api.types import Deployment
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.request import Request, User
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.controllers.deployment import new_set
from kubesim_tui.controllers.pod_control import pod_from_template
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


DNS = "coredns"
"""The addon, its Deployment and its program."""


def install(server: ApiServer, *, ingress: bool, snapshots: bool = False) -> None:
    """Cluster DNS; for the ingress controller its namespace and class; for the snapshot controller its kinds."""
    snapshot_kinds = definitions("volumesnapshots") if snapshots else ()
    for data in (*definitions(DNS), *(INGRESS if ingress else ()), *snapshot_kinds):
        resource = server.resource_for_kind(data["apiVersion"], data["kind"])
        assert resource is not None
        namespace = data["metadata"].get("namespace", "") if resource.namespaced else ""
        name = data["metadata"]["name"]
        server.handle(Request(INSTALLER, "create", resource, namespace, name, body=data))


def start_dns(client: Client, machines: Sequence[str]) -> None:
    """Its Pods, as kubeadm leaves them behind: made while there were no machines yet but those of the control plane."""
    d = client.get(Deployment, "kube-system", DNS)
    rs = client.create(new_set.make(d, [], 1))
    assert rs.spec is not None
    assert rs.spec.template is not None
    assert rs.spec.template.spec is not None
    for number in range(rs.spec.replicas or 0):
        spec = rs.spec.template.spec.evolve(node_name=machines[number % len(machines)])
        client.create(pod_from_template(rs.spec.template.evolve(spec=spec), rs))


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


def images(pods: Sequence[Mapping[str, Any]]) -> list[str]:
    """Those that an installer has pulled to a control-plane machine: of its static Pods, and of cluster DNS."""
    templates = [data["spec"]["template"] for data in definitions(DNS) if data["kind"] == "Deployment"]
    return [container["image"] for pod in (*pods, *templates) for container in pod["spec"]["containers"]]

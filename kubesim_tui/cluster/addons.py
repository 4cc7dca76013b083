"""What an installer puts into a new cluster besides Kubernetes itself: addons (assets/addons), and static Pods.

The control plane's own processes show as static Pods in kube-system, as a kubeadm cluster has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.api.releases import VERSION
from kubesim_tui.api.types import Deployment
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.request import Request, User
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.cluster.kubeadm import authority, config
from kubesim_tui.cluster.kubeadm.manifests import control_plane
from kubesim_tui.cluster.plane import addresses, etcd_names, names
from kubesim_tui.cluster.spec import ClusterSpec
from kubesim_tui.controllers.deployment import new_set
from kubesim_tui.controllers.pod_control import pod_from_template
from kubesim_tui.world.image_loader import assets

INSTALLER = User("kubernetes-admin", ("system:masters", "system:authenticated"))

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

KUBEADM, DNS, INGRESS, SNAPSHOTS = "kubeadm", "coredns", "ingress-nginx", "volumesnapshots"


def install(server: ApiServer, spec: ClusterSpec) -> None:
    """The addons of a cluster, and what kubeadm itself keeps in it."""
    _create(server, dict(config.config_map(configuration(spec))))
    own = names(spec.control_planes)
    _create(server, authority.cluster_info(authority.endpoint(own, addresses(own)), spec.epoch))
    for addon in _addons(spec):
        for data in definitions(addon):
            _create(server, _spread(addon, data, spec.control_planes))


def _addons(spec: ClusterSpec) -> tuple[str, ...]:
    chosen = ((KUBEADM, True), (DNS, True), (INGRESS, spec.ingress), (SNAPSHOTS, spec.snapshots))
    return tuple(name for name, wanted in chosen if wanted)


def _spread(addon: str, data: dict[str, Any], machines: int) -> dict[str, Any]:
    """The ingress controller has a copy on each machine of the control plane."""
    if addon != INGRESS or data["kind"] != "Deployment":
        return data
    return {**data, "spec": {**data["spec"], "replicas": machines}}


def _create(server: ApiServer, data: dict[str, Any]) -> None:
    resource = server.resource_for_kind(data["apiVersion"], data["kind"])
    assert resource is not None
    namespace = data["metadata"].get("namespace", "") if resource.namespaced else ""
    server.handle(Request(INSTALLER, "create", resource, namespace, data["metadata"]["name"], body=data))


def start(client: Client, spec: ClusterSpec, machines: Sequence[str]) -> None:
    """Their Pods, as an installer leaves them behind: made while there were no machines but the control plane's."""
    for data in _deployments(spec):
        d = client.get(Deployment, data["metadata"]["namespace"], data["metadata"]["name"])
        rs = client.create(new_set.make(d, [], 1))
        assert rs.spec is not None
        assert rs.spec.template is not None
        assert rs.spec.template.spec is not None
        for number in range(rs.spec.replicas or 0):
            placed = rs.spec.template.spec.evolve(node_name=machines[number % len(machines)])
            client.create(pod_from_template(rs.spec.template.evolve(spec=placed), rs))


def _deployments(spec: ClusterSpec) -> list[dict[str, Any]]:
    return [data for addon in _addons(spec) for data in definitions(addon) if data["kind"] == "Deployment"]


@cache
def definitions(addon: str) -> tuple[dict[str, Any], ...]:
    """The manifests that come with an addon."""
    file = assets() / "addons" / f"{addon}.yaml"
    return tuple([document.data for document in manifest.read(file.read_text("utf-8"), file.name)])


def configuration(spec: ClusterSpec) -> config.Configuration:
    """How kubeadm was told to set a cluster up; a single machine elects nobody."""
    external = etcd_names(spec.etcd_members or 0)
    known = addresses((*names(spec.control_planes), *external))
    alone = {} if spec.control_planes > 1 else {"leader-elect": "false"}
    arguments = {"kube-controller-manager": alone, "kube-scheduler": alone}
    flags = spec.flags
    servers = [known[name] for name in external]
    endpoint = authority.endpoint(names(spec.control_planes), known) if spec.control_planes > 1 else ""
    return config.make(flags.cluster_cidr, flags.service_cidr, arguments, servers, endpoint)


def static_pods(spec: ClusterSpec) -> tuple[Mapping[str, Any], ...]:
    """The manifests that lie in /etc/kubernetes/manifests of a control-plane machine."""
    rows = (*STATIC, *((AUTOSCALER,) if spec.autoscaled else ()))
    return (*control_plane(config.wishes(configuration(spec))), *(_static(*row) for row in rows))


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


def images(pods: Sequence[Mapping[str, Any]], spec: ClusterSpec) -> list[str]:
    """Those that an installer has pulled to a control-plane machine: of its static Pods, and of the addons."""
    return images_of((*pods, *(data["spec"]["template"] for data in _deployments(spec))))


def images_of(pods: Sequence[Mapping[str, Any]]) -> list[str]:
    """Those of the containers of Pods, or of templates of Pods."""
    return [container["image"] for pod in pods for container in pod["spec"]["containers"]]

"""What kubeadm writes into /etc/kubernetes/manifests of a control-plane machine, in brief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve, field, frozen

from kubesim_tui.api import manifest
from kubesim_tui.api.frozen import Json
from kubesim_tui.api.releases import ETCD, VERSION
from kubesim_tui.kubelet.static import DIRECTORY

REGISTRY = "registry.k8s.io"
CRITICAL = "system-node-critical"
CRITICAL_PRIORITY = 2_000_001_000
COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
"""In the order in which kubeadm upgrades them, after etcd."""


def _component(
    name: str, image: str, command: Sequence[str], cpu: str, memory: str = "", data: str = ""
) -> Mapping[str, Json]:
    """One; `data`: a directory of the machine that it keeps its data in."""
    requests = {"cpu": cpu, **({"memory": memory} if memory else {})}
    container: dict[str, Json] = {
        "name": name,
        "image": f"{REGISTRY}/{image}",
        "imagePullPolicy": "IfNotPresent",
        "command": [name, *command],
        "resources": {"requests": requests},
    }
    more: dict[str, Json] = {}
    if data:
        container["volumeMounts"] = [{"name": f"{name}-data", "mountPath": data}]
        more["volumes"] = [{"name": f"{name}-data", "hostPath": {"path": data, "type": "DirectoryOrCreate"}}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "kube-system",
            "labels": {"component": name, "tier": "control-plane"},
        },
        "spec": {
            "containers": [container],
            "hostNetwork": True,
            "dnsPolicy": "ClusterFirst",
            "priority": CRITICAL_PRIORITY,
            "priorityClassName": CRITICAL,
            **more,
        },
    }


@frozen
class Wishes:
    """What the manifests of a cluster follow from. `arguments`: component → flag → value, laid over kubeadm's own."""

    version: str = VERSION
    arguments: Mapping[str, Mapping[str, str]] = field(factory=dict)
    etcd_servers: tuple[str, ...] = ()  # addresses of etcd's members, where they are on machines of their own

    def also(self, component: str, arguments: Mapping[str, str]) -> Wishes:
        """With further arguments for a component."""
        return evolve(self, arguments={**self.arguments, component: {**self.arguments.get(component, {}), **arguments}})


def etcd() -> Mapping[str, Json]:
    """A member of etcd."""
    return _component("etcd", f"etcd:{ETCD}", ["--data-dir=/var/lib/etcd"], "100m", "100Mi", "/var/lib/etcd")


def control_plane(wishes: Wishes = Wishes()) -> tuple[Mapping[str, Json], ...]:
    """etcd, unless it is external, and the three components."""

    def one(name: str, cpu: str, **flags: str) -> Mapping[str, Json]:
        own = {flag.replace("_", "-"): value for flag, value in flags.items()}
        given = sorted({**own, **wishes.arguments.get(name, {})}.items())
        return _component(name, f"{name}:{wishes.version}", [f"--{flag}={value}" for flag, value in given], cpu)

    def manager(name: str, cpu: str) -> Mapping[str, Json]:
        return one(name, cpu, kubeconfig=f"/etc/kubernetes/{name.removeprefix('kube-')}.conf", leader_elect="true")

    asked = ",".join(f"https://{address}:2379" for address in wishes.etcd_servers or ("127.0.0.1",))
    return (
        *(() if wishes.etcd_servers else (etcd(),)),
        one("kube-apiserver", "250m", etcd_servers=asked),
        manager("kube-controller-manager", "200m"),
        manager("kube-scheduler", "100m"),
    )


def path_of(component: str) -> str:
    """The file of a component."""
    return f"{DIRECTORY}{component}.yaml"


def texts(pods: Sequence[Mapping[str, Json]]) -> dict[str, str]:
    """Manifests as files: path → text."""
    return {path_of(pod["metadata"]["name"]): manifest.dump(pod) for pod in pods}

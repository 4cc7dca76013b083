"""Static Pods: those that a kubelet runs from files, without an API server (upstream: mirror_client.go).

The control plane itself runs so. For each one the kubelet keeps a *mirror Pod* in the API, so that it can be seen
there; whoever deletes the mirror only makes the kubelet write another one. The containers of the control plane stand
for the processes of their machine: such a container runs exactly while its process does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.frozen import FrozenMap, Json
from kubesim_tui.api.helpers.static_pods import CONFIG_HASH, CONFIG_MIRROR, CONFIG_SOURCE
from kubesim_tui.api.types import Node, OwnerReference, Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options
from kubesim_tui.kubelet.node_status import VERSION
from kubesim_tui.kubelet.pod_workers import PodWorker
from kubesim_tui.world.container import State
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.process import Running

REGISTRY = "registry.k8s.io"
CRITICAL = "system-node-critical"
CRITICAL_PRIORITY = 2_000_001_000


def make_static(manifest: Mapping[str, Json], node: str) -> Pod:
    """The Pod of a manifest, as the kubelet of a node runs it: `name-node`, with a uid made of its contents."""
    meta = dict(manifest.get("metadata") or {})
    digest = hashlib.md5(f"{node} {manifest!r}".encode(), usedforsecurity=False).hexdigest()
    meta["name"] = f"{meta['name']}-{node}"
    meta.setdefault("namespace", "default")
    meta["uid"] = digest
    meta["annotations"] = {**(meta.get("annotations") or {}), CONFIG_HASH: digest, CONFIG_SOURCE: "file"}
    spec = {"restartPolicy": "Always", **dict(manifest["spec"]), "nodeName": node}
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec["tolerations"] = [*(spec.get("tolerations") or ()), {"operator": "Exists", "effect": "NoExecute"}]
    pod = decode_object(Pod, {"metadata": meta, "spec": spec})
    assert isinstance(pod, Pod)
    return pod


def mirror_of(static: Pod, node: Node | None) -> Pod:
    """The mirror of a static Pod, owned by its Node."""
    meta = static.metadata
    owners: tuple[OwnerReference, ...] = ()
    if node is not None:
        owners = (
            OwnerReference(
                api_version="v1", kind="Node", name=node.metadata.name, uid=node.metadata.uid, controller=True
            ),
        )
    annotations = FrozenMap({**meta.annotations, CONFIG_MIRROR: meta.annotations[CONFIG_HASH]})
    return static.evolve(metadata=meta.evolve(uid="", annotations=annotations, owner_references=owners))


def keep_mirror(client: Client, static: Pod, mirror: Pod | None) -> bool:
    """Make the mirror that is missing, replace one that is being deleted or shows something else; False: no road."""
    meta = static.metadata
    try:
        if mirror is not None:
            same = mirror.metadata.annotations.get(CONFIG_MIRROR) == meta.annotations[CONFIG_HASH]
            if same and mirror.metadata.deletion_timestamp is None:
                return True
            client.delete(Pod, meta.namespace, meta.name, Options(grace=0, uid=mirror.metadata.uid))
        node = client.get(Node, "", static.spec.node_name) if static.spec is not None else None
        client.create(mirror_of(static, node))
    except StatusError:
        return True  # the API does not want it: it runs all the same
    except ApiError:
        return False
    return True


def processes(machine: Machine, w: PodWorker) -> tuple[bool, list[str]]:
    """Whether all processes that a static Pod stands for run, and the ids of containers whose process does not."""
    dead: list[str] = []
    alive = True
    for id in w.containers:
        container = machine.runtime.containers.get(id)
        process = machine.processes.get(container.config.name) if container is not None else None
        if container is None or process is None or process.state is not Running.STOPPED:
            continue
        alive = False
        if container.state is State.RUNNING:
            dead.append(id)
    return alive, dead


# -- the control plane -----------------------------------------------------------------------------------------------


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


def etcd() -> Mapping[str, Json]:
    """A member of etcd."""
    return _component("etcd", "etcd:3.6.5-0", ["--data-dir=/var/lib/etcd"], "100m", "100Mi", "/var/lib/etcd")


def control_plane(*, elect: bool = False, etcd_servers: Sequence[str] = ()) -> tuple[Mapping[str, Json], ...]:
    """What kubeadm writes into /etc/kubernetes/manifests, in brief; `elect`: managers stand by for one another.

    `etcd_servers`: addresses of etcd's members, where they are on machines of their own.
    """
    kubeconfig, election = "--kubeconfig=/etc/kubernetes/{}.conf", f"--leader-elect={str(elect).lower()}"
    asked = ",".join(f"https://{address}:2379" for address in etcd_servers or ("127.0.0.1",))
    return (
        *(() if etcd_servers else (etcd(),)),
        _component("kube-apiserver", f"kube-apiserver:{VERSION}", [f"--etcd-servers={asked}"], "250m"),
        _component(
            "kube-controller-manager",
            f"kube-controller-manager:{VERSION}",
            [kubeconfig.format("controller-manager"), election],
            "200m",
        ),
        _component(
            "kube-scheduler",
            f"kube-scheduler:{VERSION}",
            [kubeconfig.format("scheduler"), election],
            "100m",
        ),
    )

"""Static Pods: those that a kubelet runs from files, without an API server (config/file.go, mirror_client.go).

The control plane itself runs so. For each one the kubelet keeps a *mirror Pod* in the API, so that it can be seen
there; whoever deletes the mirror only makes the kubelet write another one. The containers of the control plane stand
for the processes of their machine: such a container runs only while its process is not stopped (by a fault), and the
process works only while its container runs. A file that is changed is another Pod: the old one is ended before the new
one begins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache

from kubesim_tui.api import manifest
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.frozen import FrozenMap, Json
from kubesim_tui.api.helpers.static_pods import CONFIG_HASH, CONFIG_MIRROR, CONFIG_SOURCE
from kubesim_tui.api.types import Node, OwnerReference, Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options
from kubesim_tui.kubelet.pod_workers import PodWorker
from kubesim_tui.world.container import Container, State
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.process import Process, Running
from kubesim_tui.world.reference import parse as parse_reference

DIRECTORY = "/etc/kubernetes/manifests/"
"""Where the files lie (the kubelet's staticPodPath)."""
KILLED, OOM_KILLED = 137, "OOMKilled"
Name = tuple[str, str]


@cache
def read(path: str, text: str) -> Mapping[str, Json] | None:
    """The manifest of a Pod in a file; None if there is none (the kubelet logs that, and goes on)."""
    for document in manifest.read(text, path):
        data = document.data
        if document.error is None and data.get("kind") == "Pod" and data.get("spec") and data.get("metadata"):
            return data
    return None


def files(machine: Machine) -> dict[str, str]:
    """Those of a machine that its kubelet runs Pods from."""
    found = sorted((path, text) for path, text in machine.files.items() if path.startswith(DIRECTORY))
    return {path: text for path, text in found if _is_read(path.removeprefix(DIRECTORY))}


def _is_read(name: str) -> bool:
    """Not directories, what is in them, and what is hidden."""
    return bool(name) and "/" not in name and not name.startswith(".")


def pods(machine: Machine) -> dict[Name, Pod]:
    """The static Pods that the files of a machine ask for."""
    found: dict[Name, Pod] = {}
    for path, text in files(machine).items():
        data = read(path, text)
        if data is not None:
            pod = make_static(data, machine.name)
            found[pod.metadata.namespace, pod.metadata.name] = pod
    return found


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
    """Whether all processes that a static Pod stands for can run, and the ids of containers whose process does not."""
    dead: list[str] = []
    alive = True
    for id in w.containers:
        container = machine.runtime.containers.get(id)
        process = machine.processes.get(container.config.name) if container is not None else None
        if container is None or process is None or (process.state is not Running.STOPPED and not process.gone):
            continue
        alive = False
        if container.state is State.RUNNING and process.state is Running.STOPPED:
            dead.append(id)
    return alive, dead


def follow(machine: Machine, w: PodWorker) -> bool:
    """Processes live and die with the containers in which they run; whether any has begun or ended by that.

    A container that was killed by us shows that its process was stopped, and not the other way round.
    """
    changed = False
    for process, newest in _own(machine, w):
        release = parse_reference(newest.config.image).tag or ""
        if newest.state is State.RUNNING:
            changed = process.come(release) or changed
        elif _ended(newest, w):
            changed = process.leave(_last_words(newest) if newest.exit_code else "", release) or changed
    return changed


def leaving(machine: Machine, w: PodWorker) -> list[str]:
    """The processes that have been told to end, and do."""
    return [p.name for p, newest in _own(machine, w) if p.works and _ended(newest, w) and not newest.exit_code]


def _own(machine: Machine, w: PodWorker) -> Iterator[tuple[Process, Container]]:
    """The processes that a static Pod stands for, each with its newest container."""
    known = [machine.runtime.containers[id] for id in w.containers if id in machine.runtime.containers]
    for container in w.pod.spec.containers if w.pod.spec is not None else ():
        process = machine.processes.get(container.name)
        newest = next((c for c in known if c.config.name == container.name), None)
        if process is not None and newest is not None:
            yield process, newest


def _ended(newest: Container, w: PodWorker) -> bool:
    by_itself = newest.exit_code != KILLED or newest.reason == OOM_KILLED
    return newest.state is State.EXITED and (w.removed or by_itself)


def _last_words(container: Container) -> str:
    """Why it gave up; whom the kernel kills says nothing."""
    return "" if container.reason == OOM_KILLED else next((line.text for line in container.lines(limit=1)), "")

"""The hand that strikes: faults.hand.Hand over a cluster. Through the API where anybody could, else on the world."""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.api.labels import parse as parse_selector
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.cluster.addresses import NAMESPACE, POD
from kubesim_tui.cluster.managers import Managers
from kubesim_tui.cluster.power import Power
from kubesim_tui.cluster.witness import Witness
from kubesim_tui.faults.hand import PodAt
from kubesim_tui.traffic.traffic import Traffic
from kubesim_tui.world.container import Container
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.registry import Registry
from kubesim_tui.world.world import World

CONTROL_PLANE_LABEL = "node-role.kubernetes.io/control-plane"


class Owner(Protocol):
    """The cluster."""

    etcd: Etcd
    world: World
    traffic: Traffic
    power: Power
    managers: Managers
    witness: Witness

    def replicate(self) -> None:
        """Live copies catch up."""
        ...

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        ...


class ClusterHand:
    """See the module. `somebody` and `pipeline`: the identities that act through the API."""

    def __init__(self, cluster: Owner, somebody: Client, pipeline: Client) -> None:
        self.cluster, self.somebody, self.pipeline = cluster, somebody, pipeline

    @property
    def _now(self) -> int:
        return self.cluster.etcd.clock.tick

    def pods(self, namespace: str, selector: str) -> list[PodAt]:
        """Pods that are bound and not yet leaving, by name: those that are Ready, or all if none is."""
        chosen = parse_selector(selector)
        found, ready = [], []
        for pod in self.cluster.etcd.table("pods").in_namespace(namespace):
            assert isinstance(pod, types.Pod)
            bound = pod.spec is not None and pod.spec.node_name
            if bound and pod.metadata.deletion_timestamp is None and chosen.matches(pod.metadata.labels):
                found.append((pod.metadata.namespace, pod.metadata.name, str(bound)))
                if is_pod_ready(pod):
                    ready.append(found[-1])
        return sorted(ready or found)

    def nodes(self) -> list[str]:
        """Names of the Nodes that are not of the control plane."""
        table = self.cluster.etcd.table("nodes")
        return sorted(n.metadata.name for n in table if CONTROL_PLANE_LABEL not in n.metadata.labels)

    # -- through the API ---------------------------------------------------------------------------------------

    def delete_pod(self, namespace: str, name: str) -> bool:
        """As anybody could."""
        try:
            self.somebody.delete(types.Pod, namespace, name)
        except ApiError:
            return False
        return True

    def set_image(self, kind: str, namespace: str, name: str, image: str) -> bool:
        """As a pipeline does: the first container of the template gets an image."""
        cls = {"deployment": types.Deployment, "statefulset": types.StatefulSet}.get(kind.lower(), types.Deployment)
        try:
            found: types.Object = self.pipeline.get(cls, namespace, name)
            container = encode_object(found)["spec"]["template"]["spec"]["containers"][0]["name"]
            template = {"spec": {"containers": [{"name": container, "image": image}]}}
            self.pipeline.patch(cls, namespace, name, {"spec": {"template": template}}, "strategic")
        except ApiError:
            return False
        return True

    # -- on the world ------------------------------------------------------------------------------------------

    def _first(self, namespace: str, pod: str) -> tuple[Machine, Container] | None:
        for machine in self.cluster.world.machines.values():
            for container in machine.runtime.containers.values():
                labels = container.sandbox.labels
                alive = container.exit_code is None and container.started is not None
                if alive and (labels.get(NAMESPACE), labels.get(POD)) == (namespace, pod):
                    return machine, container
        return None

    def kill_container(self, namespace: str, pod: str) -> bool:
        """SIGKILL to the first container of a Pod."""
        found = self._first(namespace, pod)
        if found is not None:
            found[0].runtime.kill(found[1].id, self._now)
        return found is not None

    def leak(self, namespace: str, pod: str, bytes_s: int) -> bool:
        """The first container of a Pod loses so much memory a second."""
        found = self._first(namespace, pod)
        if found is not None:
            found[0].runtime.leak(found[1].id, bytes_s, self._now)
        return found is not None

    def burn(self, namespace: str, pod: str, milli: int) -> bool:
        """The program of a Pod's first container uses so many millicores for nothing (0 heals it)."""
        found = self._first(namespace, pod)
        return found is not None and found[0].runtime.burn(found[1].id, milli, self._now)

    def flood(self, namespace: str, pod: str, bytes_s: int, path: str) -> bool:
        """The first container of a Pod writes so much a second, to a file or ("") to its log (0 heals it)."""
        found = self._first(namespace, pod)
        if found is not None:
            found[0].runtime.flood(found[1].id, bytes_s, path, self._now)
        return found is not None

    def fill_disk(self, node: str, leave_bytes: int, *, inodes: bool) -> bool:
        """Rubbish fills a machine's disk but for so many bytes, or all its inodes."""
        machine = self.cluster.world.machines.get(node)
        if machine is not None:
            machine.fill_disk(leave_bytes, 0 if inodes else None)
        return machine is not None

    def clean_disk(self, node: str) -> bool:
        """The rubbish is removed."""
        machine = self.cluster.world.machines.get(node)
        if machine is not None:
            machine.clean_disk()
        return machine is not None

    def crash(self, node: str, *, gone: bool = False, replaced: bool = False) -> bool:
        """A machine loses power; gone: for good; replaced: a fresh one of the same name stands in its place, off."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or not machine.powered:
            return False
        if replaced:
            machine.replace(self._now)
        machine.power_off(self._now)
        if gone:
            self.cluster.world.cloud.terminate(node)
        self.cluster.look()
        return True

    def shut_down(self, node: str, back_after: int) -> bool:
        """A machine is shut down in an orderly way; it comes back after so many seconds (-1: not by itself)."""
        return self.cluster.power.shut_down(node, back_after)

    def recover(self, node: str) -> bool:
        """Power is back, if the machine still exists."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or not self.cluster.world.cloud.exists(node):
            return False
        if machine.powered:
            return self.cluster.power.switch_on(node)
        machine.power_on(self._now)
        self.cluster.look()
        return True

    def keeper(self, process: str) -> str:
        """The machine on which a process of the control plane leads the others of its kind, or did last."""
        return self.cluster.witness.keeper(process)

    def stop_process(self, node: str, process: str, *, graceful: bool = False) -> bool:
        """A process of a machine is stopped; graceful: it is told before, and may tidy up."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or process not in machine.processes:
            return False
        if graceful:
            self.cluster.managers.release(node, process)
        machine.stop_process(process)
        self.cluster.look()
        return True

    def start_process(self, node: str, process: str) -> bool:
        """It is started again."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or process not in machine.processes:
            return False
        machine.start_process(process)
        self.cluster.look()
        return True

    def slow_process(self, node: str, process: str, factor: int) -> bool:
        """A process of a machine gets less done (1: as much as it should)."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or process not in machine.processes:
            return False
        machine.processes[process].slow_down(factor)
        self.cluster.look()
        return True

    def isolate(self, node: str) -> bool:
        """All links of a machine are cut."""
        if node not in self.cluster.world.machines:
            return False
        self.cluster.world.links.isolate(node)
        self.cluster.look()
        return True

    def rejoin(self, node: str) -> bool:
        """They are mended."""
        if node not in self.cluster.world.machines:
            return False
        self.cluster.world.links.heal(node)
        self.cluster.look()
        return True

    def registry(self, name: str, *, up: bool) -> bool:
        """A registry ("": all) stops answering, or answers again."""
        registries = self.cluster.world.registries
        if not name:
            registries.setdefault("docker.io", Registry("docker.io"))
            registries.setdefault("registry.k8s.io", Registry("registry.k8s.io"))
        elif name not in registries:
            registries[name] = Registry(name)
        for registry in [registries[name]] if name else list(registries.values()):
            registry.recover() if up else registry.down()
        return True

    def rotate(self, registry: str, *, back: bool) -> bool:
        """All passwords of a private registry ("": of all) are changed, or the old ones hold again."""
        known = self.cluster.world.registries
        meant = list(known.values()) if not registry else [known[registry]] if registry in known else []
        struck = [one for one in meant if (one.rotate_back() if back else one.rotate())]
        return bool(struck)

    def storage(self, seconds: int | None) -> bool:
        """The driver of network disks takes so long to attach or detach one (None: it does not answer)."""
        changed = self.cluster.world.cloud.seconds != seconds
        self.cluster.world.cloud.seconds = seconds
        return changed

    def outside(self, name: str, *, up: bool) -> bool:
        """A system outside the cluster stops answering, or answers again."""
        system = self.cluster.world.outside.get(name)
        if system is None:
            return False
        self.cluster.replicate()
        if up:
            system.up(self._now)
        else:
            system.down(self._now)
        return True

    def rate(self, stream: str, factor_pm: int) -> bool:
        """Users ("": all) send factor_pm/1000 times as much."""
        streams = self.cluster.traffic.streams
        if stream and stream not in streams:
            return False
        for streaming in [streams[stream]] if stream else list(streams.values()):
            streaming.factor_pm = factor_pm
        return True

"""A cluster of kubelets and nothing else: machines with real runtimes, Pods bound by hand.

r = Rig()
r.pod("web", image="nginx:1.27")
r.tick(3)
r.status("web")
"""

from typing import Any

from kubesim_tui.api.types import Node, Pod
from kubesim_tui.apiserver.errors import Unreachable
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.kubelet.kubelet import Kubelet
from kubesim_tui.kubelet.options import Options
from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.reference import parse
from kubesim_tui.world.world import World
from tests.harness import Harness

IMAGES = """
repositories: [docker.io/test/app]
size: 30Mi
entrypoint: [app]
programs:
  app:
    start: 0s
    ready: 0s
    options:
      ready: {env: READY, default: "0"}
    ports: [{port: "8080", protocol: http}]
    stop: {after: 0s, code: 0}
    routes:
      - {path: /healthz, requires: {file: /tmp/healthy}, otherwise: 500, body: "ok"}
      - {path: /, body: "hello\\n", service: 1ms}
"""
TOP = ("restartPolicy", "terminationGracePeriodSeconds", "volumes", "serviceAccountName", "priority", "dnsPolicy")
HAVE = ("test/app", "busybox:1.36")
CATALOGUE = Catalogue.bundled().with_texts({"test.yaml": IMAGES})


class Road:
    """A road that tests cut and mend."""

    def __init__(self):
        self.cut = False

    def open(self):
        return not self.cut

    def refusal(self, *, write=False):
        return Unreachable("connection refused")


class Process:
    """The kubelet's process on its machine."""

    def __init__(self, machine):
        self.machine = machine

    def runs(self):
        return self.machine.runs("kubelet")

    def slowness(self):
        return 1


class Rig(Harness):
    """See the module."""

    def __init__(
        self, nodes: int = 1, seed: int = 1, have: tuple[str, ...] = ("test/app", "busybox:1.36"), **options: Any
    ):
        super().__init__(seed)
        self.world = World(CATALOGUE, epoch=self.engine.clock.epoch)
        self.heartbeats = Heartbeats()
        self.kubelets: dict[str, Kubelet] = {}
        self.roads: dict[str, Road] = {}
        for number in range(nodes):
            self.add_node(f"node-{chr(97 + number)}", number, have, **options)

    def add_node(self, name: str, number: int, have: tuple[str, ...] = (), **options: Any) -> Kubelet:
        machine = self.world.add_machine(name, processes=("kubelet",))
        machine.files.update(options.pop("files", {}))
        for image in have:
            machine.runtime.store.add(parse(image), 0)
        road = self.roads[name] = Road()
        client = self.client(f"system:node:{name}")
        client.road = road
        given = {"ip": f"192.168.0.{11 + number}", "pod_cidr": f"10.244.{number + 1}.0/24", **options}
        kubelet = Kubelet(
            self.engine,
            client,
            Process(machine),
            machine,
            Options(**given),
            heartbeats=self.heartbeats,
            cloud=self.world.cloud,
        )
        self.kubelets[name] = kubelet
        self.add(kubelet)
        return kubelet

    # -- Pods

    def pod(self, name: str = "web", node: str = "node-a", **of: Any) -> Pod:
        """Create a Pod that is bound: of one container `app` (its fields by keyword), or with a whole `spec`."""
        spec = of.pop("spec", None)
        meta = {"name": name, **of.pop("metadata", {})}
        if spec is None:
            top = {k: of.pop(k) for k in TOP if k in of}
            spec = {
                "containers": [{"name": "app", "image": "test/app", "imagePullPolicy": "IfNotPresent", **of}],
                **top,
            }
        spec = {"nodeName": node, **spec}
        return self.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})

    def status(self, name: str = "web") -> str:
        """One line: phase, then each container as `name=state`, with * if ready."""
        return line(self.get(Pod, name))

    def history(self, ticks: int, name: str = "web") -> list[tuple[int, str]]:
        """(tick, status) whenever the status is another one; the tick is the one in which it changed."""
        found: list[tuple[int, str]] = []
        for _ in range(ticks):
            now = self.engine.clock.tick
            self.tick()
            there = [p for p in self.list(Pod) if p.metadata.name == name]
            text = line(there[0]) if there else "gone"
            if not found or found[-1][1] != text:
                found.append((now, text))
        return found

    def said(self, *reasons: str, about: str = "web") -> list[str]:
        """`Reason: message` (xN when repeated) of a Pod's events, in the order of their making."""
        events = sorted(self.etcd.table("events"), key=lambda e: e.first_timestamp)
        return [
            f"{e.reason}: {e.message}" + (f" x{e.count}" if (e.count or 1) > 1 else "")
            for e in events
            if e.involved_object.name == about and (not reasons or e.reason in reasons)
        ]

    def containers(self, node: str = "node-a"):
        return self.world.machines[node].runtime.containers

    def container(self, name: str = "app", node: str = "node-a"):
        """The newest container of a name."""
        found = [c for c in self.containers(node).values() if c.config.name == name]
        return max(found, key=lambda c: c.number)

    def node(self, name: str = "node-a") -> Node:
        return self.admin.get(Node, "", name)

    # -- faults

    def cut(self, node: str = "node-a") -> None:
        self.roads[node].cut = True
        self.kubelets[node].disconnect()

    def mend(self, node: str = "node-a") -> None:
        self.roads[node].cut = False
        self.kubelets[node].connect()

    def stop_kubelet(self, node: str = "node-a") -> None:
        self.world.machines[node].stop_process("kubelet")
        self.kubelets[node].stop()

    def start_kubelet(self, node: str = "node-a") -> None:
        self.world.machines[node].start_process("kubelet")
        self.kubelets[node].start()

    def power_off(self, node: str = "node-a") -> None:
        self.world.machines[node].power_off(self.engine.clock.tick)
        self.kubelets[node].stop()

    def power_on(self, node: str = "node-a") -> None:
        self.world.machines[node].power_on(self.engine.clock.tick)
        self.kubelets[node].start()


def line(pod: Pod) -> str:
    """`Running app=Running* side=Waiting(CrashLoopBackOff)x3`, and `Terminating` before a Pod that is being deleted."""
    parts = ["Terminating"] if pod.metadata.deletion_timestamp is not None else []
    parts.append(pod.status.phase + (f"({pod.status.reason})" if pod.status.reason else ""))
    for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
        restarts = f"x{status.restart_count}" if status.restart_count else ""
        parts.append(f"{status.name}={state(status.state)}{'*' if status.ready else ''}{restarts}")
    return " ".join(parts)


def state(found) -> str:
    if found.running is not None:
        return "Running"
    if found.terminated is not None:
        return f"{found.terminated.reason}({found.terminated.exit_code})"
    return found.waiting.reason or "Waiting"


def checkpoint(rig: Rig) -> Rig:
    """A copy that goes on by itself."""
    import copy

    return copy.deepcopy(rig)


__all__ = ["Engine", "Rig", "checkpoint", "line"]

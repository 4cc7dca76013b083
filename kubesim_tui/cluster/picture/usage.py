"""What Pods and machines use, read from the machines whether their kubelets tell it or not."""

from __future__ import annotations

from kubesim_tui.cluster.addresses import NAMESPACE, POD
from kubesim_tui.metrics.usage import container_usage
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.world import World

NOTHING = (0, 0)


class MachineUsage:
    """What containers used in the last tick, by Pod and by machine: (millicores, bytes)."""

    def __init__(self, world: World, tick: int) -> None:
        self._pods: dict[tuple[str, str], tuple[int, int]] = {}
        self._nodes: dict[str, tuple[int, int]] = {}
        for machine in world.machines.values():
            self._add(machine, tick)

    def _add(self, machine: Machine, tick: int) -> None:
        cpu_all = memory_all = 0
        for container in machine.runtime.containers.values():
            cpu, memory = container_usage(container, tick)
            if cpu or memory:
                labels = container.sandbox.labels
                key = (labels.get(NAMESPACE, ""), labels.get(POD, ""))
                before = self._pods.get(key, NOTHING)
                self._pods[key] = (before[0] + cpu, before[1] + memory)
                cpu_all, memory_all = cpu_all + cpu, memory_all + memory
        self._nodes[machine.name] = (cpu_all, memory_all)

    def pod(self, namespace: str, name: str) -> tuple[int, int]:
        """Of a Pod."""
        return self._pods.get((namespace, name), NOTHING)

    def node(self, name: str) -> tuple[int, int]:
        """Of a machine's containers."""
        return self._nodes.get(name, NOTHING)

"""What the world itself can say to an explanation: power, processes, what a container has in its environment."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.cluster.fabric import NAMESPACE, POD
from kubesim_tui.world.world import World


class Witness:
    """Implements explain.evidence.World."""

    def __init__(self, world: World, control_plane: str) -> None:
        self.world, self.control_plane = world, control_plane

    def powered(self, machine: str) -> bool:
        """Whether a machine is on."""
        found = self.world.machines.get(machine)
        return found is not None and found.powered

    def environment(self, namespace: str, pod: str) -> Mapping[str, str]:
        """The environment of a Pod's first container, as its process has it; empty if it does not run."""
        for machine in self.world.machines.values():
            for container in machine.runtime.containers.values():
                labels = container.sandbox.labels
                if (labels.get(NAMESPACE), labels.get(POD)) == (namespace, pod) and container.exit_code is None:
                    return container.environment()
        return {}

    def process_runs(self, machine: str, process: str) -> bool:
        """Whether a process of a machine runs."""
        found = self.world.machines.get(machine)
        return found is not None and found.runs(process)

    def connected(self, machine: str) -> bool:
        """Whether a machine reaches the API server."""
        return self.world.links.reachable(machine, self.control_plane)

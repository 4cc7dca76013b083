"""The containers in which traffic begins: they take messages, or send requests of their own accord."""

from __future__ import annotations

from kubesim_tui.cluster.addresses import NAMESPACE, POD
from kubesim_tui.cluster.ground import Ground
from kubesim_tui.traffic.network import Place
from kubesim_tui.world.container import Container
from kubesim_tui.world.figures import Figures
from kubesim_tui.world.lifecycle import CONSUMER, SENDER


class Roots(Ground):
    """See the module."""

    def consumers(self) -> list[Place]:
        """The containers that take messages from queues now."""
        return self._playing(CONSUMER)

    def senders(self) -> list[Place]:
        """The containers that send requests of their own accord now."""
        return self._playing(SENDER)

    def _playing(self, role: str) -> list[Place]:
        found = []
        for container in self.world.pulse.playing(role):
            labels, machine = container.sandbox.labels, container.host.machine
            hop = ("Pod", labels.get(NAMESPACE, ""), labels.get(POD, container.sandbox.name))
            found.append(Place(machine, self.powered(machine), container, hop))
        return found

    def sent(self, place: Place, number: int, figures: Figures, tick: int, *, all_of_it: bool) -> None:
        """What a program in a container has found out by sending requests."""
        if place.machine in self.world.machines:
            runtime = self.world.machines[place.machine].runtime
            runtime.sent(place.container.id, number, figures, tick, all_of_it=all_of_it)

    def swollen(self, machine: str, container: Container, tick: int) -> None:
        """What a broker keeps in its memory is another amount."""
        if machine in self.world.machines:
            self.world.machines[machine].runtime.swollen(container.id, tick)

"""Strokes at the containers of Pods."""

from __future__ import annotations

from kubesim_tui.cluster.addresses import NAMESPACE, POD
from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.world.container import Container
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.netem import Netem


class ContainerHand(Base):
    """They meet the first container of a Pod that runs."""

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

    def shape_pod(self, namespace: str, pod: str, delay_us: int, loss_pm: int) -> bool:
        """Packets of a Pod are delayed or lost (both 0: no longer), also while no container of it runs."""
        netem = Netem(delay_us, loss_pm) if delay_us or loss_pm else None
        for machine in self.cluster.world.machines.values():
            for sandbox in machine.runtime.sandboxes.values():
                labels = sandbox.labels
                if sandbox.ready and (labels.get(NAMESPACE), labels.get(POD)) == (namespace, pod):
                    machine.runtime.shape(sandbox, netem)
                    return True
        return False

    def leak_sockets(self, namespace: str, pod: str, leave: int | None) -> bool:
        """A Pod's first container closes no connection any more, and has so many ports left (None: it closes all)."""
        found = self._first(namespace, pod)
        if found is not None:
            found[0].runtime.leak_sockets(found[1].id, leave, self._now)
        return found is not None

    def look_up(self, namespace: str, pod: str, times: int) -> bool:
        """A Pod's first container looks a name up so often for each call (0: as it should)."""
        found = self._first(namespace, pod)
        if found is not None:
            found[0].runtime.look_up(found[1].id, times, self._now)
        return found is not None

    def flood(self, namespace: str, pod: str, bytes_s: int, path: str) -> bool:
        """The first container of a Pod writes so much a second, to a file or ("") to its log (0 heals it)."""
        found = self._first(namespace, pod)
        if found is not None:
            found[0].runtime.flood(found[1].id, bytes_s, path, self._now)
        return found is not None

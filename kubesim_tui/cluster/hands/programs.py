"""Strokes at the programs in containers, the images that they come from, and the patience of users."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.cluster.hands.containers import ContainerHand
from kubesim_tui.world.ailment import Ailment
from kubesim_tui.world.errors import InvalidReference
from kubesim_tui.world.reference import parse
from kubesim_tui.world.registry import Registry

PUBLIC = ("docker.io", "registry.k8s.io")
"""Registries that are there without being declared."""


class ProgramsHand(ContainerHand):
    """What they do to a container is over when it ends."""

    def exit_container(self, namespace: str, pod: str, code: int) -> bool:
        """The main process of a Pod's first container exits."""
        found = self._first(namespace, pod)
        if found is not None:
            found[0].runtime.end(found[1].id, code, self._now)
        return found is not None

    def ail(self, namespace: str, pod: str, *, hangs: bool, errors_pm: int, spare_probes: bool) -> bool:
        """The program of a Pod's first container hangs, or errs; what its probes ask for may still be answered."""
        found = self._first(namespace, pod)
        if found is None:
            return False
        spared = self._probed(namespace, pod) if spare_probes else ()
        ailment = Ailment(hangs, errors_pm, spared) if hangs or errors_pm else None
        found[0].runtime.ail(found[1].id, ailment, self._now)
        return True

    def _probed(self, namespace: str, name: str) -> tuple[str, ...]:
        """The paths that the probes of a Pod ask for."""
        pod = self.cluster.etcd.get("pods", (namespace, name))
        containers = pod.spec.containers if isinstance(pod, types.Pod) and pod.spec is not None else ()
        probes = [p for c in containers for p in (c.readiness_probe, c.liveness_probe, c.startup_probe)]
        return tuple(p.http_get.path or "/" for p in probes if p is not None and p.http_get is not None)

    def slow_starts(self, node: str, factor: int) -> bool:
        """Programs on a machine take so many times as long to start (1: as long as they should)."""
        machine = self.cluster.world.machines.get(node)
        if machine is not None:
            machine.runtime.start_factor = factor
        return machine is not None

    def remove_image(self, image: str, *, back: bool) -> bool:
        """An image is removed from its registry, or pushed again."""
        try:
            reference = parse(image)
        except InvalidReference:
            return False
        registry = self._registry(reference.domain)
        return registry.put_back(reference.name) if back else registry.remove(reference.name)

    def throttle(self, registry: str, bytes_s: int) -> bool:
        """A registry ("": each) gives a machine but so many bytes a second (0: what it should)."""
        for name in [registry] if registry else sorted({*PUBLIC, *self.cluster.world.registries}):
            self._registry(name).throttled_bytes_s = bytes_s
            for machine in self.cluster.world.machines.values():
                machine.runtime.registry_changed(name, self._now)
        return True

    def _registry(self, name: str) -> Registry:
        return self.cluster.world.registries.setdefault(name, Registry(name))

    def storm(self, stream: str, tries: int) -> bool:
        """Users ("": all) try again so often, at once (0: as they should)."""
        streams = self.cluster.traffic.streams
        for name in [stream] if stream else list(streams):
            if name not in streams:
                return False
            streams[name].retries.storm = tries
        return True

    def herd(self, stream: str, seconds: int) -> bool:
        """All users ("": of all streams) who would come within so many seconds come at once."""
        streams = self.cluster.traffic.streams
        for name in [stream] if stream else list(streams):
            if name not in streams:
                return False
            streams[name].pent_up = seconds
        return True

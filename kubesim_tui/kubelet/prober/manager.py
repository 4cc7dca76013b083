"""All probes of a node's Pods: when each is made, and what follows from it (upstream: prober_manager.go).

Upstream probes every period. Here a probe that is settled (its result holds, and the container would answer the same)
is not made again until the container's `probe_generation` changes; then it comes at its next turn. A probe that fails
is made every period, for each failure is told. A readiness probe is also made at once with each sync of a Pod that is
not ready yet, as upstream does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from attrs import define

from kubesim_tui.api.helpers import restart
from kubesim_tui.api.helpers.pod_conditions import is_sidecar
from kubesim_tui.api.types import Container, ContainerStatus, PodStatus
from kubesim_tui.apiserver.record import WARNING
from kubesim_tui.kubelet.events import Events
from kubesim_tui.kubelet.pod_actions import FAILURE, SUCCESS
from kubesim_tui.kubelet.pod_workers import Life, PodWorker
from kubesim_tui.kubelet.prober.probe import SECOND_US, Exec, ProbeError, ask
from kubesim_tui.kubelet.prober.worker import Kind, Look, PodView, Worker, is_settled, look, observe
from kubesim_tui.kubelet.restart_all import is_marked
from kubesim_tui.world.container import Container as Running


class Runtime(Exec, Protocol):
    """What is needed of the container runtime."""

    def container(self, id: str) -> Running | None:
        """A container, None if there is none of this id."""
        ...


@define(eq=False)
class Prober:
    """See the module. Workers live in their Pod's worker."""

    runtime: Runtime
    events: Events
    epoch: int

    def add(self, w: PodWorker, now: int) -> None:
        """Make the workers of a Pod; their turns count from now."""
        spec = w.pod.spec
        assert spec is not None
        sidecars = (c for c in spec.init_containers if is_sidecar(c))
        w.probes = (
            tuple(_workers((*sidecars, *spec.containers), now)) if _any(spec.containers) or spec.init_containers else ()
        )

    def remove(self, w: PodWorker) -> None:
        """The Pod's containers are gone."""
        w.probes = ()

    def results(self, w: PodWorker, kind: Kind) -> dict[str, str]:
        """What is held to be so, by the id of the container in the runtime."""
        found = (p for p in w.probes or () if p.kind is kind and p.container_id)
        return {p.container_id.partition("://")[2]: p.result for p in found}

    def update(self, w: PodWorker, status: PodStatus, now: int, synced: bool) -> PodStatus:
        """Make the probes that are due, and mark containers as started and ready by what is held to be so."""
        if not w.probes:
            return status
        init = tuple(self._marked(w, s, now, synced) for s in status.init_container_statuses)
        apps = tuple(self._marked(w, s, now, synced) for s in status.container_statuses)
        if init == status.init_container_statuses and apps == status.container_statuses:
            return status
        return status.evolve(init_container_statuses=init, container_statuses=apps)

    def _marked(self, w: PodWorker, status: ContainerStatus, now: int, synced: bool) -> ContainerStatus:
        mine = {p.kind: p for p in w.probes or () if p.container.name == status.name}
        if not mine:
            return status
        running = status.state is not None and status.state.running is not None
        for kind in (Kind.STARTUP, Kind.LIVENESS, Kind.READINESS):
            worker = mine.get(kind)
            if worker is not None:
                started = running and _started(mine.get(Kind.STARTUP), status)
                self._turn(w, worker, status, started, now, synced)
        started = running and _started(mine.get(Kind.STARTUP), status)
        readiness = mine.get(Kind.READINESS)
        ready = started and (readiness is None or readiness.result_of(status.container_id) == SUCCESS)
        if bool(status.started) == started and status.ready == ready:
            return status
        return status.evolve(started=started, ready=ready)

    # -- turns

    def _turn(
        self, w: PodWorker, worker: Worker, status: ContainerStatus, started: bool, now: int, synced: bool
    ) -> None:
        """One worker has a look; it probes if its turn has come."""
        never = not self._comes_back(w, worker, status)
        decided = look(worker, status, PodView(started, never, w.life is not Life.SYNC), self.epoch + now)
        if decided is not Look.PROBE:
            worker.due = self._after_delay(worker, status) if decided is Look.DELAY else -1
            worker.pending = None
            if decided is Look.STOP:
                w.probes = tuple(p for p in w.probes or () if p is not worker)
            return
        if worker.pending is not None:
            if now >= worker.pending[0]:
                self._answered(w, worker, worker.pending[1], worker.pending[2], now)
            return
        container = self.runtime.container(status.container_id.partition("://")[2])
        if container is None:
            return
        if worker.settled >= 0 and worker.settled == container.probe_generation:
            return
        if worker.due < 0:
            worker.due = worker.next_turn(now)
        worker.settled = -1
        asked_for = synced and worker.kind is Kind.READINESS and worker.result != SUCCESS
        if now >= worker.due or asked_for:
            self._probe(w, worker, container, now)

    def _comes_back(self, w: PodWorker, worker: Worker, status: ContainerStatus) -> bool:
        """Whether a container that has ended is started again."""
        ended = status.state.terminated if status.state is not None else None
        if ended is None or w.pod.spec is None:
            return True
        return restart.restarts(worker.container, w.pod.spec, ended.exit_code) or is_marked(w.status)

    def _after_delay(self, worker: Worker, status: ContainerStatus) -> int:
        assert status.state is not None
        assert status.state.running is not None
        start = (status.state.running.started_at or 0) - self.epoch
        return worker.next_turn(start + (worker.probe.initial_delay_seconds or 0))

    def _probe(self, w: PodWorker, worker: Worker, container: Running, now: int) -> None:
        worker.due = worker.next_turn(now + 1)
        try:
            found = ask(worker.probe, worker.container, container, self.runtime, now)
        except ProbeError as error:
            said = f"{worker.kind} probe errored and resulted in unknown state: {error.text}"
            self.events.container(w.pod, worker.container.name, WARNING, "Unhealthy", said)
            return
        outcome = SUCCESS if found.success else FAILURE
        late = found.took_us // SECOND_US
        if late:
            worker.pending = (now + late, outcome, found.output)
            return
        self._answered(w, worker, outcome, found.output, now)
        if found.steady and is_settled(worker):
            worker.settled, worker.due = container.probe_generation, -1

    def _answered(self, w: PodWorker, worker: Worker, outcome: str, output: str, now: int) -> None:
        worker.pending = None
        worker.due = worker.next_turn(now + 1)
        if outcome == FAILURE:
            self.events.unhealthy(w.pod, worker.container.name, worker.kind, output)
        observe(worker, outcome)
        if worker.on_hold:
            worker.due = -1

    def next_wake(self, w: PodWorker) -> int:
        """The tick of the next probe or answer of a Pod, -1 if none is planned."""
        ticks = [p.pending[0] if p.pending is not None else p.due for p in w.probes or ()]
        return min((tick for tick in ticks if tick >= 0), default=-1)


def _any(containers: Iterable[Container]) -> bool:
    return any(c.startup_probe or c.liveness_probe or c.readiness_probe for c in containers)


def _workers(containers: Iterable[Container], now: int) -> Iterable[Worker]:
    for container in containers:
        if container.startup_probe is not None:
            yield Worker(Kind.STARTUP, container, container.startup_probe, now)
        if container.readiness_probe is not None:
            yield Worker(Kind.READINESS, container, container.readiness_probe, now)
        if container.liveness_probe is not None:
            yield Worker(Kind.LIVENESS, container, container.liveness_probe, now)


def _started(startup: Worker | None, status: ContainerStatus) -> bool:
    return startup is None or startup.result_of(status.container_id) == SUCCESS

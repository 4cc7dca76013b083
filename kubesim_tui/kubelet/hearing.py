"""What a kubelet hears: of its Pods and what they refer to from the API server, of containers from the runtime.

Handlers only note what has happened and enqueue; the work is done in kubelet.py.
"""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.api.types import ConfigMap, Object, Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive
from kubesim_tui.kubelet import adoption, oom, resize, static
from kubesim_tui.kubelet.node_status import PLEG_THRESHOLD, RUNTIME_THRESHOLD
from kubesim_tui.kubelet.nodeshutdown import DETECTED
from kubesim_tui.kubelet.objects import Informers
from kubesim_tui.kubelet.options import Options
from kubesim_tui.kubelet.parts import Ground, Parts
from kubesim_tui.kubelet.pleg import Pleg
from kubesim_tui.kubelet.pod_workers import PodWorker
from kubesim_tui.kubelet.volume.manager import SYNC_PERIOD
from kubesim_tui.kubelet.volume.store import Cloud
from kubesim_tui.world.machine import Machine

NODE, PRESSURE, GARBAGE, SHUTDOWN = "node", "pressure", "garbage", "shutdown"


class Steward(Protocol):
    """Who knows what processes do that begin and end with the containers of a machine."""

    def told_to_end(self, machine: str, process: str) -> None:
        """It ends in good order, and may have tidied up."""
        ...

    def look(self) -> None:
        """Some have begun or ended."""
        ...


class Hearing(Component):
    """The ears of a kubelet. Keys are Pods' (namespace, name), "node", "pressure", "garbage" and "shutdown"."""

    phase = "kubelets"

    def __init__(
        self,
        engine: Engine,
        client: Client,
        process: Alive,
        machine: Machine,
        options: Options,
        *,
        informers: Informers | None = None,
        heartbeats: Heartbeats | None = None,
        cloud: Cloud | None = None,
        steward: Steward | None = None,
    ) -> None:
        super().__init__(f"kubelet/{machine.name}", engine, client, process)
        self.node, self.heartbeats = machine.name, heartbeats
        self.steward = steward
        self.unheard = 0  # until this tick its renewals look old: its clock was set back
        informers = informers or Informers.of(client.server.etcd, engine, machine.name)
        self.ground = Ground(machine, options, client, informers, cloud, engine.clock.epoch)
        self.parts: Parts | None = None
        self.pleg = Pleg(engine, machine)
        self.pleg.ear = self
        for informer in informers.all():
            self.watch(informer)
        informers.pods.on_change(self.pod_changed)
        informers.config_maps.on_change(self.object_changed)
        informers.secrets.on_change(self.object_changed)
        informers.services.on_change(self.service_changed)

    def pod_changed(self, before: Object | None, now: Object | None) -> None:
        """A Pod of this node is new, has changed, or is gone."""
        pod = now if now is not None else before
        assert isinstance(pod, Pod)
        key = (pod.metadata.namespace, pod.metadata.name)
        w = self.parts.workers.get(key) if self.parts is not None else None
        if w is None:
            self.enqueue(key)
            return
        if w.mirror:
            if pod.status is w.status and pod.metadata.deletion_timestamp is None and now is not None:
                return
            w.dirty = True
        elif now is None or w.uid != pod.metadata.uid:
            w.removed = w.woken = True
        else:
            old, w.pod = w.pod, pod
            if pod.spec is not old.spec:
                resize.note(w, old)
            if pod.status is w.status and pod.spec is old.spec and not _asks(old, pod) and not _describes(old, pod):
                return  # our own report
            w.woken = w.woken or _concerns(w, old, pod)
            if _describes(old, pod):
                self._refresh_later(w)
        self.enqueue(key)

    def object_changed(self, before: Object | None, now: Object | None) -> None:
        """Volumes that show a ConfigMap or Secret follow it with the next regular sync of their Pods."""
        obj = now if now is not None else before
        if obj is None or self.parts is None or not self.parts.objects.readers:
            return
        kind = "ConfigMap" if isinstance(obj, ConfigMap) else "Secret"
        for key in self.parts.objects.readers.get((kind, obj.metadata.namespace, obj.metadata.name), {}):
            w = self.parts.workers.get(key)
            if w is not None:
                self._refresh_later(w)

    def _refresh_later(self, w: PodWorker) -> None:
        if w.volumes is None or w.volumes.refresh >= 0:
            return
        now = self.engine.clock.tick
        w.volumes.refresh = now + SYNC_PERIOD - (now - w.since) % SYNC_PERIOD
        self._set_timer(w, w.volumes.refresh)

    def service_changed(self, before: Object | None, now: Object | None) -> None:
        """Containers that start from now on see other variables."""
        if self.parts is not None:
            self.parts.objects.service_changed(before, now)

    def containers_changed(self, ids: list[str]) -> None:
        """Containers have begun, ended, or would answer probes otherwise; pulls may have ended."""
        if self.parts is None:
            return
        runtime = self.ground.machine.runtime
        for id in ids:
            container = runtime.containers.get(id)
            w = self.parts.workers.get(adoption.owner(container.sandbox)) if container is not None else None
            if w is None or container is None:
                continue
            if w.states.get(id) != container.state:
                w.woken = True
                if w.mirror:
                    self._follow(w)
                if oom.is_victim(container):
                    self.parts.reporter.tell_oom(container.config.name)
            elif not w.probes:
                continue
            self.enqueue(w.key)
        self.parts.puller.advance(self.engine.clock.tick)
        if self.parts.puller.settled:
            self._images_settled(self.parts)

    def _images_settled(self, parts: Parts, besides: Key = None) -> None:
        """Pods whose images have come (or not) go on; the Node shows its images."""
        for key in parts.puller.take_settled():
            if key != besides:
                self.enqueue(key)
        self.node_changes()

    def look(self) -> None:
        """A process of the machine has changed: does containerd answer, do those run that static Pods stand for?"""
        if self.parts is None or not self.runs():
            return
        self.enqueue(PRESSURE)
        if static.files(self.ground.machine) != self.parts.files:
            self._read_files(self.parts)
        for w in [w for w in self.parts.workers.values() if w.mirror]:
            self._look_at_processes(self.parts, w)
        answers, now = self.parts.host.cri.answers, self.engine.clock.tick
        if answers and self.parts.watch.down_since >= 0:
            self.parts.watch.down_since = -1
            self.pleg.wake(now)
            for w in self.parts.workers.values():
                w.woken = True
                self.enqueue(w.key)
            self.enqueue(NODE)
        elif not answers and self.parts.watch.down_since < 0:
            self.parts.watch.down_since = now
            for threshold in (RUNTIME_THRESHOLD, PLEG_THRESHOLD):
                self.engine.at(self.parts.reporter.next_look(now + threshold), self.phase, self, NODE)

    def _look_at_processes(self, parts: Parts, w: PodWorker) -> None:
        machine, now = self.ground.machine, self.engine.clock.tick
        self._follow(w)
        alive, dead = static.processes(machine, w)
        for id in dead:
            machine.runtime.kill(id, now)
        if alive and w.reasons:
            parts.backoff.forget(w.uid)
            w.woken = True
            self.enqueue(w.key)

    def _follow(self, w: PodWorker) -> None:
        """Processes of the control plane have ended or begun with their containers."""
        machine = self.ground.machine
        if self.steward is not None:
            for process in static.leaving(machine, w):
                self.steward.told_to_end(self.node, process)
        if static.follow(machine, w) and self.steward is not None:
            self.steward.look()

    def _read_files(self, parts: Parts) -> None:
        """Files of the machine that ask for Pods have changed."""
        raise NotImplementedError

    def strained(self, used_bytes: int) -> None:
        """So much memory is being used: the kubelet looks only if that may be too much."""
        if self.parts is not None and used_bytes > self.calm_bytes():
            self.enqueue(PRESSURE)

    def calm_bytes(self) -> int:
        """While no more memory is in use the kubelet has nothing to see to."""
        return self.parts.watch.evictions.calm_bytes() if self.parts is not None else -1

    def outsider_killed(self, process: str) -> None:
        """The kernel has killed a process beside the containers, because no memory was left."""
        if self.parts is not None:
            self.parts.reporter.tell_oom(process)

    def disk_grew(self) -> None:
        """The disk is filling up: the kubelet looks every ten seconds."""
        if self.parts is not None:
            self._look_at_pressure(self.parts.watch.next_period(self.engine.clock.tick))

    def _look_at_pressure(self, tick: int) -> None:
        """Look at memory and disk in a tick, unless that happens earlier anyway."""
        watch = self.parts.watch if self.parts is not None else None
        if watch is not None and not self.engine.clock.tick < watch.planned <= tick:
            watch.planned = tick
            self.engine.at(tick, self.phase, self, PRESSURE)

    def shut_down(self) -> None:
        """The machine is told to shut down (logind's PrepareForShutdown)."""
        if self.parts is not None and self.runs() and self.parts.watch.shutdown.begin():
            self.parts.reporter.tell(*DETECTED)
            self.enqueue(NODE)
            self.enqueue(SHUTDOWN)

    def holds_shutdown(self) -> bool:
        """Whether the machine has to wait for its Pods."""
        shutdown = self.parts.watch.shutdown if self.parts is not None and self.runs() else None
        return shutdown is not None and shutdown.under_way and not shutdown.done

    def node_changes(self) -> None:
        """Something that the Node shows has changed: report it at the next regular moment."""
        reporter = self.parts.reporter if self.parts is not None else None
        tick = reporter.next_look(self.engine.clock.tick) if reporter is not None else 0
        if reporter is not None and reporter.planned < tick:
            reporter.planned = tick
            self.engine.at(tick, self.phase, self, NODE)

    def _set_timer(self, w: PodWorker, tick: int) -> None:
        now = self.engine.clock.tick
        if tick > now and (w.timer <= now or tick < w.timer):
            w.timer = tick
            self.engine.at(tick, self.phase, self, w.key)


def _asks(before: Pod, now: Pod) -> bool:
    """Whether the deletion of a Pod is new, or more urgent."""
    return (before.metadata.deletion_timestamp, before.metadata.deletion_grace_period_seconds) != (
        now.metadata.deletion_timestamp,
        now.metadata.deletion_grace_period_seconds,
    )


def _concerns(w: PodWorker, before: Pod, now: Pod) -> bool:
    """Whether a change is for us: its spec, its deletion, or a status that is not ours."""
    if before.spec is not now.spec and before.spec != now.spec:
        return True
    return _asks(before, now) or (now.status is not w.status and now.status != w.status)


def _describes(before: Pod, now: Pod) -> bool:
    """Whether labels or annotations have changed that the downward API may show."""
    if before.metadata.labels is now.metadata.labels and before.metadata.annotations is now.metadata.annotations:
        return False
    return (before.metadata.labels, before.metadata.annotations) != (now.metadata.labels, now.metadata.annotations)

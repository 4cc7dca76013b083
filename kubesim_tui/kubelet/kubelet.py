"""The kubelet: the agent of one node. It takes the Pods bound to its node, runs them, and reports what became of them.

It acts on its own caches. When the road to the API server is cut they freeze: what runs goes on running, and what there
is to report waits. When the process stops, containers go on, too; a new one finds them in the runtime and adopts them.
When the machine loses its power they are dead, and the kubelet starts them again with the power.
"""

from __future__ import annotations

from kubesim_tui.api.types import ConfigMap, Object, Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.apiserver.request import Options as Ask
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive
from kubesim_tui.kubelet import adoption, oom, static
from kubesim_tui.kubelet.node_status import PLEG_THRESHOLD, RUNTIME_THRESHOLD
from kubesim_tui.kubelet.objects import Informers
from kubesim_tui.kubelet.options import Options
from kubesim_tui.kubelet.parts import Ground, Name, Parts, assemble
from kubesim_tui.kubelet.phase import TERMINAL
from kubesim_tui.kubelet.pleg import Pleg
from kubesim_tui.kubelet.pod_workers import Life, PodWorker
from kubesim_tui.kubelet.volume.manager import SYNC_PERIOD
from kubesim_tui.kubelet.volume.payload import is_made_of_objects
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.machine import Machine

NODE, PRESSURE = "node", "pressure"


class Kubelet(Component):
    """One node's agent. Keys are Pods' (namespace, name), "node" and "pressure"."""

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
        cloud: object = None,
    ) -> None:
        super().__init__(f"kubelet/{machine.name}", engine, client, process)
        self.node, self.heartbeats = machine.name, heartbeats
        informers = informers or Informers.of(client.server.etcd, engine, machine.name)
        self.ground = Ground(machine, options, client, informers, cloud, engine.clock.epoch)  # type: ignore[arg-type]
        self.parts: Parts | None = None
        self.pleg = Pleg(engine, machine)
        self.pleg.ear = self
        for informer in informers.all():
            self.watch(informer)
        informers.pods.on_change(self.pod_changed)
        informers.config_maps.on_change(self.object_changed)
        informers.secrets.on_change(self.object_changed)
        informers.services.on_change(self.service_changed)

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """The process has started: find what runs already, then list and register."""
        self._wake_up()
        self.connect()

    def _wake_up(self) -> Parts:
        if self.parts is None:
            self.parts = assemble(self.ground)
            self.parts.found = adoption.list_sandboxes(self.ground.machine.runtime)
            for manifest in self.ground.options.manifests:
                self._run_static(self.parts, static.make_static(manifest, self.node))
        return self.parts

    def _run_static(self, parts: Parts, pod: Pod) -> None:
        """A Pod from a file of the machine: it needs no API server."""
        key = (pod.metadata.namespace, pod.metadata.name)
        w = parts.workers[key] = PodWorker(key, pod)
        w.mirror, w.since = True, self.engine.clock.tick
        runtime = self.ground.machine.runtime
        if key in parts.found and adoption.belongs(parts.found[key], w.uid, runtime):
            adoption.adopt(w, parts.found.pop(key), runtime)
        self.enqueue(key)

    def connect(self) -> None:
        """The road is open (again): hear, beat, and post what has waited."""
        parts = self._wake_up()
        super().connect()
        if self.heartbeats is not None:
            self.heartbeats.beat_from(self.node, self.engine.clock.tick)
        self.enqueue(NODE, -1)
        mirrors = [w.key for w in parts.workers.values() if w.mirror]
        for key in (*parts.unposted, *parts.found, *mirrors):
            self.enqueue(key)

    def disconnect(self) -> None:
        """The road is closed."""
        super().disconnect()
        if self.heartbeats is not None:
            self.heartbeats.stop(self.node, self.engine.clock.tick)

    def stop(self) -> None:
        """The process has stopped: its memory is lost; containers go on."""
        super().stop()
        self.parts = None
        if self.heartbeats is not None:
            self.heartbeats.stop(self.node, self.engine.clock.tick)

    # -- news ----------------------------------------------------------------------------------------------------------

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
        elif now is None:
            w.removed = w.woken = True
        elif w.uid == pod.metadata.uid:
            old, w.pod = w.pod, pod
            if pod.status is w.status and pod.spec is old.spec and not _asks(old, pod):
                return  # our own report
            w.woken = w.woken or _concerns(w, old, pod)
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
        alive, dead = static.processes(machine, w)
        for id in dead:
            machine.runtime.kill(id, now)
        if alive and w.reasons:
            parts.backoff.forget(w.uid)
            w.woken = True
            self.enqueue(w.key)

    # -- work ----------------------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Look at one Pod, or at the node."""
        parts, now = self.parts, self.engine.clock.tick
        if parts is None:
            return
        if key in (NODE, PRESSURE):
            (self._sync_node if key == NODE else self._sync_pressure)(parts, now)
            return
        assert isinstance(key, tuple)
        if not parts.host.cri.answers:
            self.look()
            return
        if 0 <= self.pleg.next <= now:
            self.pleg.relist()
        w = parts.workers.get(key) or self._admit(parts, key, now)
        if w is None:
            return
        self.pleg.hold = True
        try:
            parts.syncer.sync(w, now)
        except CriError:  # containerd has gone away: the Pod is looked at again when it answers
            w.woken = True
        finally:
            self.pleg.hold = False
        self._finish(parts, w, now)

    def _finish(self, parts: Parts, w: PodWorker, now: int) -> None:
        """Report, and plan the next look."""
        if parts.puller.settled:
            self._images_settled(parts, w.key)
        if w.mirror:
            self._after_static(parts, w)
        if parts.statuses.flush(w):
            parts.unposted.pop(w.key, None)
        else:
            parts.unposted[w.key] = None
        if w.removed and w.life is Life.FINISHED:
            parts.forget(w, now)
            if self.ground.informers.pods.get(*w.key) is not None:
                self.enqueue(w.key)
            return
        self._set_timer(w, parts.syncer.next_wake(w, now))

    def _after_static(self, parts: Parts, w: PodWorker) -> None:
        """Keep the mirror; end containers whose process does not run."""
        mirror = self.ground.informers.pods.get(*w.key)
        if self.client.road.open():
            static.keep_mirror(self.client, w.pod, mirror if isinstance(mirror, Pod) else None)
        self._look_at_processes(parts, w)

    def _set_timer(self, w: PodWorker, tick: int) -> None:
        now = self.engine.clock.tick
        if tick > now and (w.timer <= now or tick < w.timer):
            w.timer = tick
            self.engine.at(tick, self.phase, self, w.key)

    def _admit(self, parts: Parts, key: Name, now: int) -> PodWorker | None:
        """A worker for a Pod that is new to us."""
        pod = self.ground.informers.pods.get(*key)
        uid = pod.metadata.uid if isinstance(pod, Pod) else ""
        runtime = self.ground.machine.runtime
        strange = key in parts.found and not adoption.belongs(parts.found[key], uid, runtime)
        if strange and adoption.reap(parts.found, key, runtime, now):
            self.enqueue_after(1, key)
            return None
        if not isinstance(pod, Pod):
            return None
        if static.is_mirror(pod):  # of a Pod whose file is gone
            self.client.delete(Pod, *key, Ask(grace=0))
            return None
        w = parts.workers[key] = PodWorker(key, pod)
        w.since = now
        adopted = parts.found.pop(key, None)
        if adopted:
            adoption.adopt(w, adopted, runtime)
        elif pod.status is None or pod.status.phase not in TERMINAL:
            parts.watch.check_room(w, parts.workers, now)
        return w

    # -- the node ------------------------------------------------------------------------------------------------------

    def _sync_node(self, parts: Parts, now: int) -> None:
        ready = parts.host.ipam is not None
        if not parts.reporter.sync(parts.watch.health(now), now, self.ground.epoch + now):
            self.enqueue_after(1, NODE)
        elif not ready:
            for w in parts.workers.values():
                w.woken = True
                self.enqueue(w.key)

    def strained(self) -> None:
        """Memory and disk are being used."""
        if self.parts is not None:
            self.enqueue(PRESSURE)

    def _sync_pressure(self, parts: Parts, now: int) -> None:
        evicted = parts.watch.evict(parts.workers, now, self.ground.epoch + now)
        if evicted is not None:
            self.enqueue(evicted.key)
        if parts.watch.pressures_turned(now):
            self.node_changes()
        again = parts.watch.next_look(now)
        if again >= 0:
            self.engine.at(again, self.phase, self, PRESSURE)

    def node_changes(self) -> None:
        """Something that the Node shows has changed: report it at the next regular moment."""
        reporter = self.parts.reporter if self.parts is not None else None
        tick = reporter.next_look(self.engine.clock.tick) if reporter is not None else 0
        if reporter is not None and reporter.planned < tick:
            reporter.planned = tick
            self.engine.at(tick, self.phase, self, NODE)

    def failed(self, key: Key, failure: ApiError) -> None:
        """A report did not get through; it is tried again."""


def _asks(before: Pod, now: Pod) -> bool:
    """Whether the deletion of a Pod is new, or more urgent."""
    return (before.metadata.deletion_timestamp, before.metadata.deletion_grace_period_seconds) != (
        now.metadata.deletion_timestamp,
        now.metadata.deletion_grace_period_seconds,
    )


def _concerns(w: PodWorker, before: Pod, now: Pod) -> bool:
    """Whether a change is for us: its spec, its deletion, a status that is not ours, or what the downward API shows."""
    if before.spec is not now.spec and before.spec != now.spec:
        return True
    if _asks(before, now) or (now.status is not w.status and now.status != w.status):
        return True
    if (before.metadata.labels, before.metadata.annotations) != (now.metadata.labels, now.metadata.annotations):
        return now.spec is not None and any(is_made_of_objects(v) for v in now.spec.volumes)
    return False

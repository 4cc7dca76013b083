"""The kubelet: the agent of one node. It takes the Pods bound to its node, runs them, and reports what became of them.

It acts on its own caches. When the road to the API server is cut they freeze: what runs goes on running, and what there
is to report waits. When the process stops, containers go on, too; a new one finds them in the runtime and adopts them.
When the machine loses its power they are dead, and the kubelet starts them again with the power.
"""

from __future__ import annotations

from kubesim_tui.api.helpers.static_pods import is_mirror
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.errors import ApiError, Unreachable
from kubesim_tui.apiserver.request import Options as Ask
from kubesim_tui.kernel.engine import Key
from kubesim_tui.kubelet import adoption, static
from kubesim_tui.kubelet.diary import HEARD, RENEWAL, UNRENEWED
from kubesim_tui.kubelet.hearing import GARBAGE, NODE, PRESSURE, SHUTDOWN, Hearing
from kubesim_tui.kubelet.options import Options as Options
from kubesim_tui.kubelet.parts import Name, Parts, assemble
from kubesim_tui.kubelet.phase import TERMINAL
from kubesim_tui.kubelet.pod_workers import Life, PodWorker
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.machine import KUBELET


class Kubelet(Hearing):
    """One node's agent."""

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """The process has started: find what runs already, then list and register."""
        self.wake_up()
        self.connect()

    def wake_up(self) -> Parts:
        """The process runs: static Pods need no more than that."""
        if self.parts is None:
            self.parts = assemble(self.ground, self.engine.clock.tick)
            self.parts.found = adoption.list_sandboxes(self.ground.machine.runtime)
            self._read_files(self.parts)
        return self.parts

    def _read_files(self, parts: Parts) -> None:
        """Run what files of the machine ask for, as soon as an earlier Pod of that name is gone."""
        parts.files = static.files(self.ground.machine)
        wanted = static.pods(self.ground.machine)
        for key, pod in wanted.items():
            if key not in parts.workers:
                self._run_static(parts, pod)
        for w in [w for w in parts.workers.values() if w.mirror]:
            if w.key not in wanted or wanted[w.key].metadata.uid != w.uid:
                w.removed = w.woken = True
                self.enqueue(w.key)

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
        parts = self.wake_up()
        super().connect()
        self.ground.machine.say(KUBELET, HEARD)
        self._beat()
        self.enqueue(NODE, -1)
        self.enqueue(PRESSURE)
        mirrors = [w.key for w in parts.workers.values() if w.mirror]
        for key in (*parts.unposted, *parts.found, *mirrors):
            self.enqueue(key)

    def clock_moved(self, seconds: int) -> None:
        """The machine's clock has jumped by so many seconds.

        Set back, its renewals look older than the last one that was seen, until they have caught up with it.
        """
        now = self.engine.clock.tick
        self.unheard = max(now, self.unheard) - seconds
        if self.unheard > now and self.heartbeats is not None:
            self.heartbeats.stop(self.node, now)
            self.engine.at(self.unheard, self.phase, self, NODE)
        else:
            self._beat()

    def _beat(self) -> None:
        now = self.engine.clock.tick
        if self.heartbeats is not None and now >= self.unheard and self.parts is not None and self.client.road.open():
            self.heartbeats.beat_from(self.node, now)

    def disconnect(self) -> None:
        """The road is closed."""
        super().disconnect()
        self._note_silence()
        if self.heartbeats is not None:
            self.heartbeats.stop(self.node, self.engine.clock.tick)

    def _note_silence(self) -> None:
        """The lease is renewed no more: from its next renewal on that fails, for this reason."""
        now, machine = self.engine.clock.tick, self.ground.machine
        last = self.heartbeats.last(self.node, now) if self.heartbeats is not None else None
        if last is not None and not self.ground.options.standalone:
            refused = self.client.road.refusal(write=True)
            machine.say(KUBELET, UNRENEWED, last + RENEWAL, str(refused), isinstance(refused, Unreachable))

    def stop(self) -> None:
        """The process has stopped: its memory is lost; containers go on."""
        super().stop()
        self.parts = None
        if self.heartbeats is not None:
            self.heartbeats.stop(self.node, self.engine.clock.tick)

    # -- work ----------------------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Look at one Pod, or at the node."""
        parts, now = self.parts, self.engine.clock.tick
        if parts is None:
            return
        if isinstance(key, str):
            {
                NODE: self._sync_node,
                PRESSURE: self._sync_pressure,
                GARBAGE: self._collect_garbage,
                SHUTDOWN: self._sync_shutdown,
            }[key](parts, now)
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
        if w.mirror:
            self._look_at_processes(parts, w)

    def _finish(self, parts: Parts, w: PodWorker, now: int) -> None:
        """Report, and plan the next look."""
        if parts.puller.settled:
            self._images_settled(parts, w.key)
        if w.mirror and not w.removed:
            self._keep_mirror(w)
        if parts.statuses.flush(w):
            parts.unposted.pop(w.key, None)
        else:
            parts.unposted[w.key] = None
        if w.removed and w.life is Life.FINISHED:
            parts.forget(w, now)
            if w.mirror:
                self._read_files(parts)
            if self.ground.informers.pods.get(*w.key) is not None:
                self.enqueue(w.key)
            return
        self._set_timer(w, parts.syncer.next_wake(w, now))

    def _keep_mirror(self, w: PodWorker) -> None:
        mirror = self.ground.informers.pods.get(*w.key)
        if self.client.road.open():
            static.keep_mirror(self.client, w.pod, mirror if isinstance(mirror, Pod) else None)

    def _admit(self, parts: Parts, key: Name, now: int) -> PodWorker | None:
        """A worker for a Pod that is new to us."""
        pod = self.ground.informers.pods.get(*key)
        uid = pod.metadata.uid if isinstance(pod, Pod) else ""
        runtime = self.ground.machine.runtime
        strange = key in parts.found and not adoption.belongs(parts.found[key], uid, runtime)
        if strange and self._reap(parts, key, now):
            self.enqueue_after(1, key)
            return None
        if not isinstance(pod, Pod):
            return None
        if is_mirror(pod):  # of a Pod whose file is gone
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

    def _reap(self, parts: Parts, key: Name, now: int) -> bool:
        """End what an earlier Pod of this name has left, and give its addresses back; True if it is not done yet."""
        runtime = self.ground.machine.runtime
        addresses = [runtime.sandboxes[id].ip for id in parts.found[key] if id in runtime.sandboxes]
        if adoption.reap(parts.found, key, runtime, now):
            return True
        for ip in addresses:
            if parts.host.ipam is not None:
                parts.host.ipam.free(ip)
        return False

    # -- the node ------------------------------------------------------------------------------------------------------

    def _sync_node(self, parts: Parts, now: int) -> None:
        if self.ground.options.standalone:
            return
        if self.unheard == now:
            self._beat()
        ready = parts.host.ipam is not None
        if not parts.reporter.sync(parts.watch.health(now), now, self.ground.epoch + now):
            self.enqueue_after(1, NODE)
        elif not ready:
            for w in parts.workers.values():
                w.woken = True
                self.enqueue(w.key)

    def _sync_pressure(self, parts: Parts, now: int) -> None:
        """See whether memory and disk suffice."""
        watch = parts.watch
        watch.collect_containers(parts.workers)
        evicted, reclaiming = watch.evict(parts.workers, now, self.ground.epoch + now)
        watch.rotate_logs()
        if reclaiming:
            parts.reporter.warn("EvictionThresholdMet", f"Attempting to reclaim {reclaiming}")
        for w in evicted:
            self.enqueue(w.key)
        if watch.pressures_turned(now):
            self.node_changes()
        again = watch.next_look(now)
        if again >= 0:
            self._look_at_pressure(again)
        if parts.images_gc.is_due():
            self._collect_later(parts, now)

    def _sync_shutdown(self, parts: Parts, now: int) -> None:
        """Stop the Pods of a machine that is shut down, group after group."""
        shutdown = parts.watch.shutdown
        for w in shutdown.advance(parts.workers.values(), now, self.ground.epoch + now):
            self.enqueue(w.key)
        if not shutdown.done:
            self.engine.at(now + 1, self.phase, self, SHUTDOWN)

    def _collect_later(self, parts: Parts, now: int) -> None:
        tick = parts.images_gc.next_run(now)
        if parts.images_gc.planned < tick:
            parts.images_gc.planned = tick
            self.engine.at(tick, self.phase, self, GARBAGE)

    def _collect_garbage(self, parts: Parts, now: int) -> None:
        """A regular image collection, while the disk is full enough for one."""
        for reason, message in parts.images_gc.collect(now):
            parts.reporter.warn(reason, message)
        if parts.images_gc.is_due():
            self._collect_later(parts, now)
        self.node_changes()

    def failed(self, key: Key, failure: ApiError) -> None:
        """A report did not get through; it is tried again."""

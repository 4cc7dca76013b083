"""One Pod, one look: what upstream's SyncPod, SyncTerminatingPod and SyncTerminatedPod do (pkg/kubelet/kubelet.go).

The status is computed first, from what the runtime tells; then the kubelet acts; the reasons of what failed go into the
status at once (upstream shows them with its next look). What was started is looked at again a second later, as the
PLEG's period is.
"""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.types import PodStatus
from kubesim_tui.apiserver.record import NORMAL, WARNING
from kubesim_tui.kubelet.container_statuses import View
from kubesim_tui.kubelet.host import Host
from kubesim_tui.kubelet.killing import Killer, grace_period
from kubesim_tui.kubelet.kuberuntime import Kuberuntime
from kubesim_tui.kubelet.lifecycle import Hook
from kubesim_tui.kubelet.phase import TERMINAL
from kubesim_tui.kubelet.pod_actions import Observed, compute_pod_actions, sandbox_changed
from kubesim_tui.kubelet.pod_status import EMPTY_STATUS, Circumstances, Eviction, generate, with_conditions
from kubesim_tui.kubelet.pod_workers import Life, PodWorker, Stage
from kubesim_tui.kubelet.prober.manager import Prober
from kubesim_tui.kubelet.prober.worker import Kind
from kubesim_tui.kubelet.resize import Resizer, granted, resized
from kubesim_tui.kubelet.restart_all import is_marked
from kubesim_tui.kubelet.runtime_status import PodStatus as RuntimeStatus
from kubesim_tui.kubelet.sandbox import Sandboxes
from kubesim_tui.kubelet.volume.manager import Mounts, VolumeManager

RELIST = 1
BACK_OFF_PERIOD = 10
"""After a sync with errors the next one comes after 10 s (upstream: 10 … 15), or when a crash-loop back-off ends."""
MOST_BACK_OFF = 60
DEADLINE = "Pod was active on the node longer than the specified deadline"
NO_NETWORK = (
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
    "message:Network plugin returns error: cni plugin not initialized"
)


@define(eq=False)
class PodSyncer:
    """See the module."""

    host: Host
    runtime: Kuberuntime
    killer: Killer
    prober: Prober
    sandboxes: Sandboxes
    volumes: VolumeManager
    resizer: Resizer
    epoch: int

    def sync(self, w: PodWorker, now: int) -> None:
        """Look at a Pod. `w.resync` then says when to look again by ourselves (-1: when something happens)."""
        if w.life is Life.SYNC:
            self._deadline(w, now)
            if w.deleting or w.eviction is not None:
                self._terminate(w, "removed" if w.removed else "deleted" if w.deleting else "evicted", now)
        if w.life is Life.SYNC:
            self._sync(w, now)
        elif w.life is Life.TERMINATING:
            self._terminating(w, now)
        elif w.life is Life.FINISHED and w.woken:
            w.woken = False
            self._look(w, now, terminal=True)

    # -- a Pod that is to run

    def _sync(self, w: PodWorker, now: int) -> None:
        due = w.woken or 0 <= w.resync <= now or (w.volumes is not None and 0 <= w.volumes.refresh <= now)
        if w.probes is None:
            self.prober.add(w, now)
        if w.steps:
            self._probe(w, now, synced=False)
        elif due or self._probe(w, now, synced=False):
            w.woken, w.resync = False, -1
            if not self._begin(w, now):
                return
        else:
            return
        if w.steps and self.runtime.run(w, now):
            self._done(w, now)
            if w.woken and is_marked(w.status):  # all were removed, to begin anew at once
                self._sync(w, now)

    def _begin(self, w: PodWorker, now: int) -> bool:
        """Compute the status and decide what to do; False if nothing can be done now."""
        runtime = self._look(w, now)
        if w.status is not None and w.status.phase in TERMINAL:
            self._terminate(w, "terminal", now)
            return False
        spec = w.pod.spec
        assert spec is not None
        if self.host.ipam is None and not spec.host_network:
            said = f"network is not ready: {NO_NETWORK}"
            self.host.events.pod(w.pod, WARNING, "NetworkNotReady", said)
            w.resync = now + RELIST
            return False
        if spec.volumes and not self._mount(w, now):
            return False
        liveness, startup = self.prober.results(w, Kind.LIVENESS), self.prober.results(w, Kind.STARTUP)
        resized = self._resize(w, now) if w.resizing is not None else frozenset()
        actions = compute_pod_actions(w.pod, Observed(runtime, liveness, startup, resized, is_marked(w.status)))
        if not actions.nothing:
            self.runtime.plan(w, actions)
        return bool(w.steps)

    def _resize(self, w: PodWorker, now: int) -> frozenset[str]:
        """Follow changed resources; the containers that have to be restarted for it."""
        before = w.resizing.conditions
        again = self.resizer.sync(w, now)
        if again >= 0:
            w.resync = again
        if w.resizing.conditions != before:
            self._look(w, now)
        return self.resizer.take_restarts(w)

    def _mount(self, w: PodWorker, now: int) -> bool:
        mounts = w.volumes
        if mounts is None:
            mounts = w.volumes = Mounts()
        source = self.host.volume_source(w.pod, w.ip)
        if 0 <= mounts.refresh <= now:
            self.volumes.refresh(w.pod, mounts, source)
        if self.volumes.mount(w.pod, mounts, source, now):
            return True
        if self.volumes.out_of_patience(w.pod, mounts, now):
            w.resync = now + BACK_OFF_PERIOD
        else:
            w.resync = self.volumes.next_retry(mounts)
        return False

    def _done(self, w: PodWorker, now: int) -> None:
        """All steps are worked off."""
        if w.reasons or w.failed:
            self._look(w, now)
        if not w.failed:
            w.resync = now + RELIST
        elif w.backs_off >= 0:
            w.resync = min(max(w.backs_off, now + RELIST), now + MOST_BACK_OFF)
        else:
            fresh = w.attempt == 0 and not w.relisted
            w.relisted = True
            w.resync = now + (RELIST if fresh else BACK_OFF_PERIOD)

    # -- status

    def _look(self, w: PodWorker, now: int, *, terminal: bool = False) -> RuntimeStatus:
        """Compute the status anew, out of what the runtime tells; probes that are due are made on the way."""
        runtime = self.host.cri.pod_status(w)
        view, around = self._seen(w, runtime, now, terminal=terminal)
        old = w.status or w.pod.status or EMPTY_STATUS
        status = self.prober.update(w, generate(view, old, around), now, synced=True)
        self._set(w, with_conditions(view, status, old, around))
        return runtime

    def _probe(self, w: PodWorker, now: int, synced: bool) -> bool:
        """Make the probes that are due; True if what they say has changed."""
        if not w.probes or w.status is None:
            return False
        before = {(p.kind, p.container.name): p.result for p in w.probes}
        status = self.prober.update(w, w.status, now, synced)
        if status is not w.status:
            view, around = self._seen(w, self.host.cri.pod_status(w), now)
            self._set(w, with_conditions(view, status, w.status, around))
        return before != {(p.kind, p.container.name): p.result for p in w.probes}

    def _seen(
        self, w: PodWorker, runtime: RuntimeStatus, now: int, *, terminal: bool = False
    ) -> tuple[View, Circumstances]:
        """All that a status is made of."""
        view = View(w.pod, runtime, w.reasons, self.epoch, self.host.cri.runtime.brand.scheme, granted(w))
        around = Circumstances(
            self.host.ip,
            self.epoch + now,
            not sandbox_changed(w.pod, runtime)[0],
            terminal,
            w.mirror,
            w.eviction,
            resized(w),
            self.host.host_ips,
            self.host.conditions,
        )
        return view, around

    def _set(self, w: PodWorker, status: PodStatus) -> None:
        if status is not w.status or status is not w.pod.status:
            w.status = status
            w.dirty = True

    # -- a Pod that is to stop

    def _deadline(self, w: PodWorker, now: int) -> None:
        """activeDeadlineSeconds counts from the Pod's startTime."""
        spec, status = w.pod.spec, w.status or w.pod.status
        if spec is None or spec.active_deadline_seconds is None or status is None or status.start_time is None:
            return
        ends = status.start_time - self.epoch + spec.active_deadline_seconds
        if now >= ends:
            self.host.events.pod(w.pod, NORMAL, "DeadlineExceeded", DEADLINE)
            w.eviction = Eviction("DeadlineExceeded", DEADLINE)
        else:
            w.deadline = ends

    def _terminate(self, w: PodWorker, why: str, now: int) -> None:
        """Begin to stop a Pod: its containers together, sidecars last."""
        if not w.move(why):
            return
        self.runtime.cancel(w, now)
        w.woken, w.resync = False, -1
        self._look(w, now)
        running = [id for id in reversed(w.containers) if self.host.cri.running(id)]
        grace = w.grace
        if grace is None and w.removed and w.pod.metadata.deletion_grace_period_seconds == 0:
            grace = 1
        for id in sorted(running, key=lambda id: self._is_init(w, id)):
            container = self.host.cri.container(id)
            if container is not None:
                self.killer.begin(w, id, container.config.name, now, grace=grace)
        if self.killer.advance(w, now):
            w.resync = now + (RELIST if running or w.kills else 0)
            if not running:
                self._terminating(w, now)

    def _is_init(self, w: PodWorker, id: str) -> bool:
        container, spec = self.host.cri.container(id), w.pod.spec
        names = {c.name for c in spec.init_containers} if spec is not None else set()
        return container is not None and container.config.name in names

    def _terminating(self, w: PodWorker, now: int) -> None:
        if w.deleting and w.kills:
            self.killer.shorten(w, grace_period(w.pod, None), now)
        self._probe(w, now, synced=False)
        if not self.killer.advance(w, now) or any(self.host.cri.running(id) for id in w.containers):
            return
        if w.resync < 0:
            w.resync = now + RELIST
        if now < w.resync:
            return
        w.resync = -1
        w.move("stopped")
        self.sandboxes.stop(w, now)
        self.prober.remove(w)
        self._look(w, now, terminal=True)
        if w.volumes is not None:
            self.volumes.unmount(w.pod, w.volumes)
        w.move("cleaned")

    def next_wake(self, w: PodWorker, now: int) -> int:
        """The earliest tick at which something is to be done for a Pod, -1 if there is none."""
        ticks = [w.resync, self.prober.next_wake(w), self.killer.next_wake(w, now), w.deadline]
        hooks = [step.waiting for step in w.steps[:1] if step.stage is Stage.HOOK]
        for hook in (*hooks, *(killing.hook for killing in w.kills.values())):
            if isinstance(hook, Hook):  # a command is asked every second whether it has ended
                ticks.append(now + 1 if hook.exec is not None else hook.until)
        if w.volumes is not None:
            ticks.append(w.volumes.refresh)
        return min((tick for tick in ticks if tick > now), default=-1)

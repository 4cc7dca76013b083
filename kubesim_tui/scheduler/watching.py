"""What the scheduler hears: watch events keep its cache and its queue, and wake Pods that they may help.

The first half of the component; scheduler.py is the other. A Pod that was refused is asked about only if a plugin
that refused it registered the event, and thinks that it helps (queueing hints).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import is_pod_terminal
from kubesim_tui.api.types import Node, Object, Pod, PodSpec, PodStatus
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import Recorder
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.kernel.process import Alive
from kubesim_tui.scheduler.binding import Bindings
from kubesim_tui.scheduler.cache import Cache
from kubesim_tui.scheduler.events import STORAGE_EVENTS, ClusterEvent, assigned_changes, node_changes, pending_changes
from kubesim_tui.scheduler.framework import Plugin
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.pod_info import PodInfo
from kubesim_tui.scheduler.profile import Profile
from kubesim_tui.scheduler.queue import MOST_UNSCHEDULABLE, Nominator, Place, Queue, QueuedPod
from kubesim_tui.scheduler.writer import Writer

SCHEDULE, WRITE, FLUSH, VOLUMES = "schedule", "write", "flush", "volumes"
INFORMERS = (
    "nodes",
    "namespaces",
    "services",
    "replicasets",
    "replicationcontrollers",
    "statefulsets",
    "storageclasses",
    "persistentvolumes",
    "persistentvolumeclaims",
    "csinodes",
    "csidrivers",
    "csistoragecapacities",
    "volumeattachments",
    "poddisruptionbudgets",
    "pods",
)
"""What is watched, if there is an informer for it; Pods last, so that their nodes and claims are known."""
STORAGE = (
    "persistentvolumes",
    "storageclasses",
    "csinodes",
    "csidrivers",
    "csistoragecapacities",
    "volumeattachments",
)
SELECTING = ("services", "replicasets", "replicationcontrollers", "statefulsets")
NO_SPEC = PodSpec()


class Watching(Component):
    """The caches and the queue of a scheduler, and the events that change them."""

    phase = "scheduler"

    def __init__(
        self,
        name: str,
        engine: Engine,
        client: Client,
        process: Alive,
        informers: Mapping[str, Informer],
        events: Client,
        profiles: Sequence[Profile],
        backoff: tuple[int, int],
    ) -> None:
        super().__init__(name, engine, client, process)
        self.profiles = {p.name: p for p in profiles}
        self.backoff = backoff  # (initial, most) in seconds
        self.cache = Cache()
        self.handle = Handle(self.cache, informers)
        self.queue, self.nominator, self.bindings = Queue(*backoff), Nominator(), Bindings()
        self.writer = Writer(client, self.handle, {p: self.voice(Recorder(events, p)) for p in self.profiles})
        self.selectors = 0  # grows when anything changes that default selectors are made of
        self._turn = 0
        self._armed: dict[int, None] = {}
        self._connect_handlers(informers)

    def _connect_handlers(self, informers: Mapping[str, Informer]) -> None:
        handlers = {
            "nodes": self.on_node,
            "pods": self.on_pod,
            "persistentvolumeclaims": self.on_claim,
            **dict.fromkeys(STORAGE, self.on_storage),
            **dict.fromkeys(SELECTING, self.on_selector),
        }
        for plural in INFORMERS:
            if plural in informers:
                informer = self.watch(informers[plural])
                if plural in handlers:
                    informer.on_change(handlers[plural])

    # -- life --------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """The process has stopped: its memory is lost."""
        super().stop()
        self.handle.cache = self.cache = Cache()
        self.handle.assumed_volumes.clear()
        self.handle.assumed_claims.clear()
        self.queue, self.nominator, self.bindings = Queue(*self.backoff), Nominator(), Bindings()
        self.writer.clear()
        self._armed.clear()

    def connect(self) -> None:
        """The road is open (again), or the process runs again: list, and go on with what waits."""
        super().connect()
        self._armed.clear()
        self.arm(self.tick + 1)
        if self.writer.waiting:
            self.enqueue((WRITE, self.tick))
        self.rouse()

    @property
    def tick(self) -> int:
        """The tick."""
        return self.engine.clock.tick

    def rouse(self) -> None:
        """There may be a Pod to schedule."""
        if self.queue.ready:
            self.enqueue((SCHEDULE, self._turn))

    def arm(self, tick: int) -> None:
        """Look at the back-offs again at a tick."""
        if tick not in self._armed:
            self._armed[tick] = None
            self.engine.at(tick, self.phase, self, (FLUSH, tick))

    def flush(self, due: int) -> None:
        """Back-offs end; what lay aside for five minutes is tried again."""
        self._armed.pop(due, None)
        for queued in self.queue.due(self.tick):
            self.queue.put(queued, self.gate(queued.info))
        next_due = self.queue.next_due()
        if next_due is not None:
            self.arm(max(next_due, self.tick + 1))
        self.rouse()

    # -- Pods --------------------------------------------------------------------------------------------------

    def gate(self, info: PodInfo) -> str:
        """The plugin that holds a Pod back from the queue, or ""."""
        for plugin in self.profiles[info.spec.scheduler_name].pre_enqueue:
            if plugin.pre_enqueue(info) is not None:
                return plugin.name
        return ""

    def on_pod(self, before: Object | None, now: Object | None) -> None:
        """A Pod has come, changed, finished or gone."""
        old = before if isinstance(before, Pod) and not is_pod_terminal(before) else None
        new = now if isinstance(now, Pod) and not is_pod_terminal(now) else None
        if old is not None and new is not None and old.metadata.uid != new.metadata.uid:
            self._pod_gone(old)
            old = None
        if new is None:
            if old is not None:
                self._pod_gone(old)
        elif (new.spec or NO_SPEC).node_name:
            self._pod_assigned(old, new)
        elif (new.spec or NO_SPEC).scheduler_name in self.profiles:
            self._pod_pending(old, new)

    def _pod_assigned(self, old: Pod | None, new: Pod) -> None:
        was_assigned = old is not None and (old.spec or NO_SPEC).node_name
        self.cache.set_pod(new)
        if old is not None and was_assigned:
            for event in assigned_changes(old, new):
                self.happened(event, old, new)
            return
        uid = new.metadata.uid
        if uid not in self.bindings.by_uid:
            self.queue.remove(uid)
            self.nominator.remove(uid)
        self.happened(ClusterEvent.POD_ADD, None, new)

    def _pod_pending(self, old: Pod | None, new: Pod) -> None:
        uid = new.metadata.uid
        if uid in self.cache.assumed:
            if new.metadata.deletion_timestamp is not None:
                self.drop_binding(new)
            return
        info = self.cache.register.info(new)
        queued = self.queue.pods.get(uid)
        if queued is None:
            self.queue.add(info, self.tick, self.gate(info))
            if info.nominated:
                self.nominator.nominate(info, info.nominated)
        else:
            self._update_pending(queued, old, info)
        self.rouse()

    def _update_pending(self, queued: QueuedPod, old: Pod | None, info: PodInfo) -> None:
        self.queue.update(queued, info)
        before = (old.status or PodStatus()).nominated_node_name if old is not None else ""
        if before and before != info.nominated and old is not None:
            self.happened(ClusterEvent.POD_DELETE, old, None)
        if info.uid in self.nominator.node_of or info.nominated:
            self.nominator.nominate(info, self.nominator.node_of.get(info.uid) or info.nominated)
        changes = pending_changes(old, info.pod) if old is not None else []
        if queued.gate and changes:
            self.queue.wake(queued, self.tick, self.gate(info))
        elif any(self._helps(queued, event, old, info.pod) for event in changes):
            self._wake(queued)

    def _pod_gone(self, old: Pod) -> None:
        uid = old.metadata.uid
        self.queue.remove(uid)
        for recorder in self.writer.recorders.values():
            recorder.forget(uid)
        was_nominated = uid in self.nominator.node_of
        self.nominator.remove(uid)
        if uid in self.cache.assumed:
            self.drop_binding(old)
        elif (old.spec or NO_SPEC).node_name:
            self.cache.remove_pod(uid)
            self.happened(ClusterEvent.POD_DELETE, old, None)
        elif was_nominated:
            self.happened(ClusterEvent.POD_DELETE, old, None)

    def drop_binding(self, pod: Pod) -> None:
        """A binding on its way has failed, or its Pod is deleted: what it took is free."""
        uid, spec = pod.metadata.uid, pod.spec or NO_SPEC
        begun = self.bindings.end(uid, self.handle)
        self.cache.forget(uid)
        node = begun.node if begun is not None else ""
        self.happened(ClusterEvent.POD_DELETE, pod.evolve(spec=spec.evolve(node_name=node)), None)

    # -- nodes -------------------------------------------------------------------------------------------------

    def on_node(self, before: Object | None, now: Object | None) -> None:
        """A node has come, changed or gone."""
        if isinstance(now, Node):
            self.cache.add_node(now)
            if isinstance(before, Node):
                for event in node_changes(before, now):
                    self.happened(event, before, now)
            else:
                self.happened(ClusterEvent.NODE_ADD, None, now)
        elif isinstance(before, Node):
            self.cache.remove_node(before)
            self.happened(ClusterEvent.NODE_DELETE, before, None)

    # -- storage, selectors ------------------------------------------------------------------------------------

    def on_claim(self, before: Object | None, now: Object | None) -> None:
        """A claim has come, changed or gone: perhaps a Pod waits for it."""
        claim = now or before
        assert claim is not None
        for uid in self.bindings.waiting_for((claim.metadata.namespace, claim.metadata.name)):
            self.enqueue((VOLUMES, uid))
        self.on_storage(before, now)

    def on_storage(self, before: Object | None, now: Object | None) -> None:
        """A claim, volume, class, CSINode or VolumeAttachment has come, changed or gone."""
        events = STORAGE_EVENTS.get((now or before or Pod()).kind, (None, None, None))
        event = events[0] if before is None else events[1] if now is not None else events[2]
        if event is not None:
            self.happened(event, before, now)

    def on_selector(self, before: Object | None, now: Object | None) -> None:
        """What default selectors are made of may have changed."""
        if before is None or now is None or _selector(before) != _selector(now):
            self.selectors += 1

    # -- waking ------------------------------------------------------------------------------------------------

    def happened(self, event: ClusterEvent, old: Object | None, new: Object | None) -> None:
        """Wake the Pods that an event may help."""
        for plugins, aside in list(self.queue.unschedulable.items()):
            if not any(event in p.events for profile in self.profiles.values() for p in named(profile, plugins)):
                continue
            known: dict[tuple[object, ...], bool] = {}  # Pods of one template get one answer
            for queued in list(aside.values()):
                info = queued.info
                if queued.gate or info.uid in self.writer.preempting:
                    continue
                key = (id(info.facts), id(info.group), info.spec.scheduler_name)
                if key not in known:
                    known[key] = self._helps(queued, event, old, new)
                if known[key]:
                    self._wake(queued)
        self.rouse()

    def _wake(self, queued: QueuedPod) -> None:
        """Try a Pod again, after its back-off."""
        self.queue.wake(queued, self.tick, self.gate(queued.info))
        if queued.place is Place.BACKOFF:
            self.arm(queued.ready)

    def _helps(self, queued: QueuedPod, event: ClusterEvent, old: Object | None, new: Object | None) -> bool:
        """Whether a plugin that refused a Pod thinks that an event may help it."""
        info = queued.info
        plugins = named(self.profiles[info.spec.scheduler_name], queued.plugins)
        return any(event in p.events and p.wakes(event, info, old, new, self.handle) for p in plugins)

    def lay_aside(self, queued: QueuedPod, plugins: tuple[str, ...]) -> None:
        """A Pod has failed: by these plugins, or () by an error. See that it is tried again in time."""
        self.queue.failed(queued, plugins, self.tick)
        self.arm(self.tick + MOST_UNSCHEDULABLE if plugins else queued.ready)


def named(profile: Profile, plugins: Sequence[str]) -> list[Plugin]:
    """A profile's plugins of these names."""
    return [profile.by_name[name] for name in plugins if name in profile.by_name]


def _selector(obj: Object) -> object:
    spec = getattr(obj, "spec", None)
    return spec.selector if isinstance(spec, _WITH_SELECTOR) else None


_WITH_SELECTOR = (
    types.ServiceSpec,
    types.ReplicaSetSpec,
    types.ReplicationControllerSpec,
    types.StatefulSetSpec,
)

"""In-place resize: cpu and memory of containers change while they run (upstream: pkg/kubelet/allocation, KEP-1287).

What a Pod wants (its spec), what the kubelet has granted it (allocated), and what its containers run with (actuated)
are three things. A wish that the node could never grant is Infeasible, one that it cannot grant now is Deferred and
tried again; one that is granted is carried out at once, or, where the container's resizePolicy says so, by a restart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, evolve, field

from kubesim_tui.api.codec import encode
from kubesim_tui.api.frozen import EMPTY, FrozenMap, freeze
from kubesim_tui.api.helpers.resources import request_amounts
from kubesim_tui.api.types import Container, Pod, PodCondition, ResourceRequirements
from kubesim_tui.apiserver.record import NORMAL, WARNING
from kubesim_tui.kubelet.admission import admit
from kubesim_tui.kubelet.conditions import RESIZE_IN_PROGRESS, RESIZE_PENDING
from kubesim_tui.kubelet.container_config import limits_of
from kubesim_tui.kubelet.host import Host
from kubesim_tui.kubelet.pod_workers import Life, PodWorker
from kubesim_tui.world import lifecycle
from kubesim_tui.world.config import Limits
from kubesim_tui.world.container import Container as Running
from kubesim_tui.world.container import State

INFEASIBLE, DEFERRED, ERROR = "Infeasible", "Deferred", "Error"
RETRY = 30
"""Seconds after which a deferred one is tried again (upstream: when a Pod has left, and every three minutes)."""
Resources = ResourceRequirements | None


@define(eq=False)
class Resizing:
    """What the kubelet remembers of a Pod whose resources have changed. `told`: the last thing that was said."""

    allocated: dict[str, Resources]
    conditions: tuple[PodCondition, ...] = ()
    granted: bool = False  # and not carried out everywhere yet
    told: tuple[str, int] = ("", 0)


def note(w: PodWorker, before: Pod) -> None:
    """The spec of a Pod has changed: if its resources have, remember what it had."""
    if w.resizing is None and _wishes(before) != _wishes(w.pod):
        w.resizing = Resizing(_wishes(before))


def allocated(w: PodWorker, container: Container) -> Container:
    """A container of a Pod's spec with the resources that are granted to it."""
    if w.resizing is None or container.name not in w.resizing.allocated:
        return container
    granted = w.resizing.allocated[container.name]
    return container if granted == container.resources else container.evolve(resources=granted)


def _wishes(pod: Pod) -> dict[str, Resources]:
    spec = pod.spec
    return {c.name: c.resources for c in (*spec.containers, *spec.init_containers)} if spec is not None else {}


def resized(w: PodWorker) -> tuple[PodCondition, ...]:
    """The conditions that tell how far a resize has come."""
    return w.resizing.conditions if w.resizing is not None else ()


def granted(w: PodWorker) -> Mapping[str, FrozenMap]:
    """What the status of a resized Pod's containers shows of their resources."""
    if w.resizing is None:
        return EMPTY
    return {
        name: FrozenMap(allocatedResources=resources.requests, resources=freeze(encode(resources)))
        for name, resources in w.resizing.allocated.items()
        if resources is not None
    }


@define(eq=False)
class Resizer:
    """See the module. `workers` are those of all Pods of the node."""

    host: Host
    workers: dict[tuple[str, str], PodWorker]
    most_pods: int
    restarts: dict[str, None] = field(factory=dict)  # ids of containers that have to be restarted

    def sync(self, w: PodWorker, now: int) -> int:
        """Look at a Pod whose resources have changed; when to look again, -1: no need."""
        resizing = w.resizing
        assert resizing is not None
        wishes, again = _wishes(w.pod), -1
        pending: tuple[PodCondition, ...] = ()
        if wishes != resizing.allocated:
            reason, text = self._refused(w)
            if reason:
                pending = (PodCondition(type=RESIZE_PENDING, status="True", reason=reason, message=text),)
                self._tell(w, WARNING, f"Resize{reason}", f"Pod resize {reason}", text)
                again = now + RETRY if reason == DEFERRED else -1
            else:
                resizing.allocated, resizing.granted = wishes, True
                w.requests = request_amounts(w.pod.spec) if w.pod.spec is not None else None
                self._tell(w, NORMAL, "ResizeStarted", "Pod resize started")
                resizing.conditions = (PodCondition(type=RESIZE_IN_PROGRESS, status="True"),)
                self._actuate(w, now)
                return now + 1
        progress: tuple[PodCondition, ...] = ()
        if resizing.granted:
            wrong = self._actuate(w, now)
            if wrong is None:
                resizing.granted = False
                self._tell(w, NORMAL, "ResizeCompleted", "Pod resize completed")
            else:
                again = now + 1 if not wrong else now + RETRY
                reason = ERROR if wrong else ""
                progress = (PodCondition(type=RESIZE_IN_PROGRESS, status="True", reason=reason, message=wrong),)
        resizing.conditions = (*pending, *progress)
        return again

    def _refused(self, w: PodWorker) -> tuple[str, str]:
        """Why the node does not grant what a Pod wants: (reason, message)."""
        assert w.pod.spec is not None
        wanted, room = request_amounts(w.pod.spec), self.host.room
        for name in ("cpu", "memory"):
            if wanted.get(name, 0) > room.get(name, 0):
                amounts = f"requested: {wanted[name]}, capacity: {room.get(name, 0)}"
                return INFEASIBLE, f"Node didn't have enough capacity: {name}, {amounts}"
        others = [o.requests or {} for o in self.workers.values() if o is not w and o.life is Life.SYNC]
        refused = admit(wanted, others, room, self.most_pods)
        return (DEFERRED, refused.message.removeprefix("Pod was rejected: ")) if refused is not None else ("", "")

    # -- carrying out ------------------------------------------------------------------------------------------

    def _actuate(self, w: PodWorker, now: int) -> str | None:
        """Give containers what is granted to them: None if all have it, else what is wrong ("": it is under way)."""
        wrong: str | None = None
        for container, spec in self._running(w):
            wanted = limits_of(w.pod, spec)
            have = container.config.limits
            if wanted == have:
                continue
            if _needs_restart(spec, have, wanted):
                self.restarts[container.id] = None
                wrong = wrong or ""
                continue
            used = container.memory_bytes(now)
            if wanted.memory_bytes is not None and wanted.memory_bytes < min(used, have.memory_bytes or used):
                wrong = f'attempting to set container "{spec.name}" memory limit ({wanted.memory_bytes}) '
                wrong += f"below current usage ({used})"
                continue
            container.config = evolve(container.config, limits=wanted)
            lifecycle.check_memory(container, now)
            container.changed()
        return wrong

    def _running(self, w: PodWorker) -> Iterator[tuple[Running, Container]]:
        """(container, its spec as granted) of the running ones."""
        spec = w.pod.spec
        specs = {c.name: c for c in (*spec.containers, *spec.init_containers)} if spec is not None else {}
        for id in w.containers:
            container = self.host.cri.container(id)
            if container is not None and container.state is State.RUNNING and container.config.name in specs:
                yield container, allocated(w, specs[container.config.name])

    def take_restarts(self, w: PodWorker) -> frozenset[str]:
        """The containers of a Pod that have to be restarted."""
        found = [id for id in w.containers if id in self.restarts]
        for id in found:
            del self.restarts[id]
        return frozenset(found)

    def _tell(self, w: PodWorker, type_: str, reason: str, said: str, error: str = "") -> None:
        assert w.resizing is not None
        generation = w.pod.metadata.generation or 0
        if w.resizing.told == (reason + error, generation):
            return
        w.resizing.told = (reason + error, generation)
        self.host.events.pod(w.pod, type_, reason, f"{said}: {_account(w.pod, generation, error)}")


def _account(pod: Pod, generation: int, error: str) -> str:
    """What is said with an event: the resources as JSON."""
    spec = pod.spec
    whole: dict[str, Any] = {}
    for key, containers in (
        ("containers", spec.containers if spec is not None else ()),
        ("initContainers", spec.init_containers if spec is not None else ()),
    ):
        made = [
            {"name": c.name, "resources": encode(c.resources) if c.resources is not None else {}} for c in containers
        ]
        if made:
            whole[key] = made
    whole["generation"] = generation
    if error:
        whole["error"] = error
    return json.dumps(whole, separators=(",", ":"))


def _needs_restart(spec: Container, have: Limits, wanted: Limits) -> bool:
    """Whether the resizePolicy of what changes says RestartContainer."""
    policies: Mapping[str, str] = {
        str(p.get("resourceName")): str(p.get("restartPolicy")) for p in spec.rest.get("resizePolicy") or ()
    }
    cpu = (have.cpu_milli, have.shares) != (wanted.cpu_milli, wanted.shares)
    memory = have.memory_bytes != wanted.memory_bytes
    restart = "RestartContainer"
    return (cpu and policies.get("cpu") == restart) or (memory and policies.get("memory") == restart)

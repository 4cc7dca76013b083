"""One worker a Pod: where the Pod is in its life on this node, and all that the kubelet remembers of it.

SYNC (to be brought and kept running) → TERMINATING (its containers are being stopped) → TERMINATED (none runs; clean
up, report, let the API server delete it) → FINISHED. There is no way back: a Pod that is being stopped stays so.

A sync is a short program of steps, worked off in order. A step that has to wait (a pull, a hook, a container that takes
its time to stop) blocks those after it, as upstream's one goroutine a Pod does.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import define

from kubesim_tui.api.types import Container, Pod, PodStatus
from kubesim_tui.kubelet.pod_status import Eviction
from kubesim_tui.kubelet.prober.worker import Worker as Probe


class Life(StrEnum):
    """Where a Pod is in its life."""

    SYNC = "sync"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    FINISHED = "finished"


MOVES: Mapping[tuple[Life, str], Life] = {
    (Life.SYNC, "deleted"): Life.TERMINATING,  # it has a deletionTimestamp
    (Life.SYNC, "removed"): Life.TERMINATING,  # it is no longer in the API
    (Life.SYNC, "evicted"): Life.TERMINATING,  # by this kubelet, for want of memory or disk, or past its deadline
    (Life.SYNC, "rejected"): Life.TERMINATING,  # there is no room for it
    (Life.SYNC, "terminal"): Life.TERMINATING,  # its work is done, or it has failed
    (Life.TERMINATING, "stopped"): Life.TERMINATED,
    (Life.TERMINATED, "cleaned"): Life.FINISHED,
}
"""The life of a Pod. What is not here does not happen."""


class Do(StrEnum):
    """The kinds of steps of a sync."""

    KILL = "kill"  # one container
    KILL_ALL = "kill all"  # and stop the sandbox
    RESET = "reset"  # kill and forget all containers; the sandbox stays
    SANDBOX = "sandbox"
    EPHEMERAL = "ephemeral"
    INIT = "init"
    START = "start"


class Stage(StrEnum):
    """How far the start of a container has come."""

    BEGIN = "begin"
    PULL = "pull"  # an image is being pulled, or waits for its turn
    HOOK = "hook"  # postStart runs


@define(eq=False)
class Step:
    """One step. `index` is that of the container in its list of the spec; `id` that of a container to kill."""

    do: Do
    index: int = 0
    id: str = ""
    message: str = ""
    reason: str = ""
    stage: Stage = Stage.BEGIN
    since: int = 0
    waiting: Any = None  # the pull or the hook that it waits for


class KillStage(StrEnum):
    """How far the stopping of a container has come."""

    HOOK = "preStop"
    TURN = "turn"  # a sidecar waits for the containers that it serves
    SIGNALLED = "signalled"


@define(eq=False)
class Killing:
    """One container that is being stopped. `grace` seconds are left from `since` on."""

    id: str
    name: str
    grace: int
    since: int
    stage: KillStage = KillStage.HOOK
    hook: Any = None


class PodWorker:
    """One Pod on this node. `status` is the newest that was computed; `dirty` until the API server has it."""

    __slots__ = (
        "attempt",
        "backs_off",
        "containers",
        "deadline",
        "dirty",
        "eviction",
        "failed",
        "grace",
        "ip",
        "key",
        "kills",
        "life",
        "mirror",
        "old_sandboxes",
        "pod",
        "probes",
        "reasons",
        "relisted",
        "removed",
        "requests",
        "resizing",
        "resync",
        "sandbox",
        "since",
        "states",
        "status",
        "steps",
        "timer",
        "uid",
        "volumes",
        "woken",
    )

    def __init__(self, key: tuple[str, str], pod: Pod) -> None:
        self.key, self.uid, self.pod = key, pod.metadata.uid, pod
        self.life = Life.SYNC
        self.since = 0  # the tick in which the kubelet saw it first
        self.mirror = False  # a static Pod: `pod` is its manifest, the API has only its mirror
        self.removed = False  # the API knows it no longer
        self.sandbox = ""
        self.old_sandboxes: tuple[str, ...] = ()
        self.attempt = 0
        self.ip = ""
        self.containers: tuple[str, ...] = ()  # ids in the runtime, the newest first
        self.states: dict[str, str] = {}  # the state of each when the kubelet last looked
        self.status: PodStatus | None = None
        self.dirty = False
        self.reasons: dict[str, tuple[str, str]] = {}
        self.probes: tuple[Probe, ...] | None = None
        self.steps: list[Step] = []
        self.kills: dict[str, Killing] = {}
        self.volumes: Any = None
        self.failed = False  # a step of this sync has failed
        self.backs_off = -1  # when the first crash-loop back-off ends
        self.resync = -1  # when to sync again by ourselves
        self.timer = -1  # the earliest timer that is pending
        self.deadline = -1  # when its activeDeadlineSeconds are over
        self.relisted = False  # a first failure was looked at again after a second
        self.grace: int | None = None  # seconds that an evicted Pod gets, None: its own
        self.eviction: Eviction | None = None
        self.woken = True  # something has happened: sync, not only probe
        self.requests: dict[str, int] | None = None
        self.resizing: Any = None  # kubelet.resize.Resizing, once its resources have changed

    def move(self, event: str) -> bool:
        """Go on in life; False if the event changes nothing here."""
        then = MOVES.get((self.life, event))
        if then is None:
            return False
        self.life = then
        return True

    @property
    def deleting(self) -> bool:
        """Whether the API server wants it gone."""
        return self.removed or self.pod.metadata.deletion_timestamp is not None


def find_container(pod: Pod, name: str) -> Container | None:
    """A container of a Pod's spec by its name."""
    spec = pod.spec
    assert spec is not None
    known = (*spec.containers, *spec.init_containers, *spec.ephemeral_containers)
    return next((c for c in known if c.name == name), None)


def priority(w: PodWorker) -> int:
    """A Pod's priority."""
    return (w.pod.spec.priority or 0) if w.pod.spec is not None else 0

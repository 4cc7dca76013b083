"""A frozen picture of one tick: all that a front end may know of the cluster.

The view looks *beside* the API server, as a spectator does, so that the board survives a dead door. It is
built only when somebody paints (at most ten times a second), from the objects in etcd, the machines of the
world and the samples of traffic. Everything in it is an integer, a string or a tuple of such: two views of the
same tick compare equal, and a painter can compare field by field what has changed.

Units: ``_milli`` thousandths of a core, ``_bytes`` bytes, ``_us`` microseconds, ``_pm`` per mille (997 = 99.7 %),
times are ticks (simulated seconds); ``go`` is the tick at which the player pressed Go, or None before.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen


class Face(StrEnum):
    """How a Pod looks on the board: one glyph and one colour each (see tui/glyphs)."""

    RUNNING = "running"  # Running and Ready
    NOT_READY = "not ready"  # Running, not Ready
    PENDING = "pending"  # no node yet
    CREATING = "creating"  # on a node, its containers are being made (ContainerCreating, Init:n/m)
    CRASH = "crash"  # CrashLoopBackOff, Error, ErrImagePull, ImagePullBackOff, CreateContainerConfigError …
    OOM = "oom"  # OOMKilled
    STOPPING = "stopping"  # Terminating
    DONE = "done"  # Succeeded
    UNKNOWN = "unknown"  # its node has not been heard of


@frozen
class Ref:
    """Names one object: ``pod/web-1`` in namespace ``shop`` is ``Ref("Pod", "shop", "web-1")``."""

    kind: str
    namespace: str
    name: str


@frozen
class PodView:
    """One Pod. ``status`` is the STATUS column of kubectl, to the letter."""

    ref: Ref
    face: Face
    status: str
    ready: int  # containers ready
    containers: int
    restarts: int
    node: str  # "" while it has none
    ip: str
    age: int
    owner: Ref | None  # the workload (Deployment rather than its ReplicaSet)
    image: str  # of its first container
    revision: str  # pod-template-hash or controller-revision-hash, "" if none
    cpu_milli: int
    memory_bytes: int
    why: str = ""  # one line: the message behind a status that is not fine ("" otherwise)


@frozen
class NodeView:
    """One machine of the cluster. ``letter`` names it in narrow places (a, b, c …; node-a → a)."""

    ref: Ref
    letter: str
    zone: str
    status: str  # the STATUS column: Ready, NotReady, Ready,SchedulingDisabled …
    ready: bool
    schedulable: bool
    pressure: str  # "", "MemoryPressure", "DiskPressure", "PIDPressure"
    control_plane: bool
    cpu_capacity_milli: int
    cpu_used_milli: int
    cpu_requested_milli: int
    memory_capacity_bytes: int
    memory_used_bytes: int
    memory_requested_bytes: int
    pods: tuple[PodView, ...]
    heard: int  # ticks since the kubelet last renewed its lease
    price_micro: int = 0  # of an hour, in millionths of a dollar; 0: no cloud bills it


@frozen
class WorkloadView:
    """A Deployment, StatefulSet, DaemonSet, ReplicaSet without owner, ReplicationController, or a bare Pod."""

    ref: Ref
    want: int
    ready: int
    updated: int
    available: int
    image: str
    rollout: str  # "" when complete; else "3/4 updated", "paused", "stuck: ProgressDeadlineExceeded"
    pods: tuple[PodView, ...]
    configs: tuple[Ref, ...]  # ConfigMaps and Secrets that its template names
    claims: tuple[Ref, ...]
    probe: str  # "" or "GET /healthz :8080", the readiness probe of its first container


@frozen
class QueueView:
    """A queue of messages that a broker keeps behind a Service."""

    name: str
    ready: int  # messages that wait
    unacknowledged: int  # that somebody works on
    age: int  # of the oldest, in ticks


@frozen
class ServiceView:
    """A Service with what lies behind it and what flowed through it in the last tick."""

    ref: Ref
    type: str  # ClusterIP, Headless, NodePort, LoadBalancer, ExternalName
    cluster_ip: str
    ports: str  # "80→8080", "5432"
    external: str  # balancer's address, "<pending>", node port, external name; "" if none
    ready: int
    endpoints: int
    pods: tuple[PodView, ...]
    workloads: tuple[Ref, ...]
    rate: int  # requests a second
    ok_pm: int
    p95_us: int
    ok_history: tuple[int, ...] = ()  # per mille, newest last, -1 where nothing ended
    queues: tuple[QueueView, ...] = ()


@frozen
class RouteView:
    """One rule of an Ingress: host and path to a Service and its port."""

    ref: Ref  # the Ingress
    host: str
    path: str
    path_type: str
    service: Ref
    port: str
    problem: str  # "" or what an ingress controller says: "service not found", "no endpoints", "no controller"


@frozen
class TrafficView:
    """One stream of users (or what a load generator sends), with its history since Go: an entry a tick, at most 600."""

    name: str
    url: str
    method: str
    rate: int
    sent: int  # totals since Go
    served: int
    failed: tuple[tuple[str, int], ...]  # reason → count, most frequent first
    now_ok_pm: int  # last tick
    now_p95_us: int
    slo_pm: int  # the highest `served` objective on it, 0 if none
    ok_history: tuple[int, ...]  # per mille, -1 where nothing was sent
    rate_history: tuple[int, ...]
    p95_history: tuple[int, ...]
    first_hop: Ref | None  # the Ingress or Service that its URL leads to
    goodput: int = 0  # served a second, in the last minute
    burn_milli: int = 0  # how fast the error budget of that objective burned in it; -1: endlessly
    pod: Ref | None = None  # of a load generator: the Pod that sends


@frozen
class ConfigView:
    """A ConfigMap or Secret: its keys and who reads it, and how."""

    ref: Ref
    keys: tuple[tuple[str, str], ...]  # key → value; of a Secret only its length, "12 bytes"
    readers: tuple[tuple[Ref, str], ...]  # workload → "env", "volume"
    stale: tuple[Ref, ...]  # Pods whose environment was read before the last change


@frozen
class ClaimView:
    """A PersistentVolumeClaim and its volume."""

    ref: Ref
    status: str  # Pending, Bound, Lost
    volume: str
    capacity: str
    storage_class: str
    modes: str  # RWO …
    pods: tuple[Ref, ...]
    records: int  # what an application has stored there
    used_bytes: int


@frozen
class EventView:
    """One Event as `kubectl get events` shows it; ``tick`` is when it was last seen."""

    tick: int
    type: str  # Normal, Warning
    reason: str
    object: Ref
    message: str
    count: int


@frozen
class ComponentView:
    """A process of the control plane or of a node: kube-scheduler, kubelet on node-a …"""

    name: str
    machine: str
    running: bool
    note: str  # "", "stopped", "paused", "slow", "unreachable"; "leader" of those that elect one


@frozen
class ObjectiveView:
    """One objective or bonus as it stands now. Texts are in the player's language."""

    id: str
    text: str
    state: str  # "open", "holding" (true now, not yet final), "met", "failed"
    value: str  # "98.7 %", "1/2", "0 lost"
    done_pm: int  # how far towards the end or the goal, 0–1000; -1 where there is no such measure
    bonus: bool


@frozen
class Mark:
    """A mark on the timeline: ◆ the player did something, ▲ a warning, ✗ a fault struck or an objective failed."""

    tick: int
    kind: str  # "action", "warning", "fault", "failed"
    text: str


@frozen
class View:
    """The whole board at the end of tick ``tick - 1`` (``tick`` ticks are done)."""

    tick: int
    go: int | None
    clock: str  # "14:05:32", simulated wall clock
    ends: int | None  # tick at which the level ends
    nodes: tuple[NodeView, ...] = ()
    pending: tuple[PodView, ...] = ()  # Pods without a node
    workloads: tuple[WorkloadView, ...] = ()
    services: tuple[ServiceView, ...] = ()
    routes: tuple[RouteView, ...] = ()
    traffic: tuple[TrafficView, ...] = ()
    configs: tuple[ConfigView, ...] = ()
    claims: tuple[ClaimView, ...] = ()
    events: tuple[EventView, ...] = ()
    components: tuple[ComponentView, ...] = ()
    outside: tuple[tuple[str, str, bool], ...] = ()  # systems outside the cluster: name, image, up

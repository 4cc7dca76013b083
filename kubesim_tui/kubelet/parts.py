"""The parts of a running kubelet, put together when it starts; all of its memory is in them, and goes with them."""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import Recorder
from kubesim_tui.kubelet.backoff import Backoff
from kubesim_tui.kubelet.cri import Cri
from kubesim_tui.kubelet.diary import Diary
from kubesim_tui.kubelet.events import Events
from kubesim_tui.kubelet.eviction.manager import EvictionManager
from kubesim_tui.kubelet.host import Host
from kubesim_tui.kubelet.images import ImageManager, pull_bucket
from kubesim_tui.kubelet.images_gc import ImageGc
from kubesim_tui.kubelet.killing import Killer
from kubesim_tui.kubelet.kuberuntime import Kuberuntime
from kubesim_tui.kubelet.node_reporter import NodeReporter
from kubesim_tui.kubelet.node_status import allocatable
from kubesim_tui.kubelet.node_watch import NodeWatch
from kubesim_tui.kubelet.nodeshutdown import NodeShutdown
from kubesim_tui.kubelet.objects import Informers, Objects
from kubesim_tui.kubelet.options import Options, facts
from kubesim_tui.kubelet.pod_workers import PodWorker
from kubesim_tui.kubelet.prober.manager import Prober
from kubesim_tui.kubelet.puller import Puller
from kubesim_tui.kubelet.resize import Resizer
from kubesim_tui.kubelet.sandbox import Sandboxes
from kubesim_tui.kubelet.status_manager import StatusManager
from kubesim_tui.kubelet.sync_pod import PodSyncer
from kubesim_tui.kubelet.volume.manager import VolumeManager
from kubesim_tui.kubelet.volume.store import Cloud, MachineStore
from kubesim_tui.world.machine import Machine

Name = tuple[str, str]


@define(eq=False)
class Ground:
    """What a kubelet stands on, and does not lose."""

    machine: Machine
    options: Options
    client: Client
    informers: Informers
    cloud: Cloud | None
    epoch: int


@define(eq=False)
class Parts:
    """See the module."""

    recorder: Recorder
    objects: Objects
    host: Host
    images: ImageManager
    backoff: Backoff
    puller: Puller
    sandboxes: Sandboxes
    syncer: PodSyncer
    statuses: StatusManager
    reporter: NodeReporter
    watch: NodeWatch
    images_gc: ImageGc
    workers: dict[Name, PodWorker]
    unposted: dict[Name, None] = field(factory=dict)  # Pods whose status waits for a road
    found: dict[Name, list[str]] = field(factory=dict)  # sandboxes of an earlier kubelet, by Pod
    files: dict[str, str] = field(factory=dict)  # of static Pods, as they were read last

    def forget(self, w: PodWorker, now: int) -> None:
        """A Pod is gone for good."""
        self.sandboxes.remove(w, now)
        self.backoff.forget(w.uid)
        self.images.forget(w.uid)
        self.recorder.forget(w.uid)
        self.workers.pop(w.key, None)
        self.unposted.pop(w.key, None)


def assemble(ground: Ground, now: int) -> Parts:
    """A kubelet that has just started and knows nothing."""
    client, machine, options = ground.client, ground.machine, ground.options
    bucket = client.bucket
    voice = Client(client.server, client.user, client.road, bucket.qps, bucket.burst)  # events have their own budget
    recorder = Recorder(voice, "kubelet", machine.name, Diary(machine).event)
    events, cri, objects = Events(recorder), Cri(machine.runtime), Objects(ground.informers)
    found = facts(machine, options)
    host = Host(machine.name, options.ip, machine, cri, client, objects, events, options.cluster_dns)
    host.allocatable = allocatable(found)
    configuration = options.configuration
    images, backoff = ImageManager(bucket=pull_bucket(configuration)), Backoff()
    puller = Puller(machine.runtime, images, configuration.pulls_at_once)
    killer, sandboxes = Killer(cri, events), Sandboxes(host)
    runtime = Kuberuntime(cri, events, objects, images, puller, killer, sandboxes, backoff)
    volumes = VolumeManager(machine.name, MachineStore(machine, ground.cloud), objects, client, events)
    workers: dict[Name, PodWorker] = {}
    resizer = Resizer(host, workers, options.max_pods)
    prober = Prober(cri, events, ground.epoch)
    syncer = PodSyncer(host, runtime, killer, prober, sandboxes, volumes, resizer, ground.epoch)
    pods: Informer = ground.informers.pods
    reporter = NodeReporter(host, found, client, recorder)
    machine.runtime.log_max_bytes = configuration.container_log_max_size
    images_gc = ImageGc(machine, configuration, now)
    evictions = EvictionManager(machine, configuration, images_gc)
    machine.runtime.roomy(-1)  # it may mind earlier than the one before it did
    machine.disk.alarm_bytes = evictions.alarm_bytes()
    watch = NodeWatch(host, evictions, options.max_pods, now, NodeShutdown(configuration))
    return Parts(
        recorder,
        objects,
        host,
        images,
        backoff,
        puller,
        sandboxes,
        syncer,
        StatusManager(client, pods),
        reporter,
        watch,
        images_gc,
        workers,
    )

"""The machine room: every component of the control plane and of the nodes as it stands, and what they say.

Seen from beside, as all pictures: processes and links of the world, the members of etcd, the seats of those that are
elected, and the API server's own trace, which tells who asked it for what.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Protocol

from attrs import field, frozen

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.apiserver.backend import Backend
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.apiserver.request import Record
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.cluster.desks import Desk
from kubesim_tui.cluster.etcdctl.base import human
from kubesim_tui.cluster.fabric import Fabric
from kubesim_tui.cluster.managers import AUTOSCALER, CLOUD, CONTROLLER_MANAGER, SCHEDULER, Managers
from kubesim_tui.cluster.picture.followed import Fact, Facts, fact
from kubesim_tui.cluster.plane import ETCD, SERVER, ControlPlane
from kubesim_tui.cluster.polling import Polling
from kubesim_tui.cluster.processes import last_words
from kubesim_tui.cluster.view import Ref
from kubesim_tui.cluster.witness import Witness
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.process import Process
from kubesim_tui.world.world import World

KUBELET, PROXY, RUNTIME = "kubelet", "kube-proxy", "runtime"
DNS, INGRESS = "coredns", "ingress-nginx-controller"
ADDONS = {
    DNS: ("kube-system", "k8s-app", "kube-dns"),
    INGRESS: ("ingress-nginx", "app.kubernetes.io/name", "ingress-nginx"),
}
"""What runs as Pods: their namespace, and the label by which they are known."""
PEOPLE = "people"
KINDS = (ETCD, SERVER, SCHEDULER, CONTROLLER_MANAGER, CLOUD, AUTOSCALER, DNS, INGRESS, KUBELET, RUNTIME, PROXY)
"""Rows of the room, from the store down to the nodes. `runtime` is whatever runs the containers there."""
LATELY = 10  # ticks
MOST = 400  # messages that are looked through
ACCOUNT = "system:serviceaccount:kube-system:"
OF_CLOUD = ("cloud-node-controller", "cloud-node-lifecycle-controller", "service-controller")

RUNNING, SLOW, PAUSED, STOPPED, CUT, OFF = "running", "slow", "paused", "stopped", "cut", "off"
"""How a component stands. `cut`: it runs, and reaches nobody that could answer it (etcd: no leader)."""


@frozen
class Message:
    """A request that the API server has answered, as its trace tells."""

    tick: int
    sender: str  # one of KINDS, or PEOPLE
    machine: str  # "" of people, and of what runs as Pods
    user: str
    verb: str
    about: str  # "pods/binding shop/web-1"
    code: int
    decided: str  # the station that refused it; "" if none did
    text: str  # what it said then
    revision: int  # 0: nothing was written


@frozen
class Box:
    """One component on one machine."""

    kind: str
    process: str  # the name of its process: containerd, of the kind `runtime`
    machine: str
    state: str
    leads: bool = False
    figures: Facts = ()
    recent: int = 0  # messages of the last ticks
    pod: Ref | None = None  # of what runs as one
    node: bool = True  # its machine is a node of the cluster


@frozen
class Room:
    """All of it, in the tick that has just been done."""

    tick: int
    machines: tuple[str, ...]  # those of the control plane first
    planes: int
    boxes: tuple[Box, ...]
    messages: tuple[Message, ...] = field(default=())  # the newest first

    def box(self, kind: str, machine: str) -> Box | None:
        """A component of a machine."""
        return next((b for b in self.boxes if (b.kind, b.machine) == (kind, machine)), None)

    def of(self, box: Box) -> tuple[Message, ...]:
        """What a component has said, or, of an API server, what it was asked; the newest first."""
        if box.kind in (SERVER, ETCD):
            return self.messages
        return tuple(m for m in self.messages if m.sender == box.kind and m.machine in ("", box.machine))


class Owner(Protocol):
    """The cluster."""

    engine: Engine
    etcd: Etcd
    world: World
    fabric: Fabric
    server: ApiServer
    plane: ControlPlane
    managers: Managers
    heartbeats: Heartbeats
    terms: Heartbeats
    witness: Witness
    polling: Polling


def room(cluster: Owner) -> Room:
    """The machine room of now."""
    own = cluster.plane.places
    machines = (*own, *(name for name in cluster.world.machines if name not in own))
    found = tuple(_message(cluster, record) for record in islice(reversed(cluster.server.trace), MOST))
    tick = cluster.engine.tick
    lately: dict[tuple[str, str], int] = {}
    for message in found:
        if message.tick >= tick - LATELY:
            key = (message.sender, message.machine)
            lately[key] = lately.get(key, 0) + 1
    boxes = [box for name in machines for box in _boxes(cluster, cluster.world.machines[name], lately)]
    return Room(tick, machines, len(own), tuple(boxes), found)


def _boxes(cluster: Owner, machine: Machine, lately: dict[tuple[str, str], int]) -> Iterator[Box]:
    for kind in KINDS:
        process = machine.runtime.brand.process if kind == RUNTIME else kind
        if kind in ADDONS and process not in machine.processes:
            yield from _of_pods(cluster, machine, kind, lately.get((kind, machine.name), 0))
        elif process in machine.processes:
            said = sum(lately.values()) if kind == SERVER else lately.get((kind, machine.name), 0)
            state = _state(cluster, machine, kind, process)
            leads = _leader(cluster, kind) == machine.name and state not in (STOPPED, OFF)
            told = (*_figures(cluster, machine, kind, said), *_program(machine.processes[process]))
            node = machine.name not in cluster.plane.external
            yield Box(kind, process, machine.name, state, leads, told, said, node=node)


def _program(process: Process) -> Facts:
    """Its release, and what it says last if it does not come up."""
    release = (fact("release", release=process.release),) if process.release else ()
    return (*release, fact("fails", said=last_words(process))) if process.failure else release


def _of_pods(cluster: Owner, machine: Machine, kind: str, said: int) -> Iterator[Box]:
    """The first Pod of an addon on a machine."""
    namespace, label, value = ADDONS[kind]
    for pod in cluster.etcd.table("pods").in_namespace(namespace):
        here = isinstance(pod, types.Pod) and pod.spec is not None and pod.spec.node_name == machine.name
        if not here or pod.metadata.labels.get(label) != value:
            continue
        assert isinstance(pod, types.Pod)
        ready = is_pod_ready(pod)
        heard = cluster.plane.balanced(machine.name).open()
        state = OFF if not machine.powered else STOPPED if not ready else RUNNING if heard else CUT
        name = Ref("Pod", namespace, pod.metadata.name)
        yield Box(kind, kind, machine.name, state, False, _figures(cluster, machine, kind, said), said, name)
        return


def _state(cluster: Owner, machine: Machine, kind: str, process: str) -> str:
    if not machine.powered:
        return OFF
    one = machine.processes[process]
    if not one.works:
        return str(one.shown)
    if kind == ETCD:
        heard = cluster.plane.members.serves(machine.name)
    elif kind == SERVER:
        heard = next(door.serves() for door in cluster.plane.doors if door.place == machine.name)
    else:
        alone = kind == RUNTIME or machine.name in cluster.plane.external  # its kubelet asks nobody
        heard = alone or cluster.plane.road(machine.name).open()
    return CUT if not heard else SLOW if one.slow > 1 else RUNNING


def _leader(cluster: Owner, kind: str) -> str:
    """Where the one is that acts for all of its kind; "" where each acts for itself, or nobody does."""
    seat = cluster.managers.seats.get(kind)
    if seat is not None:
        return seat.leader.machine if seat.leader is not None else ""
    if kind == ETCD:
        return cluster.plane.members.leader
    return cluster.plane.names[0] if kind in (SCHEDULER, CONTROLLER_MANAGER, CLOUD, AUTOSCALER) else ""


def _figures(cluster: Owner, machine: Machine, kind: str, said: int) -> Facts:
    """What there is to tell of a component, the most telling first."""
    name, tick, members = machine.name, cluster.engine.tick, cluster.plane.members
    if kind == ETCD:
        behind = cluster.etcd.revision - members.revision(name)
        lag = (fact("behind", n=behind),) if behind else ()
        alarm = (fact("no-space"),) if members.backend.full else ()
        revision, term = fact("revision", n=members.revision(name)), fact("term", n=members.term)
        return (*alarm, *lag, revision, _file(members.backend, name), term, _keys(cluster.etcd))
    if kind == SERVER:
        return (*_lists(cluster.polling.desks[name]), fact("requests", n=said, seconds=LATELY))
    if kind == KUBELET and name in cluster.plane.external:
        return (fact("pods", n=len(machine.runtime.sandboxes)),)
    if kind == KUBELET:
        heard = tick - (cluster.heartbeats.last(name, tick) or 0)
        return fact("heard", seconds=heard), fact("pods", n=len(machine.runtime.sandboxes))
    if kind == RUNTIME:
        return (fact("containers", n=len(machine.runtime.containers)),)
    if kind == PROXY:
        rules = cluster.fabric.rules(name)
        stale = () if rules is cluster.fabric.live else (fact("stale", n=cluster.fabric.live.version - rules.version),)
        return (*stale, fact("rules", n=len(rules.by_name)))
    if kind == DNS:
        return (fact("names", n=len(cluster.fabric.names.live.names)),)
    if kind == INGRESS:
        return (fact("routes", n=len(cluster.etcd.table("ingresses.networking.k8s.io").objects)),)
    return _manager(cluster, kind, name)


def _file(backend: Backend, member: str) -> Fact:
    """How large a member's file is, and may become; looking at it leaves no trace there."""
    size = max(backend.files.get(member, 0), backend.in_use())
    return fact("size", size=human(size), quota=human(backend.quota), percent=100 * size // backend.quota)


def _lists(desk: Desk) -> Facts:
    """What an API server is answering to those who list over and over, and how many wait for that."""
    waiting = (fact("wait-seats", n=desk.waiting),) if desk.waiting else ()
    return (fact("lists", n=len(desk.jobs), size=human(desk.memory_bytes)), *waiting) if desk.jobs else ()


def _keys(etcd: Etcd) -> Fact:
    return fact("keys", n=sum(len(table.objects) for table in etcd.tables.values()))


def _manager(cluster: Owner, kind: str, machine: str) -> Facts:
    """Of a manager that acts: what it has to do, and when it renewed its lease; of one that stands by, that."""
    if _leader(cluster, kind) != machine:
        return (fact("stands-by"),) if cluster.world.machines[machine].runs(kind) else ()
    loops = cluster.managers.parts.get(kind, [])
    again = sum(loop.failing for loop in loops)
    found = [fact("retries", n=again)] if again else []
    if kind == SCHEDULER:
        found.append(fact("queue", n=len(cluster.managers.scheduler.queue.pods)))
    else:
        found.append(fact("loops", n=len(loops)))
    tick = cluster.engine.tick
    renewed = cluster.terms.last(kind, tick) if kind in cluster.managers.seats else None
    return (*found, fact("lease", seconds=tick - renewed)) if renewed is not None else tuple(found)


def _message(cluster: Owner, record: Record) -> Message:
    sender, machine = _sender(cluster, record.user)
    plural = f"{record.resource}/{record.subresource}" if record.subresource else record.resource
    name = f"{record.namespace}/{record.name}" if record.namespace else record.name
    about = f"{plural} {name}".strip()
    return Message(
        record.tick,
        sender,
        machine,
        record.user,
        record.verb,
        about,
        record.code,
        record.decided,
        record.message,
        record.revision if record.stored else 0,
    )


def _sender(cluster: Owner, user: str) -> tuple[str, str]:
    """(kind, machine) of the component behind a user name."""
    if user.startswith("system:node:"):
        return KUBELET, user.removeprefix("system:node:")
    account = user.removeprefix(ACCOUNT)
    if user == "system:apiserver":
        return SERVER, cluster.plane.place
    if user == "system:kube-proxy":
        return PROXY, ""
    if account != user:
        kind = CLOUD if account in OF_CLOUD else CONTROLLER_MANAGER
        return (DNS, "") if account == DNS else (kind, cluster.witness.keeper(kind))
    if user.startswith("system:serviceaccount:ingress-nginx"):
        return INGRESS, ""
    kind = user.removeprefix("system:")
    return (kind, cluster.witness.keeper(kind)) if kind in KINDS else (PEOPLE, "")

"""What an explanation may ask the world itself: machines, links, disks, containers. The cluster answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from kubesim_tui.explain.work import AtWork, Backlog, Failed


@frozen
class DiskUse:
    """What a machine's disk holds, in bytes; `writer` is the Pod (namespace, name) that has written most."""

    capacity: int
    used: int
    rubbish: int
    inodes_gone: bool
    writer: tuple[str, str] | None
    written: int


@frozen
class AddressUse:
    """The addresses that a machine has for Pods: how many, how many are taken, and how many of these by nobody."""

    size: int
    used: int
    strays: int


@frozen
class Ailing:
    """What ails a volume; `stuck`: the driver tries in vain to detach it."""

    delay_us: int
    fails: bool
    read_only: bool
    stuck: bool


@frozen
class Beside:
    """What runs on a machine beside its containers: names, memory, the most that a Pod holds; whether it forks on."""

    names: tuple[str, ...]
    memory: int
    largest: int
    forks: bool


@frozen
class Tracking:
    """The connections that a machine's kernel tracks, how many it may, and how many are never closed."""

    tracked: int
    limit: int
    stuck: int


@frozen
class Squeeze:
    """A Pod on a machine whose processors do not suffice: what it can have, and the Pod that uses most (millicores)."""

    machine: str
    milli: int
    neighbour: tuple[str, str]
    used: int
    requested: int  # by that neighbour's container


@frozen
class Polled:
    """What the containers of a workload list from the API server over and over: one of its Pods, how many there are."""

    namespace: str
    pod: str
    clients: int
    kinds: tuple[str, ...]
    size: int  # bytes of all that, as one of them is answered


class World(Protocol):
    """What is asked of the world."""

    control_plane: tuple[str, ...]  # its machines
    etcd_machines: tuple[str, ...]  # those of etcd's members

    def ingress_lags(self) -> tuple[str, str] | None:
        """(namespace, name) of a Pod of the ingress controller that has not taken over yet what it could hear."""
        ...

    def powered(self, machine: str) -> bool:
        """Whether a machine is on."""
        ...

    def outside_up(self, name: str) -> bool | None:
        """Whether a system outside the cluster is on; None if there is none of that name."""
        ...

    def on_since(self, machine: str) -> int | None:
        """When a machine was last switched on again; None if it never was off."""
        ...

    def cut(self, machine: str) -> bool:
        """Whether any link of a machine is cut."""
        ...

    def environment(self, namespace: str, pod: str) -> Mapping[str, str]:
        """The environment of a Pod's first container, as its process has it; empty if it does not run."""
        ...

    def process_runs(self, machine: str, process: str) -> bool:
        """Whether a process of a machine runs."""
        ...

    def link_delay_us(self, machine: str) -> int:
        """How much longer every round trip from or to a machine takes than it should."""
        ...

    def link_loss_pm(self, machine: str) -> int:
        """How many of a thousand packets from or to a machine are lost, where most are."""
        ...

    def link_bytes_s(self, machine: str) -> int:
        """How many bytes a second get from and to a machine; 0: as many as are wanted."""
        ...

    def pod_network(self, namespace: str, pod: str) -> tuple[int, int] | None:
        """How much longer a Pod's round trips take (µs) and how many of a thousand packets it loses; None: all well."""
        ...

    def keeper(self, process: str) -> str:
        """The machine where a process of the control plane does its work, or did last."""
        ...

    def etcd_leader(self) -> str:
        """The machine of the member of etcd that leads; "" if none does."""
        ...

    def acts(self, process: str) -> bool:
        """Whether a process of the control plane does its work anywhere."""
        ...

    def failure(self, machine: str, process: str) -> str:
        """What a process of a machine says last that ends as soon as it begins, with its release; "" if none does."""
        ...

    def slowness(self, machine: str, process: str) -> int:
        """How many times slower a process of a machine is than it should be."""
        ...

    def cloud(self) -> str:
        """How the API of the cloud is: "", "down" or "throttled"."""
        ...

    def balancer_lost(self, namespace: str, service: str) -> bool:
        """Whether the balancer of a Service passes nothing on."""
        ...

    def storage_seconds(self) -> int | None:
        """How long the driver of network disks takes; None: it does not answer."""
        ...

    def runtime(self, machine: str) -> str:
        """The process that is a machine's container runtime."""
        ...

    def connected(self, machine: str) -> bool:
        """Whether a machine reaches the API server."""
        ...

    def discarded(self, namespace: str, pod: str) -> tuple[int, str] | None:
        """How many records a member of a database gave up when it followed another, and whom; None if it did not."""
        ...

    def disk(self, machine: str) -> DiskUse | None:
        """What is on the disk of a machine."""
        ...

    def addresses(self, machine: str) -> AddressUse | None:
        """What a machine's network plug-in has given out; None while it has no range."""
        ...

    def distrust(self, machine: str) -> tuple[str, str]:
        """Whose certificate keeps the kubelet of a machine and the API server apart, and what is said; ("", "")."""
        ...

    def clock_skew(self, machine: str) -> int:
        """By how many seconds the clock of a machine goes wrong."""
        ...

    def etcd_full(self) -> bool:
        """Whether etcd has its NOSPACE alarm."""
        ...

    def polled(self) -> Polled | None:
        """What programs list from the API server over and over: who asks for most; None if nobody does."""
        ...

    def starved(self) -> tuple[str, ...]:
        """The machines on which the kernel has last killed the API server for its memory."""
        ...

    def floods(self) -> list[tuple[str, int]]:
        """Who floods the API server, with how many requests a second; the worst first."""
        ...

    def held(self, namespace: str, pod: str) -> tuple[int, int, int]:
        """How many connections of a Pod strangers hold, how many servers that keeps from others, and of how many."""
        ...

    def used_outside(self, user: str) -> bool:
        """Whether somebody outside has the token of a user."""
        ...

    def volume(self, handle: str, machine: str) -> Ailing | None:
        """What ails a network disk, or a directory of a machine; None if there is no such volume."""
        ...

    def beside(self, machine: str) -> Beside | None:
        """What runs on a machine beside its containers; None if nothing does."""
        ...

    def connections(self, machine: str) -> Tracking | None:
        """What a machine's kernel tracks."""
        ...

    def squeezed(self, namespace: str, pod: str) -> Squeeze | None:
        """How a Pod is held back by its neighbours; None if it is not."""
        ...

    def work(self, namespace: str, pod: str) -> AtWork | None:
        """What requests to a Pod spend their time on; None if it does not run."""
        ...

    def work_at_its_end(self, namespace: str, pod: str) -> AtWork | None:
        """The same of its container that ended last, with requests inside; None if none did of late."""
        ...

    def backlogs(self) -> list[Backlog]:
        """The queues of messages."""
        ...

    def dial(self, host: str, port: int) -> Failed | None:
        """How a connection of the API server to an address fails; None if it does not."""
        ...

    def crowded(self, namespace: str, pod: str) -> bool:
        """Whether more requests are, or were when it was killed for its memory, in a Pod than it has hands for."""
        ...

    def hangs(self, namespace: str, pod: str) -> bool:
        """Whether a program of a Pod lives and answers nobody."""
        ...

    def throttled(self, namespace: str, pod: str) -> bool:
        """Whether a container of a Pod used all the processor time that its limit grants."""
        ...

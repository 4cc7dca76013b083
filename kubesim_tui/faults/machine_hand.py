"""The half of the hand that lies on machines, their disks and the members of the control plane."""

from __future__ import annotations

from typing import Protocol

ObjectAt = tuple[str, str, str]
"""(kind, namespace, name)."""


class MachineHand(Protocol):
    """See the module."""

    def fill_disk(self, node: str, leave_bytes: int, *, inodes: bool) -> bool:
        """Rubbish fills a machine's disk but for so many bytes, or all its inodes."""
        ...

    def clean_disk(self, node: str) -> bool:
        """The rubbish is removed."""
        ...

    def hog_memory(self, node: str, leave_bytes: int, growth: int) -> bool:
        """A process on a machine, in no container, takes all memory but so much, and then so many bytes a second."""
        ...

    def fork(self, node: str, leave: int) -> bool:
        """A process on a machine, in no container, forks whenever it can but for so many processes."""
        ...

    def end_outsiders(self, node: str) -> bool:
        """Whatever runs on a machine in no container is ended."""
        ...

    def certificate(self, whose: str, where: str, *, good: bool, seconds: int = 0) -> bool:
        """The certificate of a kubelet or API server ("": of all), or of a webhook's Service, is renewed, or ends.

        `seconds`: from now. With that of an API server those end that were issued for its machine on the same day.
        """
        ...

    def set_clock(self, node: str, seconds: int) -> bool:
        """The clock of a machine goes wrong by so many seconds (0: it goes right)."""
        ...

    def besiege(self, namespace: str, service: str, connections: int) -> bool:
        """Strangers hold so many connections of a Service and never send a whole request (0: no more)."""
        ...

    def leak_token(self, namespace: str, account: str, *, leaked: bool) -> bool:
        """Somebody outside has the token of a ServiceAccount, or it is good no more."""
        ...

    def flood_etcd(self, rate: int) -> bool:
        """Somebody writes so many bytes a second into etcd; 0: no more, and what he wrote is cleared away."""
        ...

    def slow_etcd(self, factor: int) -> bool:
        """The disk of etcd's leader is so many times slower (1: the disks of all members are as they should be)."""
        ...

    def flood_api(self, namespace: str, account: str, asked: str, rate: int) -> bool:
        """A ServiceAccount asks about a namespace so many times a second (0: no more)."""
        ...

    def crash(self, node: str, *, gone: bool = False, replaced: bool = False) -> bool:
        """A machine loses power; gone: for good; replaced: a fresh one of the same name stands in its place, off."""
        ...

    def shut_down(self, node: str, back_after: int) -> bool:
        """A machine is shut down in an orderly way; it comes back after so many seconds (-1: not by itself)."""
        ...

    def upgrade(self, nodes: list[str], boot_seconds: int, slower_us: int) -> bool:
        """These nodes are drained, rebooted into a new system and used again, one after the other."""
        ...

    def stop_upgrade(self) -> bool:
        """The wave is called off; what the new system has brought is taken back."""
        ...

    def roll_out_plane(self, gate: str, seconds: int) -> bool:
        """A pipeline writes the manifests of the next release, with a feature gate, on one machine after the other."""
        ...

    def roll_back_plane(self) -> bool:
        """It is called off, and what it has put in place taken back."""
        ...

    def roll_out_kubelets(self, nodes: list[str], gate: str, seconds: int) -> bool:
        """A pipeline brings the kubelets of these nodes to the next release, with a feature gate, one by one."""
        ...

    def roll_back_kubelets(self) -> bool:
        """It is called off, and what it has put in place taken back."""
        ...

    def recover(self, node: str) -> bool:
        """Power is back."""
        ...

    def keeper(self, process: str) -> str:
        """The machine on which a process of the control plane leads the others of its kind, or did last."""
        ...

    def stop_process(self, node: str, process: str, *, graceful: bool = False) -> bool:
        """A process of a machine is stopped; graceful: it is told before, and may tidy up."""
        ...

    def slow_process(self, node: str, process: str, factor: int) -> bool:
        """A process of a machine gets less done (1: as much as it should)."""
        ...

    def start_process(self, node: str, process: str) -> bool:
        """It is started again."""
        ...

    def everywhere(self, process: str, *, runs: bool) -> bool:
        """A process is stopped on all machines that have it, or started again there."""
        ...

    def stop_quorum(self) -> bool:
        """So many members of etcd are stopped that no majority is left."""
        ...

    def zone_power(self, node: str, *, on: bool) -> bool:
        """All machines in the zone of a machine lose their power, or have it again."""
        ...

    def runtime(self, node: str) -> str:
        """The process that is the container runtime of a machine."""
        ...

    def freeze(self, node: str, process: str, *, thaw: bool) -> bool:
        """A process of a machine is frozen and does nothing any more, or goes on."""
        ...

    def reclaim(self, node: str, notice: int) -> bool:
        """The cloud takes an instance back after so many seconds."""
        ...

    def slow_volume(self, claim: ObjectAt, delay_us: int) -> bool:
        """Each read and write on the volume of a claim takes so much longer (0 heals it)."""
        ...

    def fail_volume(self, claim: ObjectAt, *, fails: bool) -> bool:
        """The device under the volume of a claim fails, or works again."""
        ...

    def fail_zone_volumes(self, node: str, *, fails: bool) -> bool:
        """All network disks that are attached in the zone of a machine fail, or work again."""
        ...

    def hold_volume(self, claim: ObjectAt, *, held: bool) -> bool:
        """The driver does not get the disk of a claim detached, or does again."""
        ...

    def storage(self, seconds: int | None) -> bool:
        """The driver of network disks takes so long to attach or detach one (None: it does not answer)."""
        ...

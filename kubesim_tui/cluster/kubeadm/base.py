"""What a command of kubeadm has at hand, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from attrs import frozen

from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, Unreachable
from kubesim_tui.apiserver.request import User
from kubesim_tui.cluster.addons import INSTALLER
from kubesim_tui.cluster.plane import ControlPlane
from kubesim_tui.cluster.trust import Trust
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.world.machine import Machine

TRACE = "To see the stack trace of this error execute with --v=5 or higher"


class Owner(Protocol):
    """The cluster."""

    engine: Engine
    chance: Chance
    plane: ControlPlane
    trust: Trust

    def client(self, user: User, place: str = "", qps: int = 0, burst: int = 0) -> Client:
        """A client of the API server."""
        ...

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        ...


class Failure(Exception):
    """What kubeadm says on standard error."""


@frozen
class Call:
    """A command on a machine: its words, its flags ("" for those without a value)."""

    cluster: Owner
    machine: Machine
    words: Sequence[str]
    flags: Mapping[str, str]

    @property
    def client(self) -> Client:
        """By /etc/kubernetes/admin.conf."""
        return self.cluster.client(INSTALLER, self.machine.name)

    @property
    def now(self) -> int:
        """What the machine takes for the time."""
        return self.cluster.trust.now(self.machine.name)

    @property
    def server(self) -> str:
        """Where the API server is found."""
        addresses = self.cluster.plane.addresses
        return f"{addresses.get(self.machine.name) or next(iter(addresses.values()))}:6443"

    def told(self, wrong: ApiError, path: str) -> str:
        """What client-go says of a request that failed."""
        if not isinstance(wrong, Unreachable):
            return str(wrong)
        reason = str(wrong)
        reason = f"dial tcp {self.server}: connect: {reason}" if reason == "connection refused" else reason
        return f'Get "https://{self.server}{path}": {reason}'


Act = Callable[[Call], list[str]]
"""A command: the lines that it prints, or Failure."""

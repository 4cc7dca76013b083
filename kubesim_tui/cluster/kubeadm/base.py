"""What a command of kubeadm has at hand, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from attrs import frozen

from kubesim_tui.api.types import ConfigMap
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError, Unreachable
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.cluster.addons import INSTALLER
from kubesim_tui.cluster.kubeadm import authority
from kubesim_tui.cluster.kubeadm.failure import Failure as Failure
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
    server: ApiServer
    plane: ControlPlane
    trust: Trust

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        ...


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
        return Client(self.cluster.server, INSTALLER, self.cluster.plane.balanced(self.machine.name))

    @property
    def now(self) -> int:
        """What the machine takes for the time."""
        return self.cluster.trust.now(self.machine.name)

    @property
    def stamp(self) -> str:
        """The time, as it stands in names of directories."""
        return datetime.fromtimestamp(self.now, UTC).strftime("%Y-%m-%d-%H-%M-%S")

    @property
    def server(self) -> str:
        """Where the API servers are found."""
        return authority.endpoint(self.cluster.plane.names, self.cluster.plane.addresses)

    @property
    def epoch(self) -> int:
        """When the cluster was made."""
        return self.cluster.engine.clock.epoch

    def taken(self, path: str) -> Iterator[tuple[str, str]]:
        """What a check says of a file that must not be there, if it is."""
        if path in self.machine.files:
            yield f"FileAvailable-{path.replace('/', '-')}", f"{path} already exists"

    def config_map(self, namespace: str, name: str) -> Mapping[str, str]:
        """What a ConfigMap holds; ApiError if it cannot be read."""
        return self.client.get(ConfigMap, namespace, name).data or {}

    def put(self, data: Mapping[str, Any]) -> None:
        """Create an object, or change it to this. ApiError if that fails."""
        client, meta = self.client, data["metadata"]
        resource = client.server.resource_for_kind(data["apiVersion"], data["kind"])
        assert resource is not None
        namespace = meta.get("namespace", "")
        try:
            client.send(Request(client.user, "create", resource, namespace, meta["name"], body=dict(data)))
        except StatusError as refused:
            if refused.reason != "AlreadyExists":
                raise
            client.send(
                Request(client.user, "patch", resource, namespace, meta["name"], body=dict(data), patch_type="merge")
            )

    def told(self, wrong: ApiError, path: str) -> str:
        """What client-go says of a request that failed."""
        if not isinstance(wrong, Unreachable):
            return str(wrong)
        reason = str(wrong)
        reason = f"dial tcp {self.server}: connect: {reason}" if reason == "connection refused" else reason
        return f'Get "https://{self.server}{path}": {reason}'


Act = Callable[[Call], list[str]]
"""A command: the lines that it prints, or Failure."""

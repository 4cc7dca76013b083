"""Strangers: people outside who mean no good, at work as long as a fault lets them.

A siege holds connections of a Service open and never sends a whole request: each keeps a server of a Pod busy, and is
made again where it was lost. An intruder has the token of a ServiceAccount: he reads what he may and deletes a Pod now
and then, through the door like everybody, so that RBAC decides how far he gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, cast

from kubesim_tui.api import types
from kubesim_tui.api.helpers.selector import matches_set
from kubesim_tui.apiserver.authentication import service_account
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import User
from kubesim_tui.cluster.addresses import NAMESPACE, POD
from kubesim_tui.kernel.chance import Stream
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.world.container import Container
from kubesim_tui.world.world import World

RECONNECT, DEED = 2, 15
"""Seconds after which lost connections are made again, and between two deeds of an intruder."""
Name = tuple[str, str]
"""(namespace, name)."""


class Owner(Protocol):
    """The cluster."""

    engine: Engine
    etcd: Etcd
    world: World

    def client(self, user: User, place: str = "", qps: int = 0, burst: int = 0) -> Client:
        """A client of the API server."""
        ...


class Siege:
    """See the module. Keys: Services."""

    name, order, phase = "siege", 0, "timers"

    def __init__(self, cluster: Owner) -> None:
        self.cluster = cluster
        self._besieged: dict[Name, int] = {}

    def runs(self) -> bool:
        """There is always somebody."""
        return True

    def lay(self, service: Name, connections: int) -> bool:
        """Hold so many connections of a Service (0: let go of all); False if there is no such Service."""
        if self.cluster.etcd.get("services", service) is None and service not in self._besieged:
            return False
        if connections:
            self._besieged[service] = connections
            self.reconcile(service)
        else:
            self._hold(list(self._containers(service)), 0)
            self._besieged.pop(service, None)
        return True

    def reconcile(self, key: Key) -> None:
        """Share the connections out over the Pods that there are now."""
        service = cast(Name, key)
        connections = self._besieged.get(service)
        if connections is None:
            return
        self._hold(list(self._containers(service)), connections)
        engine = self.cluster.engine
        engine.at(engine.clock.tick + RECONNECT, self.phase, self, service)

    def _hold(self, containers: list[Container], connections: int) -> None:
        for place, container in enumerate(containers):
            held = connections // len(containers) + (place < connections % len(containers))
            if container.held != held:
                container.held = held
                container.changed()

    def _containers(self, service: Name) -> Iterator[Container]:
        """Those of a Service's Pods that listen anywhere."""
        found = self.cluster.etcd.get("services", service)
        selector = found.spec.selector if isinstance(found, types.Service) and found.spec is not None else {}
        pods = self.cluster.etcd.table("pods").in_namespace(service[0]) if selector else ()
        chosen = {(p.metadata.namespace, p.metadata.name) for p in pods if matches_set(selector, p.metadata.labels)}
        for machine in self.cluster.world.machines.values():
            for container in machine.runtime.containers.values():
                labels = container.sandbox.labels
                if (labels.get(NAMESPACE), labels.get(POD)) in chosen and container.ports:
                    yield container


class Intruder:
    """See the module. Keys: ServiceAccounts."""

    name, order, phase = "intruder", 0, "timers"

    def __init__(self, cluster: Owner, draws: Stream) -> None:
        self.cluster, self.draws = cluster, draws
        self._tokens: dict[Name, str] = {}  # account → the uid that its token names

    def runs(self) -> bool:
        """There is always somebody."""
        return True

    def uses(self, user: str) -> bool:
        """Whether requests of a user come from outside."""
        return any(user == service_account(*account).name for account in self._tokens)

    def get_token(self, account: Name) -> bool:
        """The token of an account falls into his hands; False if there is no such account."""
        found = self.cluster.etcd.get("serviceaccounts", account)
        if found is None:
            return False
        self._tokens[account] = found.metadata.uid
        self.reconcile(account)
        return True

    def lose_token(self, account: Name) -> bool:
        """It is good no more, whatever is done with the account."""
        return self._tokens.pop(account, None) is not None

    def reconcile(self, key: Key) -> None:
        """One deed; a token of an account that is gone, or was made anew, is good for nothing."""
        account = cast(Name, key)
        found = self.cluster.etcd.get("serviceaccounts", account)
        if found is None or found.metadata.uid != self._tokens.get(account):
            self._tokens.pop(account, None)
            return
        client = self.cluster.client(service_account(*account))
        self._try(client.list, types.Secret, account[0])
        pods = sorted(pod.metadata.name for pod in self._try(client.list, types.Pod, account[0]) or ())
        if pods:
            self._try(client.delete, types.Pod, account[0], self.draws.choice(pods))
        engine = self.cluster.engine
        engine.at(engine.clock.tick + DEED, self.phase, self, account)

    def _try(self, ask: Any, *about: Any) -> Any:
        try:
            return ask(*about)
        except ApiError:
            return None

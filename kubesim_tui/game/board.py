"""What objectives look at, answered from the cluster of a game."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.labels import parse as parse_selector
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.authentication import service_account
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.traffic.samples import Sample


class Owner(Protocol):
    """The game."""

    cluster: Cluster
    named: str
    level: Any
    score: Any


def resource_of(word: str) -> scheme.Resource:
    """The resource of `deploy`, `deployment` or `deployments`; KeyError if there is none."""
    for resource in scheme.builtin():
        if word in (resource.plural, resource.singular, *resource.short_names):
            return scheme.for_plural(resource.plural)
    raise KeyError(word)


def walk(value: Any, path: str) -> Any:
    """The value at `status.readyReplicas` or `status.conditions.Ready` (a condition's status by its type)."""
    for part in path.split("."):
        if isinstance(value, list):
            value = next((e.get("status") for e in value if isinstance(e, dict) and e.get("type") == part), None)
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


class GameBoard:
    """See the module."""

    def __init__(self, game: Owner) -> None:
        self.game = game

    @property
    def _cluster(self) -> Cluster:
        return self.game.cluster

    def sample(self, traffic: str) -> Sample | None:
        """The last tick of a stream."""
        return self._cluster.traffic.streams[traffic].stream.last

    def expected(self, traffic: str, first: int, last: int) -> int:
        """How many requests a stream sends in [first, last) after Go, on average."""
        return self._cluster.traffic.streams[traffic].expected(first, last)

    def lost(self, store: str) -> tuple[int, int]:
        """(lost, acknowledged) records of a store."""
        self._cluster.replicate()
        return self._cluster.traffic.lost(store, self._cluster.records(store))

    def queue(self, options: Mapping[str, Any]) -> tuple[int, int, int]:
        """Of the messages of a queue: (age of the oldest in ticks, how many were lost, how many came)."""
        namespace = options.get("namespace", self.game.level.namespace)
        key = ("Service", namespace, options["service"]), options["queue"]
        flow = self._cluster.traffic.queues.flows.get(key)
        if flow is None:
            return 0, 0, 0
        return flow.age(self._cluster.engine.clock.tick), flow.stream.failed, flow.stream.sent

    def objects(self, options: Mapping[str, Any]) -> list[Object]:
        """The named object, or those that a selector chooses (`pods app=web`)."""
        namespace = options.get("namespace", self.game.level.namespace)
        if "object" in options:
            kind, name = options["object"].split("/", 1)
            resource = resource_of(kind)
            found = self._cluster.etcd.get(resource.group_resource, (namespace if resource.namespaced else "", name))
            return [found] if found is not None else []
        kind, _, text = options["selector"].partition(" ")
        resource = resource_of(kind)
        selector = parse_selector(text)
        table = self._cluster.etcd.table(resource.group_resource)
        chosen = table.in_namespace(namespace if resource.namespaced else "")
        return sorted((o for o in chosen if selector.matches(o.metadata.labels)), key=lambda o: o.metadata.name)

    def values(self, options: Mapping[str, Any]) -> list[Any]:
        """The values at a path of each of them."""
        return [walk(encode_object(o), options["path"]) for o in self.objects(options)]

    def denied(self, actor: str, verb: str, target: str) -> bool:
        """Whether an actor (`namespace/serviceaccount`) may not do a thing (`secrets/name`)."""
        namespace, name = actor.split("/")
        user = service_account(namespace, name)
        kind, _, wanted = target.partition("/")
        allowed, _ = self._cluster.server.authorizer.authorize(user, verb, resource_of(kind), "", namespace, wanted)
        return not allowed

    def measure(self, what: str) -> int:
        """cost (node- and replica-hours), changes or nodes."""
        if what == "changes":
            return int(self.game.score.changes)
        if what == "nodes":
            return len(self._cluster.etcd.table("nodes"))
        return int(self.game.score.cost_milli) // 1000

    def named(self) -> str:
        """The cause that the player has named."""
        return self.game.named

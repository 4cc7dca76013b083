"""Pools of machines as the cloud keeps them: orders become machines after a while, lost ones are replaced.

It is both sides: what cluster-autoscaler asks (`cloud.autoscaler.groups.Groups`), and the worker that makes machines
and lets them join. A pool belongs to a group of the cluster's spec that may be scaled.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, cast

from kubesim_tui.api import scheme
from kubesim_tui.api.types import Node, NodeStatus, ObjectMeta, Pod, Unstructured
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.cloud.autoscaler.groups import OUT_OF_RESOURCE, Failure, Group, Template
from kubesim_tui.cloud.node import initialized
from kubesim_tui.cluster.power import Power
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup
from kubesim_tui.controllers.daemonset.pods import DaemonSet, daemon_spec, for_node, should_run
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kubelet.node_status import Facts, Health, make_node, make_status
from kubesim_tui.world.instance import made
from kubesim_tui.world.pool import Pool
from kubesim_tui.world.world import World

DAEMONSETS = scheme.for_plural("daemonsets").group_resource
CHECK = 3
"""Seconds after which an order that cannot be met is refused."""


class Owner(Protocol):
    """The cluster."""

    spec: ClusterSpec
    engine: Engine
    world: World
    etcd: Etcd
    power: Power

    def add_node(self, name: str, group: NodeGroup) -> None:
        """A new machine joins."""
        ...


class Pools:
    """See the module. Keys: ("check" or "boot", pool, machine)."""

    name, order, phase = "pools", 0, "cloud"

    def __init__(self, cluster: Owner) -> None:
        self.cluster, self.cloud = cluster, cluster.world.cloud
        self.specs = {group.name: group for group in cluster.spec.nodes if group.autoscaled}
        for group in self.specs.values():
            pool = self.cloud.pools[group.name] = Pool(group.name, group.min, group.max)
            for machine in group.names:
                pool.adopt(machine)
        limit = cluster.spec.cloud.cpus
        self.cloud.quota_milli = None if limit is None else limit * 1000
        self.cloud.keeper = self

    def runs(self) -> bool:
        """The cloud always works, whether its API answers or not."""
        return True

    # -- what the autoscaler asks ------------------------------------------------------------------------------

    def groups(self) -> list[Group]:
        """All pools."""
        self.cloud.answer()
        return [_group(pool) for _, pool in sorted(self.cloud.pools.items())]

    def template(self, group: str, name: str) -> Template:
        """A node of a pool, as it will be when it is ready."""
        spec, unix = self.specs[group], self.cluster.engine.clock.now
        facts = Facts(
            name,
            "0.0.0.0",
            spec.cpu_milli,
            spec.memory_bytes,
            spec.disk_bytes,
            labels=spec.labels,
            taints=spec.parsed_taints,
        )
        instance = made(name, spec.zone, spec.cpu_milli, spec.memory_bytes, spot=spec.spot)
        node = initialized(make_node(facts), instance)
        node = node.evolve(status=make_status(facts, Health(), (), NodeStatus(), unix))
        return Template(node, tuple(self._daemons(node.metadata.name, node)))

    def _daemons(self, name: str, node: Node) -> Iterable[Pod]:
        for obj in self.cluster.etcd.table(DAEMONSETS):
            daemons = DaemonSet.of(cast(Unstructured, obj))
            spec = daemons.template.spec
            if spec is None or not should_run(daemon_spec(spec), node)[0]:
                continue
            meta = obj.metadata
            about = ObjectMeta(name=f"{meta.name}-{name}", namespace=meta.namespace, uid=f"{meta.uid}-{name}")
            yield Pod(metadata=about, spec=for_node(daemon_spec(spec), name))

    def increase(self, group: str, more: int) -> None:
        """Order machines."""
        self.cloud.answer()
        for _ in range(more):
            self._order(self.cloud.pools[group])

    def delete(self, group: str, instances: Iterable[str]) -> None:
        """Take machines away, or orders back."""
        self.cloud.answer()
        pool = self.cloud.pools[group]
        for name in instances:
            pool.drop(name)
            if not self.cluster.power.reclaim(name, 1):
                self.cloud.terminate(name)

    # -- what the cloud does -----------------------------------------------------------------------------------

    def terminated(self, instance: str) -> None:
        """A pool has lost a machine that nobody took away: it makes another."""
        for pool in self.cloud.pools.values():
            if instance in pool.members:
                pool.drop(instance)
                self._order(pool)

    def _order(self, pool: Pool) -> None:
        self._later(CHECK, ("check", pool.name, pool.order()))

    def _later(self, seconds: int, key: Key) -> None:
        self.cluster.engine.at(self.cluster.engine.clock.tick + seconds, self.phase, self, key)

    def reconcile(self, key: Key) -> None:
        """An order is looked at, or a machine is there."""
        what, group, name = cast("tuple[str, str, str]", key)
        pool, spec = self.cloud.pools[group], self.specs[group]
        if name not in pool.ordered:
            return
        if what == "check":
            wanted = made(name, spec.zone, spec.cpu_milli, spec.memory_bytes, spot=spec.spot)
            pool.ordered[name] = self.cloud.no_machine(wanted)
            if pool.ordered[name] is None:
                self.cloud.instances[name] = wanted
                self._later(max(1, self.cluster.spec.cloud.boot - CHECK), ("boot", group, name))
        elif self.cloud.exists(name):
            pool.made(name)
            self.cluster.add_node(name, spec)


def _group(pool: Pool) -> Group:
    instances: dict[str, Failure | None] = dict.fromkeys(pool.members)
    for name, refused in pool.ordered.items():
        instances[name] = None if refused is None else Failure(OUT_OF_RESOURCE, refused.code, refused.message)
    return Group(pool.name, pool.wanted, pool.smallest, pool.largest, instances)

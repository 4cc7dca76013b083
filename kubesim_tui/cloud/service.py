"""service-lb-controller: for every Service of type LoadBalancer a balancer of the cloud, and its address in the status.

A finalizer holds the Service back until its balancer is gone. Making one takes time; meanwhile the address is
`<pending>`. When nodes come, go, or are excluded the balancers are told their new hosts. A cloud that refuses is asked
again after 5 s, doubling to 5 min. As controllers/service/controller.go of k8s.io/cloud-provider.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, cast

from kubesim_tui.api.helpers.nodes import has_taint
from kubesim_tui.api.types import (
    LoadBalancerIngress,
    LoadBalancerStatus,
    Node,
    Object,
    Service,
    ServiceSpec,
    ServiceStatus,
)
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import NORMAL, WARNING, Recorder
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive
from kubesim_tui.world.balancer import Balancer, CloudError

FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"
TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler"
NO_NODES = ("UnAvailableLoadBalancer", "There are no available nodes for LoadBalancer")
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
NODES = "nodes"
"""The key of a look at all balancers' hosts."""


class Balancers(Protocol):
    """What is asked of the cloud; each call may raise CloudError."""

    def balancer(self, name: str) -> Balancer | None:
        """One, if it is there."""
        ...

    def ensure_balancer(
        self, name: str, service: tuple[str, str], machines: Iterable[str], now: int, *, local: bool, wanted: str = ""
    ) -> Balancer:
        """Make one, or bring it up to date."""
        ...

    def delete_balancer(self, name: str) -> None:
        """Take it down."""
        ...


def wants_balancer(service: Service) -> bool:
    """Whether it is this cloud's business: of the type, and of no other class."""
    spec = service.spec
    return spec is not None and spec.type == "LoadBalancer" and not spec.load_balancer_class


def needs_cleanup(service: Service) -> bool:
    """Whether its balancer is to go: it is being deleted, or of another type now."""
    if FINALIZER not in service.metadata.finalizers:
        return False
    return service.metadata.deletion_timestamp is not None or _spec(service).type != "LoadBalancer"


def needs_update(old: Service, new: Service) -> bool:
    """Whether a change concerns the balancer."""
    if not wants_balancer(old) and not wants_balancer(new):
        return False
    return wants_balancer(old) != wants_balancer(new) or _face(old) != _face(new)


def _face(service: Service) -> tuple[object, ...]:
    spec, meta = _spec(service), service.metadata
    return (
        spec.load_balancer_source_ranges,
        spec.ports,
        spec.session_affinity,
        spec.session_affinity_config,
        spec.load_balancer_ip,
        spec.external_ips,
        meta.annotations,
        meta.uid,
        spec.external_traffic_policy,
        spec.health_check_node_port,
        len(spec.ip_families),
    )


def _spec(service: Service) -> ServiceSpec:
    return service.spec or ServiceSpec()


def is_included(node: Node) -> bool:
    """Not excluded by its label."""
    excluded = node.metadata.labels.get(EXCLUDED)
    return excluded is None or excluded in _FALSE


def is_host(node: Node) -> bool:
    """Whether balancers send to a node. Whether it is ready is not asked: their own health checks see to that."""
    staying = node.metadata.deletion_timestamp is None
    return staying and is_included(node) and not has_taint(node, TO_BE_DELETED)


def name_of(service: Service) -> str:
    """The name of its balancer in the cloud (DefaultLoadBalancerName)."""
    return ("a" + service.metadata.uid).replace("-", "")[:32]


class ServiceController(Component):
    """See the module. A key is (namespace, name), or `NODES`."""

    phase = "cloud"
    delays = (5, 300)

    def __init__(
        self, engine: Engine, client: Client, process: Alive, services: Informer, nodes: Informer, cloud: Balancers
    ) -> None:
        super().__init__("service-lb-controller", engine, client, process)
        self.cloud, self.recorder = cloud, self.voice(Recorder(client, "service-controller"))
        self._services, self._nodes = self.watch(services), self.watch(nodes)
        self._kept: dict[Name, Service] = {}  # those whose balancers we see to, as last seen
        self._hosts: dict[Name, tuple[str, ...]] = {}  # which nodes their balancers were told
        self._begun: dict[Name, None] = {}  # those being made, of which that has been said
        services.on_change(self._service_changed)
        nodes.on_change(self._node_changed)

    def stop(self) -> None:
        """All this is memory."""
        super().stop()
        self._kept.clear()
        self._hosts.clear()
        self._begun.clear()

    # -- events ------------------------------------------------------------------------------------------------

    def _service_changed(self, before: Object | None, now: Object | None) -> None:
        old, new = cast("Service | None", before), cast("Service | None", now)
        if new is None:
            assert old is not None
            if (old.metadata.namespace, old.metadata.name) in self._kept:
                self.enqueue_changed(old, None)
        elif needs_cleanup(new) or (wants_balancer(new) if old is None else needs_update(old, new)):
            self.enqueue_changed(old, new)

    def _node_changed(self, before: Object | None, now: Object | None) -> None:
        old, new = cast("Node | None", before), cast("Node | None", now)
        if old is None or new is None or is_included(old) != is_included(new):
            self.enqueue(NODES)

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Bring a Service's balancer in line, or tell all of them their hosts."""
        if key == NODES:
            self._tell_hosts()
            return
        name = cast(Name, key)
        service = cast("Service | None", self._services.get(*name))
        if service is None:
            self._gone(name)
            return
        self._kept[name] = service
        try:
            if needs_cleanup(service) or not wants_balancer(service):
                self._clean_up(name, service)
            else:
                self._ensure(name, service)
        except CloudError as wrong:
            text = f"Error syncing load balancer: {wrong}"
            self.recorder.event(service, WARNING, "SyncLoadBalancerFailed", text)
            raise ApiError(text) from wrong

    def _ensure(self, name: Name, service: Service) -> None:
        if name not in self._begun:
            self.recorder.event(service, NORMAL, "EnsuringLoadBalancer", "Ensuring load balancer")
            self._begun[name] = None
        if FINALIZER not in service.metadata.finalizers:
            service = self._with_finalizers(service, (*service.metadata.finalizers, FINALIZER))
        hosts = self._hosts[name] = self._host_names()
        if not hosts:
            self.recorder.event(service, WARNING, *NO_NODES)
        now, spec = self.engine.clock.tick, _spec(service)
        try:
            made = self.cloud.ensure_balancer(
                name_of(service),
                name,
                hosts,
                now,
                local=spec.external_traffic_policy == "Local",
                wanted=spec.load_balancer_ip,
            )
        except CloudError as wrong:
            self._begun.pop(name, None)
            raise CloudError(f"failed to ensure load balancer: {wrong}") from wrong
        if made.ready > now:
            self.enqueue_after(made.ready - now, name)
            return
        self._begun.pop(name, None)
        self.recorder.event(service, NORMAL, "EnsuredLoadBalancer", "Ensured load balancer")
        self._report(service, LoadBalancerStatus(ingress=(LoadBalancerIngress(ip=made.ip, ip_mode="VIP"),)))

    def _clean_up(self, name: Name, service: Service) -> None:
        try:
            if self.cloud.balancer(name_of(service)) is not None:
                self.recorder.event(service, NORMAL, "DeletingLoadBalancer", "Deleting load balancer")
                self.cloud.delete_balancer(name_of(service))
        except CloudError as wrong:
            raise CloudError(f"failed to check if load balancer exists before cleanup: {wrong}") from wrong
        kept = tuple([f for f in service.metadata.finalizers if f != FINALIZER])
        if kept != service.metadata.finalizers:
            service = self._with_finalizers(service, kept)
        self.recorder.event(service, NORMAL, "DeletedLoadBalancer", "Deleted load balancer")
        self._report(service, LoadBalancerStatus())
        self._forget(name)

    def _gone(self, name: Name) -> None:
        """Deleted without the finalizer: what it had is taken down all the same."""
        service = self._kept.get(name)
        if service is None:
            return
        if wants_balancer(service):
            try:
                self.cloud.delete_balancer(name_of(service))
            except CloudError as wrong:
                raise ApiError(str(wrong)) from wrong
        self._forget(name)

    def _forget(self, name: Name) -> None:
        for memory in (self._kept, self._hosts, self._begun):
            memory.pop(name, None)

    def _with_finalizers(self, service: Service, finalizers: tuple[str, ...]) -> Service:
        """Through `status`: that is all of a Service that this controller may write."""
        return self.client.update_status(service.evolve(metadata=service.metadata.evolve(finalizers=finalizers)))

    def _report(self, service: Service, balancer: LoadBalancerStatus) -> None:
        status = service.status or ServiceStatus()
        if (status.load_balancer or LoadBalancerStatus()).ingress == balancer.ingress:
            return
        try:
            self.client.update_status(service.evolve(status=status.evolve(load_balancer=balancer)))
        except StatusError as refused:
            if refused.code != 404:
                raise

    # -- hosts -------------------------------------------------------------------------------------------------

    def _host_names(self) -> tuple[str, ...]:
        return tuple(sorted(n.metadata.name for n in self._nodes.table if is_host(cast(Node, n))))

    def _tell_hosts(self) -> None:
        hosts = self._host_names()
        for name, service in list(self._kept.items()):
            if not wants_balancer(service) or self._hosts.get(name) == hosts:
                continue
            self._hosts[name] = hosts
            try:
                self._tell(name, service, hosts)
            except CloudError as wrong:
                shown = f"[{' '.join(hosts[:20])}{f' <{len(hosts) - 20} more>' if len(hosts) > 20 else ''}]"
                text = (
                    f"Error updating load balancer with new hosts {shown} [node names limited, total number of nodes: "
                    f"{len(hosts)}], error: {wrong}"
                )
                self.recorder.event(service, WARNING, "UpdateLoadBalancerFailed", text)
                self.enqueue(name)

    def _tell(self, name: Name, service: Service, hosts: tuple[str, ...]) -> None:
        found = self.cloud.balancer(name_of(service))
        if found is None:
            return
        self.cloud.ensure_balancer(found.name, name, hosts, self.engine.clock.tick, local=found.local, wanted=found.ip)
        if hosts:
            self.recorder.event(service, NORMAL, "UpdatedLoadBalancer", "Updated load balancer with new hosts")
        else:
            self.recorder.event(service, WARNING, *NO_NODES)

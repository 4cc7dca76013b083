"""Who is who to the NetworkPolicies: containers, machines and users as parties of a connection.

While there are no policies nobody is asked anything.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import types
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.cluster.addresses import NAMESPACE, POD
from kubesim_tui.network.policy import Denial, Party
from kubesim_tui.network.policy_agent import PolicyAgent
from kubesim_tui.network.resolver import is_address
from kubesim_tui.traffic.network import Place
from kubesim_tui.world.container import Container
from kubesim_tui.world.links import OUTSIDE
from kubesim_tui.world.world import World

USERS = "192.0.2.1"
"""The address of users outside (TEST-NET-1)."""
DNS_PORT = 53


class Barriers:
    """See the module."""

    def __init__(self, agent: PolicyAgent, etcd: Etcd, world: World) -> None:
        self.agent, self.etcd, self.world = agent, etcd, world

    def origin(self, machine: str, container: Container | None) -> Party | None:
        """Who asks: a container's Pod, or a machine's own process; None while there are no policies."""
        if not self.agent.table:
            return None
        if machine == OUTSIDE:
            return Party(USERS)
        return self._machine(machine) if container is None else self._of_container(machine, container)

    def pod(self, namespace: str, name: str) -> Party | None:
        """A process of the control plane, as the Pod as which it shows; None while there are no policies."""
        found = self.etcd.get("pods", (namespace, name)) if self.agent.table else None
        return self._pod(found) if isinstance(found, types.Pod) else None

    def face(self, origin: Party | None) -> object:
        """What tells callers apart."""
        return None if origin is None else self.agent.table.face(origin)

    def bars(self, origin: Party, place: Place, port: int, protocol: str = "TCP") -> Denial | None:
        """Why a connection to who is at a place is not let through."""
        return self.agent.table.denies(origin, self._at(place), port, protocol)

    # -- parties -----------------------------------------------------------------------------------------------

    def _at(self, place: Place) -> Party:
        kind, _, name = place.hop
        if kind == "Outside":
            outside = self.world.outside.get(name)
            return Party(outside.ip if outside is not None else "")
        if place.container is None:
            return Party(name if is_address(name) else "", place.machine)
        return self._of_container(place.machine, place.container)

    def _of_container(self, machine: str, container: Container) -> Party:
        marks = container.sandbox.labels
        if NAMESPACE not in marks:
            return Party(container.sandbox.ip, machine)
        pod = self.etcd.get("pods", (marks[NAMESPACE], marks.get(POD, "")))
        if not isinstance(pod, types.Pod) or (pod.spec is not None and pod.spec.host_network):
            return Party(container.sandbox.ip, machine)
        return self._pod(pod, container.sandbox.ip, machine)

    def _pod(self, pod: types.Pod, ip: str = "", machine: str = "") -> Party:
        meta, spec = pod.metadata, pod.spec
        machine = machine or (spec.node_name if spec is not None else "")
        ip = ip or (pod.status.pod_ip if pod.status is not None else "")
        namespace = self.etcd.get("namespaces", ("", meta.namespace))
        named = {(p.name, p.protocol or "TCP"): p.container_port for p in _ports(spec) if p.name}
        return Party(
            ip,
            machine,
            (meta.namespace, meta.name),
            meta.labels,
            namespace.metadata.labels if namespace is not None else {},
            named,
        )

    def _machine(self, machine: str) -> Party:
        return Party(self.address(machine), machine)

    def address(self, machine: str) -> str:
        """The address of a machine, or of users outside; "" if nobody knows."""
        if machine == OUTSIDE:
            return USERS
        node: Any = self.etcd.get("nodes", ("", machine))
        addresses = node.status.addresses if node is not None and node.status is not None else ()
        return next((a.address for a in addresses if a.type == "InternalIP"), "")


def _ports(spec: types.PodSpec | None) -> list[Any]:
    return [] if spec is None else [p for c in (*spec.init_containers, *spec.containers) for p in c.ports]

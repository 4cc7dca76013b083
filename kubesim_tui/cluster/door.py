"""The door put together: registry, authorization, admission, and what stands in a new cluster."""

from __future__ import annotations

from kubesim_tui.apiserver import bootstrap
from kubesim_tui.apiserver.admission.chain import Chain
from kubesim_tui.apiserver.authorization.rbac import Rbac
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.fairness import SCHEMAS
from kubesim_tui.apiserver.fairness_view import SchemaView
from kubesim_tui.apiserver.heartbeat import Heartbeats, LeaseView
from kubesim_tui.apiserver.proxy import Proxy
from kubesim_tui.apiserver.registry.store import Registry
from kubesim_tui.apiserver.registry.strategies import STRATEGIES, Context
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.process import Alive


def make_door(
    etcd: Etcd,
    chance: Chance,
    heartbeats: Heartbeats,
    process: Alive,
    terms: Heartbeats | None = None,
    addresses: tuple[str, ...] = bootstrap.ADDRESSES,
) -> ApiServer:
    """A server with what every new cluster has. `terms`: of elected leaders, if there are any; `addresses`: its own."""
    registry = Registry(etcd, chance, STRATEGIES, Context(etcd, chance))
    registry.views["leases.coordination.k8s.io"] = LeaseView(heartbeats, etcd.clock, terms)
    rbac = Rbac(etcd)
    proxy = Proxy()
    server = ApiServer(etcd, registry, rbac, Chain(etcd, rbac, proxy=proxy), process, proxy)
    registry.views[SCHEMAS] = SchemaView(server.fairness)
    bootstrap.write(server, addresses)
    return server

"""The door put together: registry, authorization, admission, and what stands in a new cluster."""

from __future__ import annotations

from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.heartbeat import Heartbeats, LeaseView
from kubesim_tui.apiserver.registry.store import Registry
from kubesim_tui.apiserver.registry.strategies import STRATEGIES, Context
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.process import Alive


class AllowAll:
    def authorize(self, *_a):
        return True, ""


class NoAdmission:
    def mutate(self, *_a):
        pass

    def review(self, *_a):
        pass

    def validate(self, *_a):
        pass

    def version(self, _ns):
        return 0


def make_door(etcd: Etcd, chance: Chance, heartbeats: Heartbeats, process: Alive) -> ApiServer:
    """A server with what a new cluster has."""
    registry = Registry(etcd, chance, STRATEGIES, Context(etcd, chance))
    registry.views["leases.coordination.k8s.io"] = LeaseView(heartbeats, etcd.clock)
    return ApiServer(etcd, registry, AllowAll(), NoAdmission(), process)

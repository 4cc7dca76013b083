"""Doors where the manifests have none: an application whose Services are all for inside.

Its tutorial says `kubectl port-forward`, or to uncomment a line. A game day makes the Services of it that speak HTTP
node ports, as `kubectl patch` does; so users meet the same rules, policies and Pods as callers inside.
"""

from __future__ import annotations

from attrs import evolve

from kubesim_tui.api import types
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.sim import ADMIN
from kubesim_tui.gameday.doors import Door, doors
from kubesim_tui.gameday.objects import SYSTEM, of_kind

HTTP = ("http", "https", "any")
"""What answers a request for a page (any: an image that nobody described)."""


def opened(cluster: Cluster) -> list[Door]:
    """Let users in at all Services that are for inside and may be asked for pages."""
    client = cluster.client(ADMIN)
    for service in of_kind(cluster.etcd, types.Service):
        if _is_inner(service) and _may_be_asked(cluster, service):
            assert service.spec is not None
            client.update(service.evolve(spec=service.spec.evolve(type="NodePort")))
    return [evolve(door, opened=True) for door in doors(cluster.etcd)]


def _is_inner(service: types.Service) -> bool:
    """Whether it stands for Pods of the application, at an address of its own that leads nowhere outside."""
    spec = service.spec
    if spec is None or service.metadata.namespace in SYSTEM or not spec.selector:
        return False
    return spec.type == "ClusterIP" and spec.cluster_ip != "None"


def _may_be_asked(cluster: Cluster, service: types.Service) -> bool:
    """Whether HTTP is spoken behind it; where nobody is ready there, that is to be told as well."""
    rules = cluster.fabric.live.by_name.get((service.metadata.namespace, service.metadata.name), ())
    targets = [target for rule in rules for target in rule.targets]
    for target in targets:
        place = cluster.fabric.at(target.ip, target.port, target.node)
        programs = place.container.programs if place is not None and place.container is not None else ()
        if any(on.port == target.port and on.protocol in HTTP for program in programs for on in program.listens):
            return True
    return not targets

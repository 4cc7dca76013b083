"""The doors of an application: where users come in. Every path of an Ingress, every balancer, every node port.

A Service of type LoadBalancer is entered at its balancer only, not at the node ports that it has as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from attrs import frozen

from kubesim_tui.api import types
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.cluster.plane import CONTROL_PLANE_ROLE
from kubesim_tui.gameday.objects import SYSTEM, of_kind

ANY_HOST = "example.com"
"""The host that users ask for where a rule is for any."""
_PLAIN = re.compile(r"[\w./~-]*")


@frozen
class Door:
    """One way in. `name`: the object and what of it."""

    name: str
    url: str
    method: str = "GET"
    opened: bool = False  # by the game day: the manifests themselves let nobody in here (gameday/opening.py)


def named(text: str) -> Door:
    """`http://shop.example.com/cart`, or `POST http://…`; ValueError if it is neither."""
    method, _, url = text.strip().rpartition(" ")
    if not url.startswith(("http://", "https://")) or not urlsplit(url).hostname:
        raise ValueError(f"{text!r} is not a URL (http://HOST[:PORT]/PATH, perhaps with a method before it)")
    return Door(text.strip(), url, method.strip().upper() or "GET")


def doors(etcd: Etcd) -> list[Door]:
    """All of a cluster, each URL once."""
    found: dict[str, Door] = {}
    for door in (*_ingresses(etcd), *_services(etcd)):
        found.setdefault(door.url, door)
    return list(found.values())


def _ingresses(etcd: Etcd) -> Iterator[Door]:
    for obj in of_kind(etcd, types.Ingress):
        if obj.spec is None:
            continue
        name = f"ingress/{obj.metadata.name}"
        for rule in obj.spec.rules:
            host = rule.host.replace("*", "www", 1) or ANY_HOST
            for path in rule.http.paths if rule.http else ():
                plain = _plain_path(path.path)
                yield Door(f"{name} {host}{plain}", f"http://{host}{plain}")
        if obj.spec.default_backend is not None:
            yield Door(f"{name} {ANY_HOST}/", f"http://{ANY_HOST}/")


def _plain_path(path: str) -> str:
    """A path without what of it is a regular expression."""
    found = _PLAIN.match(path or "/")
    return found.group() or "/" if found is not None else "/"


def _services(etcd: Etcd) -> Iterator[Door]:
    address = next(_node_addresses(etcd), "")
    for obj in of_kind(etcd, types.Service):
        if obj.spec is None or obj.metadata.namespace in SYSTEM:
            continue
        for port in obj.spec.ports:
            if (port.protocol or "TCP") != "TCP":
                continue
            name = f"service/{obj.metadata.name}:{port.port}"
            if obj.spec.type == "LoadBalancer":
                given = obj.status.load_balancer.ingress if obj.status and obj.status.load_balancer else ()
                yield from (Door(name, f"http://{one.ip}:{port.port}/") for one in given if one.ip)
            elif obj.spec.type == "NodePort" and address and port.node_port:
                yield Door(name, f"http://{address}:{port.node_port}/")


def _node_addresses(etcd: Etcd) -> Iterator[str]:
    for obj in of_kind(etcd, types.Node):
        if obj.status is not None and CONTROL_PLANE_ROLE not in obj.metadata.labels:
            yield from (a.address for a in obj.status.addresses if a.type == "InternalIP")

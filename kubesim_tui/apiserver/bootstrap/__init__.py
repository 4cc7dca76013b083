"""What stands in a cluster before anybody has used it, as data, and the function that writes it.

It is written through the door, by system:masters, so that it has passed the same checks as everything else. The trace
does not keep it.
"""

from __future__ import annotations

from kubesim_tui.apiserver.apiregistration import registered
from kubesim_tui.apiserver.bootstrap import flows, objects, policy
from kubesim_tui.apiserver.bootstrap.policy import JsonMap
from kubesim_tui.apiserver.request import Request, User
from kubesim_tui.apiserver.server import TRACE_LENGTH, ApiServer
from kubesim_tui.kernel.trace import Ring

API_SERVER = User("system:apiserver", ("system:masters", "system:authenticated"))
ADDRESSES = ("172.18.0.2",)
"""Of the API server, where there is one."""


def everything(addresses: tuple[str, ...]) -> list[JsonMap]:
    """All objects in the order of their making; `addresses`: of the API servers."""
    return [
        *objects.namespaces(),
        *policy.objects(),
        *objects.priority_classes(),
        objects.storage_class(),
        *objects.services(addresses),
        *registered.objects(),
        *flows.objects(),
    ]


def write(server: ApiServer, addresses: tuple[str, ...] = ADDRESSES) -> None:
    """Make all that a new cluster has. The API server must run."""
    for data in everything(addresses):
        resource = server.resource_for_kind(data["apiVersion"], data["kind"])
        assert resource is not None
        meta = data["metadata"]
        server.handle(Request(API_SERVER, "create", resource, meta.get("namespace", ""), meta["name"], body=data))
    server.trace = Ring(TRACE_LENGTH)

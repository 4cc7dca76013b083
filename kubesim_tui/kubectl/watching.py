"""The changes of a resource since a revision, from the API server's journal: what a watch delivers."""

from __future__ import annotations

from attrs import evolve

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.etcd import Change
from kubesim_tui.apiserver.request import User
from kubesim_tui.apiserver.watching import transition


def revision(client: Client) -> int:
    """The newest revision: where a watch starts that has just listed."""
    return client.server.etcd.revision


def changes(
    client: Client,
    user: User,
    resource: Resource,
    namespace: str,
    since: int,
    labels: str = "",
    fields: str = "",
) -> list[Change]:
    """Changes after a revision, in order. Unreachable without a road; 403 for who may not watch; 410 if too old."""
    client.call()
    if not client.road.open():
        return []  # a watch stays open, and hears nothing, while etcd has no leader
    allowed, reason = client.server.authorizer.authorize(user, "watch", resource, "", namespace, "")
    if not allowed:
        raise errors.forbidden(resource.group, resource.plural, "", reason)
    etcd = client.server.etcd
    if since < etcd.compacted:
        raise errors.gone(f"too old resource version: {since} ({etcd.compacted})")
    found: list[Change] = []
    for change in etcd.since(since):
        inside = change.resource == resource.group_resource and (not namespace or change.key[0] == namespace)
        type_ = transition(resource, change, labels, fields) if inside else ""
        if type_:
            found.append(change if type_ == change.type else evolve(change, type=type_))
    return found

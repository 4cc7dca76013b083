"""Reads and deletions of any kind, for the controllers that work on all of them."""

from __future__ import annotations

from kubesim_tui.api import scheme
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Options, Request

_NOT_WATCHED = frozenset({"events", "events.events.k8s.io"})


def watchable() -> tuple[Resource, ...]:
    """Every built-in resource but Events, once each."""
    found: dict[str, Resource] = {}
    for resource in scheme.builtin():
        preferred = scheme.for_plural(resource.plural)
        if resource.group_resource not in _NOT_WATCHED and preferred.group_resource == resource.group_resource:
            found.setdefault(resource.group_resource, preferred)
    return tuple(found.values())


def delete(client: Client, resource: Resource, namespace: str, name: str, options: Options) -> None:
    """Delete an object of any kind; one that is gone already is no failure."""
    try:
        client.send(Request(client.user, "delete", resource, namespace, name, options=options))
    except StatusError as refused:
        if refused.code != 404:
            raise

"""Reads and deletions of any kind, for the controllers that work on all of them."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.frozen import freeze, merged, thaw
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object, Unstructured
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


# -- kinds without a class of their own ----------------------------------------------------------------------------


def plain(obj: Object, part: str) -> dict[str, Any]:
    """The JSON of an object's spec or status, {} if it has none."""
    if isinstance(obj, Unstructured):
        found = thaw(obj.rest.get(part))
    else:
        found = encode_object(obj).get(part)
    return found or {}


def with_part(obj: Object, part: str, value: dict[str, Any]) -> Object:
    """The object with another spec or status, given as JSON."""
    if isinstance(obj, Unstructured):
        return obj.evolve(rest=merged(obj.rest, {part: freeze(value)}))
    return decode_object(type(obj), {**encode_object(obj), part: value})


def condition(
    known: list[dict[str, Any]], type_: str, status: str, reason: str, message: str, now: str, **more: Any
) -> list[dict[str, Any]]:
    """JSON conditions with one set: its time changes only with its status."""
    made = {"type": type_, "status": status, "lastTransitionTime": now, "reason": reason, "message": message, **more}
    out, found = [], False
    for c in known:
        if c.get("type") == type_:
            found = True
            if c.get("status") == status:
                made["lastTransitionTime"] = c.get("lastTransitionTime", now)
            out.append(made)
        else:
            out.append(c)
    return out if found else [*known, made]

"""kubectl get --raw: a path of the API, answered as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from kubesim_tui.api.releases import numbers
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.fairness_view import DUMP, HEAD, levels
from kubesim_tui.apiserver.listing import ListOptions
from kubesim_tui.apiserver.request import Request
from kubesim_tui.kubectl import discovery, health, tabwriter
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error


def get(env: Env) -> None:
    """The command."""
    if env.flags.args:
        raise error("arguments may not be passed when --raw is specified")
    path = env.flags.text("raw")
    if not path.startswith("/"):
        raise error(f'--raw must be a valid URL path: parse "{path}": invalid URI for request')
    path = path.rstrip("/")
    found = discovery.resources(env.client)
    place, _, query = path.partition("?")
    if place.rstrip("/") in health.PATHS:
        well, text = health.answer(place.rstrip("/"), query, well=env.client.road.open())
        if not well:
            said = f"an error on the server ({json.dumps(text)}) has prevented the request from succeeding"
            raise StatusError(500, "InternalError", said)
        env.say(text)
        return
    if path == "/version":
        release = env.client.road.release()
        major, minor, _ = numbers(release)
        env.say(json.dumps({"major": str(major), "minor": str(minor), "gitVersion": release}))
        return
    if path == DUMP:
        env.client.call()
        rows = (HEAD, *levels(env.client.server.fairness))
        env.say(tabwriter.align("\n".join(",\t".join(row) for row in rows), minimum=8, padding=1))
        return
    env.say(json.dumps(_answer(env, path, found), separators=(",", ":")))


def _answer(env: Env, path: str, found: tuple[Resource, ...]) -> object:
    parts = [p for p in path.split("?")[0].split("/") if p]
    if parts[:1] == ["api"] and len(parts) > 1:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 2:
        group, version, rest = parts[1], parts[2], parts[3:]
    elif parts in (["api"], ["apis"]):
        return _groups(found) if parts == ["apis"] else {"kind": "APIVersions", "versions": ["v1"]}
    else:
        raise _missing()
    served = [r for r in found if (r.group, r.version) == (group, version)]
    if not rest:
        rows = [{"name": r.plural, "kind": r.kind, "namespaced": r.namespaced} for r in served]
        return {"kind": "APIResourceList", "groupVersion": "/".join(filter(None, (group, version))), "resources": rows}
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    resource = next((r for r in served if r.plural == rest[0]), None)
    if resource is None:
        raise _missing()
    if len(rest) > 1:
        return data_of(env.send("get", resource, namespace, rest[1], subresource=rest[2] if len(rest) > 2 else ""))
    return _list(env, resource, namespace, dict(parse_qsl(path.partition("?")[2])))


def _list(env: Env, resource: Resource, namespace: str, query: Mapping[str, str]) -> object:
    selectors = query.get("labelSelector", ""), query.get("fieldSelector", "")
    request = Request(env.user, "list", resource, namespace, label_selector=selectors[0], field_selector=selectors[1])
    limit = query.get("limit", "0")
    options = ListOptions(
        limit=int(limit) if limit.isdecimal() else 0,
        token=query.get("continue", ""),
        resource_version=query.get("resourceVersion", ""),
        match=query.get("resourceVersionMatch", ""),
    )
    found = env.client.page(request, options)
    meta: dict[str, object] = {"resourceVersion": str(found.resource_version)}
    if found.token:
        meta["continue"] = found.token
    if found.remaining is not None:
        meta["remainingItemCount"] = found.remaining
    items = [data_of(o) for o in found.items]
    return {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": meta, "items": items}


def _groups(found: tuple[Resource, ...]) -> object:
    """The groups besides the core one, each with its versions, the preferred one first."""
    versions: dict[str, dict[str, dict[str, str]]] = {}
    for r in found:
        if r.group:
            versions.setdefault(r.group, {})[r.version] = {"groupVersion": r.api_version, "version": r.version}
    groups = [
        {"name": name, "versions": list(known.values()), "preferredVersion": next(iter(known.values()))}
        for name, known in versions.items()
    ]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _missing() -> StatusError:
    return StatusError(404, "NotFound", "the server could not find the requested resource")

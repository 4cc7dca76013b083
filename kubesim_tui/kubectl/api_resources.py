"""kubectl api-resources and kubectl api-versions: what the server serves."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.scheme import Resource
from kubesim_tui.kubectl import discovery, output, tabwriter, top
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error, usage

WHOLE = ("json", "yaml", "kyaml")
VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if flags.args:
        raise usage(f"unexpected arguments: [{' '.join(flags.args)}]", flags.path)
    if flags.path == "api-versions":
        env.say("\n".join(sorted({r.api_version for r in _served(env)})))
        return
    kind = flags.text("output")
    if kind not in ("", "wide", "name", *WHOLE):
        formats = ",".join(sorted(("name", "wide", *WHOLE)))
        raise error(
            f'unable to match a printer suitable for the output format "{kind}", allowed formats are: {formats}'
        )
    if flags.text("sort-by") not in ("", "name", "kind"):
        raise error("--sort-by accepts only name or kind")
    found = sorted(_chosen(env), key=lambda r: (r.group, r.plural))
    if flags.text("sort-by"):
        found.sort(key=lambda r: r.kind if flags.text("sort-by") == "kind" else r.plural)
    if kind == "name":
        env.out += [r.group_resource for r in found]
        return
    if kind in WHOLE:
        printer = output.printer(env)
        assert printer is not None
        rows = [_whole(r) for r in found]
        env.say_raw(printer({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "", "resources": rows}))
        return
    headers = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"] + ["VERBS", "CATEGORIES"] * (kind == "wide")
    body = [_row(r, kind == "wide") for r in found]
    env.out += tabwriter.rows([] if flags["no-headers"] else headers, body)


def _whole(r: Resource) -> dict[str, Any]:
    """A type as the API describes it."""
    row: dict[str, Any] = {"name": r.plural, "singularName": r.singular, "namespaced": r.namespaced}
    row |= {"group": r.group} if r.group else {}
    row |= {"version": r.version, "kind": r.kind, "verbs": list(_verbs(r))}
    for field, words in (("shortNames", r.short_names), ("categories", r.categories)):
        row |= {field: list(words)} if words else {}
    return row


def _row(r: Resource, wide: bool) -> list[str]:
    row = [r.plural, ",".join(r.short_names), r.api_version, str(r.namespaced).lower(), r.kind]
    return [*row, ",".join(_verbs(r)), ",".join(r.categories)] if wide else row


def _verbs(r: Resource) -> tuple[str, ...]:
    return ("get", "list") if r.group == top.GROUP else VERBS


def _served(env: Env) -> tuple[Resource, ...]:
    """What the server serves, and what a metrics server does behind it."""
    found = discovery.resources(env.client)
    return (*found, top.NODES, top.PODS) if env.client.server.metrics is not None else found


def _chosen(env: Env) -> list[Resource]:
    """The types that the flags choose, each in its preferred version."""
    flags = env.flags
    preferred: dict[str, Resource] = {}
    for r in _served(env):
        preferred.setdefault(r.group_resource, r)
    found = list(preferred.values())
    if flags.given("api-group"):
        found = [r for r in found if r.group == flags.text("api-group")]
    if flags.given("namespaced"):
        found = [r for r in found if r.namespaced == flags["namespaced"]]
    if flags["verbs"]:
        found = [r for r in found if set(flags["verbs"]) <= set(_verbs(r))]
    if flags["categories"]:
        found = [r for r in found if set(flags["categories"]) <= set(r.categories)]
    return found

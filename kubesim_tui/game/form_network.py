"""Forms of the network: routes of an Ingress, the selector of a Service."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from kubesim_tui.api import types
from kubesim_tui.game.form import About, Line, Values
from kubesim_tui.game.menu_texts import label
from kubesim_tui.game.state import Field

TYPES = ("Prefix", "Exact")


def route(about: About) -> list[Field]:
    """Host, path and its type; Service and port; first what stands there. What users ask for can be chosen."""
    hosts = tuple(str(rule.get("host", "")) for rule in about.spec.get("rules", ())) or ("",)
    services = _services(about)
    ports = tuple(dict.fromkeys(str(p.port) for s in services for p in (s.spec.ports if s.spec else ())))
    entries, names = _entries(about, hosts[0]), tuple(s.metadata.name for s in services)
    paths = tuple(dict.fromkeys((*(str(e.get("path", "/")) for e in entries), *_asked(about, hosts[0]), "/")))
    leads = [e["backend"].get("service", {}).get("name", "") for e in entries]
    first = next((name for name in (*leads, *names)), "")
    return [
        about.field("host", hosts[0], hosts, hint="" if hosts[0] else label("any-host", about.language)),
        about.field("path", paths[0], paths),
        about.field("path-type", TYPES[0], TYPES),
        about.field("service", first, names),
        about.field("port", ports[0] if ports else "80", ports),
    ]


def _services(about: About) -> list[types.Service]:
    table = about.game.cluster.etcd.table("services").in_namespace(about.ref.namespace)
    found = [s for s in table if isinstance(s, types.Service)]
    return sorted(found, key=lambda s: s.metadata.name)


def _entries(about: About, host: str) -> list[dict[str, Any]]:
    """The paths of a host."""
    rules = [r for r in about.spec.get("rules", ()) if r.get("host", "") == host]
    return [path for rule in rules for path in rule.get("http", {}).get("paths", ())]


def _asked(about: About, host: str) -> list[str]:
    """What users ask of this host: each path with those above it."""
    found: list[str] = []
    for users in about.game.level.traffic:
        url = urlsplit(users.url)
        parts = url.path.strip("/").split("/") if url.hostname == host or not host else []
        found += ["/" + "/".join(parts[: i + 1]) for i in range(len(parts))]
    return found


def write_route(about: About, values: Values) -> Line:
    """A JSON patch: the path is added, or takes the place of the same path."""
    host, kind = values["host"].strip(), about.one_of(values, "path-type", TYPES)
    port = about.port(values)
    backend = {"name": about.word(values, "service"), "port": {"number" if isinstance(port, int) else "name": port}}
    path = {"path": about.path(values), "pathType": kind, "backend": {"service": backend}}
    rules = about.spec.get("rules", ())
    for i, rule in enumerate(rules):
        if rule.get("host", "") == host and rule.get("http"):
            at, verb = _place(rule["http"].get("paths", ()), path)
            return about.patch([{"op": verb, "path": f"/spec/rules/{i}/http/paths/{at}", "value": path}], "json")
    rule = {**({"host": host} if host else {}), "http": {"paths": [path]}}
    if not rules:
        return about.patch([{"op": "add", "path": "/spec/rules", "value": [rule]}], "json")
    return about.patch([{"op": "add", "path": "/spec/rules/-", "value": rule}], "json")


def _place(paths: list[dict[str, Any]], path: dict[str, Any]) -> tuple[str, str]:
    """(index, verb): where the path stands already it is replaced."""
    for i, entry in enumerate(paths):
        if (entry.get("path"), entry.get("pathType")) == (path["path"], path["pathType"]):
            return str(i), "replace"
    return "-", "add"


def selector(about: About) -> list[Field]:
    """The labels that a Service looks for; those of the workloads around are choices."""
    now = _labels(about.spec.get("selector", {}))
    found = []
    for kind in ("deployments.apps", "statefulsets.apps", "daemonsets.apps"):
        for obj in about.game.cluster.etcd.table(kind).in_namespace(about.ref.namespace):
            template: Any = getattr(getattr(obj, "spec", None), "template", None)
            found.append(_labels(template.metadata.labels) if template and template.metadata else "")
    return [about.field("selector", now, tuple(sorted({text for text in found if text})))]


def _labels(labels: Any) -> str:
    return ",".join(f"{k}={v}" for k, v in sorted(labels.items()))


def write_selector(about: About, values: Values) -> Line:
    """kubectl set selector."""
    pairs = [pair.strip() for pair in values["selector"].split(",")]
    if any(pair.count("=") != 1 or pair.startswith("=") or " " in pair for pair in pairs):
        raise about.refuse("selector", "selector")
    return Line(f"kubectl set selector {about.name} {','.join(pairs)}")

"""kubectl create ingress: rules as `host/path=service:port[,tls[=secret]]`; a path that ends in `*` is a prefix."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.kubectl import generate
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

RULE = re.compile(r"^[\w*\-.]*/.*=[\w-]+:[\w-]+(,tls=?([\w-]+)?)?")
NOTHING = (
    "not enough information provided: every ingress has to either specify a default-backend (which catches all "
    "traffic) or a list of rules (which catch specific paths)"
)


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    rules, backend = flags["rule"] or [], flags.text("default-backend")
    if not rules and not backend:
        raise error(NOTHING)
    name = generate.name_of(env)
    for rule in rules:
        if not RULE.match(rule):
            raise error(f"rule {rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]")
    for text in flags["annotation"] or ():
        if "=" not in text:
            raise error(f"annotation {text} is invalid and should be in format key=[value]")
    if backend and backend.count(":") != 1:
        raise error("default-backend should be in format servicename:serviceport")
    spec: dict[str, Any] = {}
    if backend:
        spec["defaultBackend"] = _backend(backend)
    if flags.text("class"):
        spec["ingressClassName"] = flags.text("class")
    if rules:
        spec |= _rules(rules)
    data = generate.base("networking.k8s.io/v1", "Ingress", name, spec=spec, status={"loadBalancer": {}})
    notes = dict(text.partition("=")[::2] for text in flags["annotation"] or ())
    if notes:
        data["metadata"]["annotations"] = notes
    generate.make(env, "ingresses", data, failing="create ingress")


def _backend(text: str) -> dict[str, Any]:
    service, _, port = text.partition(":")
    found = {"number": int(port)} if port.isdigit() else {"name": port}
    return {"service": {"name": service, "port": found}}


def _rules(texts: list[str]) -> dict[str, Any]:
    hosts: dict[str, list[dict[str, Any]]] = {}
    for text in texts:
        host, _, rest = text.split(",")[0].partition("/")
        path, _, service = rest.partition("=")
        kind = "Prefix" if path.endswith("*") else "Exact"
        row = {"backend": _backend(service), "path": "/" + path.removesuffix("*"), "pathType": kind}
        hosts.setdefault(host, []).append(row)
    rules = [({"host": h} if h else {}) | {"http": {"paths": p}} for h, p in hosts.items()]
    tls = _tls(texts)
    return {"rules": rules, "tls": tls} if tls else {"rules": rules}


def _tls(texts: list[str]) -> list[dict[str, Any]]:
    """The secrets that rules name behind a comma; each host is in one of them."""
    secrets: dict[str, list[str]] = {}
    seen = set()
    for text in texts:
        rule, *options = text.split(",")
        host = rule.split("/")[0]
        if len(options) != 1 or host in seen:
            continue
        seen.add(host)
        hosts = secrets.setdefault(options[0].partition("=")[2], [])
        hosts += [host] if host else []
    rows = [({"hosts": n} if n else {}) | ({"secretName": s} if s else {}) for s, n in secrets.items()]
    return [row for row in rows if row]

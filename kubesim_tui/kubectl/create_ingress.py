"""kubectl create ingress: rules as `host/path=service:port[,tls[=secret]]`; a path that ends in `*` is a prefix."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.kubectl import generate
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

RULE = re.compile(r"^(?P<host>[\w*\-.]*/.*)=(?P<svc>[\w-]+:[\w-]+)(?:,(?P<tls>tls(?:=[\w-]+)?))?$")
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
    service, colon, port = text.partition(":")
    if not colon:
        raise error("default-backend should be in format servicename:serviceport")
    found = {"number": int(port)} if port.isdigit() else {"name": port}
    return {"service": {"name": service, "port": found}}


def _rules(texts: list[str]) -> dict[str, Any]:
    hosts: dict[str, list[dict[str, Any]]] = {}
    tls: dict[str, list[str]] = {}
    for text in texts:
        found = RULE.match(text)
        if not found:
            raise error(f"rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]")
        host, _, path = found["host"].partition("/")
        prefix = path.endswith("*")
        row = {
            "backend": _backend(found["svc"]),
            "path": "/" + path.rstrip("*"),
            "pathType": "Prefix" if prefix else "Exact",
        }
        hosts.setdefault(host, []).append(row)
        if found["tls"] is not None:
            secret = found["tls"].partition("=")[2]
            names = tls.setdefault(secret, [])
            if host and host not in names:
                names.append(host)
    made: dict[str, Any] = {"rules": [({"host": h} if h else {}) | {"http": {"paths": p}} for h, p in hosts.items()]}
    if tls:
        made["tls"] = [({"hosts": n} if n else {}) | ({"secretName": s} if s else {}) for s, n in tls.items()]
    return made

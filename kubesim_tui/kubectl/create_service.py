"""kubectl create service clusterip, nodeport, loadbalancer, externalname."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.api import names
from kubesim_tui.kubectl import generate
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

LAST_PORT = 65535
TYPES = {
    "clusterip": "ClusterIP",
    "nodeport": "NodePort",
    "loadbalancer": "LoadBalancer",
    "externalname": "ExternalName",
}


def run(env: Env) -> None:
    """The command."""
    name, kind = generate.name_of(env), env.flags.path.split()[-1]
    headless = env.flags.text("clusterip") == "None"
    if not env.flags["tcp"] and kind != "externalname" and not headless:
        raise error("at least one tcp port specifier must be provided")
    spec: dict[str, Any] = {"selector": {"app": name}, "type": TYPES[kind]}
    if ports := [_port(text, env.flags["node-port"] or 0) for text in env.flags["tcp"] or ()]:
        spec["ports"] = ports
    if kind == "externalname":
        target = env.flags.text("external-name")
        if names.is_dns1123_subdomain(target):
            raise error(f"invalid service external name {target}")
        spec["externalName"] = target
    if env.flags.text("clusterip"):
        spec["clusterIP"] = env.flags.text("clusterip")
    data = generate.base("v1", "Service", name, spec=spec, status={"loadBalancer": {}})
    data["metadata"]["labels"] = {"app": name}
    generate.make(env, "services", data, failing=f"create {TYPES[kind]} service")


def _port(text: str, node_port: int) -> dict[str, Any]:
    """`80`, `80:8080`, `80:http`."""
    number, *rest = text.split(":")
    if not number.isdigit():
        raise error(f'strconv.ParseUint: parsing "{number}": invalid syntax')
    if int(number) > LAST_PORT:
        raise error(f'strconv.ParseUint: parsing "{number}": value out of range')
    port, wanted = int(number), _target(rest[0]) if rest else int(number)
    found: dict[str, Any] = {"name": text.replace(":", "-"), "port": port, "protocol": "TCP", "targetPort": wanted}
    if node_port:
        found["nodePort"] = node_port
    return found


def _target(text: str) -> int | str:
    """The container's port, by number or name."""
    if re.fullmatch(r"[-+]?\d+", text):
        if not 0 < int(text) <= LAST_PORT:
            raise error(f"must be between 1 and {LAST_PORT}, inclusive")
        return int(text)
    if faults := names.is_valid_port_name(text):
        raise error(",".join(faults))
    return text

"""kubectl expose: a Service for the Pods of a workload, with the ports that their containers declare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.kubectl import builder, change, files, generate, overrides
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.info import Info

KINDS = {
    ("", "ReplicationController"),
    ("", "Service"),
    ("", "Pod"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
}
NO_PORT = "couldn't find port via --port flag or introspection"
NO_SELECTOR = "couldn't retrieve selectors via --selector flag or introspection"
Data = dict[str, Any]


def run(env: Env) -> None:
    """The command."""
    infos, failures = files.read(env, "expose") if files.named(env) else builder.chosen(env, env.flags.args)
    builder.finish(failures)
    for info in infos:
        if (info.resource.group, info.resource.kind) not in KINDS:
            raise error(f"cannot expose a {_qualified(info)}")
        data = _service(env, info)
        generate.make(env, "services", overrides.apply(env, for_plural("services"), data), "exposed")


def _qualified(info: Info) -> str:
    return f"{info.resource.kind}.{info.resource.group}" if info.resource.group else info.resource.kind


def _service(env: Env, info: Info) -> Data:
    flags, live = env.flags, change.original(info)
    selector = _pairs(flags.text("selector")) if flags.text("selector") else _selector(info, live)
    headless = flags.text("cluster-ip") == "None"
    spec: Data = {"ports": _ports(env, live, headless), "selector": selector}
    labels = _pairs(flags.text("labels")) if flags.text("labels") else live["metadata"].get("labels")
    data = generate.base("v1", "Service", flags.text("name") or info.name[:63], spec=spec)
    if labels:
        data["metadata"]["labels"] = labels
    if not spec["ports"]:
        del spec["ports"]
    if flags.text("type"):
        spec["type"] = flags.text("type")
    if flags.text("external-ip"):
        spec["externalIPs"] = [flags.text("external-ip")]
    if flags.text("load-balancer-ip") and flags.text("type") == "LoadBalancer":
        spec["loadBalancerIP"] = flags.text("load-balancer-ip")
    if affinity := flags.text("session-affinity"):
        if affinity not in ("None", "ClientIP"):
            raise error(f"unknown session affinity: {affinity}")
        spec["sessionAffinity"] = affinity
    if flags.text("cluster-ip"):
        spec["clusterIP"] = flags.text("cluster-ip")
    data["status"] = {"loadBalancer": {}}
    return data


def _pairs(text: str) -> dict[str, str]:
    """`a=b,c=d`."""
    found = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals:
            raise error(f"unexpected label spec: {part}" if part else "no label spec passed")
        found[key] = value
    return found


def _selector(info: Info, live: Data) -> dict[str, str]:
    """The labels by which a Service finds the Pods of an object (MapBasedSelectorForObject)."""
    spec, kind = live.get("spec") or {}, info.resource.kind
    if kind == "Pod":
        if not live["metadata"].get("labels"):
            raise error(f"{NO_SELECTOR}: the pod has no labels and cannot be exposed")
        return dict(live["metadata"]["labels"])
    selector = spec.get("selector") or {}
    if kind in ("Service", "ReplicationController"):
        if not selector:
            raise error(f"{NO_SELECTOR}: the service has no pod selector set")
        return dict(selector)
    if selector.get("matchExpressions"):
        raise error(
            f'{NO_SELECTOR}: couldn\'t convert expressions - "{_expressions(selector)}" to map-based selector format'
        )
    if not selector.get("matchLabels"):
        raise error(f"{NO_SELECTOR}: invalid {kind.lower()}: no selectors, therefore cannot be exposed")
    return dict(selector["matchLabels"])


def _expressions(selector: Data) -> str:
    rows = []
    for e in selector["matchExpressions"]:
        rows.append(f"{{Key:{e['key']} Operator:{e['operator']} Values:[{' '.join(e.get('values') or ())}]}}")
    return f"[{' '.join(rows)}]"


# -- ports -----------------------------------------------------------------------------------------------------------


def _ports(env: Env, live: Data, headless: bool) -> list[Data]:
    flags = env.flags
    declared = list(_declared(live))
    numbers = flags.text("port").split(",") if flags.text("port") else list(dict.fromkeys(str(n) for n, _ in declared))
    if not numbers and not headless:
        raise error(NO_PORT)
    found = []
    for at, number in enumerate(numbers, 1):
        if not number.isdigit():
            raise error(f'strconv.Atoi: parsing "{number}": invalid syntax')
        protocols = _protocols(flags.text("protocol"), declared, int(number))
        for protocol in protocols:
            name = f"port-{at}" + (f"-{protocol.lower()}" if len(protocols) > 1 else "")
            found.append(_port(flags.text("target-port"), name if len(numbers) > 1 else "", int(number), protocol))
    return found


def _protocols(wanted: str, declared: Iterable[tuple[int, str]], number: int) -> list[str]:
    if wanted:
        return [wanted]
    return list(dict.fromkeys(p for n, p in declared if n == number)) or ["TCP"]


def _port(target: str, name: str, number: int, protocol: str) -> Data:
    where: int | str = int(target) if target.isdigit() else target or number
    port: Data = {"port": number, "protocol": protocol, "targetPort": where}
    return {"name": name, **port} if name else port


def _declared(live: Data) -> Iterable[tuple[int, str]]:
    """(port, protocol) of an object: its own ports, or those of its containers."""
    spec = live.get("spec") or {}
    template = spec.get("template") or {}
    containers = (template.get("spec") or {}).get("containers") or spec.get("containers") or ()
    for port in spec.get("ports") or ():
        yield port["port"], port.get("protocol") or "TCP"
    for container in containers:
        for port in container.get("ports") or ():
            yield port["containerPort"], port.get("protocol") or "TCP"

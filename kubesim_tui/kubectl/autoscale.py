"""kubectl autoscale: a HorizontalPodAutoscaler for a workload."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.api import quantity
from kubesim_tui.kubectl import builder, generate
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

SCALED = ("deployments", "replicasets", "statefulsets", "replicationcontrollers")
Data = dict[str, Any]


def run(env: Env) -> None:
    """The command."""
    least, most = env.flags["min"], env.flags["max"]
    if most < 1:
        raise error(f"--max=MAXPODS is required and must be at least 1, max: {most}")
    if most < least:
        raise error(f"--max=MAXPODS must be larger or equal to --min=MINPODS, max: {most}, min: {least}")
    if env.flags.given("cpu-percent") and env.flags.text("cpu"):
        raise error("--cpu-percent and --cpu are mutually exclusive")
    metrics = _metrics(env)
    infos, failures = builder.chosen(env, env.flags.args)
    builder.finish(failures)
    for info in infos:
        r = info.resource
        if r.plural not in SCALED:
            where = f"{r.group}/{r.version}, Resource={r.plural} in discovery information"
            raise error(f"cannot autoscale a {r.kind}: could not find scale subresource for {where}")
        target = {"apiVersion": r.api_version, "kind": r.kind, "name": info.name}
        spec: Data = {"maxReplicas": most, "scaleTargetRef": target}
        if metrics:
            spec["metrics"] = metrics
        if least > 0:
            spec["minReplicas"] = least
        name = env.flags.text("name") or info.name
        data = generate.base("autoscaling/v2", "HorizontalPodAutoscaler", name, spec=spec, status=STATUS)
        generate.make(env, "horizontalpodautoscalers", data, "autoscaled")
    if not infos:
        raise error("no objects passed to autoscale")


STATUS = {"currentMetrics": None, "desiredReplicas": 0}


def _metrics(env: Env) -> list[Data]:
    found = []
    for name in ("cpu", "memory"):
        text = env.flags.text(name)
        if name == "cpu" and not text and env.flags["cpu-percent"] >= 0:
            text = f"{env.flags['cpu-percent']}%"
        if text:
            found.append({"type": "Resource", "resource": {"name": name, "target": _target(name, text)}})
    return found


def _target(name: str, text: str) -> Data:
    """`80%` of what is requested, or an amount a Pod."""
    if text.endswith("%"):
        if not re.fullmatch(r"\d+", text[:-1]):
            raise error(f"invalid percentage value: {text[:-1]}")
        return {"type": "Utilization", "averageUtilization": int(text[:-1])}
    unit = {"cpu": "m", "memory": "Mi"}[name]
    amount = f"{text}{unit}" if re.fullmatch(r"[-+]?[\d.]+", text) else text
    try:
        quantity.parse(amount)
    except ValueError:
        raise error(f"invalid resource {name} value: {text}") from None
    return {"type": "AverageValue", "averageValue": amount}

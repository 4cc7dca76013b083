"""kubectl create namespace, serviceaccount, quota, priorityclass, poddisruptionbudget."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import labelparse, quantity
from kubesim_tui.api.labels import SelectorError
from kubesim_tui.kubectl import generate
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.set_resources import parse


def run(env: Env) -> None:
    """The command."""
    kind = env.flags.path.split()[-1]
    plural, data = KINDS[kind](env, generate.name_of(env))
    generate.make(env, plural, data, failing=f"create {kind}")


def _namespace(_env: Env, name: str) -> tuple[str, dict[str, Any]]:
    return "namespaces", generate.base("v1", "Namespace", name, spec={}, status={})


def _account(_env: Env, name: str) -> tuple[str, dict[str, Any]]:
    return "serviceaccounts", generate.base("v1", "ServiceAccount", name)


def _quota(env: Env, name: str) -> tuple[str, dict[str, Any]]:
    spec: dict[str, Any] = {}
    if hard := parse(env.flags.text("hard"), "Invalid"):
        spec["hard"] = {k: quantity.canonical(v) for k, v in hard.items()}
    if scopes := env.flags.text("scopes"):
        spec["scopes"] = scopes.split(",")
    return "resourcequotas", generate.base("v1", "ResourceQuota", name, spec=spec, status={})


def _priority(env: Env, name: str) -> tuple[str, dict[str, Any]]:
    flags = env.flags
    data = generate.base("scheduling.k8s.io/v1", "PriorityClass", name, value=flags["value"])
    data["preemptionPolicy"] = flags.text("preemption-policy")
    if flags.text("description"):
        data["description"] = flags.text("description")
    if flags["global-default"]:
        data["globalDefault"] = True
    return "priorityclasses", data


def _budget(env: Env, name: str) -> tuple[str, dict[str, Any]]:
    low, high, selector = (env.flags.text(f) for f in ("min-available", "max-unavailable", "selector"))
    if not selector:
        raise error("a selector must be specified")
    if not low and not high:
        raise error("one of min-available or max-unavailable must be specified")
    if low and high:
        raise error("min-available and max-unavailable cannot be both specified")
    try:
        chosen = labelparse.parse_object(selector)
    except SelectorError as wrong:
        raise error(str(wrong)) from None
    key, text = ("minAvailable", low) if low else ("maxUnavailable", high)
    spec = {key: int(text) if text.isdigit() else text, "selector": chosen}
    counts = dict.fromkeys(("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"), 0)
    return "poddisruptionbudgets", generate.base("policy/v1", "PodDisruptionBudget", name, spec=spec, status=counts)


KINDS = {
    "namespace": _namespace,
    "serviceaccount": _account,
    "quota": _quota,
    "priorityclass": _priority,
    "poddisruptionbudget": _budget,
}

"""Chaos by hand: the faults that fit a thing, each as the line of the prompt that strikes it.

First come those that strike the thing itself, then those of its namespace, then those of the cluster around it. Options
that a fault needs are left for the player to fill in; all others have a default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.cluster.view import Ref
from kubesim_tui.faults.rows import FAULTS, NEED_A_TARGET
from kubesim_tui.game.game import Game
from kubesim_tui.game.menu_texts import FAULT_TEXTS
from kubesim_tui.game.menus import find
from kubesim_tui.game.state import Strike

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")


def strikes(game: Game, ref: Ref | None, language: str) -> tuple[Strike, ...]:
    """What can be done to a thing and around it; to the cluster alone where nothing is meant."""
    found = []
    aims = {kind: _aim(game, ref, kind) for kind in sorted({row.target for row in FAULTS.values()})}
    for name in sorted(FAULTS):
        row = FAULTS[name]
        aim = aims[row.target]
        if aim is not None:
            near, target = aim
            needs = "".join(f",{option}=" for option in row.needs)
            line = f"chaos {name}{':' if target else ''}{target}{needs}"
            found.append((near, Strike(name, line, about(name, language), whole=not needs)))
    return tuple(strike for _, strike in sorted(found, key=lambda one: one[0]))


def about(name: str, language: str) -> str:
    """What a fault does, in a language."""
    return FAULT_TEXTS.get(name, FAULTS[name].about) if language == "zh" else FAULTS[name].about


def _aim(game: Game, ref: Ref | None, kind: str) -> tuple[int, str] | None:
    """(how far from the thing, target) of faults that strike a kind; None where they cannot be meant."""
    look = AIMS.get(kind)
    target = look(game, ref) if look is not None and ref is not None else ""
    if target:
        return (1 if kind == "namespace" else 0), target
    if kind in BESIDE:
        return next(((2, name) for name in BESIDE[kind](game)), None)
    return (2, "") if kind not in NEED_A_TARGET else None


def _pod(game: Game, ref: Ref) -> str:
    """The Pod itself, or the first of a workload's or a Service's."""
    if ref.kind == "Pod":
        return f"{ref.namespace}/{ref.name}"
    if ref.kind not in (*WORKLOADS, "Service"):
        return ""
    evidence = game.evidence()
    service = evidence.service(ref.namespace, ref.name) if ref.kind == "Service" else None
    if service is not None:
        chosen = min((pod.metadata.name for pod in evidence.selected(service)), default="")
        return f"{ref.namespace}/{chosen}" if chosen else ""
    table = game.cluster.etcd.table("pods").in_namespace(ref.namespace)
    for pod in sorted(table, key=lambda pod: pod.metadata.name):
        owner = evidence.workload(pod) if isinstance(pod, types.Pod) else None
        if owner is not None and (owner.kind, owner.metadata.name) == (ref.kind, ref.name):
            return f"{ref.namespace}/{pod.metadata.name}"
    return ""


def _named(*kinds: str) -> Callable[[Game, Ref], str]:
    """`shop/deployment/web`, of these kinds."""

    def name(_game: Game, ref: Ref) -> str:
        where = f"{ref.namespace}/" if ref.namespace else ""
        return f"{where}{ref.kind.lower()}/{ref.name}" if ref.kind in kinds else ""

    return name


def _image(game: Game, ref: Ref) -> str:
    """That of the first container."""
    obj = find(game, ref)
    spec = encode_object(obj).get("spec", {}) if obj is not None and ref.kind in ("Pod", *WORKLOADS) else {}
    containers = spec.get("template", {}).get("spec", spec).get("containers") or [{}]
    return str(containers[0].get("image", ""))


def _certificate(game: Game, ref: Ref) -> str:
    """A Secret that holds one."""
    secret = find(game, ref) if ref.kind == "Secret" else None
    holds = isinstance(secret, types.Secret) and secret.type == "kubernetes.io/tls"
    return f"{ref.namespace}/secret/{ref.name}" if holds else ""


AIMS: Mapping[str, Callable[[Game, Ref], str]] = {
    "pod": _pod,
    "node": lambda _game, ref: ref.name if ref.kind == "Node" else "",
    "workload": _named(*WORKLOADS[:3]),
    "service": _named("Service"),
    "config": _named("ConfigMap", "Secret"),
    "certificate": _certificate,
    "claim": _named("PersistentVolumeClaim"),
    "account": _named("ServiceAccount"),
    "binding": _named("ClusterRoleBinding", "RoleBinding"),
    "webhook": _named("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    "namespace": lambda _game, ref: ref.name if ref.kind == "Namespace" else ref.namespace,
    "image": _image,
}
"""Kind of target → how it is named where it is the thing meant, or belongs to it; "" where it does not."""
BESIDE: Mapping[str, Callable[[Game], list[str]]] = {
    "outside": lambda game: sorted(game.cluster.world.outside),
    "region": lambda game: sorted(game.cluster.world.regions),
}
"""Kinds of targets that stand around the cluster, by their names."""

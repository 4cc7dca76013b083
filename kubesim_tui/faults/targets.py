"""Whom a fault means: names, Pods by a selector, nodes by the Pods on them; where it may choose, chance does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import frozen

from kubesim_tui.faults.hand import Hand


class Draw(Protocol):
    """A stream of chance."""

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        ...

    def shuffle(self, items: list[Any]) -> None:
        """In place."""
        ...


KINDS = {
    "workload": "deployment",
    "service": "service",
    "config": "configmap",
    "account": "serviceaccount",
    "claim": "persistentvolumeclaim",
    "binding": "clusterrolebinding",
    "certificate": "secret",
    "webhook": "validatingwebhookconfiguration",
}
"""Targets that are objects → the kind that is meant where only a name is written."""


@frozen
class Found:
    """Who it was: (what the hand takes, its name). A healing goes to the same."""

    all: tuple[tuple[Any, str], ...]


def targets(hand: Hand, kind: str, target: Any, draws: Draw) -> Found:
    """Whom a target means now."""
    if isinstance(target, Found):
        return target
    if kind == "pod":
        return Found(tuple(((ns, name), name) for ns, name in _pods(hand, target, draws)))
    if kind == "node":
        return Found(tuple((name, name) for name in _nodes(hand, target, draws)))
    if kind in KINDS:
        return Found((_object(target, KINDS[kind]),))
    return Found(((target or "", str(target or "all")),))


def _object(target: Any, usual: str) -> tuple[Any, str]:
    """`deployment/web`, `shop/deployment/web`, or {object: deployment/web, namespace: shop}."""
    words = str(target["object"] if isinstance(target, Mapping) else target).split("/")
    namespace = target.get("namespace", "default") if isinstance(target, Mapping) else "default"
    if len(words) == 3:
        namespace, *words = words
    kind, name = words if len(words) == 2 else (usual, words[0])
    return (kind, namespace, name), name


def _pods(hand: Hand, target: Any, draws: Draw) -> list[tuple[str, str]]:
    if isinstance(target, str):
        namespace, _, name = target.rpartition("/")
        if "=" not in name:
            return [(namespace or "default", name)]
        target = {"pods": name, "namespace": namespace or "default"}
    found = hand.pods(target.get("namespace", "default"), target["pods"])
    draws.shuffle(found)
    return [(ns, name) for ns, name, _ in found[: int(target.get("pick", 1))]]


def _nodes(hand: Hand, target: Any, draws: Draw) -> list[str]:
    """A name; or the node with the most of some Pods (ties drawn); or any."""
    if isinstance(target, str):
        return [target]
    if target is None:
        names = hand.nodes()
        draws.shuffle(names)
        return names[:1]
    count: dict[str, int] = {}
    for _, _, node in hand.pods(target.get("namespace", "default"), target["nodes"]):
        count[node] = count.get(node, 0) + 1
    names = sorted(count)
    draws.shuffle(names)
    names.sort(key=lambda n: -count[n])
    return names[: int(target.get("pick", 1))]

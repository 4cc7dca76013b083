"""Words of `chaos` at the prompt, as they are written and as they are meant.

A fault is written `NAME:TARGET,OPTION=VALUE` in a level, after `--fault` and in a recording. At the prompt spaces do
as well, as kubectl has taught everybody: `chaos bad-release deployment/web image=web:3`; and what has no namespace is
in that of the context.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kubesim_tui.cluster.view import Ref
from kubesim_tui.faults.catalogue import FAULTS
from kubesim_tui.faults.targets import KINDS
from kubesim_tui.game.board import resource_of
from kubesim_tui.game.game import Game
from kubesim_tui.game.strikes import AIMS, BESIDE, WORKLOADS

THINGS = (
    *("Pod", *WORKLOADS[:3], "Service", "ConfigMap", "Secret", "PersistentVolumeClaim", "ServiceAccount"),
    *("Node", "Namespace", "ClusterRoleBinding", "RoleBinding"),
    *("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
)
"""Kinds of objects at which faults can be aimed."""


def meant(game: Game, words: Sequence[str]) -> str:
    """`NAME[:TARGET][,OPTION=VALUE…]`, whole, of the words after `chaos`."""
    name, *rest = words
    if rest and ":" not in name and "," not in name and ("/" in rest[0] or "=" not in rest[0]):
        name, rest = f"{name}:{rest[0]}", rest[1:]
    first, *options = (name, *rest)
    fault, colon, target = first.partition(":")
    target, comma, more = target.partition(",")
    return ",".join((f"{fault}{colon}{_whole(game, fault, target)}{comma}{more}", *options))


def targets(game: Game, fault: str) -> tuple[str, ...]:
    """All at which a fault can be aimed now, in the namespace of the context or in none."""
    kind = FAULTS[fault].target if fault in FAULTS else ""
    if kind in BESIDE:
        return tuple(BESIDE[kind](game))
    look = AIMS.get(kind)
    return tuple(sorted({look(game, ref) for ref in _things(game)} - {""})) if look is not None else ()


def _whole(game: Game, fault: str, target: str) -> str:
    """A target with its namespace; unchanged where that is told, or where there is none."""
    kind = FAULTS[fault].target if fault in FAULTS else ""
    parts = target.split("/")
    if not target or (kind != "pod" and kind not in KINDS) or len(parts) > 2 or (kind == "pod" and len(parts) > 1):
        return target
    if kind != "pod":
        parts = parts if len(parts) == 2 else [KINDS[kind], *parts]
        try:
            parts[0] = (resource := resource_of(parts[0])).kind.lower()
        except KeyError:
            return target
        if not resource.namespaced:
            return "/".join(parts)
    return "/".join((game.config.namespace, *parts))


def _things(game: Game) -> Iterator[Ref]:
    for kind in THINGS:
        resource = resource_of(kind.lower())
        for namespace, name in game.cluster.etcd.table(resource.group_resource).objects:
            if namespace in ("", game.config.namespace):
                yield Ref(kind, namespace, name)

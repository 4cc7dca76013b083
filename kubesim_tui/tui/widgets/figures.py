"""Numbers as people read them: rates, times, sizes, shares."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.cluster.view import Face, NodeView, Ref
from kubesim_tui.tui.glyphs import Glyph, face
from kubesim_tui.tui.i18n import N_, Texts
from kubesim_tui.tui.kit.area import verdict
from kubesim_tui.tui.look import Look

SHORT = {
    "Deployment": "deploy", "StatefulSet": "sts", "DaemonSet": "ds", "ReplicaSet": "rs", "ReplicationController": "rc",
    "Service": "svc", "Ingress": "ing", "ConfigMap": "cm", "PersistentVolumeClaim": "pvc", "PersistentVolume": "pv",
    "Namespace": "ns", "Node": "node", "Pod": "pod", "Secret": "secret", "Job": "job", "CronJob": "cj",
}  # fmt: skip


def named(ref: Ref) -> str:
    """``deploy/web``: the object with kubectl's short name of its kind."""
    return f"{SHORT.get(ref.kind, ref.kind.lower())}/{ref.name}"


def percent(per_mille: int) -> str:
    """``99.7%``, ``100%``; – where nothing was measured."""
    if per_mille < 0:
        return "–"
    return "100%" if per_mille == 1000 else f"{per_mille // 10}.{per_mille % 10}%"


def latency(us: int) -> str:
    """``12ms``, ``1.2s``; – for nothing."""
    if us <= 0:
        return "–"
    ms = us // 1000
    if ms < 1:
        return "<1ms"
    return f"{ms}ms" if ms < 1000 else f"{ms // 1000}.{ms % 1000 // 100}s"


def duration(ticks: int) -> str:
    """``0:42``, ``12:05``, ``1:02:03``."""
    minutes, seconds = divmod(max(0, ticks), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def age(ticks: int) -> str:
    """kubectl's short age: ``42s``, ``4m``, ``2h``, ``3d``."""
    if ticks < 120:
        return f"{ticks}s"
    if ticks < 7200:
        return f"{ticks // 60}m"
    return f"{ticks // 3600}h" if ticks < 172_800 else f"{ticks // 86_400}d"


def size(count: int) -> str:
    """``64Mi``, ``1.5Gi``."""
    for unit, name in ((1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")):
        if count >= unit:
            whole, tenth = count // unit, count * 10 // unit % 10
            return f"{whole}{name}" if whole >= 10 or not tenth else f"{whole}.{tenth}{name}"
    return str(count)


def load(per_mille: int) -> str:
    """A load in whole per cent: ``41%``; what is not nothing and less than one is ``<1%``."""
    return "<1%" if 0 < per_mille < 10 else f"{per_mille // 10}%"


def thousands(count: int) -> str:
    """``61,250``."""
    return f"{count:,}"


def quiet(glyph: Glyph, system: bool) -> str:
    """The colour of a Pod: the cluster's own are pale while they are well."""
    return "mute" if system and glyph is face(Face.RUNNING) else glyph.colour


def rollout(t: Texts, text: str) -> str:
    """How far a rollout has come, in the player's language; Kubernetes' reasons stay as they are."""
    number = text.partition(" ")[0]
    if text.endswith(" updated"):
        return t("{n} updated", n=number)
    if text.endswith(" old pods"):
        return t("{n} old", n=number)
    if text.startswith("stuck: "):
        return t("stuck: {reason}", reason=text.removeprefix("stuck: "))
    return t("rollout paused") if text == "paused" else text


WORDS: Mapping[str, str] = {
    "service not found": N_("Service not found"),
    "no endpoints": N_("no endpoints"),
    "no controller": N_("no controller"),
    "no such port": N_("no such port"),
    "stopped": N_("stopped"),
    "paused": N_("paused"),
    "slow": N_("slow"),
    "leader": N_("leader"),
    "unreachable": N_("unreachable"),
}
"""What the view says of routes and of processes."""


def word(t: Texts, text: str) -> str:
    """A word of the view in the player's language; as it is where it is none of ours."""
    return t(WORDS.get(text, text))


def share(used: int, of: int) -> int:
    """Per mille of a capacity; 0 where there is none."""
    return used * 1000 // of if of else 0


def ok_colour(per_mille: int, slo: int = 0) -> str:
    """The colour of a success rate."""
    return "mute" if per_mille < 0 else verdict(per_mille, slo)


def node_sign(node: NodeView) -> tuple[str, str]:
    """Sign and colour of a node: ✗ not ready, ▲ under pressure, ⊘ cordoned, ● fine."""
    if not node.ready:
        return "✗", "red"
    if node.pressure:
        return "▲", "orange"
    return ("●", "green") if node.schedulable else ("⊘", "yellow")


def node_note(look: Look, node: NodeView) -> tuple[str, str]:
    """What is the matter with a node, in Kubernetes' word and a colour; its zone if nothing is."""
    if not node.ready:
        return (node.status.partition(",")[0], "red")
    if node.pressure:
        return (node.pressure, "orange")
    return (zone(look.t, node.zone), "mute") if node.schedulable else (look.t("cordoned"), "yellow")


def zone(t: Texts, name: str) -> str:
    """A zone, called one where its name alone could be taken for something else: ``zone a``, ``eu-west-1a``."""
    return t("zone {name}", name=name) if 0 < len(name) < 3 else name

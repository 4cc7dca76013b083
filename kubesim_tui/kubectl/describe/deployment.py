"""kubectl describe deployment."""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.kubectl import revisions
from kubesim_tui.kubectl.describe import template
from kubesim_tui.kubectl.describe.workload import selector_text
from kubesim_tui.kubectl.describe.writer import NONE, Data, Writer


def describe(w: Writer, o: Data) -> None:
    """One Deployment."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    w.name(o)
    w.created(o)
    w.about(o)
    w(0, f"Selector:\t{selector_text(spec.get('selector'))}")
    counts = [(spec.get("replicas") or 0, "desired")]
    counts += [(status.get(f"{k}Replicas") or 0, k) for k in ("updated",)] + [(status.get("replicas") or 0, "total")]
    counts += [(status.get(f"{k}Replicas") or 0, k) for k in ("available", "unavailable")]
    w(0, "Replicas:\t" + " | ".join(f"{n} {word}" for n, word in counts))
    strategy = spec.get("strategy") or {}
    w(0, f"StrategyType:\t{strategy.get('type', '')}")
    w(0, f"MinReadySeconds:\t{spec.get('minReadySeconds') or 0}")
    if strategy.get("rollingUpdate"):
        ru = strategy["rollingUpdate"]
        surge = f"{ru.get('maxUnavailable', 0)} max unavailable, {ru.get('maxSurge', 0)} max surge"
        w(0, f"RollingUpdateStrategy:\t{surge}")
    template.describe(w, spec.get("template"))
    w.conditions(o)
    sets = revisions.replica_sets(w.env, o)
    new = revisions.current(o, sets)
    old = [s for s in sets if s is not new]
    if sets:
        w(0, f"OldReplicaSets:\t{_names(old)}")
        w(0, f"NewReplicaSet:\t{_names([new] if new is not None else [])}")
    w.events(o)


def _names(sets: Sequence[Data]) -> str:
    texts = []
    for s in sets:
        made, wanted = (s.get("status") or {}).get("replicas") or 0, (s.get("spec") or {}).get("replicas") or 0
        texts.append(f"{s['metadata']['name']} ({made}/{wanted} replicas created)")
    return ", ".join(texts) or NONE

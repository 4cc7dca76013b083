"""The rows of HorizontalPodAutoscalers: TARGETS shows each metric as current/target."""

from __future__ import annotations

from typing import Any

from kubesim_tui.apiserver.table.model import (
    NONE,
    UNKNOWN,
    UNSET,
    Cell,
    Data,
    Kind,
    age,
    at,
    columns,
    name,
    spec,
    status,
)

MOST = 2
COLUMNS = columns("Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age")


def targets(metrics: list[Data], current: list[Data]) -> str:
    """`cpu: 50%/80%`, `<unknown>/100m (avg)`; two of them, then how many more."""
    if not metrics:
        return NONE
    texts = [_target(m, current[i] if i < len(current) else {}) for i, m in enumerate(metrics)]
    text = ", ".join(texts[:MOST])
    return f"{text} + {len(texts) - MOST} more..." if len(texts) > MOST else text


def _target(metric: Data, now: Data) -> str:
    kind = str(metric.get("type", ""))
    field = kind[:1].lower() + kind[1:]
    if field in ("resource", "containerResource"):
        return _resource(metric.get(field) or {}, at(now, field, "current"))
    if field not in ("external", "pods", "object"):
        return "<unknown type>"
    target, is_now = at(metric, field, "target") or {}, at(now, field, "current")
    average = field == "pods" or target.get("averageValue") is not None
    key = "averageValue" if average else "value"
    text = f"{_or_unknown(is_now, key)}/{target.get(key, '0')}"
    return f"{text} (avg)" if average and field != "pods" else text


def _or_unknown(current: Data | None, key: str) -> str:
    return UNKNOWN if current is None or current.get(key) is None else str(current[key])


def _resource(metric: Data, current: Data | None) -> str:
    target: Any = metric.get("target") or {}
    if target.get("averageValue") is not None:
        return f"{metric.get('name')}: {_or_unknown(current, 'averageValue')}/{target['averageValue']}"
    share, wanted = at(current, "averageUtilization"), target.get("averageUtilization")
    now = UNKNOWN if share is None else f"{share}%"
    return f"{metric.get('name')}: {now}/{'<auto>' if wanted is None else f'{wanted}%'}"


def _v2(o: Data, now: int, _wide: bool) -> list[Cell]:
    return _row(o, now, targets(list(spec(o).get("metrics") or ()), list(status(o).get("currentMetrics") or ())))


def _v1(o: Data, now: int, _wide: bool) -> list[Cell]:
    wanted, share = spec(o).get("targetCPUUtilizationPercentage"), status(o).get("currentCPUUtilizationPercentage")
    text = NONE if wanted is None else f"cpu: {UNKNOWN if share is None else f'{share}%'}/{wanted}%"
    return _row(o, now, text)


def _row(o: Data, now: int, text: str) -> list[Cell]:
    reference, least = spec(o).get("scaleTargetRef") or {}, spec(o).get("minReplicas")
    return [
        name(o),
        f"{reference.get('kind', '')}/{reference.get('name', '')}",
        text,
        UNSET if least is None else str(least),
        spec(o).get("maxReplicas") or 0,
        status(o).get("currentReplicas") or 0,
        age(o, now),
    ]


def _scale(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), spec(o).get("replicas") or 0, status(o).get("replicas") or 0, age(o, now)]


KINDS = {
    "autoscaling.v1.Scale": Kind(columns("Name", "Desired:integer", "Available:integer", "Age"), _scale),
    "autoscaling.v2.HorizontalPodAutoscaler": Kind(COLUMNS, _v2),
    "autoscaling.v1.HorizontalPodAutoscaler": Kind(COLUMNS, _v1),
}

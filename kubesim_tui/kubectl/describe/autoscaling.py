"""kubectl describe horizontalpodautoscaler."""

from __future__ import annotations

from kubesim_tui.kubectl.describe.writer import UNKNOWN, UNSET, Data, Writer, at


def describe(w: Writer, o: Data) -> None:
    """One HorizontalPodAutoscaler (autoscaling/v2)."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    target = spec.get("scaleTargetRef") or {}
    w.name(o)
    w.about(o)
    w.created(o)
    w(0, f"Reference:\t{target.get('kind', '')}/{target.get('name', '')}")
    w(0, "Metrics:\t( current / target )")
    current = status.get("currentMetrics") or []
    for i, metric in enumerate(spec.get("metrics") or ()):
        _metric(w, metric, current[i] if i < len(current) else {})
    w(0, f"Min replicas:\t{UNSET if spec.get('minReplicas') is None else spec['minReplicas']}")
    w(0, f"Max replicas:\t{spec.get('maxReplicas', 0)}")
    if behavior := spec.get("behavior"):
        w(0, "Behavior:")
        _direction(w, "Scale Up", behavior.get("scaleUp"))
        _direction(w, "Scale Down", behavior.get("scaleDown"))
    counts = f"{status.get('currentReplicas') or 0} current / {status.get('desiredReplicas') or 0} desired"
    w(0, f"{target.get('kind', '')} pods:\t{counts}")
    if status.get("conditions"):
        w(0, "Conditions:")
        w(1, "Type\tStatus\tReason\tMessage")
        w(1, "----\t------\t------\t-------")
        for c in status["conditions"]:
            w(1, "\t".join(str(c.get(k, "")) for k in ("type", "status", "reason", "message")))
    w.events(o)


def _metric(w: Writer, metric: Data, now: Data) -> None:
    kind = str(metric.get("type", ""))
    field = kind[:1].lower() + kind[1:]
    source, current = metric.get(field) or {}, at(now, field, "current")
    target = source.get("target") or {}
    name = at(source, "metric", "name")
    if field in ("resource", "containerResource"):
        of = f' of container "{source.get("container", "")}"' if field == "containerResource" else ""
        _resource(w, f"resource {source.get('name', '')}{of} on pods", target, current)
    elif field == "pods":
        w(1, f'"{name}" on pods:\t{_amount(current, "averageValue")} / {target.get("averageValue", "0")}')
    elif field in ("external", "object"):
        average = target.get("averageValue") is not None
        key = "averageValue" if average else "value"
        about = source.get("describedObject") or {}
        on = f" on {about.get('kind', '')}/{about.get('name', '')}" if field == "object" else ""
        word = "average value" if average else "value"
        w(1, f'"{name}"{on} (target {word}):\t{_amount(current, key)} / {target.get(key, "0")}')
    else:
        w(1, f'<unknown metric type "{kind}">')


def _amount(current: Data | None, key: str) -> str:
    return UNKNOWN if current is None or current.get(key) is None else str(current[key])


def _resource(w: Writer, title: str, target: Data, current: Data | None) -> None:
    if target.get("averageValue") is not None:
        w(1, f"{title}:\t{_amount(current, 'averageValue')} / {target['averageValue']}")
        return
    share, wanted = at(current, "averageUtilization"), target.get("averageUtilization")
    now = UNKNOWN if share is None else f"{share}% ({at(current, 'averageValue') or '0'})"
    w(1, f"{title}  (as a percentage of request):\t{now} / {'<auto>' if wanted is None else f'{wanted}%'}")


def _direction(w: Writer, title: str, rules: Data | None) -> None:
    if rules is None:
        return
    w(1, f"{title}:")
    if rules.get("stabilizationWindowSeconds") is not None:
        w(2, f"Stabilization Window: {rules['stabilizationWindowSeconds']} seconds")
    if rules.get("policies"):
        w(2, f"Select Policy: {rules.get('selectPolicy') or 'Max'}")
        w(2, "Policies:")
        for p in rules["policies"]:
            amount = f"Value: {p.get('value', 0)}\tPeriod: {p.get('periodSeconds', 0)} seconds"
            w(3, f"- Type: {p.get('type', '')}\t{amount}")

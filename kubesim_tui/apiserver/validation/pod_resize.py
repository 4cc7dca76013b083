"""pods/resize: cpu and memory of containers, and of the Pod as a whole, while it runs."""

from __future__ import annotations

from kubesim_tui.api.helpers.qos import qos_of_json
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, same, text

RESIZABLE = ("cpu", "memory")
ONLY = "only cpu and memory resources are mutable"
ONLY_POD = "only cpu and memory resources are mutable at pod-level"
ONLY_INIT = "only cpu and memory resources for init or sidecar containers are mutable"
RESTARTING = "non-sidecar init containers with a resize policy of RestartContainer cannot be resized"


def excluded(r: Report, old: JsonMap, static: bool) -> bool:
    """Whether a Pod is of a sort that is never resized."""
    if static:
        r.forbidden("", "static pods cannot be resized")
        return True
    if text(part(part(old, "spec"), "os"), "name") == "windows":
        r.forbidden("", "windows pods cannot be resized")
        return True
    return False


def resize(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Amounts of cpu and memory change; none is taken away, and the Pod keeps its class."""
    spec, before = part(new, "spec"), part(old, "spec")
    if qos_of_json(spec) != (text(part(old, "status"), "qosClass") or qos_of_json(before)):
        said = "Pod QOS Class may not change as a result of resizing"
        r.invalid("spec", text(part(new, "status"), "qosClass"), said)
    _pod_level(r, spec.get("resources"), before.get("resources"))
    if not _same_containers(r, spec, before):
        return
    for kind in ("initContainers", "containers"):
        for (at, now), was in zip(items(spec, kind, f"spec.{kind}"), before.get(kind) or (), strict=True):
            _removed(r, part(now, "resources"), part(was, "resources"), f"{at}.resources", "resource")
            _container(r, now, was, at, kind)
    rest = {**spec, **{name: before.get(name) for name in ("containers", "initContainers", "resources")}}
    if not r.errors and not same(rest, before):
        r.forbidden("spec", ONLY)


def _pod_level(r: Report, now: JsonMap | None, was: JsonMap | None) -> None:
    if not any(part(one or {}, kind) for one in (now, was) for kind in ("requests", "limits")):
        return
    if was is not None and now is None:
        r.forbidden("spec.resources", "pod-level resources cannot be removed")
        return
    _removed(r, now or {}, was or {}, "spec.resources", "pod-level resource")
    if not same(_other(now or {}), _other(was or {})):
        r.forbidden("spec", ONLY_POD)


def _removed(r: Report, now: JsonMap, was: JsonMap, path: str, what: str) -> None:
    for kind in ("requests", "limits"):
        if not set(part(was, kind)) <= set(part(now, kind)):
            r.forbidden(f"{path}.{kind}", f"{what} {kind} cannot be removed")


def _same_containers(r: Report, spec: JsonMap, before: JsonMap) -> bool:
    found = len(r.errors)
    for kind in ("containers", "initContainers"):
        now, was = spec.get(kind) or (), before.get(kind) or ()
        if len(now) != len(was):
            r.forbidden(f"spec.{kind}", f"{kind} may not be added or removed on resize")
            continue
        for i, (one, other) in enumerate(zip(now, was, strict=True)):
            if text(one, "name") != text(other, "name"):
                r.forbidden(f"spec.{kind}[{i}].name", f"{kind} may not be renamed or reordered on resize")
    return len(r.errors) == found


def _container(r: Report, now: JsonMap, was: JsonMap, path: str, kind: str) -> None:
    if same(now, was):
        return
    kept, before = ({**one, "resources": _other(part(one, "resources"))} for one in (now, was))
    if not same(kept, before):
        if kind == "containers":
            r.forbidden("spec", ONLY)
        else:
            r.forbidden(path, ONLY_INIT)
    if kind == "initContainers" and now.get("restartPolicy") != "Always":
        for policy in now.get("resizePolicy") or ():
            if text(policy, "restartPolicy") == "RestartContainer":
                r.forbidden(path, RESTARTING)


def _other(resources: JsonMap) -> JsonMap:
    """Resources without what a resize may change."""
    kinds = ("requests", "limits")
    rest = {kind: {k: v for k, v in part(resources, kind).items() if k not in RESIZABLE} for kind in kinds}
    return {**resources, **rest}

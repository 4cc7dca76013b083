"""Changes of Pods: what of a Pod that is there may change, by itself or through a subresource."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.helpers.static_pods import CONFIG_MIRROR
from kubesim_tui.apiserver.validation import affinity, metadata, pod_resize, profiles
from kubesim_tui.apiserver.validation.affinity import REQUIRED
from kubesim_tui.apiserver.validation.containers import image_spaces
from kubesim_tui.apiserver.validation.pods import MOST, meta_and_spec
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, same, text

UPDATABLE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def pod_update(r: Report, new: JsonMap, old: JsonMap, subresource: str) -> None:
    """Every cause why a Pod may not become another."""
    static = CONFIG_MIRROR in part(part(old, "metadata"), "annotations")
    if subresource == "ephemeralcontainers" and static:
        r.forbidden("", "static pods do not support ephemeral containers")
        return
    if subresource == "resize" and pod_resize.excluded(r, old, static):
        return
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    meta_and_spec(r, new)
    if subresource == "resize":
        pod_resize.resize(r, new, old)
        return
    _annotations(r, part(part(new, "metadata"), "annotations"), part(part(old, "metadata"), "annotations"))
    if subresource == "ephemeralcontainers":
        _ephemeral_update(r, part(new, "spec"), part(old, "spec"))
    else:
        _spec_update(r, part(new, "spec"), part(old, "spec"))


def _annotations(r: Report, now: JsonMap, was: JsonMap) -> None:
    """The marks of a static Pod and of AppArmor are there from the start, and stay."""
    for key in sorted({*now, *was}):
        what = "AppArmor annotations" if key.startswith(profiles.APP_ARMOR) else ""
        what = "mirror pod annotation" if key == CONFIG_MIRROR else what
        if what and key not in was:
            r.forbidden(f"metadata.annotations[{key}]", f"may not add {what}")
        elif what and now.get(key) != was[key]:
            r.forbidden(f"metadata.annotations[{key}]", f"may not remove or update {what}")


def _ephemeral_update(r: Report, spec: JsonMap, before: JsonMap) -> None:
    now = {text(c, "name"): c for c in spec.get("ephemeralContainers") or ()}
    for one in before.get("ephemeralContainers") or ():
        name = text(one, "name")
        if name not in now:
            r.forbidden("spec.ephemeralContainers", f'existing ephemeral containers "{name}" may not be removed\n')
        elif not same(now[name], one):
            r.forbidden("spec.ephemeralContainers", f'existing ephemeral containers "{name}" may not be changed\n')


def _spec_update(r: Report, spec: JsonMap, before: JsonMap) -> None:
    for kind in ("containers", "initContainers"):
        if len(spec.get(kind) or ()) != len(before.get(kind) or ()):
            r.forbidden(f"spec.{kind}", "pod updates may not add or remove containers")
            return
        _images(r, spec, kind)
    if not _deadline_update(r, spec, before):
        return
    _only_added_tolerations(r, spec, before)
    _only_deleted_gates(r, spec, before)
    masked = _masked(spec, before)
    if before.get("schedulingGates"):
        _gated(r, masked, before)
    if not same(masked, before):
        r.forbidden("spec", UPDATABLE)


def _images(r: Report, spec: JsonMap, kind: str) -> None:
    for at, one in items(spec, kind, f"spec.{kind}"):
        if not text(one, "image"):
            r.required(f"{at}.image")
        image_spaces(r, one, at)


def _deadline_update(r: Report, spec: JsonMap, before: JsonMap) -> bool:
    """A deadline may be set, and come nearer. False: nothing else is looked at."""
    now, was = spec.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds")
    path = "spec.activeDeadlineSeconds"
    if now is None:
        if was is not None:
            r.invalid(path, None, "must not update from a positive integer to nil value")
        return True
    if not 0 <= now <= MOST:
        r.invalid(path, now, f"must be between 0 and {MOST}, inclusive")
        return False
    if was is not None and was < now:
        r.invalid(path, now, "must be less than or equal to previous value")
        return False
    return True


def _only_added_tolerations(r: Report, spec: JsonMap, before: JsonMap) -> None:
    now = [_without_seconds(t) for t in spec.get("tolerations") or ()]
    if all(_without_seconds(one) in now for one in before.get("tolerations") or ()):
        affinity.tolerations(r, spec, "spec.tolerations")
    else:
        r.forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")


def _without_seconds(toleration: JsonMap) -> JsonMap:
    return {k: v for k, v in toleration.items() if k != "tolerationSeconds"}


def _only_deleted_gates(r: Report, spec: JsonMap, before: JsonMap) -> None:
    had = {text(g, "name") for g in before.get("schedulingGates") or ()}
    for at, gate in items(spec, "schedulingGates", "spec.schedulingGates"):
        if text(gate, "name") not in had:
            said = f"only deletion is allowed, but found new scheduling gate '{text(gate, 'name')}'"
            r.forbidden(f"{at}.name", said)


def _masked(spec: JsonMap, before: JsonMap) -> JsonMap:
    """The new spec with everything that may change set back."""
    masked: dict[str, Any] = dict(spec)
    for kind in ("containers", "initContainers"):
        pairs = zip(spec.get(kind) or (), before.get(kind) or (), strict=False)
        masked[kind] = [{**now, "image": was.get("image")} for now, was in pairs]
    for name in ("activeDeadlineSeconds", "schedulingGates", "tolerations"):
        masked[name] = before.get(name)
    was = before.get("terminationGracePeriodSeconds")
    if was is not None and was < 0 and spec.get("terminationGracePeriodSeconds") == 1:
        masked["terminationGracePeriodSeconds"] = was
    return masked


def _gated(r: Report, masked: JsonMap, before: JsonMap) -> None:
    """A Pod behind gates may be bound closer: more node selectors, more requirements on nodes."""
    now, was = part(masked, "nodeSelector"), part(before, "nodeSelector")
    if any(now.get(key) != value for key, value in was.items()):
        said = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        r.invalid("spec.nodeSelector", masked.get("nodeSelector"), said)
    masked["nodeSelector"] = before.get("nodeSelector")
    wanted, wanted_before = part(masked, "affinity"), part(before, "affinity")
    _node_affinity(r, part(wanted, "nodeAffinity"), part(wanted_before, "nodeAffinity"))
    masked["affinity"] = {**wanted, "nodeAffinity": wanted_before.get("nodeAffinity")}


def _node_affinity(r: Report, now: JsonMap, was: JsonMap) -> None:
    """Terms stay as many as they were, if there were any, and each only grows."""
    path = f"spec.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms"
    terms, before = (part(one, REQUIRED).get("nodeSelectorTerms") or [] for one in (now, was))
    if before and len(before) != len(terms):
        said = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        r.invalid(path, terms or None, said)
        return
    for i, (term, old) in enumerate(zip(terms, before, strict=False)):
        if not _only_grows(term, old):
            r.invalid(f"{path}[{i}]", term, "only additions are allowed (no mutations or deletions)")


def _only_grows(term: JsonMap, old: JsonMap) -> bool:
    """An empty term matches no node: requirements added to it would let it match some."""
    kinds = ("matchExpressions", "matchFields")
    lists = [(term.get(kind) or [], old.get(kind) or []) for kind in kinds]
    if not any(was for _, was in lists):
        return not any(now for now, _ in lists)
    return all(same(now[: len(was)], was) for now, was in lists)

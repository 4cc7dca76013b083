"""kubectl rollout undo: back to an earlier revision (the one before, or --to-revision)."""

from __future__ import annotations

from typing import Any

from kubesim_tui.kubectl import output, revisions
from kubesim_tui.kubectl.describe import template
from kubesim_tui.kubectl.describe.writer import Writer
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.rollout_status import KINDS, chosen

Data = dict[str, Any]
OWN_NOTES = (
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
)
"""Annotations that stay the Deployment's own; the others come back with the revision."""
PAUSED = 'you cannot rollback a paused deployment; resume it first with "kubectl rollout resume {}" and try again'


def run(env: Env) -> None:
    """The command."""
    wanted = env.flags["to-revision"] or 0
    if wanted < 0:
        raise error("revision must be a non-negative integer")
    for info in chosen(env):
        if info.resource.kind not in KINDS:
            raise error(f'no rollbacker has been implemented for "{info.resource.kind}"')
        assert info.object is not None
        _undo(env, info, data_of(info.object), wanted)


def _undo(env: Env, info: Info, o: Data, wanted: int) -> None:
    if o["kind"] == "Deployment":
        done = _deployment(env, info, o, wanted)
    else:
        done = _by_revision(env, info, o, wanted)
    output.report(env, info.resource, o, done)


def _earlier(numbers: list[int], wanted: int) -> int | None:
    """The revision to go back to: the wanted one, or the one before the newest."""
    if wanted:
        return wanted if wanted in numbers else None
    ordered = sorted(numbers)
    return ordered[-2] if len(ordered) > 1 else None


def _not_found(wanted: int) -> Fail:
    return error(
        f"unable to find specified revision {wanted} in history" if wanted else "no last revision to roll back to"
    )


def _deployment(env: Env, info: Info, o: Data, wanted: int) -> str:
    sets = {revisions.number(s): s for s in revisions.replica_sets(env, o)}
    target = _earlier(list(sets), wanted)
    if target is None:
        if not sets:
            raise error(f'no rollout history found for deployment "{info.name}"')
        raise _not_found(wanted)
    if (o.get("spec") or {}).get("paused"):
        raise error(PAUSED.format(f"deployment/{info.name}"))
    found = sets[target]
    new = revisions.bare(found["spec"]["template"])
    if env.dry_run() == "client":
        return _shown(env, found["spec"]["template"])
    if new == revisions.bare(o["spec"]["template"]):
        return f"skipped rollback (current template already matches revision {target})"
    own = o["metadata"].get("annotations") or {}
    notes = {k: v for k, v in own.items() if k in OWN_NOTES}
    notes |= {k: v for k, v in (found["metadata"].get("annotations") or {}).items() if k not in OWN_NOTES}
    patch = [
        {"op": "replace", "path": "/spec/template", "value": new},
        {"op": "replace" if own else "add", "path": "/metadata/annotations", "value": notes},
    ]
    env.patch(info.resource, info.namespace, info.name, patch, "json", env.options())
    return "rolled back"


def _by_revision(env: Env, info: Info, o: Data, wanted: int) -> str:
    found = {int(r.get("revision") or 0): r for r in revisions.owned(env, o, "controllerrevisions")}
    target = _earlier(list(found), wanted)
    if target is None:
        raise _not_found(wanted) if found else error("no last revision to roll back to")
    data = found[target].get("data") or {}
    restored = revisions.restored(o, found[target])
    if env.dry_run() == "client":
        return _shown(env, restored["spec"]["template"])
    if restored["spec"]["template"] == o["spec"]["template"]:
        return f"skipped rollback (current template already matches revision {target})"
    env.patch(info.resource, info.namespace, info.name, data, "strategic", env.options())
    return "rolled back"


def _shown(env: Env, found: Data) -> str:
    w = Writer(env)
    template.describe(w, found)
    return w.raw()

"""The revisions of a workload: a Deployment's ReplicaSets, the ControllerRevisions of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.api import labels
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl.env import Env

Data = dict[str, Any]
Object = Mapping[str, Any]
REVISION, CHANGE_CAUSE = "deployment.kubernetes.io/revision", "kubernetes.io/change-cause"
HASH = "pod-template-hash"


def owned(env: Env, o: Object, plural: str) -> list[Data]:
    """The objects of a type that the workload controls, oldest first; none if they cannot be listed."""
    uid, namespace = o["metadata"].get("uid"), o["metadata"].get("namespace", "")
    selector = (o.get("spec") or {}).get("selector")
    try:
        found = [encode_object(x) for x in env.list(for_plural(plural), namespace, str(labels.from_object(selector)))]
    except ApiError:
        return []
    mine = [x for x in found if any(r.get("controller") and r.get("uid") == uid for r in _owners(x))]
    return sorted(mine, key=lambda x: (str(x["metadata"].get("creationTimestamp", "")), x["metadata"].get("name", "")))


def _owners(x: Data) -> list[Data]:
    return list(x["metadata"].get("ownerReferences") or ())


def replica_sets(env: Env, deployment: Object) -> list[Data]:
    """A Deployment's ReplicaSets, oldest first."""
    return owned(env, deployment, "replicasets")


def bare(template: Data) -> Data:
    """A Pod template without the hash that its ReplicaSet has given it."""
    meta = dict(template.get("metadata") or {})
    kept = {k: v for k, v in (meta.get("labels") or {}).items() if k != HASH}
    meta.pop("labels", None)
    if kept:
        meta["labels"] = kept
    return {**template, "metadata": meta}


def current(deployment: Object, sets: list[Data]) -> Data | None:
    """The ReplicaSet of the Deployment's present template, if it is there."""
    wanted = bare(deployment["spec"]["template"])
    return next((s for s in sets if bare(s["spec"]["template"]) == wanted), None)


def number(replica_set: Data) -> int:
    """The revision that a ReplicaSet stands for; 0 if it bears none."""
    text = str((replica_set["metadata"].get("annotations") or {}).get(REVISION, ""))
    return int(text) if text.isdigit() else 0


def cause(o: Data) -> str:
    """Why a revision was made, as the annotation says."""
    return str((o["metadata"].get("annotations") or {}).get(CHANGE_CAUSE) or "<none>")


def history(env: Env, o: Data) -> dict[int, tuple[str, Data]]:
    """Revision → (change cause, Pod template)."""
    if o["kind"] == "Deployment":
        return {number(s): (cause(s), s["spec"]["template"]) for s in replica_sets(env, o)}
    found = {}
    for r in owned(env, o, "controllerrevisions"):
        found[int(r.get("revision") or 0)] = (cause(r), restored(o, r)["spec"]["template"])
    return found


def restored(o: Data, revision: Data) -> Data:
    """The workload as a ControllerRevision remembers it."""
    from kubesim_tui.apiserver.patch import strategic

    kind = {"StatefulSet": "apps.v1.StatefulSet", "DaemonSet": "apps.v1.DaemonSet"}[o["kind"]]
    return strategic.apply(kind, o, revision.get("data") or {})

"""kubectl auth reconcile: what Roles and bindings of the files lack in the cluster is added, and what is more left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.authorization.rules import Rule, from_json, uncovered
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl import builder, change, files, output
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.info import Info

Data = dict[str, Any]
ROLES, BINDINGS = ("Role", "ClusterRole"), ("RoleBinding", "ClusterRoleBinding")
KEPT = "rbac.authorization.kubernetes.io/autoupdate"
OPTED_OUT = f", but object opted out ({KEPT}: false)"
SUBJECT = ("kind", "apiGroup", "name", "namespace")


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if flags.args:
        raise error("no arguments are allowed")
    if not flags["filename"] and not flags.text("kustomize"):
        raise error("must specify one of -f and -k")
    infos, failures = files.read(env, "reconcile")
    for info in infos:
        if info.resource.kind in (*ROLES, *BINDINGS):
            _reconcile(env, info)
    builder.finish(failures)


def _reconcile(env: Env, info: Info) -> None:
    wanted = dict(change.original(info))
    try:
        live: Data | None = data_of(env.get(info.resource, info.namespace, info.name))
    except StatusError as refused:
        if refused.reason != "NotFound":
            raise
        live = None
    role = info.resource.kind in ROLES
    missing, extra, made = (_rules if role else _subjects)(env, wanted, live)
    recreated = not role and live is not None and live.get("roleRef") != wanted.get("roleRef")
    protected = live is not None and (live["metadata"].get("annotations") or {}).get(KEPT) == "false"
    what = "create" if live is None else "recreate" if recreated else "update" if made != live else ""
    if what and not protected and env.dry_run() == "none":
        made = _write(env, info, made, live, recreated)
    output.report(env, info.resource, made, "reconciled")
    if what:
        env.warn(f"\treconciliation required {what}{OPTED_OUT if protected else ''}")
        _tell(env, "rules" if role else "subjects", missing, extra, removed=_removes(env, role))


def _removes(env: Env, role: bool) -> bool:
    return bool(env.flags["remove-extra-permissions" if role else "remove-extra-subjects"])


def _write(env: Env, info: Info, made: Data, live: Data | None, recreated: bool) -> Data:
    if info.namespace:
        _ensure_namespace(env, info.namespace)
    if recreated:
        env.delete(info.resource, info.namespace, info.name)
        made = {**made, "metadata": {k: v for k, v in made["metadata"].items() if k not in ("resourceVersion", "uid")}}
    write = env.create if live is None or recreated else env.replace
    return data_of(write(info.resource, info.namespace, made))


def _ensure_namespace(env: Env, name: str) -> None:
    namespaces = for_plural("namespaces")
    try:
        env.get(namespaces, "", name)
    except StatusError as refused:
        if refused.reason == "NotFound":
            env.create(namespaces, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


# -- what is missing, what is more -----------------------------------------------------------------------------------

Found = tuple[Sequence[str], Sequence[str], Data]
"""(what is added, what there is more, both in Go's words; the object as it will be)."""


def _merged(wanted: Data, live: Data) -> Data:
    """The live object with the labels and annotations that are wanted."""
    meta = dict(live["metadata"])
    for name in ("labels", "annotations"):
        both = {**(wanted["metadata"].get(name) or {}), **(meta.get(name) or {})}
        if both:
            meta[name] = both
    return {**live, "metadata": meta}


def _rules(env: Env, wanted: Data, live: Data | None) -> Found:
    if live is None:
        return [_rule(r) for r in map(from_json, wanted.get("rules") or ())], (), wanted
    theirs, ours = (tuple(from_json(r) for r in of.get("rules") or ()) for of in (live, wanted))
    missing, extra = uncovered(theirs, ours), uncovered(ours, theirs)
    made = _merged(wanted, live)
    if extra and _removes(env, role=True):
        made["rules"] = wanted.get("rules")
    elif missing:
        made["rules"] = [*(live.get("rules") or ()), *map(_json, missing)]
    return [_rule(r) for r in missing], [_rule(r) for r in extra], made


def _rule(rule: Rule) -> str:
    parts = (
        ("Verbs", rule.verbs),
        ("APIGroups", rule.groups),
        ("Resources", rule.resources),
        ("ResourceNames", rule.names),
        ("NonResourceURLs", rule.urls),
    )
    return "{" + " ".join(f"{name}:[{' '.join(values)}]" for name, values in parts) + "}"


def _json(rule: Rule) -> Data:
    fields = {
        "verbs": rule.verbs,
        "apiGroups": rule.groups,
        "resources": rule.resources,
        "resourceNames": rule.names,
        "nonResourceURLs": rule.urls,
    }
    return {name: list(values) for name, values in fields.items() if values}


def _subjects(env: Env, wanted: Data, live: Data | None) -> Found:
    ours = [dict(s) for s in wanted.get("subjects") or ()]
    if live is None:
        return [_subject(s) for s in ours], (), wanted
    theirs = [dict(s) for s in live.get("subjects") or ()]
    known, asked = [_subject(s) for s in theirs], [_subject(s) for s in ours]
    missing = [s for s in ours if _subject(s) not in known]
    extra = [s for s in theirs if _subject(s) not in asked]
    made = {**_merged(wanted, live), "roleRef": wanted.get("roleRef")}
    if extra and _removes(env, role=False):
        made["subjects"] = ours
    elif missing:
        made["subjects"] = [*theirs, *missing]
    return [_subject(s) for s in missing], [_subject(s) for s in extra], made


def _subject(subject: Data) -> str:
    group = subject.get("apiGroup") or ("" if subject.get("kind") == "ServiceAccount" else "rbac.authorization.k8s.io")
    found = {**subject, "apiGroup": group}
    kind, group, name, namespace = (str(found.get(key) or "") for key in SUBJECT)
    return f"{{Kind:{kind} APIGroup:{group} Name:{name} Namespace:{namespace}}}"


def _tell(env: Env, what: str, missing: Sequence[str], extra: Sequence[str], *, removed: bool) -> None:
    if missing:
        env.warn("\n".join([f"\tmissing {what} added:", *(f"\t\t{one}" for one in missing)]))
    if extra:
        done = "removed" if removed else "left"
        env.warn("\n".join([f"\textra {what} {done}:", *(f"\t\t{one}" for one in extra)]))

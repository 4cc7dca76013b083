"""kubectl set subject: add users, groups or service accounts to a role binding."""

from __future__ import annotations

from kubesim_tui.kubectl import builder, change
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

RBAC = "rbac.authorization.k8s.io"


def run(env: Env) -> None:
    """The command."""
    infos, failures = builder.chosen(env, env.flags.args, select_all=bool(env.flags["all"]))
    builder.finish(failures)
    found = subjects(env)
    if not found:
        raise error("you must specify at least one value of user, group or serviceaccount")
    change.each(env, infos, failures, _Subjects(found), "subjects updated", "failed to patch subjects to rolebinding: ")


def subjects(env: Env) -> list[change.Data]:
    """The subjects that --user, --group and --serviceaccount name."""
    found: list[change.Data] = []
    for kind in ("user", "group"):
        for name in env.flags[kind] or ():
            found.append({"apiGroup": RBAC, "kind": kind.title(), "name": name})
    for text in env.flags["serviceaccount"] or ():
        namespace, colon, name = text.partition(":")
        if not colon or not namespace or not name:
            raise error("serviceaccount must be <namespace>:<name>")
        found.append({"kind": "ServiceAccount", "name": name, "namespace": namespace})
    return found


class _Subjects:
    def __init__(self, found: list[change.Data]) -> None:
        self.found = found

    def __call__(self, data: change.Data) -> None:
        if data.get("kind") not in ("RoleBinding", "ClusterRoleBinding"):
            raise change.NotFor("setting subjects is only supported for RoleBinding/ClusterRoleBinding")
        known = data.setdefault("subjects", [])
        known += [s for s in self.found if s not in known]

"""kubectl set serviceaccount: whom the Pods of a template run as."""

from __future__ import annotations

from kubesim_tui.kubectl import builder, change
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error


def run(env: Env) -> None:
    """The command."""
    args = env.flags.args
    if not args:
        raise error("serviceaccount is required")
    infos, failures = builder.chosen(env, args[:-1], select_all=bool(env.flags["all"]))
    change.each(
        env, infos, failures, _Account(args[-1]), "serviceaccount updated", "failed to patch ServiceAccountName "
    )


class _Account:
    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, data: change.Data) -> None:
        change.pod_spec(data)["serviceAccountName"] = self.name

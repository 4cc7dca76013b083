"""kubectl rollout restart, pause and resume."""

from __future__ import annotations

from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.times import format_time
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import builder, change, files, output
from kubesim_tui.kubectl.change import Data
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
DONE = {"restart": "restarted", "pause": "paused", "resume": "resumed"}


def run(env: Env) -> None:
    """The command."""
    verb = env.flags.path.split()[-1]
    if not env.flags.args and not files.named(env):
        raise error("required resource not specified")
    infos, failures = builder.chosen(env, env.flags.args, select_all=True)
    for info in infos:
        try:
            _change(env, info, verb)
        except (ApiError, Fail) as failure:
            failures.append(failure)
    builder.finish(failures)


def _change(env: Env, info: Info, verb: str) -> None:
    old = change.original(info)
    new = thaw(old)
    what = f'{info.resource.group_resource} "{info.name}"'
    if verb == "restart":
        _restart(new, what, env.now)
    else:
        _pause(new, what, verb)
    if env.dry_run() != "client":
        patch, kind = change.patch_between(info, old, new)
        new = data_of(env.patch(info.resource, info.namespace, info.name, patch, kind, env.options()))
    output.report(env, info.resource, new, DONE[verb])


def _restart(o: Data, what: str, now: int) -> None:
    if o["kind"] not in ("Deployment", "DaemonSet", "StatefulSet"):
        raise error(f"{what} restarting is not supported")
    if o["spec"].get("paused"):
        raise error(f"{what} can't restart paused deployment (run rollout resume first)")
    meta = o["spec"]["template"].setdefault("metadata", {})
    meta.setdefault("annotations", {})[RESTARTED_AT] = format_time(now)


def _pause(o: Data, what: str, verb: str) -> None:
    word = {"pause": "pausing", "resume": "resuming"}[verb]
    if o["kind"] != "Deployment":
        raise error(f"{what} {word} is not supported")
    paused = bool(o["spec"].get("paused"))
    if verb == "pause" and paused:
        raise error(f"{what} is already paused")
    if verb == "resume" and not paused:
        raise error(f"{what} is not paused")
    o["spec"]["paused"] = verb == "pause"
    if not o["spec"]["paused"]:
        del o["spec"]["paused"]

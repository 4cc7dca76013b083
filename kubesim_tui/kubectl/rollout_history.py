"""kubectl rollout history: the revisions of a workload, or the template of one of them."""

from __future__ import annotations

from kubesim_tui.kubectl import revisions, tabwriter
from kubesim_tui.kubectl.describe import template
from kubesim_tui.kubectl.describe.writer import Writer
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.rollout_status import KINDS, chosen


def run(env: Env) -> None:
    """The command."""
    revision = env.flags["revision"] or 0
    if revision < 0:
        raise error(f"revision must be a positive integer: {revision}")
    for info in chosen(env, select_all=True):
        if info.resource.kind not in KINDS:
            raise error(f'no history viewer has been implemented for "{info.resource.kind}"')
        _show(env, info, revision)


def _show(env: Env, info: Info, revision: int) -> None:
    assert info.object is not None
    found = revisions.history(env, data_of(info.object))
    if revision:
        if revision not in found:
            raise error("unable to find the specified revision")
        env.say(f"{info.label} with revision #{revision}")
        w = Writer(env)
        template.describe(w, found[revision][1])
        env.say(w.raw())
        return
    env.say(f"{info.label} ")
    if not found:
        env.say("No rollout history found.")
        return
    rows = ["REVISION\tCHANGE-CAUSE", *(f"{n}\t{why}" for n, (why, _) in sorted(found.items()))]
    env.say(tabwriter.align("\n".join(rows)))
    env.say("")

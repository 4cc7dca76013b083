"""kubectl replace: put manifests in the place of existing objects; --force deletes and creates them."""

from __future__ import annotations

from attrs import evolve

from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import builder, files, output
from kubesim_tui.kubectl.apply import with_source
from kubesim_tui.kubectl.deletion import cascade, in_namespace
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.last_applied import annotated


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if not flags["force"] and flags["grace-period"] >= 0:
        raise error("--grace-period must have --force specified")
    if not flags["force"] and flags["timeout"]:
        raise error("--timeout must have --force specified")
    if flags["force"] and env.dry_run() != "none":
        raise error("--dry-run can not be used when --force is set")
    cascade(env)
    if not files.named(env):
        raise error("must specify one of -f and -k")
    infos, failures = files.read(env, "replace")
    for info in infos:
        try:
            _force(env, info) if env.flags["force"] else _replace(env, info)
        except (ApiError, Fail) as failure:
            failures.append(failure)
    builder.finish(failures)


def _replace(env: Env, info: Info) -> None:
    assert info.data is not None
    data = annotated(info.data) if env.flags["save-config"] else info.data
    if env.dry_run() != "client":
        try:
            sub = env.flags.text("subresource")
            data = data_of(env.replace(info.resource, info.namespace, data, env.options(), sub))
        except StatusError as refused:
            raise with_source(refused, "replacing", info.source) from None
    output.report(env, info.resource, data, "replaced")


def _force(env: Env, info: Info) -> None:
    """Delete at once, then create."""
    assert info.data is not None
    try:
        grace = max(env.flags["grace-period"], 0)
        env.delete(info.resource, info.namespace, info.name, evolve(env.options(), grace=grace))
        env.say(f'{info.label.split("/")[0]} "{info.name}" deleted{in_namespace(info)}')
    except StatusError as refused:
        if refused.reason != "NotFound":
            raise
    made = env.create(info.resource, info.namespace, info.data, env.options())
    output.report(env, info.resource, data_of(made), "replaced")

"""kubectl create -f: objects from manifests, which must not exist yet."""

from __future__ import annotations

from typing import Any

from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import builder, edit, files, output, record
from kubesim_tui.kubectl.apply import go_list, with_source
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error, usage
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.last_applied import annotated


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if flags.args:
        raise usage(f"Unexpected args: {go_list(flags.args)}", "create")
    if not files.named(env):
        raise error("must specify one of -f and -k")
    infos, failures = files.read(env, "create")
    infos = files.labelled(infos, flags.text("selector"))
    if flags["edit"]:
        infos, failures = _edited(env, infos, failures)
    for info in infos:
        assert info.data is not None
        data = record.annotated(env, info.data)
        data = annotated(data) if flags["save-config"] else data
        try:
            made = data if env.dry_run() == "client" else _create(env, info, data)
        except (ApiError, Fail) as failure:
            failures.append(failure)
            continue
        output.report(env, info.resource, made, "created")
    builder.finish(failures)


def _edited(env: Env, infos: list[Info], failures: list[ApiError | Fail]) -> tuple[list[Info], list[ApiError | Fail]]:
    """--edit: the objects as the player leaves them in the editor, each opened by itself."""
    found: list[Info] = []
    for info in infos:
        text = edit.shown(env, [info.data or {}])
        changed = env.terminal.edit(edit.HEADER + text)
        if changed is None or edit.stripped(changed) == edit.stripped(text):
            env.warn("Edit cancelled, no changes made.")
            continue
        for item in files.of_text(env, edit.stripped(changed), "edited-file"):
            (found if isinstance(item, Info) else failures).append(item)  # type: ignore[arg-type]
    return found, failures


def _create(env: Env, info: Info, data: dict[str, Any]) -> dict[str, Any]:
    try:
        return data_of(env.create(info.resource, info.namespace, data, env.options()))
    except StatusError as refused:
        raise with_source(refused, "creating", info.source) from None

"""kubectl apply edit-last-applied: change by hand what the annotation of the last apply holds, and nothing else."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.api.frozen import thaw
from kubesim_tui.kubectl import builder, edit, files, output
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.last_applied import LAST_APPLIED

HEADER = """# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
"""
NOTHING = (
    "no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply "
    "set-last-applied --create-annotation`"
)
Data = dict[str, Any]


def run(env: Env) -> None:
    """The command."""
    infos, failures = builder.chosen(env, env.flags.args, select_all=True)
    builder.finish(failures)
    held = [(info, data) for info in infos if (data := _applied(info)) is not None]
    if not held:
        raise error(NOTHING)
    text = edit.shown(env, [data for _, data in held])
    edited = env.terminal.edit(HEADER + text)
    if edited is None or edit.stripped(edited) == edit.stripped(text):
        env.warn("Edit cancelled, no changes made.")
        return
    for document in manifest.read(edit.stripped(edited), "edited-file"):
        if document.error is not None:
            raise error(document.error.message)
        _save(env, held, thaw(document.data))


def _applied(info: Info) -> Data | None:
    assert info.object is not None
    text = info.object.metadata.annotations.get(LAST_APPLIED)
    return files.parsed(text) if text else None


def _save(env: Env, held: list[tuple[Info, Data]], edited: Data) -> None:
    name, kind = (edited.get("metadata") or {}).get("name"), edited.get("kind")
    found = next(((i, old) for i, old in held if (i.name, i.resource.kind) == (name, kind)), None)
    if found is None:
        raise error(edit.IDENTITY)
    info, old = found
    assert info.object is not None
    if old == edited:
        output.report(env, info.resource, data_of(info.object), "skipped", dry=False)
        return
    patch = {"metadata": {"annotations": {LAST_APPLIED: files.compact(edited)}}}
    made = env.patch(info.resource, info.namespace, info.name, patch, "merge", env.options())
    output.report(env, info.resource, data_of(made), "edited", dry=False)

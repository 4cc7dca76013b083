"""kubectl edit: an object as text, to be changed by hand; what is different then is sent as a patch.

What the server refuses comes back into the editor with the reasons above it. Where the editor gives the same text
back, the reasons are printed.
"""

from __future__ import annotations

from typing import Any

from attrs import Factory, define

from kubesim_tui.api import manifest
from kubesim_tui.api.frozen import thaw
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.patch import json_merge
from kubesim_tui.kubectl import builder, change, fail, output, record
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.last_applied import annotated

HEADER = """# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
"""
IDENTITY = "At least one of apiVersion, kind and name was changed"
Data = dict[str, Any]


@define
class Results:
    """What went wrong in one round."""

    reasons: list[tuple[str, list[str]]] = Factory(list)  # for the header: what, and why
    again: bool = False  # something was invalid: the editor opens again
    lost: bool = False  # something else went wrong: it does not

    def header(self) -> str:
        """The comment above the text."""
        text = HEADER
        for head, others in self.reasons:
            text += f"# {head}{':' if others else ''}\n" + "".join(f"# * {other}\n" for other in others) + "#\n"
        return text


def run(env: Env) -> None:
    """The command."""
    infos, failures = builder.chosen(env, env.flags.args, select_all=True)
    builder.finish(failures)
    if not infos:
        raise error("edit cancelled, no objects found")
    original = shown(env, [change.original(i) for i in infos])
    text, results = original, Results()
    while True:
        header = "" if env.flags.text("output") == "json" else results.header()
        edited = env.terminal.edit(header + text)
        if edited is None or stripped(edited) == stripped(text):
            _cancelled(env, results)
            return
        if stripped(edited) == stripped(original):
            env.warn("Edit cancelled, no changes made.")
            return
        text, results = stripped(edited), Results()
        _save(env, infos, text, results)
        if results.lost:
            env.code = 1
        if not results.again:
            return


def _cancelled(env: Env, results: Results) -> None:
    if not results.reasons:
        env.warn("Edit cancelled, no changes made.")
        return
    for head, others in results.reasons:
        env.warn("\n".join([f"{head}{':' if others else ''}", *(f"* {other}" for other in others)]))
    raise error("Edit cancelled, no valid changes were saved.")


def stripped(text: str) -> str:
    """The text without comment lines."""
    return "\n".join(line for line in text.split("\n") if not line.strip().startswith("#"))


def shown(env: Env, objects: list[Data]) -> str:
    """Objects as the editor shows them: one as it is, more as a List."""
    items = [output.shown(env, data) for data in objects]
    data = items[0] if len(items) == 1 else {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {}}
    form = env.flags.text("output")
    if form not in ("", "yaml", "json"):
        raise error("The flag 'output' must be one of yaml|json")
    return output.to_json(data) if form == "json" else output.to_yaml(data)


def _save(env: Env, infos: list[Info], text: str, results: Results) -> None:
    """Read the text and send what has changed."""
    documents = manifest.read(text, "edited-file")
    wrong = next((d.error.message for d in documents if d.error is not None), "")
    if wrong or not documents:
        wrong = wrong[max(0, wrong.find("yaml: ")) :] or "invalid object to validate"
        _invalid(env, infos[0], [f'<nil>: Invalid value: "The edited file failed validation": {wrong}'], results)
        return
    for document in documents:
        _patch(env, infos, thaw(document.data), results)


def _patch(env: Env, infos: list[Info], edited: Data, results: Results) -> None:
    uid = (edited.get("metadata") or {}).get("uid")
    info = next((i for i in infos if i.object is not None and i.object.metadata.uid == uid), None)
    if info is None:
        raise error("no original object found for the edited one: its uid must stay")
    old = output.shown(env, change.original(info))
    if json_merge.same(old, edited):
        output.report(env, info.resource, old, "skipped", dry=False)
        return
    _same_identity(old, edited)
    new = record.annotated(env, annotated(edited) if env.flags["save-config"] else edited)
    patch, kind = change.patch_between(info, old, new)
    if env.flags["output-patch"]:
        from kubesim_tui.api.jsonpath import go_json

        env.say(f"Patch: {go_json(patch)}")
    try:
        sub = env.flags.text("subresource")
        made = env.patch(info.resource, info.namespace, info.name, patch, kind, env.options(), sub)
    except StatusError as refused:
        _refused(env, info, refused, results)
        return
    output.report(env, info.resource, data_of(made), "edited", dry=False)


def _same_identity(old: Data, new: Data) -> None:
    meta, now = old["metadata"], new.get("metadata") or {}
    if any(old.get(k) != new.get(k) for k in ("apiVersion", "kind")) or meta.get("name") != now.get("name"):
        raise error(IDENTITY)
    if meta.get("namespace") != now.get("namespace"):
        raise error(
            f'the namespace from the provided object "{now.get("namespace") or ""}" does not match the namespace '
            f"\"{meta.get('namespace')}\". You must pass '--namespace={now.get('namespace') or ''}' to perform this "
            "operation."
        )


def _invalid(env: Env, info: Info, causes: list[str], results: Results) -> None:
    """To be put right in the editor."""
    what = f'{info.resource.group_resource} "{info.name}"'
    results.reasons.append((f"{what} was not valid", causes))
    results.again = True
    env.warn(f"error: {what} is invalid")


def _refused(env: Env, info: Info, refused: StatusError, results: Results) -> None:
    what = f'{info.resource.group_resource} "{info.name}"'
    if refused.reason == "Invalid":
        _invalid(env, info, [f"{c.field}: {c.message}" for c in refused.details.causes], results)
    elif refused.reason == "NotFound":
        results.lost = True
        env.warn(f"error: {what} could not be found on the server")
    else:
        results.lost = True
        env.warn(f"error: {what} could not be patched: {fail.plain(refused)}")

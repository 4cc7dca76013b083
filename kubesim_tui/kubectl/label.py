"""kubectl label and kubectl annotate: set or take away labels or annotations."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import names
from kubesim_tui.api.frozen import thaw
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.patch import json_merge
from kubesim_tui.kubectl import builder, change, files, output, record
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info

NO_RESOURCE = "one or more resources must be specified as <resource> <name> or <resource>/<name>"


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    word = "label" if flags.path == "label" else "annotation"
    resources, pairs = change.split_arguments(flags.args, "label")
    if not resources and not files.named(env):
        raise error(NO_RESOURCE)
    if not pairs and not flags["list"]:
        raise error(f"at least one {word} update is required")
    new, removed = _parse(pairs, word)
    infos, failures = builder.chosen(env, resources, select_all=bool(flags["all"]))
    if flags.text("resource-version") and len(infos) > 1:
        raise error("--resource-version may only be used with a single resource")
    for info in infos:
        try:
            _list(env, info, word, len(infos) > 1) if flags["list"] else _change(env, info, new, removed, word)
        except (ApiError, Fail) as failure:
            failures.append(failure)
    builder.finish(failures)


def _parse(pairs: list[str], word: str) -> tuple[dict[str, str], list[str]]:
    new: dict[str, str] = {}
    removed: list[str] = []
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if equals:
            if word == "label" and "=" in value:
                raise error(f"invalid {word} spec: {pair}")
            if word == "label" and (faults := names.is_label_value(value)):
                raise error(f'invalid {word} value: "{pair}": {";".join(faults)}')
            new[key] = value
        else:
            removed.append(pair[:-1])
    for key in removed:
        if key in new:
            raise error(f"can not both modify and remove a {word} in the same command")
    return new, removed


def _list(env: Env, info: Info, word: str, several: bool) -> None:
    held = change.original(info)["metadata"].get(f"{word}s") or {}
    if several:
        env.say(f"Listing {word}s for {info.resource.kind}.{info.resource.group}/{info.name}:")
    for key, value in sorted(held.items()):
        env.say(f"{' ' if several else ''}{key}={value}")


def _change(env: Env, info: Info, new: dict[str, str], removed: list[str], word: str) -> None:
    old = change.original(info)
    data: dict[str, Any] = thaw(old)
    held = data.setdefault("metadata", {}).setdefault(f"{word}s", {})
    if not env.flags["overwrite"]:
        _check(held, new, word)
    for key in removed:
        if key not in held and word == "label":
            env.say(f'{word} "{key}" not found.')
        held.pop(key, None)
    held.update(new)
    if not held:
        del data["metadata"][f"{word}s"]
    if env.flags["resource-version"]:
        data["metadata"]["resourceVersion"] = env.flags.text("resource-version")
    data = record.annotated(env, data)
    done = "annotated" if word == "annotation" else _done(old, data, new, removed)
    if env.dry_run() != "client" and not env.flags["local"]:
        _send(env, info, old, data)
    output.report(env, info.resource, data, done)


def _check(held: dict[str, str], new: dict[str, str], word: str) -> None:
    taken = [(k, held[k]) for k in sorted(new) if k in held and held[k] != new[k]]
    if word == "annotation":
        taken = [(k, v) for k, v in taken if k != record.CAUSE]
        if taken:
            held_already = "; ".join(f"'{k}' already has a value ({v})" for k, v in taken)
            raise error(f"--overwrite is false but found the following declared annotation(s): {held_already}")
    if taken:
        texts = [f"'{k}' already has a value ({v}), and --overwrite is false" for k, v in taken]
        raise error(texts[0]) if len(texts) == 1 else Fail("\n".join(texts))


def _done(old: dict[str, Any], data: dict[str, Any], new: dict[str, str], removed: list[str]) -> str:
    if json_merge.same(old, data):
        return "not labeled"
    return "unlabeled" if removed and not new else "labeled"


def _send(env: Env, info: Info, old: dict[str, Any], data: dict[str, Any]) -> None:
    if patch := json_merge.diff(old, data):
        env.patch(info.resource, info.namespace, info.name, patch, "merge", env.options())

"""kubectl patch: send a patch of the player's own."""

from __future__ import annotations

import json
from typing import Any

from attrs import evolve

from kubesim_tui.api.yamlgo import nodes
from kubesim_tui.api.yamlgo.build import Builder, BuildProblem
from kubesim_tui.api.yamlgo.nodes import SyntaxProblem
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import builder, change, output, record
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info

KINDS = ("strategic", "merge", "json")


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    kind = flags.text("type") or "strategic"
    if kind.lower() not in KINDS:
        raise error(f"--type must be one of [json merge strategic], not {json.dumps(kind)}")
    if flags.text("patch") and flags.text("patch-file"):
        raise error("cannot specify --patch and --patch-file together")
    if not flags.text("patch") and not flags.text("patch-file"):
        raise error("must specify --patch or --patch-file containing the contents of the patch")
    body = _body(env)
    infos, failures = builder.chosen(env, flags.args)
    for info in infos:
        try:
            _patch(env, info, body, kind.lower())
        except (ApiError, Fail) as failure:
            failures.append(failure)
    builder.finish(failures)


def _body(env: Env) -> Any:
    """The patch, JSON or YAML."""
    text = env.flags.text("patch")
    if env.flags.text("patch-file"):
        path = env.flags.text("patch-file")
        try:
            text = env.terminal.read(path)
        except OSError as failure:
            raise error(f"unable to read patch file: open {path}: {(failure.strerror or 'failed').lower()}") from None
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        root = nodes.parse(text)
        return Builder().build(root) if root is not None else None
    except (SyntaxProblem, BuildProblem) as wrong:
        raise error(f"unable to parse {json.dumps(text)}: {wrong}") from None


def _patch(env: Env, info: Info, body: Any, kind: str) -> None:
    if env.dry_run() == "client" or env.flags["local"]:
        from kubesim_tui.apiserver import patch

        data = patch.apply(info.resource, change.original(info), body, kind, env.options())
        output.report(env, info.resource, data, "patched", dry=False)
        return
    subresource = env.flags.text("subresource")
    made = env.patch(info.resource, info.namespace, info.name, body, kind, env.options(), subresource)
    record.afterwards(env, info)
    resource = evolve(info.resource, group="autoscaling", kind="Scale") if subresource == "scale" else info.resource
    same = made == info.object
    output.report(env, resource, data_of(made), "patched (no change)" if same else "patched")

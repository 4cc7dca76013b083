"""--overrides: change a generated object before it is sent, by a merge, strategic or JSON patch."""

from __future__ import annotations

import json
from typing import Any

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.patch import json_merge, json_patch, strategic
from kubesim_tui.apiserver.patch.schema import PatchError
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

TYPES = ("json", "merge", "strategic")


def apply(env: Env, resource: Resource, data: dict[str, Any]) -> dict[str, Any]:
    """The object with the overrides of the command line."""
    text, kind = env.flags.text("overrides"), env.flags.text("override-type") or "merge"
    if not text:
        return data
    if kind not in TYPES:
        raise error(f"invalid override type: {kind}")
    try:
        patch = json.loads(text)
    except ValueError:
        raise error("Invalid JSON Patch") from None
    try:
        if kind == "json":
            return dict(json_patch.apply(data, patch))
        if kind == "strategic":
            return dict(strategic.apply(resource.definition, data, patch))
        return dict(json_merge.merge(data, patch))
    except PatchError as wrong:
        raise error(str(wrong)) from None

"""kubectl version."""

from __future__ import annotations

import json

from kubesim_tui.api.releases import numbers
from kubesim_tui.kubectl import discovery, output
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

CLIENT, KUSTOMIZE = "v1.37.1", "v5.8.1"


BUILT = {
    "gitCommit": "f78e722310e50bcaca9276be22276d9e91d91308",
    "gitTreeState": "clean",
    "buildDate": "2026-09-23T17:10:04Z",
    "goVersion": "go1.26.8",
}
"""How kubectl v1.37.1 was built."""


def _build(version: str, built: dict[str, str]) -> dict[str, str]:
    major, minor, _ = numbers(version)
    of = {"major": str(major), "minor": str(minor), "gitVersion": version}
    return {**of, **built, "compiler": "gc", "platform": "linux/amd64"}


def run(env: Env) -> None:
    """The command."""
    if env.flags.args:
        raise error(f"extra arguments: [{' '.join(env.flags.args)}]")
    kind = env.flags.text("output")
    server = not env.flags["client"]
    if kind in ("json", "yaml"):
        data: dict[str, object] = {"clientVersion": _build(CLIENT, BUILT), "kustomizeVersion": KUSTOMIZE}
        if server:
            discovery.resources(env.client)
            data["serverVersion"] = _build(env.client.road.release(), {})
        env.say(output.to_yaml(data) if kind == "yaml" else json.dumps(data, indent=2))
        return
    if kind:
        raise error("--output must be 'yaml' or 'json'")
    env.say(f"Client Version: {CLIENT}\nKustomize Version: {KUSTOMIZE}")
    if server:
        discovery.resources(env.client)
        release = env.client.road.release()
        env.say(f"Server Version: {release}")

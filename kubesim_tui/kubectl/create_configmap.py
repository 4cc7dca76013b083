"""kubectl create configmap."""

from __future__ import annotations

from kubesim_tui.kubectl import generate
from kubesim_tui.kubectl.env import Env


def run(env: Env) -> None:
    """The command."""
    name = generate.name_of(env)
    data = generate.base("v1", "ConfigMap", name)
    if found := generate.gathered(env):
        data["data"] = found
    generate.make(env, "configmaps", data, failing="create configmap")

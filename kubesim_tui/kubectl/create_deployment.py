"""kubectl create deployment."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.kubectl import generate
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error


def run(env: Env) -> None:
    """The command."""
    name, command = generate.name_of(env), generate.command_of(env)
    images = env.flags["image"]
    if len(images) > 1 and command:
        raise error("cannot specify multiple --image options and command")
    labels = {"app": name}
    containers: list[dict[str, Any]] = [{"image": i, "name": container_name(i), "resources": {}} for i in images]
    if command:
        containers[0]["command"] = command
    if env.flags["port"] >= 0 and containers:
        containers[0]["ports"] = [{"containerPort": env.flags["port"]}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    spec = {
        "replicas": env.flags["replicas"],
        "selector": {"matchLabels": labels},
        "strategy": {},
        "template": template,
    }
    data = generate.base("apps/v1", "Deployment", name, spec=spec, status={})
    data["metadata"]["labels"] = labels
    generate.make(env, "deployments", data, failing="create deployment")


def container_name(image: str) -> str:
    """The image's last word, without tag or digest."""
    word = re.split(r"[:@]", image.rsplit("/", 1)[-1])[0]
    return re.sub(r"[^-a-z0-9]", "", re.sub(r"[_.]", "-", word.lower())) or "container"

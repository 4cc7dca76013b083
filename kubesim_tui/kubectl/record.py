"""--record: keep the command line in an annotation, which rollout history shows as the change's cause (deprecated)."""

from __future__ import annotations

from typing import Any

from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.info import Info

CAUSE = "kubernetes.io/change-cause"
Data = dict[str, Any]


def cause(env: Env) -> str:
    """The command line as it is kept: its words, then its flags; "" if it is not to be."""
    if not env.flags["record"]:
        return ""
    words = ["kubectl", *env.flags.path.split(), *env.flags.args]
    return " ".join([*words, *(f"--{name}={text}" for name, text in env.flags.spoken)])


def annotated(env: Env, data: Data) -> Data:
    """An object with the cause in it, if that is asked for."""
    text = cause(env)
    if not text:
        return data
    meta = data.get("metadata") or {}
    return {**data, "metadata": {**meta, "annotations": {**(meta.get("annotations") or {}), CAUSE: text}}}


def afterwards(env: Env, info: Info) -> None:
    """Annotate an object that has been changed by other means."""
    text = cause(env)
    if text and env.dry_run() == "none":
        body = {"metadata": {"annotations": {CAUSE: text}}}
        env.patch(info.resource, info.namespace, info.name, body, "merge", env.options())

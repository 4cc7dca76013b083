"""kubectl scale: set how many replicas a workload has, through its scale subresource."""

from __future__ import annotations

from typing import Any

from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import builder, output, record
from kubesim_tui.kubectl.builder import Info
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error

REQUIRED = "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if flags["replicas"] < 0:
        raise error(REQUIRED)
    infos, failures = builder.chosen(env, flags.args, select_all=bool(flags["all"]))
    for info in infos:
        try:
            _scale(env, info, flags["replicas"])
        except (ApiError, Fail) as failure:
            failures.append(failure)
    if not infos and not failures:
        raise error("no objects passed to scale")
    builder.finish(failures)


def _scale(env: Env, info: Info, replicas: int) -> None:
    data: dict[str, Any] = data_of(info.object) if info.object is not None else {"metadata": {"name": info.name}}
    expected = env.flags["current-replicas"]
    if expected >= 0:
        current = data_of(env.send("get", info.resource, info.namespace, info.name, subresource="scale"))
        is_now = (current.get("spec") or {}).get("replicas") or 0
        if is_now != expected:
            raise error(f"Expected replicas to be {expected}, was {is_now}")
    wanted = env.flags.text("resource-version")
    if wanted and data["metadata"].get("resourceVersion", "") != wanted:
        was = data["metadata"].get("resourceVersion", "")
        raise error(f"Expected resource version to be {wanted}, was {was}")
    if env.dry_run() != "client":
        patch = {"spec": {"replicas": replicas}}
        env.patch(info.resource, info.namespace, info.name, patch, "merge", env.options(), "scale")
        record.afterwards(env, info)
    output.report(env, info.resource, data, "scaled")

"""kubectl scale: set how many replicas a workload has, through its scale subresource."""

from __future__ import annotations

import json
from typing import Any

from attrs import define

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import builder, jobs, output, record
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.result import Config, Poll

REQUIRED = "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if flags["replicas"] < 0:
        raise error(REQUIRED)
    infos, failures = builder.chosen(env, flags.args, select_all=bool(flags["all"]))
    if flags["timeout"] and env.dry_run() == "none" and infos and not failures:
        jobs.begin(env, Scaling(flags, env.config, [(i.resource, i.namespace, i.name) for i in infos]))
        return
    for info in infos:
        try:
            _scale(env, info, flags["replicas"])
            _report(env, info)
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


def _report(env: Env, info: Info) -> None:
    if env.dry_run() != "client":
        record.afterwards(env, info)
    data = data_of(info.object) if info.object is not None else {"metadata": {"name": info.name}}
    output.report(env, info.resource, data, "scaled")


@define
class Scaling:
    """--timeout: each workload is scaled, and has its replicas, before it is reported and the next one is scaled."""

    flags: Flags
    config: Config
    left: list[tuple[Resource, str, str]]
    until: int = jobs.NEVER  # of the first one, once it is scaled

    def poll(self, client: Client, now: int) -> Poll:
        """Go on for as long as nothing has to be waited for."""
        env = jobs.resumed(client, now, self.config, self.flags)
        try:
            while self.left and self._settled(env):
                resource, namespace, name = self.left.pop(0)
                _report(env, Info(resource, namespace, name, env.get(resource, namespace, name)))
                self.until = jobs.NEVER
        except (ApiError, Fail) as failure:
            env.failed(failure)
            self.left = []
        return Poll(tuple(env.out), tuple(env.err), not self.left, env.code)

    def _settled(self, env: Env) -> bool:
        """Whether the first one has its replicas. Fail when its time is over."""
        resource, namespace, name = self.left[0]
        wanted = self.flags["replicas"]
        if not self.until:
            _scale(env, Info(resource, namespace, name, env.get(resource, namespace, name)), wanted)
            self.until = jobs.deadline(env)
        scale = data_of(env.send("get", resource, namespace, name, subresource="scale"))
        has = [(scale.get(part) or {}).get("replicas") or 0 for part in ("spec", "status")]
        if has == [wanted, wanted]:
            return True
        if env.now >= self.until:
            raise error(f"timed out waiting for {json.dumps(name)} to be synced")
        return False

    def interrupt(self) -> Poll:
        """Ctrl-C."""
        return jobs.INTERRUPTED

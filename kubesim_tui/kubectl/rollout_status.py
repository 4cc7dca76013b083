"""kubectl rollout status: say how a rollout goes, until it is over."""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Request, User
from kubesim_tui.kubectl import builder, files, jobs
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.result import Poll
from kubesim_tui.kubectl.rollout_words import RolloutFailed, status

KINDS = ("Deployment", "DaemonSet", "StatefulSet")


def chosen(env: Env, *, select_all: bool = False) -> list[Info]:
    """The workloads that a rollout command names. Fail if there is none."""
    if not env.flags.args and not files.named(env):
        raise error("required resource not specified")
    infos, failures = builder.chosen(env, env.flags.args, select_all=select_all or bool(env.flags.text("selector")))
    builder.finish(failures)
    return infos


def run(env: Env) -> None:
    """The command."""
    infos = chosen(env, select_all=True)
    if not infos:
        raise Fail(f"No resources found in {env.namespace} namespace.", 0)
    for info in infos:
        if info.resource.kind not in KINDS:
            raise error(f"no status viewer has been implemented for {info.resource.kind}")
    job = Status(
        env.user,
        [(i.resource, i.namespace, i.name) for i in infos],
        env.flags["revision"] or 0,
        bool(env.flags["watch"]),
        jobs.deadline(env),
    )
    jobs.begin(env, job)


@define
class Status:
    """Follow one rollout after the other."""

    user: User
    left: list[tuple[Resource, str, str]]
    revision: int
    watch: bool
    until: int
    said: int = 0  # the resourceVersion of what was said last

    def poll(self, client: Client, now: int) -> Poll:
        """Say what has changed."""
        out: list[str] = []
        while self.left:
            resource, namespace, name = self.left[0]
            try:
                found = client.send(Request(self.user, "get", resource, namespace, name))
                words, done = status(encode_object(found), self.revision)
            except StatusError as refused:
                if refused.reason == "NotFound":
                    return Poll(tuple(out), ("error: object has been deleted",), True, 1)
                return jobs.failed(refused)
            except ApiError as failure:
                return jobs.failed(failure)
            except RolloutFailed as failed:
                return Poll(tuple(out), (f"error: {failed}",), True, 1)
            if found.metadata.resource_version != self.said:
                out.append(words)
                self.said = found.metadata.resource_version
            if not done and self.watch:
                if self.until and now >= self.until:
                    return Poll(tuple(out), ("error: timed out waiting for the condition",), True, 1)
                return Poll(tuple(out))
            self.left.pop(0)
            self.said = 0
        return Poll(tuple(out), done=True)

    def interrupt(self) -> Poll:
        """Ctrl-C."""
        return jobs.INTERRUPTED

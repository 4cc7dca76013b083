"""Commands that wait, as plain data: what they wait for, until when, and how far they have come.

A job is asked after each tick. It reads the cluster through the client as any command does; nothing in it but texts and
numbers, so that a checkpoint of the game can copy it.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Request, User
from kubesim_tui.kubectl import discovery, fail
from kubesim_tui.kubectl.env import Env, lines
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.result import Config, Job, Poll

NEVER = 0
INTERRUPTED = Poll(done=True, code=130)


def begin(env: Env, job: Job) -> None:
    """Ask a job for the first time; keep it if it goes on."""
    first = job.poll(env.client, env.now)
    env.out += first.out
    env.err += first.err
    env.code = first.code
    if not first.done:
        env.job = job


def deadline(env: Env, flag: str = "timeout") -> int:
    """The Unix second at which a flag's time is over (begun seconds count), or NEVER."""
    nanoseconds = int(env.flags[flag] or 0)
    return env.now - (-nanoseconds // 1_000_000_000) if nanoseconds > 0 else NEVER


def resumed(client: Client, now: int, config: Config, flags: Flags) -> Env:
    """A command's surroundings again, after some ticks; without files and editor."""
    return Env(client, NoTerminal(), now, config, flags)


class NoTerminal:
    """A job has no files."""

    width = 80

    def read(self, path: str) -> str:
        """There are none."""
        raise FileNotFoundError(path)

    def list(self, path: str) -> Sequence[str]:
        """There are none."""
        raise FileNotFoundError(path)

    def edit(self, text: str) -> str | None:  # noqa: ARG002
        """There is no editor."""
        return None


def failed(failure: ApiError) -> Poll:
    """A job that ends because a request failed."""
    return Poll(err=tuple(lines(fail.describe(failure))), done=True, code=1)


@define
class Gone:
    """Wait until objects are gone (of kubectl delete)."""

    user: User
    left: list[tuple[Resource, str, str, str]]  # type, namespace, name, uid
    until: int  # Unix seconds; NEVER: for as long as it takes

    @classmethod
    def of(cls, env: Env, deleted: Sequence[tuple[Info, str]], until: int) -> Gone:
        """A job for the objects that have been marked for deletion."""
        return cls(env.user, [(i.resource, i.namespace, i.name, uid) for i, uid in deleted], until)

    def poll(self, client: Client, now: int) -> Poll:
        """Done when none is left."""
        while self.left:
            resource, namespace, name, uid = self.left[0]
            try:
                found = client.send(Request(self.user, "get", resource, namespace, name))
            except StatusError as refused:
                if refused.reason != "NotFound":
                    return failed(refused)
                self.left.pop(0)
                continue
            except ApiError as failure:
                return failed(failure)
            if found.metadata.uid != uid:
                self.left.pop(0)
                continue
            if self.until and now >= self.until:
                what = f"{resource.plural}/{name}" if not resource.group else f"{discovery.label(resource)}/{name}"
                return Poll(err=(f"error: timed out waiting for the condition on {what}",), done=True, code=1)
            return Poll()
        return Poll(done=True)

    def interrupt(self) -> Poll:
        """Ctrl-C: the deletion goes on without us."""
        return INTERRUPTED

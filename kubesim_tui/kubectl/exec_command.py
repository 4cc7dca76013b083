"""kubectl exec: run a command in a container; a job while it runs.

The command's output comes when it has ended. There is no terminal inside a container: -t gets the warning that kubectl
prints when its input is no terminal.
"""

from __future__ import annotations

from typing import Any

from attrs import define

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import builder, choose_pod, jobs
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error, usage
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.result import Config, Poll

NO_TTY = "Unable to use a TTY - input is not a terminal or the right kind of file"


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    named = flags.args if flags.dash < 0 else flags.args[: flags.dash]
    command = [] if flags.dash < 0 else flags.args[flags.dash :]
    if len(named) > 1:
        raise usage("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead", "exec")
    if not named and not flags["filename"]:
        raise error("pod, type/name or --filename must be specified")
    if not command:
        raise error("you must specify at least one command for the container")
    body = {"command": command, "stdin": _stdin(env)}
    info = _object(env, named)
    if isinstance(info.object, Pod):
        jobs.begin(env, Exec(flags, env.config, info.namespace, info.name, "", body, 0))
        return
    selector = choose_pod.selector_of(info, "attach to")
    until = jobs.deadline(env, "pod-running-timeout")
    jobs.begin(env, Exec(flags, env.config, info.namespace, "", selector, body, until))


def _stdin(env: Env) -> str:
    if not env.flags["stdin"]:
        return ""
    try:
        return env.terminal.read("-")
    except OSError:
        return ""


def _object(env: Env, named: list[str]) -> builder.Info:
    words = [] if not named else named[:1] if "/" in named[0] else ["pods", named[0]]
    infos, failures = builder.chosen(env, words)
    builder.finish(failures)
    return infos[0]


@define
class Exec:
    """A command that runs. pod "" until one of the selector's has been found."""

    flags: Flags
    config: Config
    namespace: str
    pod: str
    selector: str
    body: dict[str, Any]
    until: int

    def poll(self, client: Client, now: int) -> Poll:
        """Find the Pod, start the command, ask what has become of it."""
        env = jobs.resumed(client, now, self.config, self.flags)
        try:
            if not self.pod and not self._find(env):
                return Poll()
            done = self._ask(env)
        except (ApiError, Fail) as failure:
            env.failed(failure)
            done = True
        return Poll(tuple(env.out), tuple(env.err), done, env.code)

    def interrupt(self) -> Poll:
        """Ctrl-C: the command in the container goes on, as it does without a terminal."""
        return jobs.INTERRUPTED

    def _find(self, env: Env) -> bool:
        pods = choose_pod.for_exec(choose_pod.pods_of(env, self.namespace, self.selector))
        if pods:
            self.pod = pods[0].metadata.name
        elif self.until and env.now >= self.until:
            raise error("timed out waiting for the condition")
        return bool(pods)

    def _ask(self, env: Env) -> bool:
        if "container" not in self.body:
            self.body = {**self.body, "container": self._container(env)}
        try:
            pods = for_plural("pods")
            answer = env.send("create", pods, self.namespace, self.pod, subresource="exec", body=self.body)
        except StatusError as refused:
            if refused.reason == "InternalError":
                raise error(refused.message) from None  # comes through the stream, without "from server"
            raise
        if "execution" in answer:
            self.body = {**self.body, "execution": answer["execution"]}
            return False
        env.say_raw(answer.get("stdout") or "")
        if answer.get("stderr"):
            env.warn(answer["stderr"])
        env.code = int(answer.get("exitCode") or 0)
        if env.code:
            env.warn(f"command terminated with exit code {env.code}")
        return True

    def _container(self, env: Env) -> str:
        pod = env.get(for_plural("pods"), self.namespace, self.pod)
        assert isinstance(pod, Pod)
        phase = pod.status.phase if pod.status is not None else ""
        if phase in ("Succeeded", "Failed"):
            raise error(f"cannot exec into a container in a completed pod; current phase is {phase}")
        name = env.flags.text("container")
        if name and not any(n == name for n, _ in choose_pod.containers(pod)):
            raise error(f"container {name} is not valid for pod {self.pod} out of: {choose_pod.all_names(pod)}")
        name = name or choose_pod.default_container(env, pod, quiet=bool(env.flags["quiet"]))
        if env.flags["tty"]:
            env.warn(NO_TTY)
        return name

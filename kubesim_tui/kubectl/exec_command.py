"""kubectl exec: run a command in a container; a job while it runs, and with -i a conversation."""

from __future__ import annotations

from typing import Any

from attrs import define

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Pod
from kubesim_tui.kubectl import builder, choose_pod, jobs
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error, usage
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.stream import Stream, StreamJob, stdin_of, without_tty


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    choose_pod.check_timeout(env)
    named = flags.args if flags.dash < 0 else flags.args[: flags.dash]
    command = [] if flags.dash < 0 else flags.args[flags.dash :]
    if len(named) > 1:
        raise usage("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead", "exec")
    if not named and not flags["filename"]:
        raise error("pod, type/name or --filename must be specified")
    if not command:
        raise error("you must specify at least one command for the container")
    info = _object(env, named)
    body = {"command": command, **stdin_of(env)}
    if isinstance(info.object, Pod):
        jobs.begin(env, Exec(flags, env.config, Stream("exec", info.namespace, info.name, body)))
        return
    selector = choose_pod.selector_of(info, "attach to")
    until = jobs.deadline(env, "pod-running-timeout")
    jobs.begin(env, Exec(flags, env.config, Stream("exec", info.namespace, "", body), selector=selector, until=until))


def _object(env: Env, named: list[str]) -> Info:
    words = [] if not named else named[:1] if "/" in named[0] else ["pods", named[0]]
    infos, failures = builder.chosen(env, words)
    builder.finish(failures)
    return infos[0]


@define(kw_only=True)
class Exec(StreamJob):
    """A command that runs. The stream has no Pod until one of the selector's has been found."""

    selector: str = ""
    until: int = jobs.NEVER

    def step(self, env: Env, **said: Any) -> bool:
        """Find the Pod, start the command, ask what has become of it."""
        stream = self.stream
        if not stream.pod and not choose_pod.found(env, stream, self.selector, self.until):
            return False
        if "container" not in stream.body:
            stream.body = {**stream.body, "container": container(env, stream)}
            without_tty(env, stream.body)
        if not self.speak(env, **said):
            return False
        env.code = stream.code or 0
        if env.code:
            env.warn(f"command terminated with exit code {env.code}")
        return True


def container(env: Env, stream: Stream) -> str:
    """The container that is meant. Fail where none can run a command any more."""
    pod = env.get(for_plural("pods"), stream.namespace, stream.pod)
    assert isinstance(pod, Pod)
    phase = pod.status.phase if pod.status is not None else ""
    if phase in ("Succeeded", "Failed"):
        raise error(f"cannot exec into a container in a completed pod; current phase is {phase}")
    return choose_pod.container_of(env, pod, env.flags.text("container"), quiet=bool(env.flags["quiet"]))

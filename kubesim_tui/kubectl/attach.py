"""kubectl attach: look at what a container's first process says, and with -i type into it.

`Attach` is also what `run` and `debug` do once their container runs.
"""

from __future__ import annotations

from typing import Any

from attrs import define

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Container, Pod
from kubesim_tui.kubectl import builder, choose_pod, jobs
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.log_source import Source
from kubesim_tui.kubectl.stream import Stream, StreamJob, stdin_of, without_tty

PROMPT = (
    "All commands and output from this session will be recorded in container logs, including credentials and sensitive "
    "information passed through the command prompt.\n"
    "If you don't see a command prompt, try pressing enter."
)
COMPLETED = ("Succeeded", "Failed")


def run(env: Env) -> None:
    """The command."""
    args = env.flags.args
    choose_pod.check_timeout(env)
    if not args:
        raise error("at least 1 argument is required for attach")
    if len(args) > 2:
        raise error(f"expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {len(args)}: [{' '.join(args)}]")
    infos, failures = builder.chosen(env, args if len(args) == 2 or "/" in args[0] else ["pods", args[0]])
    builder.finish(failures)
    info = infos[0]
    isa_pod = isinstance(info.object, Pod)
    selector = "" if isa_pod else choose_pod.selector_of(info, "attach to")
    stream = Stream("attach", info.namespace, info.name if isa_pod else "", stdin_of(env))
    until = jobs.deadline(env, "pod-running-timeout")
    jobs.begin(env, Attach(env.flags, env.config, stream, selector=selector, until=until))


@define(kw_only=True)
class Attach(StreamJob):
    """See the module. The stream has no Pod until one of the selector's has been found."""

    selector: str = ""
    until: int = jobs.NEVER
    begun: bool = False
    ephemeral: bool = False  # what it is attached to

    def step(self, env: Env, **said: Any) -> bool:
        """Find the Pod and its container, then look on."""
        return self.look_on(env, **said)

    def look_on(self, env: Env, **said: Any) -> bool:
        """The same for those whose steps have more to do."""
        stream = self.stream
        if not stream.pod and not choose_pod.found(env, stream, self.selector, self.until):
            return False
        if not self.begun:
            self.begin(env, _pod(env, stream))
        return self.speak(env, **said)

    def begin(self, env: Env, pod: Pod) -> None:
        """Say what is said before anything is seen. Fail if nothing can be attached to."""
        phase = pod.status.phase if pod.status is not None else ""
        if phase in COMPLETED:
            raise error(f"cannot attach a container in a completed pod; current phase is {phase}")
        flags, body = env.flags, self.stream.body
        try:
            wanted = str(body.get("container") or "") or flags.text("container")
            name = choose_pod.container_of(env, pod, wanted, quiet=bool(flags["quiet"]))
        except Fail as failure:
            raise error(f"cannot attach to the container: {failure.text.removeprefix('error: ')}") from None
        container, self.ephemeral = _spec_of(pod, name)
        if not flags["tty"] or container.tty:
            without_tty(env, body)
        elif not flags["quiet"]:
            env.warn(f"error: Unable to use a TTY - container {name} did not allocate one")
        self.stream.body = {**body, "container": name, "tty": bool(container.tty)}
        self.begun = True
        if not flags["quiet"]:
            env.warn(PROMPT)

    def step_or_log(self, env: Env, **said: Any) -> bool:
        """The same, but where nothing can be attached to, the log is shown."""
        try:
            return self.look_on(env, **said)
        except Fail as failure:
            why = failure.text.removeprefix("error: ")
            env.warn(f"warning: couldn't attach to pod/{self.stream.pod}, falling back to streaming logs: {why}")
            self.begun = False
            self.log(env, _pod(env, self.stream))
            return True

    def log(self, env: Env, pod: Pod) -> None:
        """Show what the container has said so far."""
        named = str(self.stream.body.get("container") or "")
        name = choose_pod.container_of(env, pod, named, quiet=bool(env.flags["quiet"]))
        env.out += Source(self.stream.namespace, self.stream.pod, name).read(env)

    def over(self, env: Env) -> None:
        """Say how to come back."""
        body, stream = self.stream.body, self.stream
        if not self.begun or env.flags["quiet"] or not (body.get("held") and body["tty"]):
            return
        again = f"'kubectl attach {stream.pod} -c {body['container']} -n {stream.namespace} -i -t'"
        if self.ephemeral:
            env.say(
                "Session ended, the ephemeral container will not be restarted but may be reattached using "
                f"{again} if it is still running"
            )
        else:
            env.say(f"Session ended, resume using {again} command")


def _pod(env: Env, stream: Stream) -> Pod:
    pod = env.get(for_plural("pods"), stream.namespace, stream.pod)
    assert isinstance(pod, Pod)
    return pod


def _spec_of(pod: Pod, name: str) -> tuple[Container, bool]:
    """A container's spec, and whether it is an ephemeral one."""
    assert pod.spec is not None
    known = (*pod.spec.containers, *pod.spec.init_containers, *pod.spec.ephemeral_containers)
    found = next(c for c in known if c.name == name)
    return found, any(c is found for c in pod.spec.ephemeral_containers)

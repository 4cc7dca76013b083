"""A stream to a container, which `exec`, `attach`, `run` and `debug` have in common: what it says, and typing into it.

The stream itself lives in the kubelet; here is what one must say to be known there again (`state`), as plain data.
"""

from __future__ import annotations

from typing import Any

from attrs import define, field

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import jobs
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.result import Config, Poll, is_terminal

NO_TTY = "Unable to use a TTY - input is not a terminal or the right kind of file"
Body = dict[str, Any]


def stdin_of(env: Env) -> Body:
    """What the flags -i and -t, and the player's own standard input, make of that of the command."""
    if not env.flags["stdin"]:
        return {"stdin": ""}
    try:
        given = env.terminal.read("-")
    except OSError:
        given = ""
    typing = is_terminal(env.terminal) and not given
    return {"held": True, "tty": bool(env.flags["tty"])} if typing else {"stdin": given}


def without_tty(env: Env, stdin: Body) -> None:
    """Say that there is no terminal, where -i and -t want one."""
    if env.flags["stdin"] and env.flags["tty"] and not stdin.get("held") and not env.flags["quiet"]:
        env.warn(NO_TTY)


def not_upgraded(refused: StatusError) -> str:
    """How kubectl words that no stream came about; what went wrong at its other end comes through it, as it is."""
    if refused.reason == "InternalError" and "error dialing backend" not in refused.message:
        return refused.message
    return f"unable to upgrade connection: {refused.message}"


@define
class Stream:
    """See the module. `call`: exec or attach; `body`: what is said when it begins."""

    call: str
    namespace: str
    pod: str
    body: Body
    state: Body = field(factory=dict)
    partial: str = ""
    code: int | None = None
    ended: bool = False

    @property
    def listens(self) -> bool:
        """Whether it can be typed into now."""
        return bool(self.state) and bool(self.body.get("held")) and not self.ended

    def ask(self, env: Env, **said: Any) -> Body:
        """Begin, or say something: what is answered."""
        body, pods = {**self.body, **self.state, **said}, for_plural("pods")
        try:
            answer: Body = env.send("create", pods, self.namespace, self.pod, subresource=self.call, body=body)
        except StatusError as refused:
            raise error(not_upgraded(refused)) from None
        self.state = {k: answer[k] for k in ("execution", "attachment") if k in answer}
        self.partial, self.code, self.ended = str(answer.get("partial", "")), answer.get("exitCode"), not self.state
        return answer

    def go_on(self, env: Env, **said: Any) -> Body:
        """The same, and print it."""
        answer = self.ask(env, **said)
        env.say_raw(str(answer.get("stdout") or ""))
        if answer.get("stderr"):
            env.warn(str(answer["stderr"]))
        return answer


@define
class StreamJob:
    """A job that is, or will be, a stream."""

    flags: Flags
    config: Config
    stream: Stream
    idle: bool = True  # the last interruption found nothing to end

    @property
    def typing(self) -> bool:
        """See Conversation."""
        return self.stream.listens

    @property
    def prompt(self) -> str:
        """See Conversation."""
        return self.stream.partial

    def poll(self, client: Client, now: int) -> Poll:
        """What it has said since."""
        return self._within(client, now)

    def typed(self, text: str, client: Client, now: int) -> Poll:
        """See Conversation."""
        return self._within(client, now, input=f"{text}\n")

    def closed(self, client: Client, now: int) -> Poll:
        """See Conversation."""
        return self._within(client, now, close=True)

    def interrupted(self, client: Client, now: int) -> Poll:
        """See Conversation. Who leaves leaves nothing behind in the container."""
        poll = self._within(client, now, interrupt=True)
        if poll.done or not self.idle:
            return poll
        last = self._within(client, now, leaving=True, close=True)
        return Poll((*poll.out, *last.out), (*poll.err, *last.err), True, jobs.INTERRUPTED.code)

    def interrupt(self) -> Poll:
        """Ctrl-C while nothing can be typed: the command in the container goes on."""
        return jobs.INTERRUPTED

    def _within(self, client: Client, now: int, *, leaving: bool = False, **said: Any) -> Poll:
        env = jobs.resumed(client, now, self.config, self.flags)
        try:
            done = self.step(env, **said) or leaving
        except (ApiError, Fail) as failure:
            env.failed(failure)
            done = True
        if done:
            self.over(env)
        return Poll(tuple(env.out), tuple(env.err), done, env.code)

    def step(self, env: Env, **said: Any) -> bool:
        """Go on; True at the end."""
        raise NotImplementedError

    def over(self, env: Env) -> None:
        """It has ended."""

    def speak(self, env: Env, **said: Any) -> bool:
        """Say something into the stream; True if it has ended."""
        answer = self.stream.go_on(env, **said)
        self.idle = bool(answer.get("idle"))
        return self.stream.ended

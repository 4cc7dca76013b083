"""The log of one container, as kubectl asks for it and shows it; and how far a follower has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, frozen

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.times import format_time, parse_time
from kubesim_tui.api.types import ContainerStatus, Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl import choose_pod
from kubesim_tui.kubectl.env import Env

SELECTED = 10
"""Lines of each container that -l shows."""
SECOND = 1_000_000_000
Line = tuple[int, str]


@frozen
class Source:
    """One container's log."""

    namespace: str
    pod: str
    container: str

    def ask(self, env: Env, **body: Any) -> list[Line]:
        """(Unix second, text) of lines; ApiError."""
        body = {"container": self.container, **body}
        answer = env.send("get", for_plural("pods"), self.namespace, self.pod, subresource="log", body=body)
        return [(int(time), str(text)) for time, text in answer]

    def read(self, env: Env) -> list[str]:
        """What the flags ask for, as text."""
        flags = env.flags
        body: dict[str, Any] = {"previous": bool(flags["previous"]), "timestamps": bool(flags["timestamps"])}
        if (lines := tail(env)) is not None:
            body["tailLines"] = lines
        if flags["since"]:
            body["sinceSeconds"] = max(1, (flags["since"] + SECOND // 2) // SECOND)
        elif flags.text("since-time"):
            body["sinceSeconds"] = max(1, env.now - parse_time(flags.text("since-time")))
        return self.shown(env, self.ask(env, **body))

    def shown(self, env: Env, lines: Sequence[Line]) -> list[str]:
        """Lines with their times, and with the container's name, if that is asked for."""
        stamped = [f"{_stamp(time)} {text}" if env.flags["timestamps"] else text for time, text in lines]
        if limit := env.flags["limit-bytes"]:
            stamped = _cut(stamped, limit)
        if not env.flags["prefix"] and not env.flags["all-pods"]:
            return stamped
        return [f"[pod/{self.pod}/{self.container}] {text}" for text in stamped]


def tail(env: Env) -> int | None:
    """How many of the last lines are wanted; None: all."""
    if env.flags["tail"] not in (None, -1):
        return int(env.flags["tail"])
    return SELECTED if env.flags.text("selector") and not env.flags.given("tail") else None


def _stamp(time: int) -> str:
    return f"{format_time(time)[:-1]}.000000000Z"


def _cut(lines: Sequence[str], limit: int) -> list[str]:
    text = "".join(f"{line}\n" for line in lines).encode()[:limit].decode(errors="ignore")
    return text.removesuffix("\n").split("\n") if text else []


@define
class Reader:
    """A source, and how far it has been read: to the `seen`-th line of a tick."""

    source: Source
    container_id: str = ""
    tick: int = 0
    seen: int = 0
    ended: bool = False

    def begin(self, env: Env) -> list[str]:
        """The lines that are there."""
        status = self._status(env)
        lines = self.source.read(env)
        self.container_id = status.container_id if status is not None else ""
        self.ended = not _running(status)
        self._mark(env, self.source.ask(env, sinceTick=_tick(env), previous=bool(env.flags["previous"])))
        return lines

    def more(self, env: Env) -> list[str]:
        """The lines since then; afterwards `ended` tells whether the container has."""
        try:
            status = self._status(env)
        except StatusError as refused:
            if refused.reason != "NotFound":
                raise
            self.ended = True
            return []
        other = status is not None and status.container_id != self.container_id
        self.ended = other or not _running(status)
        lines = self.source.ask(env, sinceTick=self.tick, previous=other)
        new = lines[self.seen :]
        self._mark(env, lines)
        return self.source.shown(env, new)

    def _mark(self, env: Env, lines: Sequence[Line]) -> None:
        self.tick = _tick(env)
        self.seen = sum(time == env.now for time, _ in lines)

    def _status(self, env: Env) -> ContainerStatus | None:
        pod = env.get(for_plural("pods"), self.source.namespace, self.source.pod)
        assert isinstance(pod, Pod)
        return choose_pod.status_of(pod, self.source.container)


def _tick(env: Env) -> int:
    return env.client.server.etcd.clock.tick


def _running(status: ContainerStatus | None) -> bool:
    return status is not None and status.state is not None and status.state.running is not None

"""kubectl logs: what containers have written; with --follow, a job that goes on until they end."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.times import parse_time
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import builder, choose_pod, fail, jobs
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error, usage
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.log_source import Reader, Source
from kubesim_tui.kubectl.result import Config, Poll

USAGE = (
    "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\n"
    "POD or TYPE/NAME is a required argument for the logs command"
)
ORDER = ("init", "", "ephem")
"""Of containers whose logs are shown together."""


def run(env: Env) -> None:
    """The command."""
    args, selector = env.flags.args, env.flags.text("selector")
    if len(args) > 2 or (not args and not selector):
        raise usage(USAGE, "logs")
    if len(args) == 1 and selector:
        raise usage("only a selector (-l) or a POD name is allowed", "logs")
    if selector:
        pods = [i.object for i in builder.listed(env, for_plural("pods")) if isinstance(i.object, Pod)]
        check(env)
        if not pods:
            env.warn(f"No resources found in {env.namespace} namespace.")
        begin(env, pods)
        return
    info = _object(env, args[0])
    check(env)
    if isinstance(info.object, Pod):
        begin(env, [info.object])
        return
    chosen = choose_pod.selector_of(info, "get the logs from")
    jobs.begin(env, First(env.flags, env.config, info.namespace, chosen, jobs.deadline(env, "pod-running-timeout")))


def check(env: Env) -> None:
    """Flags that exclude each other."""
    flags = env.flags
    named = _named(env)
    if flags["pod-running-timeout"] <= 0:
        raise error("--pod-running-timeout must be higher than zero")
    if flags.text("since-time") and flags["since"]:
        raise error("at most one of `sinceTime` or `sinceSeconds` may be specified")
    if flags["all-containers"] and named:
        raise error(f"--all-containers=true should not be specified with container name {named}")
    if flags.given("container") and len(flags.args) == 2:
        raise error("only one of -c or an inline [CONTAINER] arg is allowed")
    if flags["limit-bytes"] < 0:
        raise error("--limit-bytes must be greater than 0")
    if flags["since"] < 0:
        raise error("--since must be greater than 0")
    if flags["tail"] < -1:
        raise error("--tail must be greater than or equal to -1")
    if text := flags.text("since-time"):
        try:
            parse_time(text)
        except ValueError as wrong:
            raise error(str(wrong)) from None


def _named(env: Env) -> str:
    """The container that is named, if any."""
    return env.flags.args[1] if len(env.flags.args) == 2 else env.flags.text("container")


def _object(env: Env, word: str) -> Info:
    """The Pod or workload that is named."""
    infos, failures = builder.chosen(env, [word] if "/" in word else ["pods", word])
    if len(failures) == 1 and isinstance(failures[0], StatusError) and failures[0].reason == "NotFound":
        raise error(f'error from server (NotFound): {failures[0].message} in namespace "{env.namespace}"')
    builder.finish(failures)
    if len(infos) != 1:
        raise error("expected a resource")
    return infos[0]


def begin(env: Env, pods: Sequence[Pod]) -> None:
    """Show the logs of Pods; with --follow, leave a job."""
    sources = [s for pod in pods for s in sources_of(env, pod)]
    if not env.flags["follow"]:
        for source in sources:
            _once(env, source)
        return
    most = env.flags["max-log-requests"]
    if 1 < len(sources) > most:
        raise error(
            f"you are attempting to follow {len(sources)} log streams, but maximum allowed concurrency is {most}, use "
            "--max-log-requests to increase the limit"
        )
    jobs.begin(env, Follow(env.flags, env.config, [Reader(s) for s in sources]))


def sources_of(env: Env, pod: Pod) -> list[Source]:
    """The containers of a Pod whose logs are wanted. Fail if one is named that is not there."""
    meta = pod.metadata
    if env.flags["all-containers"]:
        names = sorted(choose_pod.containers(pod), key=lambda row: ORDER.index(row[1]))
        return [Source(meta.namespace, meta.name, n) for n, _ in names]
    return [Source(meta.namespace, meta.name, choose_pod.container_of(env, pod, _named(env)))]


def _once(env: Env, source: Source) -> None:
    try:
        env.out += source.read(env)
    except ApiError as failure:
        _tell(env, failure)


def _tell(env: Env, failure: ApiError) -> None:
    """A log that cannot be read ends the command, unless --ignore-errors."""
    if not env.flags["ignore-errors"]:
        raise Fail(fail.describe(failure)) from None
    env.say(f"error: {fail.plain(failure)}")


@define
class Follow:
    """Read on from several logs until their containers have ended."""

    flags: Flags
    config: Config
    readers: list[Reader]
    begun: bool = False

    def poll(self, client: Client, now: int) -> Poll:
        """New lines."""
        env = jobs.resumed(client, now, self.config, self.flags)
        first, self.begun = not self.begun, True
        try:
            for reader in self.readers:
                self._read(env, reader, first)
        except Fail as failure:
            env.failed(failure)
            return Poll(tuple(env.out), tuple(env.err), True, failure.code)
        self.readers = [r for r in self.readers if not r.ended]
        return Poll(tuple(env.out), tuple(env.err), not self.readers)

    def _read(self, env: Env, reader: Reader, first: bool) -> None:
        try:
            env.out += reader.begin(env) if first else reader.more(env)
        except ApiError as failure:
            reader.ended = True
            _tell(env, failure)

    def interrupt(self) -> Poll:
        """Ctrl-C."""
        return jobs.INTERRUPTED


@define
class First:
    """Wait until a workload has a Pod (at most --pod-running-timeout), then show the log of the best one."""

    flags: Flags
    config: Config
    namespace: str
    selector: str
    until: int
    follow: Follow | None = None

    def poll(self, client: Client, now: int) -> Poll:
        """Look for Pods, or read on."""
        if self.follow is not None:
            return self.follow.poll(client, now)
        env = jobs.resumed(client, now, self.config, self.flags)
        pods = choose_pod.for_logs(choose_pod.pods_of(env, self.namespace, self.selector))
        if not pods:
            late = bool(self.until) and now >= self.until
            return Poll(err=("error: timed out waiting for the condition",), done=True, code=1) if late else Poll()
        try:
            self._show(env, pods)
        except (ApiError, Fail) as failure:
            env.failed(failure)
        return Poll(tuple(env.out), tuple(env.err), env.job is None, env.code)

    def _show(self, env: Env, pods: list[Pod]) -> None:
        if self.flags["all-pods"]:
            begin(env, sorted(pods, key=lambda p: p.metadata.name))
        else:
            if len(pods) > 1:
                env.warn(f"Found {len(pods)} pods, using pod/{pods[0].metadata.name}")
            begin(env, pods[:1])
        self.follow = env.job if isinstance(env.job, Follow) else None

    def interrupt(self) -> Poll:
        """Ctrl-C."""
        return jobs.INTERRUPTED

"""kubectl wait: go on when objects meet a condition, one after the other; at most --timeout (30 s)."""

from __future__ import annotations

from attrs import Factory, define, frozen

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import builder, fail, jobs, output
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.result import Config, Poll
from kubesim_tui.kubectl.wait_conditions import For, Unmeetable, parse

WEEK = 168 * 3600
LOCAL = (
    "you must specify resources by --filename when --local is set.\n"
    "Example resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'"
)
LATE = "timed out waiting for the condition"


def run(env: Env) -> None:
    """The command."""
    conditions = [parse(text) for text in env.flags["for"] or ()]
    if not conditions:
        raise error("unrecognized condition: []")
    if env.flags["local"] and not env.flags["filename"]:
        raise error(LOCAL)
    if any("/" in word for word in env.flags.args) and (env.flags.text("selector") or env.flags.text("field-selector")):
        raise error("selectors and the all flag cannot be used when passing resource/name arguments")
    nanoseconds = env.flags["timeout"]
    until = env.now + WEEK if nanoseconds < 0 else jobs.deadline(env) if nanoseconds else env.now
    job = Wait(env.flags, env.config, conditions, until)
    if job.waits_for("create") and not env.flags["filename"]:
        _found(env)  # words that name no type are an error at once
    else:
        job.begin(env)
    jobs.begin(env, job)


def _found(env: Env) -> tuple[list[Info], list[ApiError | Fail]]:
    return builder.chosen(env, env.flags.args, select_all=bool(env.flags["all"]))


def _not_found(failure: ApiError | Fail) -> bool:
    return isinstance(failure, StatusError) and failure.reason == "NotFound"


@frozen
class Target:
    """An object to wait for."""

    resource: Resource
    namespace: str
    name: str
    uid: str


@define
class Wait:
    """The objects still to be waited for; all share one deadline. left None: what is to be created is not there yet."""

    flags: Flags
    config: Config
    conditions: list[For]
    until: int
    left: list[Target] | None = None
    failures: list[str] = Factory(list)
    met: list[int] = Factory(list)  # which conditions the first object has met

    def waits_for(self, kind: str) -> bool:
        """Whether a condition of a kind is among those asked for."""
        return any(c.kind == kind for c in self.conditions)

    def begin(self, env: Env) -> None:
        """Look which objects are meant. Fail if there is none."""
        infos, failures = _found(env)
        if self.waits_for("delete"):
            failures = [f for f in failures if not _not_found(f)]
        elif not infos and not failures:
            raise error("no matching resources found")
        self.failures = [_text(f) for f in failures]
        self.left = [_target(i) for i in infos]

    def poll(self, client: Client, now: int) -> Poll:
        """Ask for one object after the other."""
        env = jobs.resumed(client, now, self.config, self.flags)
        try:
            if self.left is None and not self._created(env):
                if now < self.until:
                    return Poll()
                raise error(LATE)
        except Fail as failure:
            env.failed(failure)
            return Poll(tuple(env.out), tuple(env.err), True, 1)
        while self.left:
            try:
                if not self._settled(env, self.left[0]):
                    return Poll(tuple(env.out), tuple(env.err))
            except (ApiError, Fail) as failure:
                self.failures = [*self.failures, _text(failure)]
            self.left, self.met = self.left[1:], []
        if self.failures:
            env.failed(fail.several([Fail(text) for text in self.failures]))
        return Poll(tuple(env.out), tuple(env.err), True, env.code)

    def interrupt(self) -> Poll:
        """Ctrl-C."""
        return jobs.INTERRUPTED

    def _created(self, env: Env) -> bool:
        infos, failures = _found(env)
        if len(failures) > 1:
            raise fail.several(failures)  # of several together kubectl does not see that they are only not there yet
        if not infos or any(_not_found(f) for f in failures):
            return False
        self.left = [_target(i) for i in infos]
        return True

    def _settled(self, env: Env, target: Target) -> bool:
        """Whether an object is done with; Fail if it has not become so in time: then the others have no time left."""
        if self.failures and env.now >= self.until and self.flags["timeout"]:
            raise self._late(target)
        for at, condition in enumerate(self.conditions):
            if at in self.met:
                continue
            if not _holds(env, target, condition):
                if env.now < self.until:
                    return False
                raise self._late(target)
            self.met = [*self.met, at]
        return True

    def _late(self, target: Target) -> Fail:
        what = f"{target.resource.plural}/{target.name}"
        return error(f"{LATE} on {what}" if self.flags["timeout"] else f"condition not met for {what}")


def _text(failure: ApiError | Fail) -> str:
    return failure.text if isinstance(failure, Fail) else fail.describe(failure)


def _target(info: Info) -> Target:
    uid = info.object.metadata.uid if info.object is not None else ""
    return Target(info.resource, info.namespace, info.name, uid)


def _holds(env: Env, target: Target, condition: For) -> bool:
    """Whether an object meets a condition now; if so, say it."""
    try:
        found = env.get(target.resource, target.namespace, target.name)
    except StatusError as refused:
        if refused.reason != "NotFound":
            raise
        if condition.kind == "delete":
            _say(env, target, {"metadata": {"name": target.name}})
        return condition.kind == "delete"
    data = data_of(found)
    if condition.kind == "delete":
        holds = bool(target.uid) and found.metadata.uid != target.uid
    else:
        try:
            holds = condition.kind == "create" or condition.met(data)
        except Unmeetable as why:
            raise error(str(why)) from None
    if holds:
        _say(env, target, data)
    return holds


def _say(env: Env, target: Target, data: dict[str, object]) -> None:
    output.report(env, target.resource, data, "condition met", dry=False)

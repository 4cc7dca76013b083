"""kubectl events: what has happened, oldest first; with --watch, what happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import discovery, event_words, jobs, output, tabwriter, watching
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error, no_match
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.result import Config, Grid, Poll

Data = dict[str, Any]
TYPES = ("normal", "warning")
HEADERS = ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if any(t.lower() not in TYPES for t in flags["types"] or ()):
        raise error("valid --types are Normal or Warning")
    fields = _about(env)
    if flags["watch"]:
        watch(env, fields)
        return
    namespace = "" if env.all_namespaces else env.namespace
    found = [data_of(o) for o in env.list(for_plural("events"), namespace, fields=fields)]
    found = sorted((e for e in found if _wanted(flags, e)), key=event_words.order)
    if not found:
        env.warn("No events found." if env.all_namespaces else f"No events found in {env.namespace} namespace.")
        return
    printer = output.printer(env)
    if printer is not None:
        env.say_raw(printer({"apiVersion": "v1", "items": found, "kind": "EventList", "metadata": {}}))
        return
    headers, body = _headers(env), [_row(env, e) for e in found]
    env.grids.append(Grid(tuple(headers), tuple(map(tuple, body))))
    env.out += tabwriter.rows([] if flags["no-headers"] else headers, body)


def _about(env: Env) -> str:
    """The field selector of --for."""
    text = env.flags.text("for")
    if not text:
        return ""
    parts = text.split("/")
    if len(parts) > 2:
        raise error("arguments in resource/name form may not have more than one slash")
    if len(parts) < 2:
        raise error("--for must be in resource/name form")
    if not all(parts):
        raise error("arguments in resource/name form must have a single resource and name")
    r = discovery.find(env.client, parts[0])
    if r is None:
        raise Fail(no_match(parts[0]))
    return f"involvedObject.kind={r.kind},involvedObject.apiVersion={r.api_version},involvedObject.name={parts[1]}"


def _wanted(flags: Flags, event: Data) -> bool:
    types = [t.lower() for t in flags["types"] or ()]
    return not types or str(event.get("type", "")).lower() in types


def _headers(env: Env) -> list[str]:
    return ["NAMESPACE", *HEADERS] if env.all_namespaces else list(HEADERS)


def _row(env: Env, event: Data) -> list[str]:
    about = event.get("involvedObject") or {}
    row = [event_words.interval(event, env.now), event.get("type", ""), event.get("reason", "")]
    row += [f"{about.get('kind', '')}/{about.get('name', '')}", str(event.get("message", "")).strip()]
    return [event["metadata"].get("namespace", ""), *row] if env.all_namespaces else row


# -- watch -----------------------------------------------------------------------------------------------------------


def watch(env: Env, fields: str) -> None:
    """The Events that are there, and a job for those that come."""
    job = Watch(env.flags, env.config, fields, watching.revision(env.client), [], False)
    namespace = "" if env.all_namespaces else env.namespace
    found = [data_of(o) for o in env.list(for_plural("events"), namespace, fields=fields)]
    env.out += job.shown(env, found)
    env.job = job


@define
class Watch:
    """A row for every Event that is made or counted up."""

    flags: Flags
    config: Config
    fields: str
    since: int
    widths: list[int]
    headed: bool

    def poll(self, client: Client, now: int) -> Poll:
        """What has come."""
        env = jobs.resumed(client, now, self.config, self.flags)
        namespace = "" if env.all_namespaces else env.namespace
        try:
            found = watching.changes(client, env.user, for_plural("events"), namespace, self.since, fields=self.fields)
        except StatusError as refused:
            return jobs.failed(refused)
        except ApiError:
            return Poll()  # the connection is tried again
        if found:
            self.since = found[-1].revision
        return Poll(tuple(self.shown(env, [data_of(c.object) for c in found if c.type != "DELETED"])))

    def shown(self, env: Env, found: Sequence[Data]) -> list[str]:
        """Lines for Events."""
        body = [_row(env, e) for e in found if _wanted(self.flags, e)]
        if not body:
            return []
        headers = [] if self.headed or self.flags["no-headers"] else _headers(env)
        self.headed = True
        return tabwriter.rows(headers, body, self.widths)

    def interrupt(self) -> Poll:
        """Ctrl-C."""
        return jobs.INTERRUPTED

"""kubectl get --watch: the table, then a row for every change."""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import builder, jobs, output, tabwriter, watching
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.grids import grid_of
from kubesim_tui.kubectl.result import Config, Poll


def watch(env: Env) -> None:
    """Show what is there, and leave a job that goes on."""
    flags = env.flags
    if not flags.args:
        raise error("Required resource not specified.")
    wanted = builder.arguments(env, flags.args, select_all=True)
    types = list(dict.fromkeys([*wanted.types, *(r for r, _ in wanted.pairs)]))
    if len(types) != 1 or len(wanted.pairs) > 1:
        raise error("you may only specify a single resource type")
    since = watching.revision(env.client)
    infos, failures = builder.collect(builder.visit(env, wanted))
    builder.finish(failures)
    name = wanted.pairs[0][1] if wanted.pairs else ""
    job = Watch(flags, env.config, types[0], name, since, [], False)
    if not flags["watch-only"]:
        env.out += job.shown(env, [("ADDED", i.object) for i in infos if i.object is not None], listed=not name)
    env.job = job


@define
class Watch:
    """Rows for changes. `widths`: how wide the columns have become."""

    flags: Flags
    config: Config
    resource: Resource
    name: str
    since: int
    widths: list[int]
    headed: bool

    def poll(self, client: Client, now: int) -> Poll:
        """The changes since the last look."""
        env = jobs.resumed(client, now, self.config, self.flags)
        namespace = "" if env.all_namespaces or not self.resource.namespaced else env.namespace
        labels, fields = env.flags.text("selector"), env.flags.text("field-selector")
        try:
            found = watching.changes(client, env.user, self.resource, namespace, self.since, labels, fields)
        except StatusError as refused:
            return jobs.failed(refused)
        except ApiError:
            return Poll()  # the connection is tried again
        if not found:
            return Poll()
        self.since = found[-1].revision
        rows = [(c.type, c.object) for c in found if not self.name or c.key[1] == self.name]
        return Poll(tuple(self.shown(env, rows)))

    def shown(self, env: Env, rows: list[tuple[str, Object]], *, listed: bool = False) -> list[str]:
        """Lines for objects, in the form that -o asks for."""
        printer = output.printer(env, get=True)
        if printer is not None:
            env.out = []
            for _, obj in rows:
                env.say_raw(printer(output.shown(env, data_of(obj))))
            return env.out
        if not rows:
            return []
        grid = grid_of(env, self.resource, [o for _, o in rows], bool(self.flags["show-kind"]), listed)
        headers, body = list(grid.headers), [list(r) for r in grid.rows]
        if self.flags["output-watch-events"]:
            headers.insert(0, "EVENT")
            for line, (kind, _) in zip(body, rows, strict=True):
                line.insert(0, kind)
        shown = [] if self.headed or self.flags["no-headers"] else headers
        self.headed = True
        return tabwriter.rows(shown, body, self.widths)

    def interrupt(self) -> Poll:
        """Ctrl-C."""
        return jobs.INTERRUPTED

"""kubectl get: objects as a table, or in whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve, frozen

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import builder, discovery, files, output, tabwriter
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.get_watch import watch
from kubesim_tui.kubectl.grids import grid_of
from kubesim_tui.kubectl.info import Info

SCALE = "autoscaling.v1.Scale"
COMPLETE_LIST = 'Use "kubectl api-resources" for a complete list of supported resources.'
NO_TYPE = f"You must specify the type of resource to get. {COMPLETE_LIST}\n\n"


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if flags.given("raw"):
        from kubesim_tui.kubectl.raw import get

        get(env)
        return
    if flags["watch"] or flags["watch-only"]:
        watch(env)
        return
    if flags["output-watch-events"]:
        raise error("--output-watch-events option can only be used with --watch or --watch-only")
    printer = output.printer(env, get=True)
    asked = found(env)
    infos, failures = asked.infos, asked.failures
    if flags.text("sort-by"):
        from kubesim_tui.kubectl.sorting import by_path

        infos = by_path(infos, flags.text("sort-by"))
    if printer is not None:
        _whole(env, printer, infos, asked.single)
    else:
        show(env, infos, with_kind=asked.kinds > 1, listed=asked.listed)
        if not infos and not failures and not flags["ignore-not-found"]:
            env.warn(nothing(env))
    builder.finish(failures)


@frozen
class Found:
    """What is there of what was asked for."""

    infos: list[Info]
    failures: list[ApiError | Fail]
    single: bool  # one object was asked for, by its name
    kinds: int  # of how many types there are lists or objects
    listed: bool  # by a list, not each by its name


def found(env: Env) -> Found:
    """Ask for what the arguments or files name."""
    flags = env.flags
    if files.named(env):
        infos, failures = builder.chosen(env, flags.args)
        return Found(infos, _lost(env, failures), len(infos) == 1, len({i.resource for i in infos}), listed=False)
    if not flags.args:
        env.warn(NO_TYPE)
        hint = (
            'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).'
        )
        raise error(f"Required resource not specified.\n{hint}\nSee 'kubectl get -h' for help and examples")
    wanted = builder.arguments(env, flags.args, select_all=True)
    if flags.text("subresource"):
        infos, failures = _subresources(env, wanted)
    else:
        infos, failures = builder.collect(builder.visit(env, wanted))
    kinds = len({*wanted.types, *(i.resource for i in infos)})
    return Found(infos, _lost(env, failures), wanted.single, kinds, wanted.listed)


def _subresources(env: Env, wanted: builder.Wanted) -> tuple[list[Info], list[ApiError | Fail]]:
    """--subresource: the scale or status of objects that are named."""
    if wanted.types:
        raise error("subresource cannot be used when bulk resources are specified")
    name = env.flags.text("subresource")
    infos: list[Info] = []
    failures: list[ApiError | Fail] = []
    for resource, of in wanted.pairs:
        namespace = env.namespace if resource.namespaced else ""
        try:
            obj = env.send("get", resource, namespace, of, subresource=name)
        except ApiError as failure:
            failures.append(failure)
            continue
        shown = evolve(resource, definition=SCALE, group="autoscaling", kind="Scale") if name == "scale" else resource
        infos.append(Info(shown, namespace, of, obj))
    return infos, failures


def _lost(env: Env, failures: list[ApiError | Fail]) -> list[ApiError | Fail]:
    """The failures that count: with --ignore-not-found what is not there does not."""
    if not env.flags["ignore-not-found"]:
        return failures
    return [f for f in failures if not (isinstance(f, StatusError) and f.reason == "NotFound")]


def nothing(env: Env) -> str:
    """What is said when there is nothing to show."""
    args = env.flags.args
    types = discovery.expand(env.client, args[0]) if args and "/" not in args[0] else []
    cluster = bool(types) and not any(r.namespaced for r in types)
    return (
        "No resources found" if env.all_namespaces or cluster else f"No resources found in {env.namespace} namespace."
    )


def _whole(env: Env, printer: output.Printer, infos: Sequence[Info], single: bool) -> None:
    items = [output.shown(env, _data(i)) for i in infos]
    if single:
        if items:
            env.say_raw(printer(items[0]))
        return
    env.say_raw(printer(output.list_of(items)))


def _data(info: Info) -> dict[str, Any]:
    assert info.object is not None
    return data_of(info.object)


# -- tables ----------------------------------------------------------------------------------------------------------


def show(env: Env, infos: Sequence[Info], *, with_kind: bool, listed: bool) -> None:
    """Objects as tables, one a type, a blank line between them."""
    groups: dict[Resource, list[Object]] = {}
    for info in infos:
        assert info.object is not None
        groups.setdefault(info.resource, []).append(info.object)
    with_kind = with_kind or bool(env.flags["show-kind"])
    for i, (resource, objects) in enumerate(groups.items()):
        if i and not env.flags["no-headers"]:
            env.say("")
        grid = grid_of(env, resource, objects, with_kind, listed)
        env.grids.append(grid)
        env.out += tabwriter.rows([] if env.flags["no-headers"] else grid.headers, grid.rows)

"""Change live objects: read, change the JSON, send the difference as a strategic patch (what `kubectl set` does)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kubesim_tui.api.frozen import thaw
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.patch import json_merge
from kubesim_tui.apiserver.validation import strict
from kubesim_tui.kubectl import builder, output, record
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.merge.diff import two_way

Data = dict[str, Any]
TEMPLATES = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController")


class NoTemplate(Exception):
    """An object without a Pod template."""


class NotFor(Exception):
    """What a change says of an object that it cannot change."""


def patch_between(info: Info, old: Data, new: Data) -> tuple[Data, str]:
    """(the patch from one state to the other, its kind)."""
    if "." in info.resource.definition:
        return two_way(info.resource.definition, old, new), "strategic"
    return json_merge.diff(old, new), "merge"


def each(
    env: Env,
    infos: list[Info],
    failures: list[ApiError | Fail],
    change: Callable[[Data], None],
    done: str,
    failing: str = "",
) -> None:
    """Change every object and say `done` of those that are different then; `failing` stands before a refusal."""
    for info in infos:
        try:
            one(env, info, change, done)
        except StatusError as refused:
            failures.append(error(f"{failing}{refused.message}") if failing else refused)
        except (ApiError, Fail) as failure:
            failures.append(failure)
    builder.finish(failures)


def one(env: Env, info: Info, change: Callable[[Data], None], done: str, *, always: bool = False) -> None:
    """Change one object. `always`: say so even if it is the same afterwards."""
    old = original(info)
    new = thaw(old)
    try:
        change(new)
    except NotFor as wrong:
        raise error(f"{info.resource.plural}/{info.name} {wrong}") from None
    except NoTemplate:
        kind = f"*v1.{info.resource.kind}"
        raise error(
            f"{info.resource.plural}/{info.name} the object is not a pod or does not have a pod template: {kind}"
        ) from None
    new = record.annotated(env, new)
    patch, kind = patch_between(info, old, new)
    if env.flags["local"] or env.dry_run() == "client":
        output.report(env, info.resource, new, done)
        return
    if not patch and not always:
        return
    made = env.patch(info.resource, info.namespace, info.name, patch, kind, env.options())
    output.report(env, info.resource, data_of(made), done)


def original(info: Info) -> Data:
    """The object's JSON. Fail for a manifest of wrong types: a change looks into it before the API server does."""
    if info.object is not None:
        return data_of(info.object)
    assert info.data is not None
    if "." in info.resource.definition:
        _, found = strict.in_form(thaw(info.data), info.resource.definition)
        if found.wrong:
            raise error(f'unable to decode "{info.source}": {found.worst}')
    return info.data


def pod_spec(data: Data) -> Data:
    """The Pod spec in a Pod or a workload; NoTemplate if the kind has none."""
    spec = data.setdefault("spec", {})
    if data.get("kind") == "Pod":
        pod: Data = spec
        return pod
    if data.get("kind") == "CronJob":
        spec = spec.setdefault("jobTemplate", {}).setdefault("spec", {})
    elif data.get("kind") not in TEMPLATES:
        raise NoTemplate
    found: Data = spec.setdefault("template", {}).setdefault("spec", {})
    return found


def containers(spec: Data) -> Iterator[Data]:
    """Init containers and containers."""
    yield from spec.get("initContainers") or ()
    yield from spec.get("containers") or ()


def selected(spec: Data, pattern: str) -> list[Data]:
    """The containers whose names match a pattern with `*`."""
    import fnmatch

    return [c for c in containers(spec) if fnmatch.fnmatchcase(c.get("name", ""), pattern)]


def split_arguments(args: list[str], what: str) -> tuple[list[str], list[str]]:
    """(resources, KEY=VALUE or KEY- pairs) of a command's arguments."""
    resources: list[str] = []
    pairs: list[str] = []
    for arg in args:
        pair = ("=" in arg and not arg.startswith("=")) or (arg.endswith("-") and len(arg) > 1)
        if pair or pairs:
            if not pair:
                raise error(f"all resources must be specified before {what} changes: {arg}")
            pairs.append(arg)
        else:
            resources.append(arg)
    return resources, pairs

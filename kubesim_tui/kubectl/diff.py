"""kubectl diff: what apply would change, as `diff -u` shows it. Exit code 1 if anything would, 2 for an error.

The server is asked with a dry run, so that defaults and admission have their part in it. Values of Secrets are masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import evolve

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.times import format_time
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import files, gnu_diff, output
from kubesim_tui.kubectl.apply import is_custom, patch_for, with_source
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error, several
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.last_applied import LAST_APPLIED, bare

Data = dict[str, Any]
ERROR = 2
MASK, BEFORE, AFTER = "***", "*** (before)", "*** (after)"


def run(env: Env) -> None:
    """The command."""
    try:
        _run(env)
    except Fail as failure:
        raise Fail(failure.text, ERROR) from None
    except ApiError as failure:
        raise Fail(several([failure]).text, ERROR) from None


def _run(env: Env) -> None:
    if env.flags.args:
        raise error(f"Unexpected args: [{' '.join(env.flags.args)}]\nSee 'kubectl diff -h' for help and examples")
    if not files.named(env):
        raise error("must specify one of -f and -k")
    infos, failures = files.read(env, "diff")
    if failures:
        raise several(failures)
    types = _pruned_types(env)
    visited: list[tuple[Info, str]] = []
    for info in sorted(files.labelled(infos, env.flags.text("selector")), key=_file):
        live = _live(env, info)
        merged = _merged(env, info, live)
        visited.append((info, (live or merged)["metadata"].get("uid", "")))
        if info.resource.kind == "Secret" and not env.flags["show-secrets"]:
            live, merged = _masked(live, merged)
        _show(env, _diff(env, _file(info), live, merged))
    if env.flags["prune"]:
        from kubesim_tui.kubectl.prune import superfluous

        for resource, obj in superfluous(env, types, visited):
            info = Info(resource, obj.metadata.namespace, obj.metadata.name)
            _show(env, _diff(env, _file(info), data_of(obj), None))


def _pruned_types(env: Env) -> list[Resource]:
    from kubesim_tui.kubectl.prune import allowlist

    return allowlist(env) if env.flags["prune"] else []


def _show(env: Env, lines: Iterable[str]) -> None:
    found = list(lines)
    env.out += found
    env.code = 1 if found else env.code


def _file(info: Info) -> str:
    """`apps.v1.Deployment.default.web`."""
    r = info.resource
    return f"{r.group + '.' if r.group else ''}{r.version}.{r.kind}.{info.namespace}.{info.name}"


def _live(env: Env, info: Info) -> Data | None:
    try:
        return data_of(env.get(info.resource, info.namespace, info.name))
    except StatusError as refused:
        if refused.reason != "NotFound":
            raise
        return None


def _merged(env: Env, info: Info, live: Data | None) -> Data:
    """What the object would be."""
    assert info.data is not None
    options = evolve(env.options(), dry_run=True)
    if env.flags["server-side"]:
        options = evolve(options, force=bool(env.flags["force-conflicts"]), field_manager="kubectl")
        try:
            return data_of(env.patch(info.resource, info.namespace, info.name, info.data, "apply", options))
        except StatusError as refused:
            if refused.reason == "Conflict":
                r = info.resource
                env.warn(
                    f"W: Object ({r.api_version}, Kind={r.kind}: {info.name}) keeps changing, diffing without lock"
                )
            raise
    if live is None:
        return data_of(env.create(info.resource, info.namespace, info.data, options))
    text = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    patch = patch_for(info, files.parsed(text) if text else {}, bare(info.data), live)
    kind = "merge" if is_custom(info) else "strategic"
    if not patch:
        return live
    try:
        return data_of(env.patch(info.resource, info.namespace, info.name, patch, kind, options))
    except StatusError as refused:
        raise with_source(refused, "patching", info.source) from None


def _masked(live: Data | None, merged: Data) -> tuple[Data | None, Data]:
    """Secrets whose values cannot be read; those that differ can be told apart."""
    old, new = (live or {}).get("data") or {}, merged.get("data") or {}
    shown_old, shown_new = dict.fromkeys(old, MASK), dict.fromkeys(new, MASK)
    for key in sorted(old.keys() & new.keys()):
        if old[key] != new[key]:
            shown_old[key], shown_new[key] = BEFORE, AFTER
    return (None if live is None else {**live, "data": shown_old}), {**merged, "data": shown_new}


def _diff(env: Env, name: str, live: Data | None, merged: Data | None) -> Iterator[str]:
    old = output.to_yaml(output.shown(env, live)).splitlines() if live is not None else []
    new = output.to_yaml(output.shown(env, merged)).splitlines() if merged is not None else []
    if old == new:
        return
    a, b, time = f"/tmp/LIVE/{name}", f"/tmp/MERGED/{name}", _time(env)
    yield f"diff -u -N {a} {b}"
    yield from gnu_diff.unified(old, new, f"{a}\t{time}", f"{b}\t{time}")


def _time(env: Env) -> str:
    text = format_time(env.now)
    return f"{text[:10]} {text[11:19]}.000000000 +0000"

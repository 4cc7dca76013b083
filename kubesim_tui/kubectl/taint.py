"""kubectl taint: put taints on nodes (`key=value:Effect`) and take them off (`key:Effect-`, `key-`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import frozen

from kubesim_tui.api import names
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import builder, discovery, output
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error, no_match, usage
from kubesim_tui.kubectl.info import Info

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
Data = dict[str, Any]


@frozen
class Taint:
    """A taint of the command line; without an effect it means every taint of its key."""

    key: str
    value: str = ""
    effect: str = ""

    def __str__(self) -> str:
        value = f"={self.value}" if self.value else ""
        return f"{self.key}{value}:{self.effect}" if self.effect else self.key

    def means(self, taint: Data) -> bool:
        """Whether a node's taint is this one."""
        return bool(taint["key"] == self.key and self.effect in ("", taint["effect"]))


def run(env: Env) -> None:
    """The command."""
    wanted, specs = _arguments(env.flags.args)
    try:
        adding, removing = _parse(specs)
    except ValueError as wrong:
        raise usage(str(wrong), "taint") from None
    _check(env, wanted[0], adding, removing)
    if env.flags["all"] and env.flags.text("selector"):
        raise error("setting 'all' parameter with a non empty selector is prohibited")
    if len(wanted) < 2 and not env.flags["all"] and not env.flags.text("selector") and "/" not in wanted[0]:
        raise error("at least one resource name must be specified since 'all' parameter is not set")
    infos, failures = builder.chosen(env, wanted, select_all=bool(env.flags["all"]))
    builder.finish(failures)
    for info in infos:
        try:
            _change(env, info, adding, removing)
        except (ApiError, Fail) as failure:
            failures.append(failure)
            break
    builder.finish(failures)


def _arguments(args: Sequence[str]) -> tuple[list[str], list[str]]:
    """(which nodes, which taints): the nodes stand first."""
    wanted: list[str] = []
    specs: list[str] = []
    for word in args:
        if "=" in word or ":" in word or word.endswith("-"):
            specs.append(word)
        elif specs:
            raise error(f"all resources must be specified before taint changes: {word}")
        else:
            wanted.append(word)
    if not wanted:
        raise error("one or more resources must be specified as <resource> <name>")
    if not specs:
        raise error("at least one taint update is required")
    return wanted, specs


def _parse(specs: Iterable[str]) -> tuple[list[Taint], list[Taint]]:
    """(to add, to remove). ValueError in kubectl's words."""
    adding: list[Taint] = []
    removing: list[Taint] = []
    for spec in specs:
        if spec.endswith("-"):
            removing.append(parse(spec[:-1]))
            continue
        taint = parse(spec)
        if not taint.effect:
            raise ValueError(f"invalid taint spec: {spec}")
        if any((t.key, t.effect) == (taint.key, taint.effect) for t in adding):
            raise ValueError(
                f"duplicated taints with the same key and effect: {{{taint.key} {taint.value} {taint.effect} <nil>}}"
            )
        adding.append(taint)
    return adding, removing


def parse(text: str) -> Taint:
    """`key`, `key:Effect`, `key=value:Effect`."""
    parts = text.split(":")
    pair = parts[0].split("=") if len(parts) == 2 else [parts[0]]
    if len(parts) > 2 or (len(pair) > 2 and parts[1] in EFFECTS):
        raise ValueError(f"invalid taint spec: {text}")
    effect = parts[1] if len(parts) == 2 else ""
    if len(parts) == 2 and effect not in EFFECTS:
        raise ValueError(f"invalid taint effect: {effect}, unsupported taint effect")
    value = pair[1] if len(pair) == 2 else ""
    faults = names.is_label_value(value) or names.is_qualified_name(pair[0])
    if faults:
        raise ValueError(f"invalid taint spec: {text}, {'; '.join(faults)}")
    return Taint(pair[0], value, effect)


def _check(env: Env, kind: str, adding: Sequence[Taint], removing: Sequence[Taint]) -> None:
    found = discovery.find(env.client, kind)
    if found is None:
        raise Fail(no_match(kind))
    if found.kind != "Node":
        raise error(f"invalid resource type {kind}, only node types are supported")
    both = [f"{r.key}={r.effect}" for a in adding for r in removing if r.key == a.key and r.effect in ("", a.effect)]
    if both:
        raise error(f"can not both modify and remove the following taint(s) in the same command: {', '.join(both)}")


def _change(env: Env, info: Info, adding: Sequence[Taint], removing: Sequence[Taint]) -> None:
    assert info.object is not None
    data = data_of(info.object)
    old = (data.get("spec") or {}).get("taints") or []
    if not env.flags["overwrite"]:
        have = [a.key for a in adding if any(a.means(t) for t in old)]
        if have:
            text = (
                f"node {info.name} already has {','.join(have)} taint(s) with same effect(s) and --overwrite is false"
            )
            raise error(text)
    taints, done = reorganized(old, adding, removing, overwrite=bool(env.flags["overwrite"]))
    if env.dry_run() == "client":
        data.setdefault("spec", {})["taints"] = taints
    else:
        patch = {"spec": {"taints": taints or None}}
        data = data_of(env.patch(info.resource, "", info.name, patch, "strategic", env.options()))
    output.report(env, info.resource, data, done, dry=False)


def reorganized(
    old: Sequence[Data], adding: Sequence[Taint], removing: Sequence[Taint], *, overwrite: bool
) -> tuple[list[Data], str]:
    """(the taints afterwards, new ones first; the word for what was done). Fail if one to remove is not there."""
    taints = [_data(a) for a in adding] + [t for t in old if not any(a.means(t) for a in adding)]
    added, removed, failures = len(taints) != len(old), False, []
    for taint in removing:
        left = [t for t in taints if not taint.means(t)]
        removed = len(left) != len(taints)
        if not removed:
            failures.append(error(f'taint "{taint}" not found'))
        taints = left
    builder.finish(failures)
    if (added and removed) or overwrite:
        return taints, "modified"
    return taints, "tainted" if added else "untainted"


def _data(taint: Taint) -> Data:
    return {"key": taint.key, **({"value": taint.value} if taint.value else {}), "effect": taint.effect}

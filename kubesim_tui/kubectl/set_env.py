"""kubectl set env: environment variables of the containers of a Pod template."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from kubesim_tui.api import names
from kubesim_tui.kubectl import builder, change, files
from kubesim_tui.kubectl.change import Data
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.info import Info


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    resources, pairs = change.split_arguments(flags.args, "environment variable")
    pairs += flags["env"] or []
    if not resources and not files.named(env):
        raise error("one or more resources must be specified as <resource> <name> or <resource>/<name>")
    added, removed = _parsed(env, pairs)
    prefix = flags.text("prefix")
    wanted = _Variables([{**v, "name": prefix + v["name"]} for v in (*added, *_from(env))], removed, env)
    infos, failures = builder.chosen(env, resources, select_all=bool(flags["all"]))
    if flags["list"]:
        for info in infos:
            with suppress(change.NoTemplate):
                wanted.tell(info)
        builder.finish(failures)
        return
    change.each(env, infos, failures, wanted, "env updated", "failed to patch env update to pod template: ")


def _parsed(env: Env, pairs: list[str]) -> tuple[list[Data], set[str]]:
    """(variables that are set, names of those that go) of `A=b`, `C-`; `-` reads lines from standard input."""
    added, removed = [], set()
    for pair in pairs:
        if pair == "-":
            more, _ = _parsed(env, [line for line in env.terminal.read("-").splitlines() if "=" in line])
            added += more
            continue
        name, equals, value = pair.partition("=")
        if not equals and not pair.endswith("-"):
            raise error(f"unknown environment variable: {pair}")
        if not equals:
            removed.add(pair[:-1])
            continue
        if faults := names.is_env_var_name(name):
            raise error(f'"{name}" is not a valid key name: {";".join(faults)}')
        added.append({"name": name, "value": value})
    if removed & {variable["name"] for variable in added}:
        raise error("can not both modify and remove the same environment variable in the same command")
    return added, removed


def _from(env: Env) -> list[Data]:
    """--from=configmap/name: a variable for each key."""
    text = env.flags.text("from")
    if not text:
        return []
    infos, failures = builder.chosen_by(env, [text])
    builder.finish(failures)
    found: list[Data] = []
    for info in infos:
        ref = {"ConfigMap": "configMapKeyRef", "Secret": "secretKeyRef"}.get(info.resource.kind)
        if ref is None:
            raise error("unsupported resource specified in --from")
        keys = sorted(change.original(info).get("data") or {})
        only = env.flags["keys"] or keys
        for key in (k for k in keys if k in only):
            variable = _as_variable(key)
            if variable != key:
                env.warn(f"Warning: key {key} transferred to {variable}")
            found.append({"name": variable, "valueFrom": {ref: {"name": info.name, "key": key}}})
    return found


def _as_variable(key: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in key).upper()


def _line(variable: Data) -> str:
    source: dict[str, Any] = variable.get("valueFrom") or {}
    if not source:
        return f"{variable['name']}={variable.get('value', '')}"
    if "configMapKeyRef" in source:
        ref = source["configMapKeyRef"]
        return f"# {variable['name']} from configmap {ref.get('name')}, key {ref.get('key')}"
    if "secretKeyRef" in source:
        ref = source["secretKeyRef"]
        return f"# {variable['name']} from secret {ref.get('name')}, key {ref.get('key')}"
    if "fieldRef" in source:
        return f"# {variable['name']} from field path {source['fieldRef'].get('fieldPath')}"
    return f"# {variable['name']} from resource field {(source.get('resourceFieldRef') or {}).get('resource')}"


class _Variables:
    """The change: variables to set, names to take away, in the containers that --containers chooses."""

    def __init__(self, added: list[Data], removed: set[str], env: Env) -> None:
        self.added, self.removed, self.env = added, removed, env

    def __call__(self, data: Data) -> None:
        for container in self._containers(data):
            variables = self._after(container)
            if variables:
                container["env"] = variables
            else:
                container.pop("env", None)

    def tell(self, info: Info) -> None:
        """--list: what the variables are, with the changes in them."""
        data = change.original(info)
        for container in self._containers(data):
            self.env.say(f"# {info.resource.kind} {info.name}, container {container.get('name')}")
            troubles: dict[str, list[str]] = {}
            for variable in self._after(container):
                self.env.say(self._shown(variable, data, container, troubles))
            for text, found in sorted(troubles.items()):
                self.env.warn(f"error retrieving reference for {', '.join(sorted(found))}: {text}")

    def _shown(self, variable: Data, data: Data, container: Data, troubles: dict[str, list[str]]) -> str:
        if not self.env.flags["resolve"] or not variable.get("valueFrom"):
            return _line(variable)
        from kubesim_tui.kubectl.set_env_resolve import Unresolved, resolve

        try:
            return f"{variable['name']}={resolve(self.env, variable['valueFrom'], data, container)}"
        except Unresolved as wrong:
            troubles.setdefault(str(wrong), []).append(variable["name"])
            return _line(variable)

    def _containers(self, data: Data) -> list[Data]:
        spec, pattern = change.pod_spec(data), self.env.flags.text("containers") or "*"
        both = {"containers": [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]}
        found = change.selected(both, pattern)
        if not found:
            name = data["metadata"].get("name")
            self.env.warn(f'Warning: {data.get("kind")}/{name} does not have any containers matching "{pattern}"')
        return found

    def _after(self, container: Data) -> list[Data]:
        """A container's variables with the change in them: those that are set keep their places."""
        old = container.get("env") or []
        new = {v["name"]: v for v in reversed(self.added)}
        for variable in old:
            if variable["name"] in new and not self.env.flags["overwrite"]:
                value = variable.get("value")
                held = f"already has a value ({value})" if value is not None else "already has a value"
                raise change.NotFor(f"'{variable['name']}' {held}, and --overwrite is false")
        kept = [dict(new.pop(v["name"], v)) for v in old if v["name"] not in self.removed]
        return [*kept, *(dict(v) for v in self.added if new.pop(v["name"], None) is not None)]

"""kubectl set env: environment variables of the containers of a Pod template."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.codec import encode_object
from kubesim_tui.kubectl import builder, change, discovery, files
from kubesim_tui.kubectl.change import Data
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    resources, pairs = change.split_arguments(flags.args)
    pairs += flags["env"] or []
    if not resources and not files.named(env):
        raise error("one or more resources must be specified as <resource> <name> or <resource>/<name>")
    added = [{"name": k, "value": v} for k, e, v in (p.partition("=") for p in pairs) if e]
    removed = {p[:-1] for p in pairs if "=" not in p}
    added += _from(env)
    infos, failures = builder.chosen(env, resources, select_all=bool(flags["all"]))
    if flags["list"]:
        for info in infos:
            _list(env, info)
        builder.finish(failures)
        return
    wanted = _Variables(added, removed, flags.text("containers") or "*", bool(flags["overwrite"]))
    change.each(env, infos, failures, wanted, "env updated")


def _from(env: Env) -> list[Data]:
    """--from=configmap/name: a variable for each key."""
    text = env.flags.text("from")
    if not text:
        return []
    word, slash, name = text.partition("/")
    resource = discovery.resolve(env.client, word)
    if not slash or resource.kind not in ("ConfigMap", "Secret"):
        raise error(f"unsupported resource specified in --from: {text}")
    keys = sorted(encode_object(env.get(resource, env.namespace, name)).get("data") or {})
    only, prefix = env.flags["keys"] or keys, env.flags.text("prefix")
    ref = "configMapKeyRef" if resource.kind == "ConfigMap" else "secretKeyRef"
    found = []
    for key in (k for k in keys if k in only):
        variable = prefix + _as_variable(key)
        if variable != key:
            env.warn(f"Warning: key {key} transferred to {variable}")
        found.append({"name": variable, "valueFrom": {ref: {"name": name, "key": key}}})
    return found


def _as_variable(key: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in key).upper()


def _list(env: Env, info: builder.Info) -> None:
    data = change.original(info)
    for container in change.containers(change.pod_spec(data)):
        env.say(f"# {info.resource.kind} {info.name}, container {container.get('name')}")
        for variable in container.get("env") or ():
            env.say(_line(variable))


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
    def __init__(self, added: list[Data], removed: set[str], pattern: str, overwrite: bool) -> None:
        self.added, self.removed, self.pattern, self.overwrite = added, removed, pattern, overwrite

    def __call__(self, data: Data) -> None:
        found = change.selected(change.pod_spec(data), self.pattern)
        if not found:
            raise error(f"unable to find container named {self.pattern}")
        for container in found:
            self._change(container)

    def _change(self, container: Data) -> None:
        variables = [v for v in container.get("env") or () if v["name"] not in self.removed]
        by_name = {v["name"]: i for i, v in enumerate(variables)}
        for new in self.added:
            if new["name"] not in by_name:
                variables.append(dict(new))
            elif not self.overwrite:
                raise error(f"'{new['name']}' already has a value, and --overwrite is false")
            else:
                variables[by_name[new["name"]]] = dict(new)
        if variables or "env" in container:
            container["env"] = variables
        if not variables:
            container.pop("env", None)

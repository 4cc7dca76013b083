"""What the `kubectl create TYPE` commands share: check the name, make the object, print or send it."""

from __future__ import annotations

import posixpath
from typing import Any

from kubesim_tui.api import names, scheme
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl import files, output, record
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error, usage
from kubesim_tui.kubectl.kustomize import hashing
from kubesim_tui.kubectl.last_applied import annotated

Data = dict[str, Any]


def name_of(env: Env) -> str:
    """The one NAME argument (what stands behind `--` does not count)."""
    args = env.flags.args if env.flags.dash < 0 else env.flags.args[: env.flags.dash]
    if len(args) != 1:
        raise usage(f"exactly one NAME is required, got {len(args)}", env.flags.path)
    return args[0]


def command_of(env: Env) -> list[str]:
    """The words behind `--`."""
    return env.flags.args[env.flags.dash :] if env.flags.dash >= 0 else []


def make(env: Env, plural: str, data: Data, done: str = "created", *, failing: str = "", silent: bool = False) -> None:
    """Create the object (its namespace is the current one) and say so; or only show it."""
    resource = scheme.for_plural(plural)
    data = record.annotated(env, data)
    meta = data["metadata"]
    shown_namespace = env.flags.given("namespace") and resource.namespaced
    if shown_namespace:
        meta["namespace"] = env.namespace
    if env.flags["append-hash"]:
        meta["name"] += f"-{hashing.named(data)}"
    if env.flags["save-config"]:
        data = annotated(data)
    if env.dry_run() == "client":
        output.report(env, resource, data, done)
        return
    body = {k: v for k, v in data.items() if k != "status"}
    try:
        made = env.create(resource, env.namespace, body, env.options())
    except StatusError as refused:
        if failing:
            raise prefixed(refused, failing) from None
        raise
    if not silent:
        output.report(env, resource, data_of(made), done)


def prefixed(refused: StatusError, text: str) -> Exception:
    """A refusal that says what failed: `error: failed to create configmap: …`."""
    return error(f"failed to {text}: {refused.message}")


def base(api_version: str, kind: str, name: str, **fields: Any) -> Data:
    """An object with a name."""
    return {"kind": kind, "apiVersion": api_version, "metadata": {"name": name}, **fields}


# -- data from literals and files ------------------------------------------------------------------------------------


def literals(env: Env) -> list[tuple[str, str]]:
    """--from-literal=key=value."""
    found = []
    for text in env.flags["from-literal"] or ():
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise error(f"invalid literal source {text}, expected key=value")
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        found.append((key, value[1:-1] if quoted else value))
    return found


def from_files(env: Env, default: str = "") -> list[tuple[str, str]]:
    """--from-file=[key=]path (no key: `default`, or the file's name); of a directory every file whose name is a key."""
    found: list[tuple[str, str]] = []
    for text in env.flags["from-file"] or ():
        key, equals, path = text.partition("=")
        if text.count("=") > 1:
            raise error("key names or file paths cannot contain '='")
        if not equals:
            key, path = default, text
        elif not key or not path:
            what = f"key name for file path {path}" if not key else f"file path for key name {key}"
            raise error(f"{what} missing")
        inside = files.listing(env, path)
        if inside is None:
            found.append((key or posixpath.basename(path), read(env, path)))
        elif key:
            raise error("cannot give a key name for a directory path")
        else:
            found += [(n, read(env, posixpath.join(path, n))) for n in inside if not names.is_config_map_key(n)]
    return found


def read(env: Env, path: str) -> str:
    """A file's text. Fail as kubectl says it."""
    try:
        return env.terminal.read(path)
    except OSError as failure:
        raise error(f"error reading {path}: {(failure.strerror or str(failure)).lower()}") from None


def env_files(env: Env) -> list[tuple[str, str]]:
    """--from-env-file=path: lines KEY=VALUE, blank lines and comments left out."""
    found: list[tuple[str, str]] = []
    for path in env.flags["from-env-file"] or ():
        for line in read(env, path).splitlines():
            text = line.lstrip()
            if not text or text.startswith("#"):
                continue
            key, equals, value = text.partition("=")
            if faults := names.is_env_var_name(key):
                raise error(f'"{key}" is not a valid key name: {";".join(faults)}')
            found.append((key, value if equals else ""))
    return found


def gathered(env: Env) -> dict[str, str]:
    """All data that the flags give. Fail for a key that is none, or given twice."""
    if env.flags["from-env-file"] and (env.flags["from-file"] or env.flags["from-literal"]):
        raise error("from-env-file cannot be combined with from-file or from-literal")
    found: dict[str, str] = {}
    kind = {"configmap": "ConfigMap", "secret": "Secret"}[env.flags.path.split()[1]]
    for key, value in (*from_files(env), *literals(env), *env_files(env)):
        if faults := names.is_config_map_key(key):
            raise error(f'"{key}" is not a valid key name for a {kind}: {",".join(faults)}')
        if key in found:
            where = f' in Data for ConfigMap "{name_of(env)}"' if kind == "ConfigMap" else ""
            raise error(f'cannot add key "{key}", another key by that name already exists{where}')
        found[key] = value
    return found

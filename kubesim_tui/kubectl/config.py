"""kubectl config: the contexts, clusters and users of the player's kubeconfig, shown and changed.

What is changed is handed back as the Config that holds from then on (`reply.config`); there is no file on a disk.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from kubesim_tui.kubectl import kubeconfig, output, tabwriter
from kubesim_tui.kubectl.apply import go_list
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.flags import help_text
from kubesim_tui.kubectl.kubeconfig import INSIDE, PATH, Data

OMITTED = ("certificate-authority-data", "client-certificate-data", "client-key-data")
REDACTED = ("token", "password")
HEADERS = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]
NO_CONTEXT = 'warning: this removed your active context, use "kubectl config use-context" to select a different one'


def run(env: Env) -> None:
    """The command."""
    VERBS[env.flags.path.split()[-1]](env, kubeconfig.of(env.config))


def _arguments(env: Env, counts: tuple[int, ...]) -> list[str]:
    """The arguments; with another number of them the help."""
    if len(env.flags.args) not in counts:
        env.say(help_text(env.flags.path))
        said = "unexpected" if env.flags.path.endswith("set-credentials") else "Unexpected"
        raise error(f"{said} args: {go_list(env.flags.args)}")
    return env.flags.args


def _keep(env: Env, file: Data) -> None:
    env.switched = kubeconfig.current(file)


# -- shown -----------------------------------------------------------------------------------------------------------


def _current(env: Env, file: Data) -> None:
    if not file["current-context"]:
        raise error("current-context is not set")
    env.say(file["current-context"])


def _contexts(env: Env, file: Data) -> None:
    kind, contexts = env.flags.text("output"), file["contexts"]
    if kind not in ("", "name"):
        what = f"--output {kind} is not available in kubectl config get-contexts"
        raise error(f"{what}; resetting to default output format")
    wanted = env.flags.args or sorted(contexts)
    missing = [name for name in wanted if name not in contexts]
    there = [name for name in wanted if name in contexts]
    if kind == "name":
        env.out += there
    else:
        rows = [_row(name, contexts[name], file["current-context"]) for name in there]
        env.out += tabwriter.rows([] if env.flags["no-headers"] else HEADERS, rows)
    if missing:
        raise Fail("\n".join(f"error: context {name} not found" for name in missing))


def _row(name: str, context: Data, current: str) -> list[str]:
    of = [str(context.get(key) or "") for key in ("cluster", "user", "namespace")]
    return ["*" if name == current else "", name, *of]


def _names(kind: str) -> Callable[[Env, Data], None]:
    def show(env: Env, file: Data) -> None:
        env.say("\n".join(["NAME", *sorted(file[kind])]))

    return show


def _view(env: Env, file: Data) -> None:
    if env.flags["minify"]:
        file = _minified(file, env.flags.text("context"))
    shown = {kind: {name: _hidden(env, entry) for name, entry in file[kind].items()} for kind in INSIDE}
    lists: Data = {
        kind: [{"name": name, INSIDE[kind]: shown[kind][name]} for name in sorted(shown[kind])]
        for kind in ("clusters", "users", "contexts")
    }
    data = {"kind": "Config", "apiVersion": "v1", **lists, "current-context": file["current-context"]}
    if env.flags.text("output") == "json":
        env.say(json.dumps(data, indent=4))
        return
    printer = output.printer(env)
    env.say_raw(printer(data) if printer is not None else output.to_yaml(data))


def _hidden(env: Env, entry: Data) -> Data:
    """An entry as it is shown: certificates and secrets only with --raw."""
    ordered = dict(sorted(entry.items(), key=lambda pair: pair[0] != "server"))
    if env.flags["raw"] or env.flags["flatten"]:
        return ordered
    words = {**dict.fromkeys(OMITTED, "DATA+OMITTED"), **dict.fromkeys(REDACTED, "REDACTED")}
    return {key: words.get(key, value) for key, value in ordered.items()}


def _minified(file: Data, name: str) -> Data:
    """Only what a context uses."""
    name = name or file["current-context"]
    context = file["contexts"].get(name)
    if not name:
        raise error("current-context must exist in order to minify")
    if context is None:
        raise error(f"cannot locate context {name}")
    used = {"clusters": context.get("cluster"), "users": context.get("user"), "contexts": name}
    kept = {kind: {k: v for k, v in file[kind].items() if k == of} for kind, of in used.items()}
    return {**kept, "current-context": name}


# -- contexts --------------------------------------------------------------------------------------------------------


def _set_context(env: Env, file: Data) -> None:
    flags = env.flags
    if len(flags.args) > 1:
        _arguments(env, (0, 1))
    name = flags.args[0] if flags.args else ""
    if name and flags["current"]:
        raise error("you cannot specify both a context name and --current")
    if not name and not flags["current"]:
        raise error("you must specify a non-empty context name or --current")
    name = name or file["current-context"]
    if not name:
        raise error("no current context is set")
    done = "modified" if name in file["contexts"] else "created"
    context = file["contexts"].setdefault(name, {})
    for key in ("cluster", "user", "namespace"):
        if flags.given(key):
            context[key] = flags.text(key)
    _keep(env, file)
    env.say(f'Context "{name}" {done}.')


def _use_context(env: Env, file: Data) -> None:
    name = _arguments(env, (1,))[0]
    if name not in file["contexts"]:
        raise error(f'no context exists with the name: "{name}"')
    file["current-context"] = name
    _keep(env, file)
    env.say(f'Switched to context "{name}".')


def _rename_context(env: Env, file: Data) -> None:
    old, new = _arguments(env, (2,))
    if old not in file["contexts"]:
        raise error(f'cannot rename the context "{old}", it\'s not in {PATH}')
    if new in file["contexts"]:
        raise error(f'cannot rename the context "{old}", the context "{new}" already exists in {PATH}')
    file["contexts"][new] = file["contexts"].pop(old)
    if file["current-context"] == old:
        file["current-context"] = new
    _keep(env, file)
    env.say(f'Context "{old}" renamed to "{new}".')


def _delete(kind: str) -> Callable[[Env, Data], None]:
    def delete(env: Env, file: Data) -> None:
        if len(env.flags.args) != 1:
            env.say(help_text(env.flags.path))
            return
        name = env.flags.args[0]
        if name not in file[kind]:
            raise error(f"cannot delete {INSIDE[kind]} {name}, not in {PATH}")
        if kind == "contexts" and file["current-context"] == name:
            env.warn(NO_CONTEXT)
        del file[kind][name]
        _keep(env, file)
        env.say(f"deleted {INSIDE[kind]} {name} from {PATH}")

    return delete


# -- entries ---------------------------------------------------------------------------------------------------------

SET_BY = {
    "set-cluster": ("clusters", "Cluster", ("server", "tls-server-name", "proxy-url")),
    "set-credentials": ("users", "User", ("token", "username", "password")),
}
"""Command → (list, what it is called, the flags that become fields)."""


def _set_entry(env: Env, file: Data) -> None:
    kind, called, fields = SET_BY[env.flags.path.split()[-1]]
    name = _arguments(env, (1,))[0]
    given = {field: env.flags.text(field) for field in fields if env.flags.given(field)}
    if "token" in given and ("username" in given or "password" in given):
        many = "--token, --username/--password"
        raise error(f"you cannot specify more than one authentication method at the same time: {many}")
    entry = file[kind].setdefault(name, {})
    entry |= given
    if kind == "users" and given:
        for certificate in OMITTED[1:]:
            entry.pop(certificate, None)
    _keep(env, file)
    env.say(f'{called} "{name}" set.')


def _set(env: Env, file: Data) -> None:
    path, text = _arguments(env, (2,))
    kind, name, field = _place(path)
    if path == "current-context":
        file[path] = text
    elif name and field:
        file[kind].setdefault(name, {})[field] = text
    else:
        raise error(f"can't set a map to a value: map[{' '.join(sorted(file[kind]))}]")
    _keep(env, file)
    env.say(f'Property "{path}" set.')


def _unset(env: Env, file: Data) -> None:
    path = _arguments(env, (1,))[0]
    kind, name, field = _place(path)
    if path == "current-context":
        file[path] = ""
    elif field:
        if name not in file[kind]:
            raise error(f"current map key `{name}` is invalid")
        file[kind][name].pop(field, None)
    elif path == kind:
        file[kind] = {}
    else:
        file[kind].pop(name, None)
    _keep(env, file)
    env.say(f'Property "{path}" unset.')


def _place(path: str) -> tuple[str, str, str]:
    """(list, name, field) of `contexts.dev.namespace`, "" for what it does not say. Fail for what no kubeconfig has."""
    kind, *inside = path.split(".")
    if path != "current-context" and kind not in INSIDE:
        raise error(f"unable to parse {path} after [] at api.Config")
    if len(inside) > 2:
        raise error(f"unable to parse one or more field values of {path}")
    name, field = (*inside, "", "")[:2]
    return kind, name, field


VERBS: dict[str, Callable[[Env, Data], None]] = {
    "current-context": _current,
    "get-contexts": _contexts,
    "get-clusters": _names("clusters"),
    "get-users": _names("users"),
    "view": _view,
    "set-context": _set_context,
    "use-context": _use_context,
    "rename-context": _rename_context,
    "delete-context": _delete("contexts"),
    "delete-cluster": _delete("clusters"),
    "delete-user": _delete("users"),
    "set-cluster": _set_entry,
    "set-credentials": _set_entry,
    "set": _set,
    "unset": _unset,
}

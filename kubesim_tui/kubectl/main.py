"""Run one line of kubectl.

The tree of commands is data (`flags`); each command is a module with `run(env)`, loaded when it is first used. A
command either says what it has to say at once, or leaves a job that is asked again after each tick.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import fail, flags, pipes, redirect
from kubesim_tui.kubectl.env import Env, lines
from kubesim_tui.kubectl.fail import Fail
from kubesim_tui.kubectl.result import Config, Reply, Terminal

NAMES = pipes.NAMES
DEFAULT = Config()
UNAVAILABLE = {
    "proxy": "the game has no local network to listen on; ask the API with get --raw, or run `kubesim serve`",
    "plugin": "there are no plugins here",
    "kuberc": "there are no preferences here",
    "completion": "completion is built into the prompt",
}


def run(line: str | Sequence[str], client: Client, terminal: Terminal, now: int, config: Config = DEFAULT) -> Reply:
    """Run a command line (or its words). `now`: Unix seconds. Never raises for what the player typed."""
    try:
        if not isinstance(line, str):
            return _command(list(line), client, terminal, now, config)
        given = redirect.take(line)
        first, *stages = [split(part) for part in pipes.split(given.command)]
        ours = redirect.fed(terminal, given)
        reply = _command(first, client, ours, now, config)

        def again(words: list[str], text: str) -> Reply:
            return _command(words, client, redirect.Fed(ours, text), now, config)

        return redirect.deliver(pipes.through(reply, stages, again), given, terminal)
    except ValueError as wrong:
        return Reply(err=(f"error: {wrong}",), code=1)
    except Fail as failure:
        return Reply(err=tuple(lines(failure.text)) if failure.text else (), code=failure.code)


def _command(words: list[str], client: Client, terminal: Terminal, now: int, config: Config) -> Reply:
    """Run one command, with or without the word kubectl before it."""
    path, rest = _find(words[1:] if words and words[0] in NAMES else words)
    return _run(path, rest, client, terminal, now, config)


def split(line: str) -> list[str]:
    """The words of a line, as a shell splits it. ValueError for an open quote."""
    return shlex.split(line, comments=False, posix=True)


def _run(path: str, rest: Sequence[str], client: Client, terminal: Terminal, now: int, config: Config) -> Reply:
    given = flags.parse(path, rest)
    if given["help"]:
        return Reply(out=tuple(lines(flags.help_text(path))))
    if lacking := flags.missing(given):
        raise fail.error(lacking)
    env = Env(client, terminal, now, config, given)
    env.err += flags.deprecations(given)
    try:
        _module(path).run(env)
    except Fail as failure:
        if failure.text:
            env.warn(failure.text)
        env.code = failure.code
    except ApiError as failure:
        env.failed(failure)
    return env.reply()


def _module(path: str) -> Any:
    top = path.split(" ")[0]
    for known in (path, top):
        if known in UNAVAILABLE:
            raise fail.error(UNAVAILABLE[known])
    if path != top and top in GROUPED:
        return import_module(f"kubesim_tui.kubectl.{top}")
    name = path.replace("-", "_").replace(" ", "_") if path else "root"
    return import_module(f"kubesim_tui.kubectl.{MODULES.get(name, name)}")


GROUPED = ("auth", "certificate", "config", "top")
"""Groups whose sub-commands share a module."""


MODULES = {
    "cordon": "cordoning",
    "uncordon": "cordoning",
    "annotate": "label",
    "api_versions": "api_resources",
    "create": "create_file",
    "create_secret": "root",
    "create_service": "root",
    "create_namespace": "create_small",
    "create_serviceaccount": "create_small",
    "create_quota": "create_small",
    "create_priorityclass": "create_small",
    "create_poddisruptionbudget": "create_small",
    "create_cronjob": "create_job",
    "create_role": "create_rbac",
    "create_clusterrole": "create_rbac",
    "create_rolebinding": "create_rbac",
    "create_clusterrolebinding": "create_rbac",
    "create_secret_generic": "create_secret",
    "create_secret_tls": "create_secret",
    "create_secret_docker_registry": "create_secret",
    "create_service_clusterip": "create_service",
    "create_service_nodeport": "create_service",
    "create_service_loadbalancer": "create_service",
    "create_service_externalname": "create_service",
    "kustomize": "kustomize_command",
    "wait": "wait_for",
    "rollout_restart": "rollout_change",
    "rollout_pause": "rollout_change",
    "rollout_resume": "rollout_change",
    "exec": "exec_command",
    "cp": "copy_files",
    "patch": "patch_command",
    "run": "run_pod",
    "rollout": "root",
    "certificate": "root",
    "set": "root",
    "top": "root",
    "auth": "root",
    "config": "root",
    "options": "root",
}
"""Commands whose module bears another name: one for two commands, or a name that Python has already."""


def _find(words: Sequence[str]) -> tuple[str, list[str]]:
    """(the command's path, the words behind it); flags may stand before the command, as cobra allows."""
    path, rest, at = "", list(words), 0
    if rest[:1] == ["help"]:
        return _help(rest[1:])
    while at < len(rest):
        word = rest[at]
        if word == "--":
            break
        if word.startswith("-") and len(word) > 1:
            at += 2 if _takes_value(path, word) and at + 1 < len(rest) else 1
            continue
        found = below(path, word)
        if found is None:
            if not path:
                raise _unknown(word)
            break
        path = found
        del rest[at]
    return path, rest


def _help(words: Sequence[str]) -> tuple[str, list[str]]:
    path = ""
    for word in words:
        found = below(path, word)
        if found is None:
            break
        path = found
    return path, ["--help"]


def _takes_value(path: str, word: str) -> bool:
    """Whether the next word is a flag's value."""
    if "=" in word:
        return False
    name = word[2:] if word.startswith("--") else f"-{word[-1]}"
    flag = flags.usable(path).get(name)
    known = word.startswith("--") or len(word) == 2
    return known and flag is not None and flag.type != "bool" and flag.name not in flags.WITHOUT_VALUE


def below(path: str, word: str) -> str | None:
    """The path of a sub-command, by its name or an alias."""
    for sub in flags.command(path).sub:
        found = f"{path} {sub}".strip()
        if word == sub or word in flags.command(found).aliases:
            return found
    return "options" if not path and word == "options" else None


def _unknown(word: str) -> Fail:
    near = suggestions(word, flags.command("").sub)
    more = "\n\nDid you mean this?\n" + "".join(f"\t{n}\n" for n in near) if near else ""
    return Fail(f'error: unknown command "{word}" for "kubectl"{more}')


def suggestions(word: str, names: Sequence[str]) -> list[str]:
    """Names that are near a mistyped word: two letters off, or it begins them."""
    return [n for n in names if distance(word.lower(), n.lower()) <= 2 or n.lower().startswith(word.lower())]


def distance(a: str, b: str) -> int:
    """How many letters must be changed, added or left out to make one word the other (Levenshtein)."""
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
        before = row
    return before[-1]

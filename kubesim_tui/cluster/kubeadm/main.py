"""A line that begins with kubeadm, run on a machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from kubesim_tui.api.releases import numbers
from kubesim_tui.cluster.kubeadm import certs, copycerts, init, join, pulling, reset, token
from kubesim_tui.cluster.kubeadm.base import TRACE, Act, Call, Failure
from kubesim_tui.cluster.kubeadm.base import Owner as Cluster
from kubesim_tui.cluster.kubeadm.known import VALUED, check
from kubesim_tui.cluster.kubeadm.packages import KUBEADM, installed
from kubesim_tui.cluster.kubeadm.running import Run, Runs, Step
from kubesim_tui.cluster.kubeadm.upgrade import apply, plan
from kubesim_tui.world.machine import Machine

Answer = tuple[tuple[str, ...], tuple[str, ...], int]


def _version(call: Call) -> list[str]:
    version = installed(call.machine, KUBEADM)
    major, minor, _ = numbers(version)
    if call.flags.get("o", call.flags.get("output")) == "short":
        return [version]
    return [f'kubeadm version: &version.Info{{Major:"{major}", Minor:"{minor}", GitVersion:"{version}"}}']


UPLOAD = ("init", "phase", "upload-certs")
COMMANDS: Mapping[tuple[str, ...], Act] = {
    **certs.COMMANDS,
    **token.COMMANDS,
    ("config", "images", "list"): pulling.listed,
    ("version",): _version,
    UPLOAD: copycerts.upload,
}


LONG: Mapping[tuple[str, ...], Callable[[Call], list[Step]]] = {
    ("upgrade", "plan"): plan.steps,
    ("upgrade", "apply"): apply.apply_steps,
    ("upgrade", "node"): apply.node_steps,
    ("join",): join.steps,
    ("reset",): reset.steps,
    ("init",): init.steps,
    ("config", "images", "pull"): pulling.steps,
}
"""Those that take their time."""
ALL = (*COMMANDS, *LONG)


class Owner(Cluster, Protocol):
    """The cluster, which keeps commands that go on."""

    commands: Runs


def run(cluster: Owner, machine: Machine, line: Sequence[str]) -> Answer | Run:
    """Run kubeadm with these words on a machine: (out, err, code), or the command that goes on."""
    words, flags = _read(line)
    for begin in sorted(ALL, key=len, reverse=True):
        if tuple(words[: len(begin)]) == begin:
            call = Call(cluster, machine, words[len(begin) :], flags)
            try:
                check(begin, flags)
                if begin in LONG:
                    return cluster.commands.begin(call, LONG[begin](call))
                return tuple(COMMANDS[begin](call)), (), 0
            except Failure as wrong:
                return (), (*str(wrong).split("\n"), TRACE), 1
    if not words or any(begin[: len(words)] == tuple(words) for begin in ALL):
        known = ", ".join(sorted(" ".join(begin) for begin in ALL if begin[: len(words)] == tuple(words)))
        return (), (f"Usage: kubeadm {' '.join(words)} [command]".replace("  ", " "), f"Available Commands: {known}"), 1
    return (), (f'unknown command "{words[0]}" for "kubeadm"', TRACE), 1


def _read(line: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    words: list[str] = []
    flags: dict[str, str] = {}
    rest = iter(line)
    for word in rest:
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("-"):
            words.append(word)
        else:
            flags[name] = value if equals or name not in VALUED else next(rest, "")
    return words, flags


def next_words(before: Sequence[str]) -> tuple[str, ...]:
    """What could stand behind these words of kubeadm."""
    if list(before) == ["certs", "renew"]:
        return ("all", *certs.CERTIFICATES)
    deep = len(before)
    return tuple(dict.fromkeys(begin[deep] for begin in ALL if begin[:deep] == tuple(before) and len(begin) > deep))

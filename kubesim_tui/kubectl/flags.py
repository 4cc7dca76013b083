"""Flags as kubectl's own parser (cobra's pflag) reads them.

`--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, grouped switches `-it`, `--` ends the flags. A few
flags may stand without a value (`--dry-run`). Which command has which flags is data, generated from the real kubectl.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any

from attrs import frozen

from kubesim_tui.api import duration
from kubesim_tui.kubectl.fail import Fail

WITHOUT_VALUE = {
    "dry-run": "unchanged",
    "cascade": "background",
    "validate": "strict",
    "show-managed-fields": "true",
}
"""What a flag means when it stands alone (pflag's NoOptDefVal), besides switches."""


@frozen
class Flag:
    """One flag. Types: bool, int, duration, list (split at commas), array (repeated), pairs (`a=b,c=d`), string."""

    name: str
    short: str
    type: str
    default: str


@frozen
class Command:
    """One command of the tree: what it is called, its flags, its sub-commands."""

    path: str
    flags: tuple[Flag, ...]
    sub: tuple[str, ...]
    aliases: tuple[str, ...]
    short: str


@cache
def _document() -> dict[str, dict[str, Any]]:
    text = resources.files("kubesim_tui.kubectl").joinpath("data/commands.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@cache
def command(path: str) -> Command:
    """A command by its path ("rollout status"; "" is kubectl itself, "options" the flags that every command has)."""
    row = _document()[path]
    flags = tuple(Flag(*f) for f in row["flags"])
    return Command(path, flags, tuple(row.get("sub", ())), tuple(row.get("aliases", ())), row["short"])


@cache
def usable(path: str) -> dict[str, Flag]:
    """The flags of a command, its own and the general ones, by name and by short name (`-n`)."""
    found: dict[str, Flag] = {"help": Flag("help", "h", "bool", "false")}
    hidden = [flag for flag, paths in HIDDEN.items() if path in paths]
    for flag in (*command("options").flags, *command(path).flags, *hidden):
        found[flag.name] = flag
    for flag in list(found.values()):
        if flag.short:
            found[f"-{flag.short}"] = flag
    return found


class Flags:
    """What was given. Values are typed; `given(name)` tells whether the flag stood there at all."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._values: dict[str, Any] = {}
        self.args: list[str] = []
        self.spoken: list[tuple[str, str]] = []  # (name, text) of the flags in the order in which they stood
        self.dash = -1  # how many arguments stood before `--`; -1: there was none

    def given(self, name: str) -> bool:
        """Whether the flag was given."""
        return name in self._values

    def __getitem__(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        flag = usable(self.path).get(name)
        return _typed(flag, flag.default, name) if flag is not None else None

    def text(self, name: str) -> str:
        """A flag's text, "" if the command has no such flag."""
        return str(self[name] or "")

    def set(self, flag: Flag, text: str, shown: str) -> None:
        """Take a value; Fail if it does not fit the flag's type."""
        self.spoken.append((flag.name, text))
        try:
            value = _typed(flag, text, flag.name)
        except ValueError as wrong:
            raise self.wrong(f'invalid argument "{text}" for "{shown}" flag: {wrong}') from None
        if flag.type in ("list", "array") and flag.name in self._values:
            value = [*self._values[flag.name], *value]
        if flag.type == "pairs" and flag.name in self._values:
            value = {**self._values[flag.name], **value}
        self._values[flag.name] = value

    def wrong(self, message: str) -> Fail:
        """A wrong flag, and where help is (diff has its own words and exit code)."""
        if self.path == "diff":
            return Fail(f"error: {message}\nSee 'kubectl diff -h' for help and examples", 2)
        return Fail(f"error: {message}\nSee 'kubectl {self.path} --help' for usage.".replace("kubectl  ", "kubectl "))


DEPRECATED = {
    "record": "--record will be removed in the future",
    "cpu-percent": "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for "
    "milliCPU).",
}
"""Flags that work, though help does not name them; and what is said of them."""

HIDDEN = {
    Flag("record", "", "bool", "false"): (
        *("annotate", "apply", "autoscale", "create", "edit", "expose", "label", "patch", "run", "scale"),
        *("set image", "set resources"),
    ),
    Flag("cpu-percent", "", "int", "-1"): ("autoscale",),
}


def deprecations(found: Flags) -> list[str]:
    """What is said of deprecated flags that were given."""
    return [f"Flag --{n} has been deprecated, {text}" for n, text in DEPRECATED.items() if found.given(n)]


REQUIRED = {
    "autoscale": ("max",),
    "create deployment": ("image",),
    "create cronjob": ("image", "schedule"),
    "create clusterrolebinding": ("clusterrole",),
    "create service externalname": ("external-name",),
    "run": ("image",),
    "scale": ("replicas",),
}
"""Flags that a command cannot do without."""


def missing(found: Flags) -> str:
    """What is said when a required flag was not given, "" if none is missing."""
    names = [f'"{n}"' for n in REQUIRED.get(found.path, ()) if not found.given(n)]
    return f"required flag(s) {', '.join(names)} not set" if names else ""


def parse(path: str, words: Sequence[str], *, interspersed: bool = True) -> Flags:
    """Parse what stands behind a command's name. Fail in pflag's words."""
    found = Flags(path)
    rest = iter(words)
    for word in rest:
        if word == "--":
            found.dash = len(found.args)
            found.args += rest
        elif word.startswith("--"):
            _long(found, word[2:], rest)
        elif word.startswith("-") and len(word) > 1:
            _short(found, word[1:], rest)
        else:
            found.args.append(word)
            if not interspersed:
                found.args += rest
    return found


def _long(found: Flags, text: str, rest: Iterator[str]) -> None:
    name, equals, value = text.partition("=")
    if not name or name[0] in "-=":
        raise found.wrong(f"bad flag syntax: --{text}")
    flag = usable(found.path).get(name)
    if flag is None:
        raise found.wrong(f"unknown flag: --{name}")
    shown = f"-{flag.short}, --{name}" if flag.short else f"--{name}"
    if equals:
        found.set(flag, value, shown)
    elif flag.type == "bool" or name in WITHOUT_VALUE:
        found.set(flag, WITHOUT_VALUE.get(name, "true"), shown)
    else:
        value_ = next(rest, None)
        if value_ is None:
            raise found.wrong(f"flag needs an argument: --{name}")
        found.set(flag, value_, shown)


def _short(found: Flags, letters: str, rest: Iterator[str]) -> None:
    """`-A`, `-it`, `-nshop`, `-n shop`, `-n=shop`."""
    whole = letters
    while letters:
        letter, letters = letters[0], letters[1:]
        flag = usable(found.path).get(f"-{letter}")
        if flag is None:
            raise found.wrong(f"unknown shorthand flag: '{letter}' in -{whole}")
        shown = f"-{letter}, --{flag.name}"
        if letters.startswith("=") and len(letters) > 1:
            found.set(flag, letters[1:], shown)
            return
        if flag.type == "bool":
            found.set(flag, "true", shown)
        elif letters:
            found.set(flag, letters, shown)
            return
        else:
            value = next(rest, None)
            if value is None:
                raise found.wrong(f"flag needs an argument: '{letter}' in -{whole}")
            found.set(flag, value, shown)


_TRUE, _FALSE = ("1", "t", "T", "true", "TRUE", "True"), ("0", "f", "F", "false", "FALSE", "False")


def _typed(flag: Flag, text: str, name: str) -> Any:
    if flag.type == "bool":
        if text not in (*_TRUE, *_FALSE):
            raise ValueError(f'strconv.ParseBool: parsing "{text}": invalid syntax')
        return text in _TRUE
    if flag.type == "int":
        if name == "request-timeout":
            return text
        try:
            return int(text.replace("_", "x"))
        except ValueError:
            raise ValueError(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None
    if flag.type == "duration":
        return duration.parse(text)
    if flag.type == "pairs":
        return _pairs(text)
    if flag.type == "list":
        return [] if text in ("[]", "") else text.split(",")
    if flag.type == "array":
        return [] if text == "[]" else [text]
    return text


def _pairs(text: str) -> dict[str, str]:
    """`a=b,c=d`; ValueError if it is not that."""
    if text in ("[]", ""):
        return {}
    found = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError("malformed pair, expect string=string")
        found[key] = value
    return found


def help_text(path: str) -> str:
    """What `--help` prints."""
    import gzip

    packed = resources.files("kubesim_tui.kubectl").joinpath("data/help.json.gz").read_bytes()
    return str(json.loads(gzip.decompress(packed))[path])

"""Scripts: what a player does, written by what a player *sees*, not by ticks.

    # approach: restart
    go
    until served orders < 100% within 60s
    kubectl apply -f api-config.yaml
    kubectl rollout restart deploy/api -n shop  #: taught
    until deploy/api Available within 60s

`parse` turns a file into steps; game.player plays them against a session. Also `@12` (seconds after Go), `+5`
(seconds from here), `$P = kubectl …` (the output, for later lines) and `> ls` (typed into the shell that an earlier
line, `kubectl exec -it …`, has begun). When the time of an `until` runs out a solution
has failed; a trap just goes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from kubesim_tui.game.units import share_pm, ticks

_HEAD = re.compile(r"#\s*(approach|reaches|loses|why|only)\s*:\s*(.*)")
_TAUGHT = re.compile(r"\s+#:\s*taught(?:\s+instead\s+(.*))?\s*$")
_UNTIL = re.compile(r"until\s+(.+?)(?:\s+within\s+(\S+))?\s*$")
_SERVED = re.compile(r"served\s+(\S+)\s*(<|<=|>|>=|==)\s*(\S+%)$")
_STATE = re.compile(r"(\S+/\S+)\s+(\S+)\s*(==|!=|>=|<=|>|<)\s*(\S+)$")
_CONDITION = re.compile(r"(\S+/\S+)\s+(!?)([A-Za-z]+)$")

TYPED = "> "
"""Before a line that is typed into the shell that an earlier line has begun."""

COMMANDS = ("kubectl", "k", "curl", "wget", "hint", "why", "chaos")
EXAMPLES = (
    "write `until served NAME < 99% within 60s`, `until deploy/api Available within 60s`, "
    "`until deploy/api status.readyReplicas >= 3` or `until end`"
)


class ScriptError(Exception):
    """A script that cannot be read: file, line and what was expected."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file, self.line, self.message = file, line, message


@frozen
class Until:
    """What is waited for: served (traffic, comparison, per mille), state or condition (object, path), or the end."""

    kind: str  # served, condition, state, end
    subject: str
    path: str
    compare: str
    value: str
    within: int = 600


@frozen
class Step:
    """One line: `go`, `run`, `until`, `at`, `wait`, `set`, or `type`."""

    kind: str
    line: int
    text: str = ""
    ticks: int = 0
    until: Until | None = None
    variable: str = ""
    taught: bool = False
    instead: str = ""


@frozen
class Play:
    """A whole script."""

    file: str
    head: Mapping[str, str]
    steps: tuple[Step, ...]

    @property
    def taught(self) -> bool:
        """Whether any of its lines is the taught one."""
        return any(s.taught for s in self.steps)

    def without_taught(self) -> Play:
        """The same with the taught lines left out, or replaced by what `instead` says."""
        steps: list[Step] = []
        for step in self.steps:
            if not step.taught:
                steps.append(step)
            elif step.instead:
                steps.append(Step("run", step.line, step.instead))
        return Play(self.file, self.head, tuple(steps))


def parse(text: str, file: str) -> Play:
    """Read a script; ScriptError names the line that is not understood."""
    head: dict[str, str] = {}
    steps: list[Step] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if found := _HEAD.fullmatch(line):
            head[found[1]] = found[2].strip()
        elif line and not line.startswith("#"):
            steps.append(_step(line, number, file))
    return Play(file, head, tuple(steps))


def _step(line: str, number: int, file: str) -> Step:
    taught = _TAUGHT.search(line)
    bare = line[: taught.start()] if taught else line
    instead = (taught[1] or "").strip() if taught else ""
    if bare == "go":
        return Step("go", number)
    if bare.split()[0] == "until":
        return Step("until", number, bare, until=_until(bare, number, file))
    if bare.startswith(TYPED):
        return Step("type", number, bare.removeprefix(TYPED))
    if found := re.fullmatch(r"@(\S+)", bare):
        return Step("at", number, ticks=_ticks(found[1], number, file))
    if found := re.fullmatch(r"\+(\S+)", bare):
        return Step("wait", number, ticks=_ticks(found[1], number, file))
    if found := re.fullmatch(r"\$([A-Z_]+)\s*=\s*(.+)", bare):
        return Step("set", number, found[2], variable=found[1])
    if bare.split()[0] not in COMMANDS:
        raise ScriptError(file, number, f"{line!r} is not understood; write a kubectl line, go, +5, @12, or until …")
    return Step("run", number, bare, taught=taught is not None, instead=instead)


def _ticks(text: str, number: int, file: str) -> int:
    try:
        return int(text) if text.isdigit() else ticks(text)
    except ValueError as wrong:
        raise ScriptError(file, number, str(wrong)) from wrong


def _share(text: str, number: int, file: str) -> int:
    try:
        return share_pm(text)
    except ValueError as wrong:
        raise ScriptError(file, number, str(wrong)) from wrong


def _until(line: str, number: int, file: str) -> Until:
    found = _UNTIL.fullmatch(line)
    if found is not None:
        within = _ticks(found[2], number, file) if found[2] else 600
        what = found[1].strip()
        if what == "end":
            return Until("end", "", "", "", "", within)
        if served := _SERVED.fullmatch(what):
            return Until("served", served[1], "", served[2], str(_share(served[3], number, file)), within)
        if state := _STATE.fullmatch(what):
            return Until("state", state[1], state[2], state[3], state[4], within)
        if condition := _CONDITION.fullmatch(what):
            return Until("condition", condition[1], condition[3], "!=" if condition[2] else "==", "True", within)
    raise ScriptError(file, number, f"{line!r} is not understood; {EXAMPLES}")

"""journalctl itself: whose lines, of which time, how many, in which form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from attrs import define, field

from kubesim_tui.cluster.journalctl.containers import KERNEL, of_kernel, of_runtime
from kubesim_tui.cluster.journalctl.line import Line
from kubesim_tui.cluster.journalctl.moments import moment
from kubesim_tui.cluster.journalctl.services import Services
from kubesim_tui.world.machine import Machine

NONE = "-- No entries --"
VALUED: Mapping[str, str] = {
    "-u": "unit", "--unit": "unit", "-n": "lines", "--lines": "lines", "-S": "since", "--since": "since",
    "-U": "until", "--until": "until", "-o": "output", "--output": "output", "-g": "grep", "--grep": "grep",
}  # fmt: skip
PLAIN: Mapping[str, str] = {
    "-k": "dmesg", "--dmesg": "dmesg", "-r": "reverse", "--reverse": "reverse", "-f": "follow", "--follow": "follow",
    "--no-pager": "", "-x": "", "--catalog": "", "-e": "", "--pager-end": "", "-l": "", "--full": "", "-a": "",
    "--all": "", "-b": "", "--boot": "", "-q": "quiet", "--quiet": "quiet", "--utc": "", "--no-hostname": "bare",
}  # fmt: skip
OUTPUTS = ("short", "short-iso", "cat")
Answer = tuple[tuple[str, ...], tuple[str, ...], int]


class Failure(Exception):
    """What journalctl says when it gives up."""


@define
class Asked:
    """What was asked for."""

    flags: dict[str, str] = field(factory=dict)
    units: list[str] = field(factory=list)

    def has(self, flag: str) -> bool:
        """A flag was given."""
        return flag in self.flags


def run(machine: Machine, words: Sequence[str], tick: int, now: int, server: str) -> Answer:
    """(output, errors, exit code). `now`: the machine's time; `server`: where its kubelet finds an API server."""
    try:
        asked = _read(words)
        begin = now - tick
        found = [line for line in _lines(machine, tick, begin, server) if _is_meant(line, asked)]
        return tuple(_shown(machine, _chosen(found, asked, begin, now), asked, begin)), (), 0
    except Failure as wrong:
        return (), (str(wrong),), 1


def _lines(machine: Machine, tick: int, begin: int, server: str) -> Iterable[Line]:
    """All of a machine, the oldest first."""
    services = Services(machine.name, begin, tick, server)
    found = [*of_kernel(machine), *of_runtime(machine, begin), *services.lines(machine.journal)]
    return sorted(found, key=lambda line: (line.tick, line.micros))


def _is_meant(line: Line, asked: Asked) -> bool:
    if asked.has("dmesg"):
        return line.unit == KERNEL
    if asked.units and line.unit not in asked.units:
        return False
    return re.search(asked.flags.get("grep", ""), line.text) is not None


def _chosen(lines: list[Line], asked: Asked, begin: int, now: int) -> list[Line]:
    since, until = (_moment(asked, flag, now) for flag in ("since", "until"))
    found = [
        line
        for line in lines
        if (since is None or begin + line.tick >= since) and (until is None or begin + line.tick <= until)
    ]
    if asked.has("lines"):
        most = asked.flags["lines"] or "10"
        if not most.isdecimal() and most != "all":
            raise Failure(f"Failed to parse lines '{most}'.")
        found = found if most == "all" else found[max(0, len(found) - int(most)) :]
    return found[::-1] if asked.has("reverse") else found


def _moment(asked: Asked, flag: str, now: int) -> int | None:
    if not asked.has(flag):
        return None
    found = moment(asked.flags[flag], now)
    if found is None:
        raise Failure(f"Failed to parse timestamp: {asked.flags[flag]}")
    return found


def _shown(machine: Machine, lines: list[Line], asked: Asked, begin: int) -> Iterable[str]:
    form = asked.flags.get("output", "short")
    if form not in OUTPUTS:
        raise Failure(f"Unknown output format '{form}'.")
    if not lines:
        return () if asked.has("quiet") else (NONE,)
    if form == "cat":
        return [line.text for line in lines]
    stamp = "%Y-%m-%dT%H:%M:%S+00:00" if form == "short-iso" else "%b %d %H:%M:%S"
    host = "" if asked.has("bare") else f"{machine.name} "
    times = (datetime.fromtimestamp(begin + line.tick, UTC).strftime(stamp) for line in lines)
    return [f"{at} {host}{line.who}: {line.text}" for at, line in zip(times, lines, strict=True)]


def _read(words: Sequence[str]) -> Asked:
    asked = Asked()
    rest = list(words)
    while rest:
        head, equals, value = rest.pop(0).partition("=")
        short = head[:2] if head[:1] == "-" and head[:2] != "--" else ""
        if short in VALUED and len(head) > 2 and not equals:
            head, equals, value = short, "=", head[2:]
        flag = VALUED.get(head)
        if flag is not None:
            if not equals and flag == "lines" and (not rest or not (rest[0].isdecimal() or rest[0] == "all")):
                value = ""
            elif not equals:
                if not rest:
                    raise Failure(f"journalctl: option requires an argument -- '{head.lstrip('-')}'")
                value = rest.pop(0)
            _take(asked, flag, value)
        elif head in PLAIN:
            asked.flags[PLAIN[head]] = ""
        elif short and len(head) > 2 and all(f"-{letter}" in {**PLAIN, **VALUED} for letter in head[1:]):
            rest[:0] = [f"-{letter}" for letter in head[1:]]
        elif head[:1] == "-":
            raise Failure(f"journalctl: unrecognized option '{head}'")
        else:
            raise Failure(f"Failed to add match '{head}': Invalid argument")
    if asked.has("follow"):
        raise Failure("journalctl: the journal is not followed here: ask for it again (--since '1 min ago')")
    return asked


def _take(asked: Asked, flag: str, value: str) -> None:
    if flag == "unit":
        asked.units.append(value.removesuffix(".service"))
    else:
        asked.flags[flag] = value

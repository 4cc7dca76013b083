"""awk's functions: each gets the machine and its arguments as they are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Protocol

from kubesim_tui.kernel.regex import Match, Pattern
from kubesim_tui.world.shell import parameters
from kubesim_tui.world.shell.call import Call
from kubesim_tui.world.shell.tools.awk_syntax import Node
from kubesim_tui.world.shell.tools.awk_values import Outside, Value, formatted, number, text
from kubesim_tui.world.template import clock_text


class Machine(Protocol):
    """What they need of a run."""

    call: Call
    variables: dict[str, Value]
    arrays: dict[str, dict[str, Value]]
    line: str

    def value(self, node: Node) -> Value:
        """What an expression is now."""
        ...

    def assign(self, place: Node, value: Value) -> Value:
        """Put a value somewhere."""
        ...

    def split(self, line: str, separator: str) -> list[str]:
        """The parts of a text."""
        ...

    def pattern(self, spelled: str) -> Pattern:
        """A regular expression."""
        ...

    def hold(self, words: str) -> None:
        """Count what a run keeps."""
        ...


Arguments = tuple[Node, ...]


def _text(m: Machine, nodes: Arguments, at: int) -> str:
    return text(m.value(nodes[at]))


def _spelled(m: Machine, node: Node) -> str:
    return str(node[1]) if node[0] == "regex" else text(m.value(node))


def _length(m: Machine, nodes: Arguments) -> Value:
    if nodes and nodes[0][0] == "variable" and nodes[0][1] in m.arrays:
        return float(len(m.arrays[nodes[0][1]]))
    return float(len(_text(m, nodes, 0) if nodes else m.line))


def _substr(m: Machine, nodes: Arguments) -> Value:
    whole = _text(m, nodes, 0)
    first = int(number(m.value(nodes[1])))
    end = first + int(number(m.value(nodes[2]))) if len(nodes) > 2 else len(whole) + 1
    return whole[max(0, first - 1) : max(0, end - 1)]


def _split(m: Machine, nodes: Arguments) -> Value:
    separator = _spelled(m, nodes[2]) if len(nodes) > 2 else text(m.variables["FS"])
    parts = m.split(_text(m, nodes, 0), separator)
    m.arrays[nodes[1][1]] = {str(at): Outside(part) for at, part in enumerate(parts, 1)}
    return float(len(parts))


def _replaced(m: Machine, nodes: Arguments, most: int) -> Value:
    form = _text(m, nodes, 1)
    place = nodes[2] if len(nodes) > 2 else ("field", ("constant", 0.0))

    def one(found: Match) -> str:
        m.hold(form)
        return form.replace("\\&", "\0").replace("&", found.whole).replace("\0", "&")

    new, hits = m.pattern(_spelled(m, nodes[0])).replaced(text(m.value(place)), one, most)
    if hits:
        m.assign(place, new)
    return float(hits)


def _match(m: Machine, nodes: Arguments) -> Value:
    found = m.pattern(_spelled(m, nodes[1])).search(_text(m, nodes, 0))
    start, end = found.span() if found is not None else (-1, -2)
    m.variables["RSTART"], m.variables["RLENGTH"] = float(start + 1), float(end - start)
    return float(start + 1)


def _random(m: Machine, _nodes: Arguments) -> Value:
    drawn = parameters.value(m.call.tasks, m.call.task, m.call.system, "RANDOM")
    return int(drawn or 0) / 32_768


def _now(m: Machine, _nodes: Arguments) -> Value:
    m.call.unsteady()
    return float(m.call.system.epoch + m.call.now_us // 1_000_000)


def _strftime(m: Machine, nodes: Arguments) -> Value:
    at = number(m.value(nodes[1])) if len(nodes) > 1 else number(_now(m, ()))
    return clock_text(int(at) * 1_000_000, _text(m, nodes, 0) if nodes else "%a %b %e %H:%M:%S %Z %Y")


FUNCTIONS: Mapping[str, Callable[[Machine, Arguments], Value]] = {
    "length": _length,
    "substr": _substr,
    "index": lambda m, nodes: float(_text(m, nodes, 0).find(_text(m, nodes, 1)) + 1),
    "split": _split,
    "sub": lambda m, nodes: _replaced(m, nodes, 1),
    "gsub": lambda m, nodes: _replaced(m, nodes, 0),
    "match": _match,
    "sprintf": lambda m, nodes: formatted(_text(m, nodes, 0), [m.value(node) for node in nodes[1:]]),
    "toupper": lambda m, nodes: _text(m, nodes, 0).upper(),
    "tolower": lambda m, nodes: _text(m, nodes, 0).lower(),
    "int": lambda m, nodes: float(int(number(m.value(nodes[0])))),
    "sqrt": lambda m, nodes: math.sqrt(max(0.0, number(m.value(nodes[0])))),
    "rand": _random,
    "srand": lambda _m, _nodes: 0.0,
    "systime": _now,
    "strftime": _strftime,
}

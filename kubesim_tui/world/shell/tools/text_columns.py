"""Tools that lay texts side by side, or take them apart: paste, fold, comm, cmp, diff."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from itertools import zip_longest

from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import read
from kubesim_tui.world.shell.tools.text import unescape


def _columns(call: Call, names: list[str]) -> list[list[str]] | None:
    """The lines of each file; of the standard input each `-` gets its share."""
    texts = call.texts(list(dict.fromkeys(names)))
    if texts is None:
        return None
    lines = {name: text.removesuffix("\n").split("\n") if text else [] for name, text in texts}
    shares = names.count("-")
    taken = iter(range(shares))
    return [lines[name][next(taken) :: shares] if name == "-" else lines[name] for name in names if name in lines]


def paste(call: Call) -> Outcome:
    """paste [-s] [-d characters] [files]"""
    options = read(call.arguments, "d")
    columns = _columns(call, options.rest or ["-"])
    if columns is None:
        return WAIT_INPUT
    joint = unescape(options.values.get("d", "\t"))
    rows = columns if "s" in options else [list(row) for row in zip_longest(*columns, fillvalue="")]
    for row in rows:
        ends = [joint[at % len(joint)] if joint else "" for at in range(len(row) - 1)]
        call.out("".join(text + end for text, end in zip_longest(row, ends, fillvalue="")) + "\n")
    return int(bool(call.state["failed"]))


def fold(call: Call) -> Outcome:
    """fold [-w width] [files]"""
    options = read(call.arguments, "w")
    texts = call.texts(options.rest)
    if texts is None:
        return WAIT_INPUT
    width = max(1, int(options.values.get("w", "80")))
    for line in [line for _, text in texts for line in text.splitlines()]:
        call.out("".join(f"{line[at : at + width]}\n" for at in range(0, max(1, len(line)), width)))
    return int(bool(call.state["failed"]))


def comm(call: Call) -> Outcome:
    """comm [-123] file file: lines of sorted files that are in the first, in the second, in both"""
    options = read(call.arguments)
    columns = _columns(call, options.rest)
    if columns is None:
        return WAIT_INPUT
    if len(columns) < 2:
        return 1 if call.state["failed"] else call.fail("missing operand")
    left, right = columns[:2]
    shown = [place for place in "123" if place not in options]
    for line in sorted({*left, *right}):
        both = min(left.count(line), right.count(line))
        counts = {"1": left.count(line) - both, "2": right.count(line) - both, "3": both}
        for column, place in enumerate(shown):
            call.out(("\t" * column + line + "\n") * counts[place])
    return 0


def compare(call: Call) -> Outcome:
    """cmp [-s] file file, diff [-q] file file: 0 where they are the same, 1 where not"""
    options = read(call.arguments, "U")
    names = options.rest[:2]
    texts = call.texts(names)
    if texts is None:
        return WAIT_INPUT
    if call.state["failed"] or len(texts) < 2:
        return 2
    (_, left), (_, right) = texts
    if left == right:
        return 0
    if call.name == "cmp":
        at = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
        line = left.count("\n", 0, at) + 1
        call.out("" if "s" in options else f"{names[0]} {names[1]} differ: char {at + 1}, line {line}\n")
    elif "q" in options or "brief" in options:
        call.out(f"Files {names[0]} and {names[1]} differ\n")
    else:
        _differences(call, left.splitlines(), right.splitlines())
    return 1


def _differences(call: Call, left: list[str], right: list[str]) -> None:
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        letter = {"insert": "a", "delete": "d", "replace": "c"}[kind]
        call.out(f"{_place(a, b)}{letter}{_place(c, d)}\n")
        call.out("".join(f"< {line}\n" for line in left[a:b]))
        call.out("---\n" if kind == "replace" else "")
        call.out("".join(f"> {line}\n" for line in right[c:d]))


def _place(first: int, end: int) -> str:
    """The numbers of some lines; of none: that of the line before."""
    return str(end) if end - first < 2 else f"{first + 1},{end}"


TOOLS: Mapping[str, Command] = {"paste": paste, "fold": fold, "comm": comm, "cmp": compare, "diff": compare}

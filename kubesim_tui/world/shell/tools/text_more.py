"""More tools for text: sort, uniq, cut, tr, rev, basename, base64, sums, and the usual uses of awk."""

from __future__ import annotations

import base64 as base64_
import hashlib
import re
from collections.abc import Mapping
from itertools import groupby

from kubesim_tui.kernel.regex import compiled
from kubesim_tui.kernel.regex.posix import extended
from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import read
from kubesim_tui.world.shell.tools.text import unescape


def _lines(call: Call, names: list[str]) -> list[str] | None:
    texts = call.texts(names)
    return (
        None if texts is None else [line for _, text in texts for line in text.removesuffix("\n").split("\n") if text]
    )


def _done(call: Call, lines: list[str]) -> int:
    call.out("".join(f"{line}\n" for line in lines))
    return int(bool(call.state["failed"]))


def sort(call: Call) -> Outcome:
    """sort [-nru] [-k n] [files]"""
    options = read(call.arguments, "kto")
    lines = _lines(call, options.rest)
    if lines is None:
        return WAIT_INPUT
    column = options.values.get("k", "").split(",")[0].rstrip("nr")
    keyed = [(_sort_key(line, column, options.values.get("t"), "n" in options), line) for line in lines]
    found = [line for _, line in sorted(keyed, reverse="r" in options)]
    return _done(call, list(dict.fromkeys(found)) if "u" in options else found)


def _sort_key(line: str, column: str, separator: str | None, numeric: bool) -> tuple[int, str]:
    parts = line.split(separator)
    text = parts[int(column) - 1] if column.isdecimal() and int(column) <= len(parts) else "" if column else line
    found = re.match(r"\s*-?\d+", text)
    return (int(found[0]) if found else 0, "") if numeric else (0, text)


def uniq(call: Call) -> Outcome:
    """uniq [-cd] [file]"""
    options = read(call.arguments)
    lines = _lines(call, options.rest)
    if lines is None:
        return WAIT_INPUT
    groups = [(line, len(list(same))) for line, same in groupby(lines)]
    groups = [group for group in groups if group[1] > 1 or "d" not in options]
    return _done(call, [f"{count:7} {line}" if "c" in options else line for line, count in groups])


def cut(call: Call) -> Outcome:
    """cut -d, -f1,3 | cut -c1-5"""
    options = read(call.arguments, "dfcb")
    lines = _lines(call, options.rest)
    if lines is None:
        return WAIT_INPUT
    if "f" in options:
        separator = options.values.get("d", "\t")
        found = [_cut_fields(line, separator, options.values["f"], "s" in options) for line in lines]
        return _done(call, [line for line in found if line is not None])
    chosen = options.values.get("c", options.values.get("b", "1-"))
    return _done(call, ["".join(char for n, char in enumerate(line, 1) if _listed(n, chosen)) for line in lines])


def _cut_fields(line: str, separator: str, chosen: str, only: bool) -> str | None:
    if separator not in line:
        return None if only else line
    return separator.join(part for n, part in enumerate(line.split(separator), 1) if _listed(n, chosen))


def _listed(number: int, chosen: str) -> bool:
    for part in chosen.split(","):
        first, dash, last = part.partition("-")
        if number >= int(first or 1) and number <= (int(last or 1 << 30) if dash else int(first or 1)):
            return True
    return False


def tr(call: Call) -> Outcome:
    """tr [-ds] set1 [set2]"""
    options = read(call.arguments)
    text = call.all()
    if text is None:
        return WAIT_INPUT
    sets = [_set(word) for word in options.rest]
    first, second = [*sets, ""][:2] if sets else ("", "")
    if "d" in options:
        call.out("".join(char for char in text if (char in first) == ("c" in options)))
        return 0
    if second:
        second = second.ljust(len(first), second[-1])
        text = text.translate({ord(a): b for a, b in zip(first, second, strict=False)})
    if "s" in options:
        squeezed = second or first
        text = re.sub(f"([{re.escape(squeezed)}])\\1+", r"\1", text) if squeezed else text
    call.out(text)
    return 0


def _set(word: str) -> str:
    classes = {
        "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "lower": "abcdefghijklmnopqrstuvwxyz",
        "digit": "0123456789",
        "space": " \t\n\r\v\f",
        "alpha": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    }
    classes["alnum"] = classes["alpha"] + classes["digit"]
    word = re.sub(r"\[:(\w+):\]", lambda found: classes.get(found[1], ""), unescape(word))
    return re.sub(r"(.)-(.)", lambda f: "".join(chr(c) for c in range(ord(f[1]), ord(f[2]) + 1)), word)


def rev(call: Call) -> Outcome:
    """rev [files]"""
    lines = _lines(call, call.arguments)
    return WAIT_INPUT if lines is None else _done(call, [line[::-1] for line in lines])


def tac(call: Call) -> Outcome:
    """tac [files]"""
    lines = _lines(call, call.arguments)
    return WAIT_INPUT if lines is None else _done(call, lines[::-1])


def nl(call: Call) -> Outcome:
    """nl [files]"""
    lines = _lines(call, read(call.arguments, "bw").rest)
    return WAIT_INPUT if lines is None else _done(call, [f"{n:6}\t{line}" for n, line in enumerate(lines, 1)])


def basename(call: Call) -> Outcome:
    """basename path [suffix]"""
    if not call.arguments:
        return call.fail("missing operand")
    name = call.arguments[0].rstrip("/").rpartition("/")[2]
    suffix = call.arguments[1] if len(call.arguments) > 1 else ""
    call.out((name.removesuffix(suffix) if suffix != name else name) + "\n")
    return 0


def dirname(call: Call) -> Outcome:
    """dirname path"""
    if not call.arguments:
        return call.fail("missing operand")
    head, slash, _ = call.arguments[0].rstrip("/").rpartition("/")
    call.out((head or ("/" if slash else ".")) + "\n")
    return 0


def base64(call: Call) -> Outcome:
    """base64 [-d] [-w n] [file]"""
    options = read(call.arguments, "w")
    texts = call.texts(options.rest)
    if texts is None:
        return WAIT_INPUT
    text = "".join(one for _, one in texts)
    if "d" in options or "decode" in options:
        try:
            call.out(base64_.b64decode(re.sub(r"\s", "", text), validate=True).decode("utf-8", "replace"))
        except ValueError:
            return call.fail("invalid input" if call.system.gnu else "truncated input")
        return 0
    coded = base64_.b64encode(text.encode()).decode()
    width = int(options.values.get("w", "76"))
    rows = [coded[at : at + width] for at in range(0, len(coded), width)] if width else [coded]
    call.out("\n".join(rows) + ("\n" if width else ""))
    return 0


def checksum(call: Call) -> Outcome:
    """md5sum, sha1sum, sha256sum [files]"""
    texts = call.texts(call.arguments)
    if texts is None:
        return WAIT_INPUT
    kind = call.name.removesuffix("sum")
    for name, text in texts:
        call.out(f"{hashlib.new(kind, text.encode()).hexdigest()}  {name}\n")
    return int(bool(call.state["failed"]))


_AWK = re.compile(r"\s*(?:(BEGIN|END)|/((?:[^/\\]|\\.)*)/|(NR\s*[<>=!]=?\s*\d+))?\s*(?:\{([^{}]*)\})?\s*")


def awk(call: Call) -> Outcome:
    """awk [-F sep] 'pattern {print …}': patterns, NR, NF, $n, print with texts; no arithmetic"""
    options = read(call.arguments, "Fv", stop_early=True)
    if not options.rest:
        return call.fail("cmd. line:0: no program", 2)
    program, *names = options.rest
    rules = [found for found in _AWK.finditer(program) if found[0].strip()]
    if "".join(found[0] for found in rules).strip() != program.strip():
        return call.fail("cmd. line:1: Unexpected token", 2)
    lines = _lines(call, names) if any(not found[1] for found in rules) else []
    if lines is None:
        return WAIT_INPUT
    call.state.setdefault("failed", False)
    separator = options.values.get("F")
    for rule in rules:
        if rule[1] == "BEGIN":
            _awk_action(call, rule[4], "", [], 0)
    for number, line in enumerate(lines, 1):
        parts = _awk_parts(separator, line)
        for rule in rules:
            if not rule[1] and _awk_fits(rule, line, number):
                _awk_action(call, rule[4], line, parts, number)
    for rule in rules:
        if rule[1] == "END":
            _awk_action(call, rule[4], lines[-1] if lines else "", [], len(lines))
    return int(bool(call.state["failed"]))


def _awk_parts(separator: str | None, line: str) -> list[str]:
    if not separator or separator == " ":
        return line.split()
    if len(separator) == 1:
        return line.split(separator)
    ends = [found.span() for found in compiled(extended(separator), posix=True).each(line)]
    return [line[a:b] for a, b in zip((0, *(e for _, e in ends)), (*(b for b, _ in ends), len(line)), strict=True)]


def _awk_fits(rule: re.Match[str], line: str, number: int) -> bool:
    if rule[2] is not None:
        return compiled(extended(rule[2]), posix=True).matches(line)
    if rule[3]:
        found = re.fullmatch(r"NR\s*([<>=!]=?)\s*(\d+)", rule[3])
        wanted = int(found[2]) if found else 0
        operator = found[1] if found else "=="
        return {
            "==": number == wanted,
            "!=": number != wanted,
            "<": number < wanted,
            ">": number > wanted,
            "<=": number <= wanted,
            ">=": number >= wanted,
            "=": True,
            "!": True,
        }[operator]
    return True


def _awk_action(call: Call, action: str | None, line: str, parts: list[str], number: int) -> None:
    for statement in (action if action is not None else "print").split(";"):
        words = statement.strip()
        if words.startswith("print"):
            rest = words[5:].strip()
            values = [_awk_value(part, line, parts, number) for part in _awk_split(rest)] if rest else [line]
            call.out(" ".join(values) + "\n")


def _awk_split(text: str) -> list[str]:
    return re.findall(r'((?:"[^"]*"|[^,"])+)', text)


def _awk_value(text: str, line: str, parts: list[str], number: int) -> str:
    pieces = []
    for found in re.finditer(r'"((?:[^"\\]|\\.)*)"|\$(\w+)|(NR|NF)|(\S+)', text):
        if found[1] is not None:
            pieces.append(unescape(found[1]))
        elif found[2]:
            at = len(parts) if found[2] == "NF" else int(found[2]) if found[2].isdecimal() else 0
            pieces.append(line if at == 0 else parts[at - 1] if at <= len(parts) else "")
        elif found[3]:
            pieces.append(str(number if found[3] == "NR" else len(parts)))
        elif found[4].isdecimal():
            pieces.append(found[4])
    return "".join(pieces)


TOOLS: Mapping[str, Command] = {
    "sort": sort,
    "uniq": uniq,
    "cut": cut,
    "tr": tr,
    "rev": rev,
    "tac": tac,
    "nl": nl,
    "basename": basename,
    "dirname": dirname,
    "base64": base64,
    "md5sum": checksum,
    "sha1sum": checksum,
    "sha256sum": checksum,
    "awk": awk,
}

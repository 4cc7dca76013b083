"""The small tools that people put behind kubectl: each turns lines into lines, and has an exit code.

grep (-i -v -w -c -E -o -A -B -C), head, tail, wc (-l -w -c), sort (-r -n -k -u -t), uniq (-c), cut (-d -f), awk
'{print $N}', sed 's/a/b/' and 'Np' '/a/d', tr -d, base64 (-d), cat, less, more.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from itertools import groupby

from kubesim_tui.kernel.regex import RegexError, compiled
from kubesim_tui.kernel.regex.posix import basic, extended, filled, quoted
from kubesim_tui.kubectl.fail import Fail

Lines = list[str]
Words = Sequence[str]
Spelling = Callable[[str], str]


def _options(tool: str, words: Words, valued: str) -> tuple[dict[str, str], list[str]]:
    """(letters with their values, the other words): `-n 5`, `-n5`, `-iv`, `-5`."""
    found: dict[str, str] = {}
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if not word.startswith("-") or word == "-" or len(word) < 2:
            rest.append(word)
            continue
        if word[1:].isdigit():
            found["n"] = word[1:]
            continue
        letters = word.lstrip("-")
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in valued:
                found[letter] = letters or (queue.pop(0) if queue else "")
                if not found[letter]:
                    raise Fail(f"{tool}: option requires an argument -- '{letter}'", 2)
                break
            found[letter] = "1"
    return found, rest


def _grep(words: Words, lines: Lines) -> tuple[Lines, int]:
    given, rest = _options("grep", words, "eABC")
    pattern = given.get("e") or (rest[0] if rest else None)
    if pattern is None:
        raise Fail("Usage: grep [OPTION]... PATTERNS", 2)
    try:
        if "F" in given:
            pattern = quoted(pattern)
        elif "P" not in given:
            pattern = extended(pattern) if "E" in given else basic(pattern)
        if "w" in given:
            pattern = rf"\b(?:{pattern})\b"
        wanted = compiled(pattern, folded="i" in given, posix="P" not in given)
    except RegexError as wrong:
        raise Fail(f"grep: {wrong}", 2) from None
    hits = [at for at, line in enumerate(lines) if wanted.matches(line) != ("v" in given)]
    code = 0 if hits else 1
    if "c" in given:
        return [str(len(hits))], code
    if "o" in given:
        return [m.whole for at in hits for m in wanted.each(lines[at]) if m.whole], code
    before, after = (_context(given.get(letter) or given.get("C") or "0") for letter in "BA")
    shown = sorted({n for at in hits for n in range(max(0, at - before), min(len(lines), at + after + 1))})
    out: Lines = []
    for place, n in enumerate(shown):
        if (before or after) and place and shown[place - 1] != n - 1:
            out.append("--")
        out.append(lines[n])
    return out, code


def _context(text: str) -> int:
    if not text.isdecimal():
        raise Fail(f"grep: {text}: invalid context length argument", 2)
    return int(text)


def _count(tool: str, words: Words) -> int:
    given, _ = _options(tool, words, "nc")
    text = given.get("n", "10").lstrip("+")
    return _lines_wanted(tool, text)


def _lines_wanted(tool: str, text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text):
        raise Fail(f"{tool}: invalid number of lines: '{text}'")
    return int(text)


def _head(words: Words, lines: Lines) -> tuple[Lines, int]:
    return lines[: _count("head", words)], 0


def _tail(words: Words, lines: Lines) -> tuple[Lines, int]:
    if any(w.startswith("+") for w in words):
        start = next(w for w in words if w.startswith("+"))
        return lines[max(0, _lines_wanted("tail", start) - 1) :], 0
    count = _count("tail", words)
    return lines[-count:] if count else [], 0


def _wc(words: Words, lines: Lines) -> tuple[Lines, int]:
    given, _ = _options("wc", words, "")
    numbers = {
        "l": len(lines),
        "w": sum(len(line.split()) for line in lines),
        "c": sum(len(line.encode()) + 1 for line in lines),
    }
    chosen = [n for letter, n in numbers.items() if not given or letter in given]
    return ["".join(f"{n:7} " for n in chosen).rstrip() if len(chosen) > 1 else str(chosen[0])], 0


def _sort(words: Words, lines: Lines) -> tuple[Lines, int]:
    given, _ = _options("sort", words, "kt")
    digits = re.match(r"\d+", given.get("k", ""))
    field = int(digits[0]) if digits else 0
    separator = given.get("t")

    def key(line: str) -> tuple[float, str]:
        cells = line.split(separator)
        text = line if not field else cells[field - 1] if len(cells) >= field else ""
        number = re.match(r"\s*-?\d+(\.\d+)?", text) if "n" in given else None
        return float(number[0]) if number else 0.0, text

    found = sorted(dict.fromkeys(lines) if "u" in given else lines, key=key)
    return found[::-1] if "r" in given else found, 0


def _uniq(words: Words, lines: Lines) -> tuple[Lines, int]:
    given, _ = _options("uniq", words, "")
    groups = [(line, len(list(same))) for line, same in groupby(lines)]
    return [f"{count:7} {line}" if "c" in given else line for line, count in groups], 0


def _cut(words: Words, lines: Lines) -> tuple[Lines, int]:
    given, _ = _options("cut", words, "df")
    separator = given.get("d", "\t")
    wanted = [int(n) for n in given.get("f", "1").split(",") if n.isdigit()]
    rows = [line.split(separator) for line in lines]
    return [separator.join(row[n - 1] for n in wanted if len(row) >= n) for row in rows], 0


def _awk(words: Words, lines: Lines) -> tuple[Lines, int]:
    given, rest = _options("awk", words, "F")
    program = re.fullmatch(r"\s*(NR\s*>\s*1)?\s*\{\s*print\s*([^}]*?)\s*\}\s*", rest[0]) if rest else None
    if program is None:
        raise Fail("awk: only '{print $1, $2}' is known here", 2)
    names = [n.strip() for n in program[2].split(",")] if program[2] else ["$0"]
    return [_awk_row(names, line, given.get("F")) for line in (lines[1:] if program[1] else lines)], 0


def _awk_row(names: Words, line: str, separator: str | None) -> str:
    cells = [line, *line.split(separator)]
    shown = []
    for name in names:
        if name.strip('"') != name:
            shown.append(name.strip('"'))
            continue
        at = len(cells) - 1 if name == "$NF" else int(name[1:]) if name[1:].isdecimal() else -1
        shown.append(cells[at] if 0 <= at < len(cells) else "")
    return " ".join(shown)


_SETS = {
    "\\n": "\n",
    "\\t": "\t",
    "\\r": "\r",
    "\\\\": "\\",
    "[:space:]": " \t\n\v\f\r",
    "[:blank:]": " \t",
    "[:digit:]": "0123456789",
}
"""How tr writes characters that one does not type."""
_SET = re.compile("|".join(re.escape(written) for written in _SETS))


def _tr(words: Words, lines: Lines) -> tuple[Lines, int]:
    if len(words) == 2 and words[0] == "-d":
        gone = _SET.sub(lambda written: _SETS[written[0]], words[1])
        text = "".join(f"{line}\n" for line in lines).translate(dict.fromkeys(map(ord, gone)))
        return text.removesuffix("\n").split("\n") if text else [], 0
    if len(words) == 2 and words[0] == " " and words[1] == "\\n":
        return [word for line in lines for word in line.split(" ")], 0
    raise Fail("tr: only -d CHARACTERS is known here", 1)


_SED = re.compile(
    r"(?:(?P<line>\d+)|/(?P<with>(?:\\.|[^/])*)/)?(?:(?P<verb>[dp])|s(?P<mark>.)(?P<old>(?:\\.|(?!(?P=mark)).)*)"
    r"(?P=mark)(?P<new>(?:\\.|(?!(?P=mark)).)*)(?P=mark)(?P<how>[gI]*))"
)


def _sed(words: Words, lines: Lines) -> tuple[Lines, int]:
    given, rest = _options("sed", words, "e")
    program = given.get("e") or (rest[0] if rest else "")
    found = _SED.fullmatch(program.strip())
    if found is None:
        raise Fail(f"sed: -e expression #1: {program}: only s/old/new/g, Nd, Np, /text/d and /text/p are known here")
    spelling = extended if "E" in given or "r" in given else basic
    try:
        return _edited(found, lines, quiet="n" in given, spelling=spelling), 0
    except RegexError as wrong:
        raise Fail(f"sed: -e expression #1: {wrong}") from None


def _edited(found: re.Match[str], lines: Lines, *, quiet: bool, spelling: Spelling) -> Lines:
    out: Lines = []
    for number, line in enumerate(lines, 1):
        meant = True
        if found["line"] is not None:
            meant = number == int(found["line"])
        elif found["with"] is not None:
            meant = compiled(spelling(found["with"]), posix=True).matches(line)
        out += _sed_line(found, line, meant, quiet=quiet, spelling=spelling)
    return out


def _sed_line(found: re.Match[str], line: str, meant: bool, *, quiet: bool, spelling: Spelling) -> Lines:
    if found["verb"] == "d":
        return [] if meant else [line]
    if found["verb"] == "p":
        return ([] if quiet else [line]) + ([line] if meant else [])
    if meant:
        how = found["how"]
        old, new = compiled(spelling(found["old"]), folded="I" in how, posix=True), found["new"]
        line, _ = old.replaced(line, lambda hit: filled(new, hit), 0 if "g" in how else 1)
    return [] if quiet else [line]


def _base64(words: Words, lines: Lines) -> tuple[Lines, int]:
    text = "\n".join(lines)
    if any(word in ("-d", "-D", "--decode") for word in words):
        try:
            return base64.b64decode("".join(text.split())).decode("utf-8", "replace").split("\n"), 0
        except binascii.Error:
            raise Fail("base64: invalid input") from None
    whole = base64.b64encode(f"{text}\n".encode()).decode()
    width = len(whole) if any(word.startswith(("-w", "--wrap")) for word in words) else 76
    return [whole[at : at + width] for at in range(0, len(whole), max(width, 1))], 0


def _cat(_words: Words, lines: Lines) -> tuple[Lines, int]:
    return lines, 0


TOOLS: dict[str, Callable[[Words, Lines], tuple[Lines, int]]] = {
    "grep": _grep,
    "head": _head,
    "tail": _tail,
    "wc": _wc,
    "sort": _sort,
    "uniq": _uniq,
    "cut": _cut,
    "awk": _awk,
    "sed": _sed,
    "base64": _base64,
    "tr": _tr,
    "cat": _cat,
    "less": _cat,
    "more": _cat,
}

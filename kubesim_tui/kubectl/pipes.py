"""What may stand behind a `|`: the small tools that people put behind kubectl.

grep (-i -v -w -c -E -o -A -B -C), head, tail, wc -l, sort (-r -n -k -u), uniq (-c), cut (-d -f), awk '{print $N}', tr
-d, cat, less, more. Each turns lines into lines; state of a pipe behind a job is its words and the lines so far.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby

from attrs import Factory, define

from kubesim_tui.apiserver.client import Client
from kubesim_tui.kubectl.fail import Fail
from kubesim_tui.kubectl.result import Job, Poll

Lines = list[str]
Words = Sequence[str]


def split(line: str) -> list[str]:
    """The commands between unquoted `|`. Fail for what only a shell can do."""
    parts, quote = [""], ""
    for at, c in enumerate(line):
        if quote:
            quote = "" if c == quote else quote
        elif c in "'\"":
            quote = c
        elif c == "|" and line[at - 1 : at] != "\\":
            parts.append("")
            continue
        elif c in "<>;&" and line[at - 1 : at] in ("", " ") and line[at + 1 : at + 2] in ("", " ", c):
            raise Fail(f"error: {c} needs a shell, and this prompt is none: run one command at a time")
        parts[-1] += c
    return parts


def apply(stages: Sequence[Words], lines: Lines) -> tuple[Lines, int]:
    """(the lines behind all stages, the last one's exit code). Fail for a tool that is not here."""
    code = 0
    for words in stages:
        tool = TOOLS.get(words[0]) if words else None
        if tool is None:
            name = words[0] if words else ""
            raise Fail(f"error: {name}: command not found; behind | there are {', '.join(sorted(TOOLS))}", 127)
        lines, code = tool(words[1:], lines)
    return lines, code


def linewise(stages: Sequence[Words]) -> bool:
    """Whether each line can go through the pipe as it comes."""
    return all(words[0] in ("grep", "cat", "less", "more") and "-c" not in words for words in stages)


@define
class Piped:
    """A job with a pipe behind it: line by line where every stage allows that, else when the job has ended."""

    job: Job
    stages: list[list[str]]
    held: Lines = Factory(list)

    def poll(self, client: Client, now: int) -> Poll:
        """Ask the job, and put its lines through the pipe."""
        poll = self.job.poll(client, now)
        if linewise(self.stages):
            return self._through(poll, list(poll.out))
        self.held = [*self.held, *poll.out]
        if not poll.done:
            return Poll((), poll.err)
        return self._through(poll, self.held)

    def _through(self, poll: Poll, lines: Lines) -> Poll:
        out, code = apply(self.stages, lines)
        return Poll(tuple(out), poll.err, poll.done, code if poll.done else 0)

    def interrupt(self) -> Poll:
        """Ctrl-C."""
        return self.job.interrupt()


# -- tools -----------------------------------------------------------------------------------------------------------


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
    if "F" in given:
        pattern = re.escape(pattern)
    elif "E" not in given and "P" not in given:
        pattern = pattern.replace("\\|", "|")
    if "w" in given:
        pattern = rf"\b(?:{pattern})\b"
    try:
        wanted = re.compile(pattern, re.IGNORECASE if "i" in given else 0)
    except re.error as wrong:
        raise Fail(f"grep: {wrong}", 2) from None
    hits = [at for at, line in enumerate(lines) if bool(wanted.search(line)) != ("v" in given)]
    code = 0 if hits else 1
    if "c" in given:
        return [str(len(hits))], code
    if "o" in given:
        return [m.group() for at in hits for m in wanted.finditer(lines[at])], code
    before = int(given.get("B") or given.get("C") or 0)
    after = int(given.get("A") or given.get("C") or 0)
    shown = sorted({n for at in hits for n in range(max(0, at - before), min(len(lines), at + after + 1))})
    out: Lines = []
    for place, n in enumerate(shown):
        if (before or after) and place and shown[place - 1] != n - 1:
            out.append("--")
        out.append(lines[n])
    return out, code


def _count(tool: str, words: Words) -> int:
    given, _ = _options(tool, words, "nc")
    text = given.get("n", "10").lstrip("+")
    if not text.lstrip("-").isdigit():
        raise Fail(f"{tool}: invalid number of lines: '{text}'")
    return int(text)


def _head(words: Words, lines: Lines) -> tuple[Lines, int]:
    return lines[: _count("head", words)], 0


def _tail(words: Words, lines: Lines) -> tuple[Lines, int]:
    if any(w.startswith("+") for w in words):
        start = next(w for w in words if w.startswith("+"))
        return lines[max(0, int(start) - 1) :], 0
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
    field = int(re.match(r"\d*", given.get("k", "0"))[0] or 0)  # type: ignore[index]
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
        at = len(cells) - 1 if name == "$NF" else int(name[1:]) if name[1:].isdigit() else -1
        shown.append(cells[at] if 0 <= at < len(cells) else "")
    return " ".join(shown)


def _tr(words: Words, lines: Lines) -> tuple[Lines, int]:
    if len(words) == 2 and words[0] == "-d":
        return [re.sub(f"[{re.escape(words[1])}]", "", line) for line in lines], 0
    if len(words) == 2 and words[0] == " " and words[1] == "\\n":
        return [word for line in lines for word in line.split(" ")], 0
    raise Fail("tr: only -d CHARACTERS is known here", 1)


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
    "tr": _tr,
    "cat": _cat,
    "less": _cat,
    "more": _cat,
}

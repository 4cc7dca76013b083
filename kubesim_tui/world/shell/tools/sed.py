"""sed: s///, y///, d, p, q, a, i, c with addresses (line, $, /pattern/, ranges), -n, -E, -i, several -e."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from attrs import evolve, frozen

from kubesim_tui.kernel.regex import Match, Pattern, RegexError, compiled
from kubesim_tui.kernel.regex.posix import basic, extended, filled
from kubesim_tui.world.errors import FileError
from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.text import unescape

Spelling = Callable[[str], str]
_ADDRESS = r"(\d+|\$|/(?:[^/\\]|\\.)*/)"
_COMMAND = re.compile(rf"\s*(?:{_ADDRESS}(?:,{_ADDRESS})?)?\s*(!?)\s*([sdpqaicy=])")


@frozen(eq=False, repr=False)
class Rule:
    """One command with its addresses."""

    first: str
    last: str
    negated: bool
    action: str
    pattern: Pattern | None = None
    text: str = ""
    flags: str = ""


class SedError(ValueError):
    """A script that sed does not understand."""


def sed(call: Call) -> Outcome:
    """sed [-nEi] script [files]"""
    scripts, names, flags = _arguments(call.arguments)
    if not scripts:
        return call.fail("no script", 1)
    try:
        spelling = extended if "E" in flags or "r" in flags else basic
        rules = [rule for script in scripts for rule in _rules(script, spelling=spelling)]
    except (SedError, RegexError) as error:
        return call.fail(f"unsupported command {error}", 1)
    if "i" in flags:
        return _in_place(call, rules, names, quiet="n" in flags)
    texts = call.texts(names)
    if texts is None:
        return WAIT_INPUT
    call.out(_edit(rules, "".join(text for _, text in texts), quiet="n" in flags))
    return int(bool(call.state["failed"]))


def _arguments(arguments: list[str]) -> tuple[list[str], list[str], str]:
    scripts: list[str] = []
    rest: list[str] = []
    flags = ""
    words = iter(arguments)
    for word in words:
        if word in ("-e", "--expression"):
            scripts.append(next(words, ""))
        elif word.startswith("-i"):
            flags += "i"
        elif word.startswith("-") and len(word) > 1:
            flags += word[1:]
        else:
            rest.append(word)
    return (scripts, rest, flags) if scripts else (rest[:1], rest[1:], flags)


def _in_place(call: Call, rules: list[Rule], names: list[str], *, quiet: bool) -> int:
    code = 0
    for name in names:
        path = call.path(name)
        try:
            call.files.write(path, _edit(rules, call.files.read(path), quiet=quiet))
            call.unsteady()
        except FileError as error:
            code = call.fail(f"{name}: {error}")
    return code


def _rules(script: str, *, spelling: Spelling) -> list[Rule]:
    found = []
    at = 0
    script = script.strip()
    while at < len(script):
        if script[at] in "; \n\t":
            at += 1
            continue
        head = _COMMAND.match(script, at)
        if head is None:
            raise SedError(script[at])
        first, last, negated, action = head[1] or "", head[2] or "", bool(head[3]), head[4]
        at = head.end()
        if action in "sy":
            rule, at = _substitution(script, at, Rule(first, last, negated, action), spelling=spelling)
            found.append(rule)
        elif action in "aic":
            found.append(Rule(first, last, negated, action, text=unescape(script[at:].lstrip(" \\\n"))))
            at = len(script)
        else:
            found.append(Rule(first, last, negated, action))
    return found


def _substitution(script: str, at: int, head: Rule, *, spelling: Spelling) -> tuple[Rule, int]:
    mark = script[at : at + 1]
    parts = []
    at += 1
    for _ in range(2):
        end = at
        while end < len(script) and script[end] != mark:
            end += 2 if script[end] == "\\" else 1
        parts.append(script[at:end].replace("\\" + mark, mark))
        at = end + 1
    flags = re.match(r"[gpiI0-9]*", script[at:])
    letters = flags[0] if flags else ""
    if head.action == "y":
        return evolve(head, text=unescape(parts[1]), flags=unescape(parts[0])), at
    pattern = compiled(spelling(parts[0]), folded="i" in letters.lower(), posix=True)
    return evolve(head, pattern=pattern, text=parts[1], flags=letters), at + len(letters)


def _edit(rules: list[Rule], text: str, *, quiet: bool) -> str:
    lines = text.removesuffix("\n").split("\n") if text else []
    out: list[str] = []
    inside: dict[int, bool] = {}
    for number, line in enumerate(lines, 1):
        if not _one_line(rules, line, number, len(lines), inside, out, quiet=quiet):
            break
    return "".join(f"{line}\n" for line in out)


def _one_line(
    rules: list[Rule], line: str, number: int, count: int, inside: dict[int, bool], out: list[str], *, quiet: bool
) -> bool:
    """Apply all rules to a line; whether to go on after it."""
    after: list[str] = []
    go_on = shown = True
    for place, rule in enumerate(rules):
        if _selected(rule, line, number, count, inside, place) == rule.negated:
            continue
        if rule.action == "s" and rule.pattern is not None:
            line, hits = _replace(rule, line)
            if hits and "p" in rule.flags:
                out.append(line)
        elif rule.action == "y":
            line = line.translate({ord(a): b for a, b in zip(rule.flags, rule.text, strict=False)})
        elif rule.action == "p":
            out.append(line)
        elif rule.action in "dc":
            out.extend([rule.text] if rule.action == "c" else [])
            shown = False
            break
        elif rule.action == "q":
            go_on = False
            break
        else:
            (after if rule.action == "a" else out).append(str(number) if rule.action == "=" else rule.text)
    if shown and not quiet:
        out.append(line)
    out.extend(after)
    return go_on


def _replace(rule: Rule, line: str) -> tuple[str, int]:
    if rule.pattern is None:
        return line, 0
    form, nth, seen = rule.text, int("".join(filter(str.isdecimal, rule.flags)) or 1), 0

    def one(found: Match) -> str:
        nonlocal seen
        seen += 1
        return filled(form, found) if seen == nth or (seen > nth and "g" in rule.flags) else found.whole

    new, hits = rule.pattern.replaced(line, one, 0 if "g" in rule.flags else nth)
    return new, int(hits >= nth)


def _selected(rule: Rule, line: str, number: int, count: int, inside: dict[int, bool], place: int) -> bool:
    if not rule.first:
        return True
    if not rule.last:
        return _at(rule.first, line, number, count)
    if inside.get(place):
        inside[place] = not _at(rule.last, line, number, count)
        return True
    if _at(rule.first, line, number, count):
        inside[place] = not (rule.last.isdecimal() and int(rule.last) <= number)
        return True
    return False


def _at(address: str, line: str, number: int, count: int) -> bool:
    if address == "$":
        return number == count
    if address.isdecimal():
        return number == int(address)
    return compiled(basic(address[1:-1]), posix=True).matches(line)


TOOLS: Mapping[str, Command] = {"sed": sed}

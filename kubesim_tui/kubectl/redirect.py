"""What a shell does around a command: `< file`, `> file`, `>> file`, `2>/dev/null`, `2>&1`, and a text behind `<<EOF`.

The prompt is no shell; but people type these behind kubectl, and manuals are full of them.
"""

from __future__ import annotations

import re
from typing import Any

from attrs import evolve, frozen

from kubesim_tui.kubectl.fail import Fail
from kubesim_tui.kubectl.result import Behind, Reply, Terminal, save

NOWHERE = "/dev/null"
_HERE = re.compile(r"""<<(-?)\s*(["']?)(\w+)\2""")
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")
_SIGN = re.compile(r"(?<!\S)(2>&1|2>>?|&>|>>?|<)\s*(?=(\S*))")


@frozen
class Redirected:
    """A line without its redirections, and what they were."""

    command: str
    stdin: str | None = None  # the text behind <<EOF
    source: str = ""  # < file
    target: str = ""  # > file
    append: bool = False
    errors: str = ""  # "drop", "merge" or "" (they stay where they are)


def take(line: str) -> Redirected:
    """Read the redirections of a line. Fail for one without a file, or a text that does not end."""
    here = _HERE.search(_masked(line.split("\n", 1)[0]))
    found = _here(line, here.start()) if here is not None else Redirected(line)
    while True:
        sign = _SIGN.search(_masked(found.command))
        if sign is None:
            return found
        found = _one(found, sign)


def _masked(text: str) -> str:
    """The text with what is quoted made unreadable."""
    return _QUOTED.sub(lambda quoted: "x" * len(quoted.group()), text)


def _one(found: Redirected, sign: re.Match[str]) -> Redirected:
    """One redirection less."""
    kind, end = sign.group(1), sign.end() + len(sign.group(2))
    file = "" if kind == "2>&1" else found.command[sign.end() : end].strip("\"'")
    end = sign.end(1) if kind == "2>&1" else end
    rest = evolve(found, command=f"{found.command[: sign.start()].rstrip()} {found.command[end:].lstrip()}".strip())
    if kind == "2>&1":
        return evolve(rest, errors="merge")
    if not file:
        raise Fail("bash: syntax error near unexpected token `newline'", 2)
    if kind == "<":
        return evolve(rest, source=file)
    if kind.startswith("2>"):
        if file != NOWHERE:
            raise Fail(f"error: 2> {file}: errors can be sent to {NOWHERE} only", 2)
        return evolve(rest, errors="drop")
    return evolve(rest, target=file, append=kind == ">>", errors="merge" if kind == "&>" else rest.errors)


def _here(line: str, start: int) -> Redirected:
    """The text between `<<EOF` and a line that is `EOF`."""
    head, *body = line.split("\n")
    sign = _HERE.match(head, start)
    assert sign is not None
    stripped = [text.lstrip("\t") if sign.group(1) else text for text in body]
    if sign.group(3) not in stripped:
        raise Fail(f"bash: here-document delimited by end-of-file (wanted `{sign.group(3)}')", 2)
    at = stripped.index(sign.group(3))
    if any(text.strip() for text in stripped[at + 1 :]):
        raise Fail("error: one command at a time: nothing can follow the text", 2)
    text = "".join(f"{part}\n" for part in stripped[:at])
    return Redirected(f"{head[: sign.start()]}{head[sign.end() :]}".strip(), stdin=text)


class Fed(Behind):
    """A terminal at whose standard input a text is waiting."""

    typing = False

    def __init__(self, inner: Terminal, text: str) -> None:
        super().__init__(inner)
        self.text = text

    def read(self, path: str) -> str:
        """A file, or the text for `-`."""
        return self.text if path == "-" else super().read(path)


def fed(terminal: Terminal, given: Redirected) -> Terminal:
    """The terminal with what the line puts on standard input. Fail if the file cannot be read."""
    if given.stdin is not None:
        return Fed(terminal, given.stdin)
    if not given.source:
        return terminal
    try:
        return Fed(terminal, terminal.read(given.source))
    except OSError as wrong:
        raise _failed(given.source, wrong) from None


def deliver(reply: Reply, given: Redirected, terminal: Terminal) -> Reply:
    """The reply with its output where the line wants it."""
    if given.errors == "merge":
        reply = evolve(reply, out=(*reply.err, *reply.out), err=())
    elif given.errors == "drop":
        reply = evolve(reply, err=())
    if not given.target:
        return reply
    if reply.job is not None:
        raise Fail("error: a command that goes on cannot be written to a file here")
    text = "".join(f"{line}\n" for line in reply.out)
    try:
        if given.target != NOWHERE:
            save(terminal, given.target, (_held(terminal, given.target) if given.append else "") + text)
    except OSError as wrong:
        raise _failed(given.target, wrong) from None
    return evolve(reply, out=(), grids=())


def _held(terminal: Any, path: str) -> str:
    try:
        return str(terminal.read(path))
    except FileNotFoundError:
        return ""


def _failed(path: str, wrong: OSError) -> Fail:
    return Fail(f"bash: {path}: {wrong.strerror or wrong}")

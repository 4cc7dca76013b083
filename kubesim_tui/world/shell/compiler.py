"""Tree → code: a flat list of small instructions, so that a task is nothing but a place in it and a stack.

An instruction is a tuple (name, arguments …); world/shell/machine.py says what each does. Jumps name absolute places.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from kubesim_tui.world.shell.code import Code, Instruction
from kubesim_tui.world.shell.expansion import LITERAL, QUOTED, SPLIT
from kubesim_tui.world.shell.parser import parse
from kubesim_tui.world.shell.tree import (
    AndOr,
    Arith,
    ArithCommand,
    Assign,
    Case,
    Command,
    Condition,
    For,
    Function,
    Group,
    If,
    Lit,
    Loop,
    Param,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    ShellSyntaxError,
    Simple,
    Sub,
    Subshell,
    Word,
)

_FILE = re.compile(r"\s*<\s*([^\s;&|<>()]+)\s*")
"""bash's `$(<file)`."""
_TRIMS = ("#", "##", "%", "%%")


@lru_cache(maxsize=512)
def compile_text(text: str) -> Code:
    """Read and compile a script. Raises ShellSyntaxError. (Pure: the cache only saves time.)"""
    try:
        return compile_command(parse(text))
    except RecursionError:
        raise ShellSyntaxError("nested too deeply") from None


def compile_command(command: Command) -> Code:
    """Compile a command."""
    compiler = _Compiler()
    compiler.command(command, checked=True)
    return Code(tuple(compiler.steps))


class _Compiler:
    def __init__(self) -> None:
        self.steps: list[Instruction] = []

    def emit(self, *instruction: Any) -> int:
        """Add an instruction; returns its place."""
        self.steps.append(instruction)
        return len(self.steps) - 1

    def patch(self, place: int) -> None:
        """Let a jump lead here."""
        name, *arguments = self.steps[place]
        self.steps[place] = (name, *[len(self.steps) if a is None else a for a in arguments])

    # -- commands; `checked`: a failure ends the script under `set -e`

    def command(self, command: Command, *, checked: bool) -> None:
        """Compile any command."""
        match command:
            case Simple():
                self._simple(command)
                self._check(checked)
            case Sequence():
                self._sequence(command, checked=checked)
            case AndOr():
                self._and_or(command, checked=checked)
            case Pipeline():
                self._pipeline(command, checked=checked)
            case If():
                self._if(command, checked=checked)
            case Loop():
                self._loop(command, checked=checked)
            case For():
                self._for(command, checked=checked)
            case Case():
                self._case(command, checked=checked)
            case Group():
                self._sequence(command.body, checked=checked)
            case _:
                self._other(command, checked=checked)

    def _other(self, command: Command, *, checked: bool) -> None:
        match command:
            case Subshell():
                self.emit("subshell", compile_command(command.body))
                self._check(checked)
            case Function():
                self.emit("define", command.name, compile_command(command.body))
            case Condition():
                self._condition(command)
                self._check(checked)
            case ArithCommand():
                self.emit("word")
                self._parts(command.word)
                self.emit("text")
                self.emit("arith_status")
                self._check(checked)
            case Redirected():
                self._redirects(command.redirects)
                self.emit("enter")
                self.command(command.command, checked=checked)
                self.emit("leave")

    def _check(self, checked: bool) -> None:
        if checked:
            self.emit("check")

    def _sequence(self, command: Sequence, *, checked: bool) -> None:
        for item, background in command.items:
            if background:
                self.emit("background", compile_command(item))
            else:
                self.command(item, checked=checked)

    def _and_or(self, command: AndOr, *, checked: bool) -> None:
        self.command(command.first, checked=False)
        for number, (operator, item) in enumerate(command.rest):
            skip = self.emit("jump_fail" if operator == "&&" else "jump_ok", None)
            last = number == len(command.rest) - 1
            self.command(item, checked=checked and last)
            self.patch(skip)

    def _pipeline(self, command: Pipeline, *, checked: bool) -> None:
        if len(command.commands) == 1:
            self.command(command.commands[0], checked=False)
        else:
            self.emit("pipe", tuple(compile_command(item) for item in command.commands))
        if command.negated:
            self.emit("not")
        elif len(command.commands) > 1:
            self._check(checked)

    def _if(self, command: If, *, checked: bool) -> None:
        ends = []
        for condition, body in command.branches:
            self.command(condition, checked=False)
            skip = self.emit("jump_fail", None)
            self.command(body, checked=checked)
            ends.append(self.emit("jump", None))
            self.patch(skip)
        if command.otherwise is not None:
            self.command(command.otherwise, checked=checked)
        else:
            self.emit("status", 0)
        for end in ends:
            self.patch(end)

    def _loop(self, command: Loop, *, checked: bool) -> None:
        loop = self.emit("loop", None, len(self.steps) + 1, 0)
        top = len(self.steps)
        self.emit("jump", top + 2)  # `continue` comes here and goes on to the step
        to_step = self.emit("jump", None)
        self.command(command.condition, checked=False)
        out = self.emit("jump_ok" if command.until else "jump_fail", None)
        self.command(command.body, checked=checked)
        self.emit("body_done")
        self.patch(to_step)
        if command.step is not None:
            self.command(command.step, checked=False)
        self.emit("jump", top + 2)
        self.patch(out)
        self.emit("loop_status")
        self.patch(loop)
        self.steps[loop] = ("loop", self.steps[loop][1], top + 1, 0)
        self.emit("unloop")

    def _for(self, command: For, *, checked: bool) -> None:
        loop = self.emit("loop", None, -1, 1)
        self.emit("begin")
        for word in command.words if command.words is not None else (Word((Param("@", quoted=True),)),):
            self._field(word)
        self.emit("for_start")
        top = self.emit("for_next", command.name, None)
        self.command(command.body, checked=checked)
        self.emit("jump", top)
        self.patch(top)
        self.patch(loop)
        self.steps[loop] = ("loop", self.steps[loop][1], top, 1)
        self.emit("unloop")

    def _case(self, command: Case, *, checked: bool) -> None:
        self._text(command.word)
        ends = []
        for patterns, body in command.items:
            hits = []
            for pattern in patterns:
                self._pattern(pattern)
                hits.append(self.emit("case_hit", None))
            skip = self.emit("jump", None)
            for hit in hits:
                self.patch(hit)
            self.emit("drop")
            self.emit("status", 0)
            self.command(body, checked=checked)
            ends.append(self.emit("jump", None))
            self.patch(skip)
        self.emit("drop")
        self.emit("status", 0)
        for end in ends:
            self.patch(end)

    def _condition(self, command: Condition) -> None:
        """`[[ a && b ]]`: what is right of a false && is not expanded. (With both && and || all of it is.)"""
        plain = [word.plain for word in command.words]
        kinds = {text for text in plain if text in ("&&", "||", "(")}
        if len(kinds) != 1 or "(" in kinds:
            self._one_condition(command.words)
            return
        operator = kinds.pop()
        start = 0
        skips = []
        for end in [at for at, text in enumerate(plain) if text == operator] + [len(plain)]:
            self._one_condition(command.words[start:end])
            start = end + 1
            if end < len(plain):
                skips.append(self.emit("jump_fail" if operator == "&&" else "jump_ok", None))
        for skip in skips:
            self.patch(skip)

    def _one_condition(self, words: tuple[Word, ...]) -> None:
        self.emit("begin")
        after = ""
        for word in words:
            if after in ("==", "=", "!="):
                self._pattern(word)
            elif after == "=~":
                self._text(word)
            else:
                self._text(word)
            self.emit("push")
            after = word.plain or ""
        self.emit("condition")

    def _simple(self, command: Simple) -> None:
        for assign in command.assigns:
            self._assign(assign)
        self._redirects(command.redirects)
        self.emit("begin")
        for word in command.words:
            self._field(word)
        self.emit("run")

    def _assign(self, assign: Assign) -> None:
        if assign.items is not None:
            self.emit("begin")
            for word in assign.items:
                self._field(word)
            self.emit("assign_array", assign.name)
        else:
            self._text(assign.word)
            self.emit("assign", assign.name, assign.append)

    def _redirects(self, redirects: tuple[Redirect, ...]) -> None:
        for redirect in redirects:
            self._text(redirect.target)
            self.emit("redirect", redirect.fd, redirect.op)

    # -- words

    def _field(self, word: Word) -> None:
        """Expand a word into fields, added to the arguments on top of the stack."""
        self.emit("word")
        self._parts(word)
        self.emit("field")

    def _text(self, word: Word) -> None:
        """Expand a word into one text, without splitting."""
        self.emit("word")
        self._parts(word)
        self.emit("text")

    def _pattern(self, word: Word) -> None:
        self.emit("word")
        self._parts(word)
        self.emit("pattern")

    def _parts(self, word: Word, plain: int = LITERAL) -> None:
        for part in word.parts:
            match part:
                case Lit():
                    self.emit("lit", part.text, QUOTED if part.quoted else plain)
                case Sub(file=True):
                    self.emit("process", part.script)
                case Sub():
                    file = _FILE.fullmatch(part.script)
                    self.emit("substitute", f"cat {file[1]}" if file else part.script, part.quoted)
                case Arith():
                    self._text(part.word)
                    self.emit("arith", part.quoted)
                case Param():
                    self._param(part)

    def _param(self, part: Param) -> None:
        name, op, word = part.name, part.op, part.word or Word()
        if op in ("", "len"):
            self.emit("length" if op else "param", name, part.quoted)
        elif op in _TRIMS:
            self._pattern(word)
            self.emit("trim", name, op, part.quoted)
        elif op in ("/", "//"):
            self._pattern(word)
            self._text(part.other or Word())
            self.emit("replace", name, op == "//", part.quoted)
        elif op == "!":
            self.emit("indirect", name, part.quoted)
        elif op[0] in "^,":
            self.emit("cased", name, op, part.quoted)
        elif op == "slice":
            self._text(word)
            self._text(part.other or Word())
            self.emit("slice", name, part.quoted)
        else:
            self._default(name, op, word, part.quoted)

    def _default(self, name: str, op: str, word: Word, quoted: bool) -> None:
        """`-` a default, `=` one that is kept, `?` an error, `+` an alternative; with `:` empty counts as unset."""
        jump = self.emit("if_set", name, op.startswith(":"), None)
        if op[-1] == "+":
            end = self.emit("jump", None)
            self.patch(jump)
            self._parts(word, SPLIT)
            self.patch(end)
            return
        if op[-1] == "-":
            self._parts(word, SPLIT)
            end = self.emit("jump", None)
            self.patch(jump)
            self.emit("param", name, quoted)
            self.patch(end)
            return
        self._text(word)
        self.emit("keep" if op[-1] == "=" else "unset_error", name)
        self.patch(jump)
        self.emit("param", name, quoted)

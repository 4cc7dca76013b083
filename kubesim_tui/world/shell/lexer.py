"""Characters → tokens. Words come with their quoting and substitutions already taken apart."""

from __future__ import annotations

import re

from attrs import frozen

from kubesim_tui.world.shared import Shared
from kubesim_tui.world.shell.tree import Arith, Lit, Param, Part, ShellSyntaxError, Sub, Word

OPERATORS = (
    "<<<",
    "<<-",
    "&>>",
    ";;",
    "&&",
    "||",
    "<<",
    ">>",
    "<&",
    ">&",
    "<>",
    ">|",
    "&>",
    "|&",
    "|",
    "&",
    ";",
    "<",
    ">",
    "(",
    ")",
)
_BREAK = " \t\n|&;<>()"
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_BRACED = re.compile(r"(#?)([A-Za-z_][A-Za-z_0-9]*(?:\[[^\]]*\])?|[0-9]+|[@*#?$!-])")
_INDIRECT = re.compile(r"!([A-Za-z_][A-Za-z_0-9]*(?:\[[^\]]*\])?)\}")
_OPERATION = re.compile(r":[-=?+]|[-=?+]|##?|%%?|//?|:|\^\^?|,,?")


@frozen(eq=False, repr=False)
class Token(Shared):
    """`kind` is word, op, newline or end; `text` is the operator; `glued`: no blank before it."""

    kind: str
    text: str = ""
    word: Word | None = None
    glued: bool = False


class Lexer:
    """Reads one script. `next()` gives tokens; the parser says when a here-document is due."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._here = -1  # where the next here-document's body begins, -1: after this line

    # -- tokens

    def next(self) -> Token:
        """The next token."""
        start = self.at
        self._blank()
        glued = self.at == start and start > 0
        if self.at >= len(self.text):
            return Token("end")
        char = self.text[self.at]
        if char == "\n":
            self._newline()
            return Token("newline", "\n")
        if self.text.startswith("<(", self.at):
            end = closing(self.text, self.at + 2)
            script, self.at = self.text[self.at + 2 : end], end + 1
            return Token("word", word=Word((Sub(script, file=True),)), glued=glued)
        for operator in OPERATORS:
            if self.text.startswith(operator, self.at):
                self.at += len(operator)
                return Token("op", operator, glued=glued)
        return Token("word", word=self.word(), glued=glued)

    def _blank(self) -> None:
        text = self.text
        while self.at < len(text):
            if text[self.at] in " \t\r":
                self.at += 1
            elif text.startswith("\\\n", self.at):
                self.at += 2
            elif text[self.at] == "#":
                end = text.find("\n", self.at)
                self.at = len(text) if end < 0 else end
            else:
                return

    def _newline(self) -> None:
        self.at += 1
        if self._here >= 0:
            self.at, self._here = self._here, -1

    def here_document(self, delimiter: str, quoted: bool, tabs: bool) -> Word:
        """The body that follows this line, up to a line that is the delimiter."""
        if self._here < 0:
            end = self.text.find("\n", self.at)
            self._here = len(self.text) if end < 0 else end + 1
        lines = []
        while self._here < len(self.text):
            end = self.text.find("\n", self._here)
            end = len(self.text) if end < 0 else end
            line = self.text[self._here : end]
            self._here = min(end + 1, len(self.text))
            line = line.lstrip("\t") if tabs else line
            if line == delimiter:
                break
            lines.append(line + "\n")
        body = "".join(lines)
        return Word((Lit(body, True),)) if quoted else Lexer(body).quoted_text()

    # -- words

    def word(self, stops: str = _BREAK) -> Word:
        """One word, up to an unquoted character of `stops`."""
        parts: list[Part] = []
        plain: list[str] = []
        text = self.text
        while self.at < len(text) and text[self.at] not in stops:
            char = text[self.at]
            if char not in "\\'\"$`":
                plain.append(char)
                self.at += 1
                continue
            if plain:
                parts.append(Lit("".join(plain)))
                plain = []
            parts.extend(self._special(char))
        if plain:
            parts.append(Lit("".join(plain)))
        return Word(tuple(parts))

    def _special(self, char: str) -> list[Part]:
        if char == "\\":
            self.at += 2
            escaped = self.text[self.at - 1 : self.at]
            return [] if escaped == "\n" else [Lit(escaped or "\\", True)]
        if char == "'":
            return [Lit(self._until("'"), True)]
        if char == '"':
            self.at += 1
            inner = self._double()
            return list(inner) or [Lit("", True)]
        if char == "$" and self.text.startswith("$'", self.at):
            self.at += 1
            return [Lit(_escapes(self._until("'")), True)]
        return [self._dollar(quoted=False)] if char == "$" else [self._backquote(quoted=False)]

    def _until(self, mark: str) -> str:
        end = self.text.find(mark, self.at + 1)
        if end < 0:
            raise ShellSyntaxError("unterminated quoted string")
        found = self.text[self.at + 1 : end]
        self.at = end + 1
        return found

    def _double(self) -> list[Part]:
        """Inside double quotes, after the opening one, up to and over the closing one."""
        parts = self._quoted_parts('"')
        if self.at >= len(self.text):
            raise ShellSyntaxError("unterminated quoted string")
        self.at += 1
        return parts

    def quoted_text(self) -> Word:
        """All of the text as if between double quotes (here-documents)."""
        return Word(tuple(self._quoted_parts("")))

    def _quoted_parts(self, closing: str) -> list[Part]:
        parts: list[Part] = []
        plain: list[str] = []
        text = self.text
        while self.at < len(text) and text[self.at] != closing:
            char = text[self.at]
            if char == "\\" and text[self.at + 1 : self.at + 2] in ("$", "`", '"', "\\", "\n"):
                plain.append(text[self.at + 1].replace("\n", ""))
                self.at += 2
            elif char in "$`":
                if plain:
                    parts.append(Lit("".join(plain), True))
                    plain = []
                parts.append(self._dollar(quoted=True) if char == "$" else self._backquote(quoted=True))
            else:
                plain.append(char)
                self.at += 1
        if plain:
            parts.append(Lit("".join(plain), True))
        return parts

    def _dollar(self, *, quoted: bool) -> Part:
        text = self.text
        if text.startswith("$((", self.at):
            end = self._arithmetic_end(self.at + 3)
            if end >= 0:
                inner = text[self.at + 3 : end]
                self.at = end + 2
                return Arith(Lexer(inner).quoted_text(), quoted)
        if text.startswith("$(", self.at):
            end = closing(text, self.at + 2)
            script = text[self.at + 2 : end]
            self.at = end + 1
            return Sub(script, quoted)
        if text.startswith("${", self.at):
            self.at += 2
            return self._braced(quoted)
        self.at += 1
        name = _NAME.match(text, self.at)
        if name:
            self.at = name.end()
            return Param(name[0], quoted=quoted)
        if text[self.at : self.at + 1] and text[self.at] in "@*#?$!-0123456789":
            self.at += 1
            return Param(text[self.at - 1], quoted=quoted)
        return Lit("$", quoted)

    def _arithmetic_end(self, at: int) -> int:
        """Where `))` closes `$((`; -1 if it does not (then it is `$( (`)."""
        depth = 0
        while at < len(self.text):
            if self.text[at] == "(":
                depth += 1
            elif self.text[at] == ")":
                if depth == 0:
                    return at if self.text.startswith("))", at) else -1
                depth -= 1
            at += 1
        return -1

    def _braced(self, quoted: bool) -> Part:
        other = _INDIRECT.match(self.text, self.at)
        if other is not None:
            self.at = other.end()
            return Param(other[1], "!", quoted=quoted)
        found = _BRACED.match(self.text, self.at)
        if found is None:
            raise ShellSyntaxError("bad substitution")
        length, name = found[1], found[2]
        if length and self.text[found.end() : found.end() + 1] == "}":
            self.at = found.end() + 1
            return Param(name, "len", quoted=quoted)
        self.at = found.end() if not length else self.at + 1
        name = name if not length else "#"
        operation = _OPERATION.match(self.text, self.at)
        if operation is None:
            self._close_brace()
            return Param(name, quoted=quoted)
        self.at = operation.end()
        return self._operation(name, operation[0], quoted)

    def _operation(self, name: str, op: str, quoted: bool) -> Part:
        if op in ("/", "//"):
            word = self._operand("/}", quoted)
            other = Word()
            if self.text[self.at : self.at + 1] == "/":
                self.at += 1
                other = self._operand("}", quoted)
        elif op == ":":
            word = self._operand(":}", quoted)
            other = Word()
            if self.text[self.at : self.at + 1] == ":":
                self.at += 1
                other = self._operand("}", quoted)
            op = "slice"
        else:
            word, other = self._operand("}", quoted and op not in ("#", "##", "%", "%%")), Word()
        self._close_brace()
        return Param(name, op, word, other, quoted)

    def _operand(self, stops: str, quoted: bool) -> Word:
        word = self.word(stops)
        if not quoted:
            return word
        return Word(tuple(Lit(p.text, True) if isinstance(p, Lit) else p for p in word.parts))

    def _close_brace(self) -> None:
        if self.text[self.at : self.at + 1] != "}":
            raise ShellSyntaxError("bad substitution")
        self.at += 1

    def _backquote(self, *, quoted: bool) -> Part:
        at = self.at + 1
        script = []
        while at < len(self.text) and self.text[at] != "`":
            if self.text[at] == "\\" and self.text[at + 1 : at + 2] in ("`", "\\", "$"):
                at += 1
            script.append(self.text[at])
            at += 1
        if at >= len(self.text):
            raise ShellSyntaxError("EOF in backquote substitution")
        self.at = at + 1
        return Sub("".join(script), quoted)


def closing(text: str, at: int) -> int:
    """Where the parenthesis that was opened before `at` closes, minding quotes."""
    depth = 1
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char in "'\"":
            at = _skip(text, at, char)
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise ShellSyntaxError('unexpected end of file (expecting ")")')


def _skip(text: str, at: int, quote: str) -> int:
    """The place of the closing quote; a `$( )` between double quotes may hold quotes of its own."""
    at += 1
    while at < len(text) and text[at] != quote:
        if quote == '"' and text[at] == "\\":
            at += 1
        elif quote == '"' and text.startswith("$(", at):
            at = closing(text, at + 2)
        at += 1
    return at


def _escapes(text: str) -> str:
    """`$'…'`: the escapes of C."""
    known = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "0": "\0", "e": "\x1b"}
    return re.sub(r"\\(.)", lambda found: known.get(found[1], found[0]), text)

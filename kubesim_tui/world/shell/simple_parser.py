"""Simple commands: assignments, words, redirections. And the stream of tokens with one to look ahead at."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from attrs import evolve

from kubesim_tui.world.shell.lexer import Lexer, Token
from kubesim_tui.world.shell.tree import Assign, Command, Function, Lit, Redirect, ShellSyntaxError, Simple, Word

_ASSIGN = re.compile(r"([A-Za-z_][A-Za-z_0-9]*(?:\[[^\]]*\])?)(\+?)=")
_REDIRECTS = {
    "<": 0,
    "<>": 0,
    "<&": 0,
    "<<": 0,
    "<<-": 0,
    "<<<": 0,
    ">": 1,
    ">>": 1,
    ">|": 1,
    ">&": 1,
    "&>": 1,
    "&>>": 1,
}


class TokenStream:
    """The tokens of a script."""

    def __init__(self, text: str) -> None:
        self._lexer = Lexer(text)
        self._token = self._lexer.next()

    def _advance(self) -> Token:
        token = self._token
        self._token = self._lexer.next()
        return token

    def _is(self, *texts: str) -> bool:
        """Whether the next token is one of these operators or (unquoted) words."""
        token = self._token
        return token.text in texts if token.kind == "op" else self._plain() in texts

    def _plain(self) -> str | None:
        return self._token.word.plain if self._token.word is not None else None

    def _expect(self, text: str) -> None:
        if not self._is(text):
            raise self._unexpected(text)
        self._advance()

    def _unexpected(self, expecting: str = "") -> ShellSyntaxError:
        token = self._token
        hint = f' (expecting "{expecting}")' if expecting else ""
        if token.kind == "end":
            return ShellSyntaxError(f"unexpected end of file{hint}")
        if token.kind == "newline":
            return ShellSyntaxError(f"unexpected newline{hint}")
        what = f'"{token.text or self._plain()}"' if token.text or self._plain() else "word"
        return ShellSyntaxError(f"unexpected {what}{hint}")

    def _newlines(self) -> None:
        while self._token.kind == "newline":
            self._advance()

    def _take(self) -> Word:
        word = self._token.word
        if word is None:
            raise self._unexpected()
        self._advance()
        return word


class SimpleParser(TokenStream, ABC):
    """What a command without keywords is made of."""

    @abstractmethod
    def function(self, name: str) -> Function:
        """The definition of a function, after its name."""

    def _simple(self) -> Command:
        assigns: list[Assign] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            found = self._redirect()
            if found is not None:
                redirects.append(found)
            elif self._token.kind == "word":
                assign = None if words else self._assignment()
                if assign is not None:
                    assigns.append(assign)
                else:
                    words.append(self._take())
            elif self._is("(") and len(words) == 1 and not assigns and words[0].plain:
                return self.function(words[0].plain)
            else:
                break
        if not (assigns or words or redirects):
            raise self._unexpected()
        return Simple(tuple(assigns), tuple(words), tuple(redirects))

    def _assignment(self) -> Assign | None:
        word = self._token.word
        first = word.parts[0] if word is not None and word.parts else None
        if word is None or not isinstance(first, Lit) or first.quoted:
            return None
        found = _ASSIGN.match(first.text)
        if found is None:
            return None
        rest = first.text[found.end() :]
        parts = (Lit(rest), *word.parts[1:]) if rest else word.parts[1:]
        self._advance()
        assign = Assign(found[1], Word(parts), bool(found[2]))
        if not parts and self._token.kind == "op" and self._token.text == "(" and self._token.glued:
            return evolve(assign, items=tuple(self._array()))
        return assign

    def _array(self) -> list[Word]:
        self._advance()
        items = []
        while not self._is(")"):
            if self._token.kind == "end":
                raise self._unexpected(")")
            if self._token.kind == "newline":
                self._advance()
            else:
                items.append(self._take())
        self._advance()
        return items

    def _redirects(self) -> list[Redirect]:
        found = []
        while (redirect := self._redirect()) is not None:
            found.append(redirect)
        return found

    def _redirect(self) -> Redirect | None:
        fd = -1
        plain = self._plain()
        if (
            plain is not None
            and plain.isdecimal()
            and len(plain) == 1
            and self._lexer.text[self._lexer.at :][:1] in ("<", ">")
        ):
            fd = int(plain)
            self._advance()
        if self._token.kind != "op" or self._token.text not in _REDIRECTS:
            return None
        op = self._advance().text
        if self._token.kind != "word":
            raise self._unexpected()
        fd = _REDIRECTS[op] if fd < 0 else fd
        if op in ("<<", "<<-"):
            return Redirect(fd, "<<", self._here(tabs=op == "<<-"))
        return Redirect(fd, op, self._take())

    def _here(self, *, tabs: bool) -> Word:
        word = self._token.word
        parts = [part for part in word.parts if isinstance(part, Lit)] if word is not None else []
        quoted = any(part.quoted for part in parts)
        body = self._lexer.here_document("".join(part.text for part in parts), quoted, tabs)
        self._advance()
        return body

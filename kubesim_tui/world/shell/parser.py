"""Tokens → tree: the grammar of POSIX sh, with `[[ ]]`, `(( ))`, `function` and arrays of bash."""

from __future__ import annotations

from functools import lru_cache

from attrs import evolve

from kubesim_tui.world.shell.lexer import Lexer, Token, closing
from kubesim_tui.world.shell.simple_parser import SimpleParser
from kubesim_tui.world.shell.tree import (
    AndOr,
    ArithCommand,
    Case,
    Command,
    Condition,
    For,
    Function,
    Group,
    If,
    Lit,
    Loop,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    Simple,
    Subshell,
    Word,
)

_CLOSERS = ("then", "elif", "else", "fi", "do", "done", "esac", "}", ")", ";;")


@lru_cache(maxsize=512)
def parse(text: str) -> Sequence:
    """Read a script. Raises ShellSyntaxError. (Pure: the cache only saves time.)"""
    return Parser(text).script()


class Parser(SimpleParser):
    """Recursive descent with one token of look-ahead."""

    def script(self) -> Sequence:
        """All of it."""
        found = self._sequence()
        if self._token.kind != "end":
            raise self._unexpected()
        return found

    # -- lists

    def _sequence(self) -> Sequence:
        """Commands up to something that closes the list."""
        items: list[tuple[Command, bool]] = []
        self._newlines()
        while self._token.kind != "end" and not self._is(*_CLOSERS):
            command = self._and_or()
            background = self._is("&")
            items.append((command, background))
            if self._is("&", ";"):
                self._advance()
            elif self._token.kind != "newline":
                break
            self._newlines()
        return Sequence(tuple(items))

    def _body(self) -> Sequence:
        """A list that must not be empty."""
        found = self._sequence()
        if not found.items:
            raise self._unexpected()
        return found

    def _and_or(self) -> Command:
        first = self._pipeline()
        rest = []
        while self._is("&&", "||"):
            operator = self._advance().text
            self._newlines()
            rest.append((operator, self._pipeline()))
        return AndOr(first, tuple(rest)) if rest else first

    def _pipeline(self) -> Command:
        negated = False
        while self._is("!"):
            negated = not negated
            self._advance()
        commands = [self._command()]
        while self._is("|", "|&"):
            both = self._advance().text == "|&"
            if both:
                commands[-1] = _with_redirects(commands[-1], (Redirect(2, ">&", Word((Lit("1"),))),))
            self._newlines()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated) if negated or len(commands) > 1 else commands[0]

    # -- commands

    def _command(self) -> Command:
        compound = self._compound()
        if compound is None:
            return self._simple()
        return _with_redirects(compound, tuple(self._redirects()))

    def _compound(self) -> Command | None:
        if self._token.kind == "op":
            return self._parenthesis() if self._token.text == "(" else None
        match self._plain():
            case "if":
                return self._if()
            case "while" | "until":
                until = self._plain() == "until"
                self._advance()
                condition = self._body()
                return Loop(condition, self._do(), until)
            case "for":
                return self._for()
            case "case":
                return self._case()
            case "{":
                self._advance()
                body = self._body()
                self._expect("}")
                return Group(body)
            case "[[":
                return self._condition()
            case "function":
                self._advance()
                name = self._name()
                if self._is("("):
                    self._advance()
                    self._expect(")")
                self._newlines()
                return Function(name, self._command())
        return None

    def _parenthesis(self) -> Command:
        lexer = self._lexer
        if lexer.text.startswith("(", lexer.at):
            end = closing(lexer.text, lexer.at + 1)
            if lexer.text.startswith("))", end):
                inner = lexer.text[lexer.at + 1 : end]
                lexer.at = end + 2
                self._token = lexer.next()
                return ArithCommand(Lexer(inner).quoted_text())
        self._advance()
        body = self._body()
        self._expect(")")
        return Subshell(body)

    def _if(self) -> If:
        branches = []
        self._advance()
        while True:
            condition = self._body()
            self._expect("then")
            branches.append((condition, self._body()))
            if not self._is("elif"):
                break
            self._advance()
        otherwise = None
        if self._is("else"):
            self._advance()
            otherwise = self._body()
        self._expect("fi")
        return If(tuple(branches), otherwise)

    def _do(self) -> Sequence:
        self._newlines()
        self._expect("do")
        body = self._body()
        self._expect("done")
        return body

    def _name(self) -> str:
        name = self._plain()
        if name is None:
            raise self._unexpected()
        self._advance()
        return name

    def _for(self) -> Command:
        self._advance()
        if self._is("("):
            return self._counting()
        name = self._name()
        words: list[Word] | None = None
        self._newlines()
        if self._is("in"):
            self._advance()
            words = []
            while self._token.kind == "word":
                words.append(self._take())
        if self._is(";"):
            self._advance()
        return For(name, None if words is None else tuple(words), self._do())

    def _counting(self) -> Command:
        """`for ((a; b; c))` of bash: a loop with a step."""
        head = self._parenthesis()
        text = (
            "".join(part.text for part in head.word.parts if isinstance(part, Lit))
            if isinstance(head, ArithCommand)
            else ""
        )
        parts = text.split(";")
        if len(parts) != 3:
            raise self._unexpected()
        first, condition, step = (ArithCommand(Lexer(part.strip() or "1").quoted_text()) for part in parts)
        if self._is(";"):
            self._advance()
        return Group(Sequence(((first, False), (Loop(condition, self._do(), False, step), False))))

    def _case(self) -> Case:
        self._advance()
        word = self._take()
        self._newlines()
        self._expect("in")
        items = []
        self._newlines()
        while not self._is("esac"):
            if self._is("("):
                self._advance()
            patterns = [self._pattern()]
            while self._is("|"):
                self._advance()
                patterns.append(self._pattern())
            self._expect(")")
            items.append((tuple(patterns), self._sequence()))
            if self._is(";;"):
                self._advance()
            self._newlines()
        self._expect("esac")
        return Case(word, tuple(items))

    def _pattern(self) -> Word:
        if self._token.kind != "word":
            raise self._unexpected()
        return self._take()

    def _condition(self) -> Condition:
        """`[[ … ]]`: operators of the shell are words here; a regular expression runs to the next blank."""
        self._advance()
        words: list[Word] = []
        while not (self._token.kind == "word" and self._plain() == "]]"):
            if self._token.kind in ("end", "newline") and self._token.kind == "end":
                raise self._unexpected("]]")
            token = self._token
            if words and words[-1].plain == "=~" and token.kind != "newline":
                words.append(self._regular_expression(token))
            elif token.kind == "newline":
                self._advance()
            else:
                words.append(token.word if token.word is not None else Word((Lit(token.text),)))
                self._advance()
        self._advance()
        return Condition(tuple(words))

    def _regular_expression(self, token: Token) -> Word:
        lexer = self._lexer
        begun = token.word if token.word is not None else Word((Lit(token.text),))
        rest = lexer.word(" \t\n")
        self._token = lexer.next()
        return Word((*begun.parts, *rest.parts))

    def function(self, name: str) -> Function:
        """The definition of a function, after its name."""
        self._advance()
        self._expect(")")
        self._newlines()
        return Function(name, self._command())


def _with_redirects(command: Command, redirects: tuple[Redirect, ...]) -> Command:
    if not redirects:
        return command
    if isinstance(command, Simple):
        return evolve(command, redirects=(*command.redirects, *redirects))
    return Redirected(command, redirects)

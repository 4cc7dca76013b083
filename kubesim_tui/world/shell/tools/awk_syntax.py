"""awk's language: a program's text becomes rules, each a pattern and a block, of plain tuples that awk_run walks.

Expressions bind as in POSIX: assignment, ?:, ||, &&, in, ~, comparison, concatenation, + -, * / %, ! and signs, ^,
++ and --, $. There are no functions of one's own, no getline and no pipes.
"""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.world.shell.tools.text import unescape

Node = tuple[Any, ...]
Rule = tuple[str, Node | None, Node | None, Node | None]
"""(BEGIN, END or "", first pattern, last pattern of a range, block); no block prints the line."""

BUILTINS = frozenset((
    "length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "toupper", "tolower", "int", "sqrt",
    "rand", "srand", "systime", "strftime",
))  # fmt: skip
_WORDS = frozenset((
    "BEGIN", "END", "if", "else", "while", "do", "for", "in", "next", "exit", "break", "continue", "delete", "print",
    "printf", "function", "func", "return", "getline", "system", "close", "fflush", "nextfile",
))  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\\\n|\#[^\n]*)|(?P<newline>\n)|(?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)
    |(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<name>[A-Za-z_]\w*)
    |(?P<op>\|\||&&|\+\+|--|\*\*=|\*\*|[-+*/%^]=|==|<=|>=|!=|!~|>>|[-+*/%^!<>|?:=~$(){}\[\],;])""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/((?:[^/\\\n\[]|\\.|\[\^?\]?[^\]\n]*\])*)/")
_LEVELS: tuple[tuple[str, ...], ...] = (("+", "-"), ("*", "/", "%"))
_COMPARE = ("<", "<=", "==", "!=", ">", ">=")


class AwkSyntaxError(ValueError):
    """A program that awk does not understand."""


def tokens(text: str) -> list[tuple[str, str]]:
    """(kind, text) of each: a slash begins a pattern where no operand stands before it."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        operand = bool(found) and (found[-1][0] in ("number", "text", "name") or found[-1][1] in (")", "]", "$"))
        regex = _REGEX.match(text, at) if text[at] == "/" and not operand else None
        token = None if regex is not None else _TOKEN.match(text, at)
        if regex is not None:
            found.append(("regex", regex[1]))
            at = regex.end()
            continue
        if token is None:
            raise AwkSyntaxError(f"unexpected {text[at]!r}")
        kind, at = str(token.lastgroup), token.end()
        if kind == "name" and token[0] in _WORDS:
            kind = "word"
        if kind != "space":
            found.append((kind, token[0]))
    return [*found, ("end", "")]


class Parser:
    """Reads one program."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0
        self._no_more = False  # `>` ends a print's expressions: it is where they go

    # -- tokens

    def _next(self) -> str:
        kind, text = self._tokens[self._at]
        return text if kind in ("op", "word", "newline") else ""

    def _take(self, *wanted: str) -> str:
        text = self._next()
        if text and text in wanted:
            self._at += 1
            return text
        return ""

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise AwkSyntaxError(f"expected {text!r}, not {self._tokens[self._at][1]!r}")

    def _skip(self, *also: str) -> None:
        while self._take("\n", *also):
            pass

    # -- rules and statements

    def program(self) -> list[Rule]:
        """All rules."""
        rules: list[Rule] = []
        self._skip(";")
        while self._tokens[self._at][0] != "end":
            rules.append(self._rule())
            self._skip(";")
        return rules

    def _rule(self) -> Rule:
        when = self._take("BEGIN", "END")
        first = last = None
        if not when and self._next() != "{":
            first = self._expression()
            if self._take(","):
                last = self._expression()
        block = self._block() if self._next() == "{" else None
        if when and block is None:
            raise AwkSyntaxError(f"{when} wants a block")
        return when, first, last, block

    def _block(self) -> Node:
        self._need("{")
        found = []
        self._skip(";")
        while not self._take("}"):
            found.append(self._statement())
            self._skip(";")
        return ("block", tuple(found))

    def _statement(self) -> Node:
        if self._next() == "{":
            return self._block()
        match self._take("if", "while", "do", "for", "print", "printf", "next", "exit", "break", "continue", "delete"):
            case "if":
                return self._if()
            case "while":
                condition = self._condition()
                return ("while", condition, self._body())
            case "do":
                body = self._body()
                self._skip(";")
                self._need("while")
                return ("do", self._condition(), body)
            case "for":
                return self._for()
            case "print" | "printf" as word:
                return self._print(word)
            case "exit":
                return ("exit", None if self._ends() else self._expression())
            case "delete":
                return self._delete()
            case "":
                return ("expression", self._expression())
            case word:
                return (word,)

    def _ends(self) -> bool:
        return self._next() in (";", "}", "\n") or self._tokens[self._at][0] == "end"

    def _body(self) -> Node:
        self._skip()
        return ("block", ()) if self._take(";") else self._statement()

    def _condition(self) -> Node:
        self._need("(")
        found = self._expression()
        self._need(")")
        return found

    def _if(self) -> Node:
        condition = self._condition()
        body = self._body()
        before = self._at
        self._skip(";")
        if self._take("else"):
            return ("if", condition, body, self._body())
        self._at = before
        return ("if", condition, body, None)

    def _for(self) -> Node:
        self._need("(")
        tail = [text for _, text in self._tokens[self._at : self._at + 4]]
        if tail[1:2] == ["in"] and tail[3:4] == [")"]:
            self._at += 4
            return ("for_in", tail[0], tail[2], self._body())
        first = None if self._next() == ";" else self._statement()
        self._need(";")
        condition = None if self._next() == ";" else self._expression()
        self._need(";")
        step = None if self._next() == ")" else self._statement()
        self._need(")")
        return ("for", first, condition, step, self._body())

    def _print(self, word: str) -> Node:
        self._no_more = True
        values: tuple[Node, ...] = ()
        if not self._ends() and self._next() not in (">", ">>"):
            values = self._list()
        self._no_more = False
        if len(values) == 1 and values[0][0] == "group":
            values = values[0][1]
        mark = self._take(">", ">>")
        return (word, values, mark, self._binary(0) if mark else None)

    def _delete(self) -> Node:
        name = self._name()
        if not self._take("["):
            return ("delete", name, None)
        keys = self._list()
        self._need("]")
        return ("delete", name, keys)

    def _name(self) -> str:
        kind, text = self._tokens[self._at]
        if kind != "name":
            raise AwkSyntaxError(f"expected a name, not {text!r}")
        self._at += 1
        return text

    # -- expressions

    def _list(self) -> tuple[Node, ...]:
        found = [self._expression()]
        while self._take(","):
            self._skip()
            found.append(self._expression())
        return tuple(found)

    def _expression(self) -> Node:
        left = self._choice()
        if left[0] in ("variable", "item", "field"):
            mark = self._take("=", "+=", "-=", "*=", "/=", "%=", "^=", "**=")
            if mark:
                return ("assign", mark[:-1].replace("**", "^"), left, self._expression())
        return left

    def _choice(self) -> Node:
        condition = self._either()
        if not self._take("?"):
            return condition
        self._skip()
        yes = self._expression()
        self._skip()
        self._need(":")
        self._skip()
        return ("choice", condition, yes, self._expression())

    def _either(self) -> Node:
        left = self._both()
        while self._take("||"):
            self._skip()
            left = ("or", left, self._both())
        return left

    def _both(self) -> Node:
        left = self._member()
        while self._take("&&"):
            self._skip()
            left = ("and", left, self._member())
        return left

    def _member(self) -> Node:
        left = self._matching()
        while self._take("in"):
            left = ("in", left[1] if left[0] == "group" else (left,), self._name())
        return left

    def _matching(self) -> Node:
        left = self._comparison()
        while mark := self._take("~", "!~"):
            left = ("matches", mark == "!~", left, self._comparison())
        return left

    def _comparison(self) -> Node:
        left = self._joined()
        if self._no_more and self._next() == ">":
            return left
        mark = self._take(*_COMPARE)
        return ("compare", mark, left, self._joined()) if mark else left

    def _joined(self) -> Node:
        left = self._binary(0)
        while self._starts():
            left = ("join", left, self._binary(0))
        return left

    def _starts(self) -> bool:
        """Whether an operand follows, without an operator before it."""
        kind, text = self._tokens[self._at]
        return kind in ("number", "text", "name", "regex") or text in ("$", "(", "++", "--")

    def _binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._signed()
        left = self._binary(level + 1)
        while mark := self._take(*_LEVELS[level]):
            left = ("number", mark, left, self._binary(level + 1))
        return left

    def _signed(self) -> Node:
        mark = self._take("!", "-", "+")
        return ("sign", mark, self._signed()) if mark else self._power()

    def _power(self) -> Node:
        left = self._counted()
        if self._take("^", "**"):
            return ("number", "^", left, self._signed())
        return left

    def _counted(self) -> Node:
        mark = self._take("++", "--")
        if mark:
            return ("count", 1 if mark == "++" else -1, True, self._operand())
        found = self._operand()
        if found[0] in ("variable", "item", "field") and (mark := self._take("++", "--")):
            return ("count", 1 if mark == "++" else -1, False, found)
        return found

    def _operand(self) -> Node:
        kind, text = self._tokens[self._at]
        if kind == "op" and text in ("$", "("):
            self._at += 1
            return ("field", self._counted_field()) if text == "$" else self._group()
        if kind not in ("number", "text", "regex", "name"):
            raise AwkSyntaxError(f"unexpected {text or 'end'!r}")
        self._at += 1
        if kind == "number":
            return ("constant", float(text))
        if kind == "text":
            return ("constant", unescape(text[1:-1].replace('\\"', '"')))
        return ("regex", text) if kind == "regex" else self._named(text)

    def _counted_field(self) -> Node:
        mark = self._take("-", "++", "--")
        inner = self._operand()
        return (
            inner if not mark else ("sign", "-", inner) if mark == "-" else ("count", int(mark[0] + "1"), True, inner)
        )

    def _group(self) -> Node:
        outer, self._no_more = self._no_more, False
        values = self._list()
        self._need(")")
        self._no_more = outer
        return values[0] if len(values) == 1 else ("group", values)

    def _named(self, name: str) -> Node:
        if name in BUILTINS:
            values: tuple[Node, ...] = ()
            if self._take("("):
                outer, self._no_more = self._no_more, False
                values = () if self._next() == ")" else self._list()
                self._need(")")
                self._no_more = outer
            return ("call", name, values)
        if self._take("["):
            keys = self._list()
            self._need("]")
            return ("item", name, keys)
        return ("variable", name)

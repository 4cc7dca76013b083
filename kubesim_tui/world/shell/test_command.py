"""`test`, `[ ]` and `[[ ]]`: conditions on files, texts and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

from kubesim_tui.kernel.regex import RegexError, compiled
from kubesim_tui.kernel.regex.posix import extended
from kubesim_tui.world.shell import parameters
from kubesim_tui.world.shell.arith import ArithError, evaluate
from kubesim_tui.world.shell.call import Call
from kubesim_tui.world.shell.expansion import matches

_NUMBERS = {"-eq": "==", "-ne": "!=", "-lt": "<", "-le": "<=", "-gt": ">", "-ge": ">="}
_TEXTS = ("=", "==", "!=", "<", ">", "=~", "-nt", "-ot", "-ef")
_BINARY = (*_NUMBERS, *_TEXTS)
_UNARY = ["-z", "-n", "-e", "-f", "-d", "-s", "-r", "-w", "-x", "-L", "-h", "-p", "-S", "-b", "-c", "-t", "-v"]


class TestError(Exception):
    """What follows `sh: ` when a condition cannot be read."""

    __test__ = False


def test(call: Call, words: list[str]) -> int:
    """0 true, 1 false, 2 an error."""
    words = list(words)
    if call.name == "[":
        if words[-1:] != ["]"]:
            return call.fail("missing ]", 2)
        words.pop()
    return _judge(call, words, double=False)


def condition(call: Call, words: list[str]) -> int:
    """`[[ ]]`: patterns, regular expressions, && and ||."""
    return _judge(call, words, double=True)


def _judge(call: Call, words: list[str], *, double: bool) -> int:
    if not words:
        return 1
    reader = _Reader(call, words, double=double)
    try:
        value = reader.either()
        if reader.at < len(words):
            raise TestError(f"{words[reader.at]}: unexpected operator")
    except TestError as error:
        call.err(f"{call.task.name}: {error}")
        return 2
    return int(not value)


class _Reader:
    """Recursive descent: or, and, not, parentheses, one condition."""

    def __init__(self, call: Call, words: list[str], *, double: bool) -> None:
        self.call = call
        self.words = words
        self.at = 0
        self.double = double

    def _peek(self, ahead: int = 0) -> str | None:
        return self.words[self.at + ahead] if self.at + ahead < len(self.words) else None

    def _take(self) -> str:
        word = self._peek()
        if word is None:
            raise TestError("argument expected")
        self.at += 1
        return word

    def either(self) -> bool:
        """a -o b"""
        return self._joined(self.both, ("||",) if self.double else ("-o",), stop=True)

    def both(self) -> bool:
        """a -a b"""
        return self._joined(self.negated, ("&&",) if self.double else ("-a",), stop=False)

    def _joined(self, inner: Callable[[], bool], operators: tuple[str, ...], *, stop: bool) -> bool:
        value = inner()
        while self._peek() in operators:
            self.at += 1
            other = inner()
            value = (value or other) if stop else (value and other)
        return value

    def negated(self) -> bool:
        """! a"""
        if self._peek() == "!" and self._peek(1) is not None:
            self.at += 1
            return not self.negated()
        return self.one()

    def one(self) -> bool:
        """One condition."""
        if self._peek(1) in _BINARY and self._peek(2) is not None:
            left, operator, right = self._take(), self._take(), self._take()
            return self._compare(left, operator, right)
        if self._peek() == "(" and len(self.words) > self.at + 2:
            self.at += 1
            value = self.either()
            if self._take() != ")":
                raise TestError("closing paren expected")
            return value
        word = self._take()
        if word in _UNARY and self._peek() is not None and self._peek() not in ("-a", "-o", "&&", "||", ")"):
            return self._unary(word, self._take())
        return word != ""

    def _compare(self, left: str, operator: str, right: str) -> bool:
        if operator in _NUMBERS:
            a, b = self._number(left), self._number(right)
            known = {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}
            return known[_NUMBERS[operator]]
        if operator == "=~":
            return self._search(left, right)
        if operator in ("=", "==", "!="):
            same = matches(right, left) if self.double else left == right
            return same == (operator != "!=")
        return left < right if operator == "<" else left > right if operator == ">" else False

    def _search(self, left: str, right: str) -> bool:
        try:
            found = compiled(extended(right), posix=True).search(left)
        except RegexError:
            raise TestError(f"{right}: invalid regular expression") from None
        self.call.task.arrays["BASH_REMATCH"] = found.texts() if found else []
        return found is not None

    def _number(self, text: str) -> int:
        if self.double:
            try:
                return evaluate(text, parameters.Variables(self.call.tasks, self.call.task, self.call.system))
            except ArithError:
                raise TestError(f"{text}: arithmetic syntax error") from None
        if not re.fullmatch(r"\s*[-+]?\d+\s*", text):
            raise TestError(f"{text}: bad number")
        return int(text)

    def _unary(self, operator: str, word: str) -> bool:
        if operator in ("-z", "-n"):
            return (word == "") == (operator == "-z")
        if operator == "-v":
            return parameters.value(self.call.tasks, self.call.task, self.call.system, word) is not None
        files, path = self.call.files, self.call.path(word)
        match operator:
            case "-f":
                return files.is_file(path) or self._installed(path)
            case "-d":
                return files.is_directory(path)
            case "-s":
                return files.is_directory(path) or (files.is_file(path) and files.read(path) != "")
            case "-w":
                return files.exists(path) and not files.refusal(path)
            case "-e" | "-r" | "-x":
                return files.exists(path) or self._installed(path)
        return False

    def _installed(self, path: str) -> bool:
        """Whether a tool or a program of the image lies there."""
        directory, _, base = path.rpartition("/")
        system = self.call.system
        return directory.endswith("bin") and (system.has_tool(base) or system.has_program((base,)))

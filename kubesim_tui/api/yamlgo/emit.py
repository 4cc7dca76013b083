"""YAML as ``kubectl get -o yaml`` writes it: sigs.k8s.io/yaml, which is go-yaml v2's emitter over a JSON value.

Block style, list items at the indentation of their key, keys in go-yaml's order. A text is plain where it reads back
as that text, single-quoted where only its signs forbid that, double-quoted where it would be something else
(``"true"``, ``"1.5"``) or has characters that cannot be shown, and ``|`` where it has several lines. Lines are folded
at a space after column 80. A few texts are written otherwise than by kubectl, whose output could not be read back: a
key ``<<``, the characters DEL and NEL, and Unicode's line and paragraph separators in a text of several lines.
Source: go.yaml.in/yaml/v2 encode.go, emitterc.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kubesim_tui.api.yamlgo import values
from kubesim_tui.api.yamlgo.order import in_order

WIDTH = 80
STEP = 2
_KEY_MAX = 128  # bytes of a key that still stands before its ':' on one line

_BREAKS = "\n\r\x85\u2028\u2029"
_SAFE = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_BEYOND_ASCII = re.compile(r"[^\n\x20-\x7e]")
_INDICATOR = re.compile(
    r"\A(?:---|\.\.\.|[#,\[\]{}&*!|>'\"%@`]|[-?](?=[ \t]|\Z))|:(?=[ \t]|\Z)|(?<=[ \t\0" + _BREAKS + "])#"
)
_SPACE_BREAK = re.compile(f" [{_BREAKS}]")
_BREAK_SPACE = re.compile(f"[{_BREAKS}] ")
_QUOTED = '"\\\u2028\u2029'
_NAMED = dict(zip('\0\a\b\t\n\v\f\r\x1b"\\\x85\xa0\u2028\u2029', '0abtnvfre"\\N_LP', strict=True))


def dump(data: Any) -> str:
    """The YAML text of a JSON value (maps, lists or tuples, text, numbers, booleans, None)."""
    emitter = _Emitter()
    emitter.node(data, -1, in_mapping=False)
    emitter.indent_to(0)
    return "".join(emitter.out)


class _Emitter:
    """The state of libyaml's emitter that decides about spaces and line ends."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.column = 0
        self.whitespace = True  # the last thing written was a space or an indentation
        self.indention = True  # nothing but indentation and '-', '?' on this line so far

    def node(self, value: Any, indent: int, *, in_mapping: bool) -> None:
        """Write any value."""
        if isinstance(value, str):
            self.scalar(value, indent)
        elif isinstance(value, Mapping):
            self._mapping(value, indent) if value else self._empty("{", "}")
        elif isinstance(value, list | tuple):
            self._sequence(value, indent, in_mapping) if value else self._empty("[", "]")
        else:
            self._plain(_word(value), _below(indent))

    def scalar(self, text: str, indent: int, *, key: bool = False) -> None:
        """Write a text in the style that suits it."""
        if _SAFE.fullmatch(text) and values.reads_as_text(text):
            self._plain(text, 0)
            return
        style = _style(text, key)
        inner = _below(indent)
        if style == "plain":
            self._plain(text, inner, fold=not key)
        elif style == "single":
            self._single_quoted(text, inner, fold=not key)
        elif style == "literal":
            self._literal(text, inner)
        else:
            self._double_quoted(text, inner, fold=not key)

    def indent_to(self, indent: int) -> None:
        """Go to a column, on a new line unless this one has nothing but indentation yet."""
        if not self.indention or self.column > indent or (self.column == indent and not self.whitespace):
            self._break()
        self._put(" " * (indent - self.column))
        self.whitespace = self.indention = True

    def _mapping(self, value: Mapping[str, Any], indent: int) -> None:
        indent = indent + STEP if indent >= 0 else 0
        for key in in_order(value):
            self.indent_to(indent)
            if _is_simple(key):
                self.scalar(key, indent, key=True)
                self._indicator(":")
            else:
                self._indicator("?", space=True, indention=True)
                self.scalar(key, indent)
                self.indent_to(indent)
                self._indicator(":", space=True, indention=True)
            self.node(value[key], indent, in_mapping=True)

    def _sequence(self, value: list[Any] | tuple[Any, ...], indent: int, in_mapping: bool) -> None:
        if not in_mapping or self.indention:
            indent = indent + STEP if indent >= 0 else 0
        for item in value:
            self.indent_to(indent)
            self._indicator("-", space=True, indention=True)
            self.node(item, indent, in_mapping=False)

    def _empty(self, opening: str, closing: str) -> None:
        self._indicator(opening, space=True)
        self._indicator(closing)

    def _indicator(self, sign: str, *, space: bool = False, indention: bool = False) -> None:
        if space and not self.whitespace:
            self._put(" ")
        self._put(sign)
        self.whitespace = False
        self.indention = self.indention and indention

    def _plain(self, text: str, indent: int, *, fold: bool = True) -> None:
        if not self.whitespace:
            self._put(" ")
        self._folded(text, indent, fold)
        self.whitespace = self.indention = False

    def _single_quoted(self, text: str, indent: int, *, fold: bool) -> None:
        self._indicator("'", space=True)
        if any(c in text for c in _BREAKS):
            self._lines(text.replace("'", "''"), indent)
        else:
            self._folded(text.replace("'", "''"), indent, fold)
        self._indicator("'")

    def _double_quoted(self, text: str, indent: int, *, fold: bool) -> None:
        self._indicator('"', space=True)
        everything = text.startswith("\ufeff")  # libyaml's mark test looks at the first character only
        after_space = False
        for i, character in enumerate(text):
            if everything or character in _QUOTED or not _is_printable(character):
                self._put(_escape(character))
            elif character == " " and fold and not after_space and self.column > WIDTH and 0 < i < len(text) - 1:
                self.indent_to(indent)
                if text[i + 1] == " ":
                    self._put("\\")
            else:
                self._put(character)
            after_space = character == " "
        self._indicator('"')

    def _literal(self, text: str, indent: int) -> None:
        self._indicator("|", space=True)
        if text[0] in " " + _BREAKS:
            self._indicator(str(STEP))
        if text[-1] not in _BREAKS:
            self._indicator("-")
        elif len(text) == 1 or text[-2] in _BREAKS:
            self._indicator("+")
        self._break()
        self.whitespace = self.indention = True
        self._lines(text, indent, at_start=True)

    def _lines(self, text: str, indent: int, *, at_start: bool = False) -> None:
        """Text with its own line ends, each line at the indentation."""
        after_break = at_start
        for part in re.split(f"([{_BREAKS}])", text):
            if part and part in _BREAKS:
                if part == "\n":
                    self._break()
                else:
                    self.out.append(part)
                    self.column = 0
                self.indention = after_break = True
            elif part:
                if after_break:
                    self.indent_to(indent)
                self._put(part)
                self.indention = after_break = False

    def _folded(self, text: str, indent: int, fold: bool) -> None:
        """Text on one line, or broken at single spaces once a line is full."""
        if not fold or self.column + len(text) <= WIDTH:
            self._put(text)
            return
        words = text.split(" ")
        self._put(words[0])
        for i, word in enumerate(words[1:], 1):
            alone = words[i - 1] != "" and word != ""
            if alone and self.column > WIDTH:
                self.indent_to(indent)
            else:
                self._put(" ")
            self._put(word)
            self.indention = self.whitespace = False

    def _put(self, text: str) -> None:
        self.out.append(text)
        self.column += len(text)

    def _break(self) -> None:
        self.out.append("\n")
        self.column = 0


def _style(text: str, key: bool) -> str:
    """plain, single (quoted), double (quoted) or literal."""
    odd = bool(_SPACE_BREAK.search(text)) or not all(_is_printable(c) for c in _BEYOND_ASCII.findall(text))
    if "\n" in text:
        unsafe = any(c in text for c in _BREAKS[1:])
        return "double" if key or odd or unsafe or text[-1] == " " else "literal"
    if not values.reads_as_text(text) or (key and (text == "<<" or any(c in text for c in _BREAKS))):
        return "double"
    several_lines = any(c in text for c in _BREAKS)
    if not odd and not several_lines and not _INDICATOR.search(text) and text == text.strip(" "):
        return "plain"
    return "double" if odd or _BREAK_SPACE.search(text) else "single"


def _is_printable(character: str) -> bool:
    """Whether go-yaml shows a character as it is (nothing beyond the basic plane)."""
    code = ord(character)
    return 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xD7FF or (0xE000 <= code <= 0xFFFD and code != 0xFEFF)


def _is_simple(key: str) -> bool:
    return len(key.encode("utf-8", "replace")) <= _KEY_MAX and not any(c in key for c in _BREAKS)


def _below(indent: int) -> int:
    return indent + STEP if indent >= 0 else STEP


def _word(value: Any) -> str:
    """A number, boolean or null as YAML writes it."""
    if value is None:
        return "null"
    value = values.to_json(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return values.go_float(value) if isinstance(value, float) else str(value)


def _escape(character: str) -> str:
    if character in _NAMED:
        return "\\" + _NAMED[character]
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"

r"""PyYAML's own scanner, with go-yaml v2's rules where the two differ.

It stands in where PyYAML has no C parser, and decides the few things that today's libyaml sees otherwise than the
older one that go-yaml was made from: a plain scalar in brackets may end in ``:`` but may not contain ``?``; ``\'`` is
an escape and ``\/`` is none; a byte order mark in the middle of a file is a character. Beyond these: tabs are blanks
except in indentation, a comment may follow ``|`` at once, and an unknown directive is an error.
Source: go.yaml.in/yaml/v2 scannerc.go.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.scanner import ScannerError

_BREAKS = "\r\n\x85\u2028\u2029"
_END = "\0" + _BREAKS
_BLANKZ = "\0 \t" + _BREAKS
_PLAIN = "while scanning a plain scalar"
_BLOCK = "while scanning a block scalar"


class GoScanner(yaml.SafeLoader):
    """A loader of which only the events are used."""

    # PyYAML's own table, made anew.
    ESCAPE_REPLACEMENTS = {  # type: ignore[misc] # noqa: RUF012
        **{sign: text for sign, text in yaml.SafeLoader.ESCAPE_REPLACEMENTS.items() if sign != "/"},
        "'": "'",
    }

    def scan_to_next_token(self) -> None:
        """Skip blanks and comments; a tab is a blank where no key of a block may start."""
        if self.index == 0 and self.peek() == "\ufeff":
            self.forward()
        while True:
            tabs = self.flow_level or not self.allow_simple_key
            while self.peek() == " " or (tabs and self.peek() == "\t"):
                self.forward()
            self._skip_comment()
            if not self.scan_line_break():  # type: ignore[no-untyped-call]
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_plain(self) -> Any:
        """A plain scalar, perhaps over several lines."""
        start = end = self.get_mark()
        indent = self.indent + 1
        parts: list[str] = []
        spaces: list[str] = []
        while not self._at_document_end() and self.peek() != "#":
            length = self._plain_length()
            if length == 0:
                break
            self.allow_simple_key = False
            parts += [*spaces, self.prefix(length)]
            self.forward(length)
            end = self.get_mark()
            spaces = self._plain_spaces(indent, start)
            if not spaces or (not self.flow_level and self.column < indent):
                break
        return yaml.ScalarToken("".join(parts), True, start, end)

    def scan_directive(self) -> Any:
        """A directive: YAML or TAG."""
        start = self.get_mark()
        token = super().scan_directive()
        if token.name not in ("YAML", "TAG"):
            raise ScannerError("while scanning a directive", start, "found unknown directive name", start)
        return token

    def scan_block_scalar_indicators(self, start_mark: Any) -> tuple[bool | None, int | None]:
        """What follows ``|`` or ``>``: how to end, and the indentation, in any order."""
        chomping: bool | None = None
        increment: int | None = None
        for _ in range(2):
            sign = self.peek()
            if sign in "+-" and chomping is None:
                chomping = sign == "+"
            elif sign in "0123456789" and increment is None:
                increment = int(sign)
                if increment == 0:
                    raise ScannerError(_BLOCK, start_mark, "found an indentation indicator equal to 0", self.get_mark())
            else:
                break
            self.forward()
        return chomping, increment

    def scan_block_scalar_ignored_line(self, start_mark: Any) -> None:
        """The rest of the line of ``|`` or ``>``."""
        while self.peek() in " \t":
            self.forward()
        self._skip_comment()
        if self.peek() not in _END:
            raise ScannerError(_BLOCK, start_mark, "did not find expected comment or line break", self.get_mark())
        self.scan_line_break()  # type: ignore[no-untyped-call]

    def scan_block_scalar_indentation(self) -> Any:
        """The indentation of a block's first line."""
        found = super().scan_block_scalar_indentation()
        self._refuse_tab()
        return found

    def scan_block_scalar_breaks(self, indent: int) -> Any:
        """Empty lines, and the indentation of the next."""
        found = super().scan_block_scalar_breaks(indent)
        if self.column < indent:
            self._refuse_tab()
        return found

    def scan_flow_scalar_non_spaces(self, double: bool, start_mark: Any) -> list[str]:
        """A part of a quoted scalar; half a pair of surrogates is no character."""
        try:
            parts: list[str] = super().scan_flow_scalar_non_spaces(double, start_mark)
            "".join(parts).encode()
        except (ValueError, OverflowError):
            problem = "found invalid Unicode character escape code"
            raise ScannerError("while parsing a quoted scalar", start_mark, problem, self.get_mark()) from None
        return parts

    def _skip_comment(self) -> None:
        if self.peek() == "#":
            while self.peek() not in _END:
                self.forward()

    def _at_document_end(self) -> bool:
        return self.column == 0 and self.prefix(3) in ("---", "...") and self.peek(3) in _BLANKZ

    def _plain_length(self) -> int:
        length = 0
        while (sign := self.peek(length)) not in _BLANKZ:
            if (sign == ":" and self.peek(length + 1) in _BLANKZ) or (self.flow_level and sign in ",?[]{}"):
                break
            length += 1
        return length

    def _plain_spaces(self, indent: int, start: Any) -> list[str]:
        """What joins two parts of a plain scalar: its blanks, or a space or line ends for a line end between."""
        blanks, breaks = "", []
        while self.peek() in " \t" + _BREAKS:
            if self.peek() in _BREAKS:
                breaks.append(self.scan_line_break())  # type: ignore[no-untyped-call]
                self.allow_simple_key = True
                if self._at_document_end():
                    return []
                continue
            if breaks and self.column < indent and self.peek() == "\t":
                problem = "found a tab character that violates indentation"
                raise ScannerError(_PLAIN, start, problem, self.get_mark())
            blanks += self.peek()
            self.forward()
        if not breaks:
            return [blanks] if blanks else []
        if breaks[0] != "\n":
            return breaks
        return breaks[1:] or [" "]

    def _refuse_tab(self) -> None:
        if self.peek() == "\t":
            problem = "found a tab character where an indentation space is expected"
            raise ScannerError(_BLOCK, self.get_mark(), problem, self.get_mark())

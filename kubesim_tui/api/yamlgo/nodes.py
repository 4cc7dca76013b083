"""The tree of one YAML document, from PyYAML's events.

Only what go-yaml's parser would read: the first document of the text, up to its end. Errors come out in libyaml's
words (go-yaml's too), whichever of PyYAML's two scanners is at work, and with go-yaml's habit of naming lines.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from kubesim_tui.api.yamlgo.scanner import GoScanner

SCALAR, SEQUENCE, MAPPING, ALIAS = "scalar", "sequence", "mapping", "alias"

_C_PARSER = getattr(yaml, "CSafeLoader", None)
PARSERS = ("c", "python") if _C_PARSER else ("python",)
"""The scanners that can be had: libyaml, twenty times as fast, where PyYAML was built with it; and PyYAML's own."""
DEFAULT = PARSERS[0]


_DOUBTFUL = ("found unexpected ':'", "found unknown escape character")

# What PyYAML's own scanner says, and what libyaml says of the same.
_WORDS = (
    (r"found character .* that cannot start any token", "found character that cannot start any token"),
    (r"sequence entries are not allowed here", "block sequence entries are not allowed in this context"),
    (r"mapping (keys|values) are not allowed here", r"mapping \1 are not allowed in this context"),
    (r"expected <block end>, but found .*", "did not find expected {block}"),
    (r"expected the node content, but found .*", "did not find expected node content"),
    (r"expected ('.' or '.'), but (?:got|found) .*", r"did not find expected \1"),
    (r"expected '<document start>', but found .*", "did not find expected <document start>"),
    (r"found unknown escape character .*", "found unknown escape character"),
    (r"expected escape sequence of .*", "did not find expected hexdecimal number"),
    (r"found unexpected document separator", "found unexpected document indicator"),
    (r"expected alphabetic or numeric character.*", "{name}"),
    (r"expected ' ', but found .*", "did not find expected whitespace or line break"),
    (r"expected a comment or a line break.*", "did not find expected comment or line break"),
    (r"found undefined tag handle.*", "found undefined tag handle"),
    (r"expected '!', but found .*", "did not find expected '!'"),
    (r"expected URI, but found .*", "did not find expected tag URI"),
    (r"special characters are not allowed", "control characters are not allowed"),
)  # fmt: skip


class Node:
    """A node. `value` is a scalar's text or an alias's name; `children` are items, or keys and values in turn."""

    __slots__ = ("children", "column", "implicit", "kind", "line", "tag", "target", "value")

    def __init__(self, kind: str, event: Any) -> None:
        self.kind = kind
        self.line: int = event.start_mark.line
        self.column: int = event.start_mark.column
        self.tag: str = ""
        self.value: str = ""
        self.implicit = False
        self.children: list[Node] = []
        self.target: Node | None = None


class SyntaxProblem(Exception):
    """Text that is not YAML. `line` and `column` count from 0; the message is go-yaml's, with the line it names."""

    def __init__(self, message: str, line: int, column: int, problem: str) -> None:
        super().__init__(message)
        self.line, self.column, self.problem = line, column, problem


def parse(text: str, parser: str = DEFAULT) -> Node | None:
    """The root node of the first document of a text; None when there is none. Raises SyntaxProblem.

    Where libyaml is known to differ from go-yaml, `GoScanner` has the last word.
    """
    if _C_PARSER and parser == "c" and "\\/" not in text and "\ufeff" not in text[1:]:
        try:
            return _Composer(doubting=True).compose(_C_PARSER(text))
        except _Doubt:
            pass
        except yaml.MarkedYAMLError as error:
            if error.problem not in _DOUBTFUL:
                raise _problem(error) from None
        except yaml.reader.ReaderError:
            raise _unprintable(text) from None
    try:
        return _Composer().compose(GoScanner(text))
    except yaml.MarkedYAMLError as error:
        raise _problem(error) from None
    except yaml.reader.ReaderError:
        raise _unprintable(text) from None


class _Doubt(Exception):
    """libyaml has read something that go-yaml would read otherwise."""


class _Composer:
    """Builds the tree with a stack of open collections; no recursion, so that depth costs nothing."""

    def __init__(self, *, doubting: bool = False) -> None:
        self.doubting = doubting
        self.flow = 0
        self.anchors: dict[str, Node] = {}
        self.open: list[Node] = []
        self.root: Node | None = None

    def compose(self, loader: Any) -> Node | None:
        """Take events up to the end of the first document."""
        while True:
            event = loader.get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                node = Node(SCALAR, event)
                node.value, node.tag, node.implicit = event.value, event.tag or "", event.implicit[0]
                if self.flow and self.doubting and node.implicit and "?" in node.value:
                    raise _Doubt
                self._add(node, event.anchor)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                node = Node(MAPPING if kind is yaml.MappingStartEvent else SEQUENCE, event)
                self._add(node, event.anchor)
                self.open.append(node)
                self.flow += self.flow > 0 or bool(event.flow_style)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self.open.pop()
                self.flow -= self.flow > 0
            elif kind is yaml.AliasEvent:
                self._add(self._alias(event), None)
            elif kind is yaml.DocumentStartEvent:
                _check_version(event)
            elif kind is yaml.DocumentEndEvent or kind is yaml.StreamEndEvent:
                return self.root

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node

    def _alias(self, event: Any) -> Node:
        node = Node(ALIAS, event)
        node.value, node.target = event.anchor, self.anchors.get(event.anchor)
        if node.target is None:
            problem = f"unknown anchor '{node.value}' referenced"
            raise SyntaxProblem(f"yaml: {problem}", node.line, node.column, problem)
        return node


def _check_version(event: Any) -> None:
    if event.version not in (None, (1, 1)):
        problem = "found incompatible YAML document"
        raise SyntaxProblem(_message(problem, event.start_mark.line), event.start_mark.line, 0, problem)


def _problem(error: yaml.MarkedYAMLError) -> SyntaxProblem:
    """The error in go-yaml's words. It names the line of a scanner's error, but the line before of a parser's."""
    problem = _in_libyaml_words(str(error.problem), str(error.context))
    mark = error.problem_mark or error.context_mark
    if problem == "could not find expected ':'" and error.context_mark:  # missed on the line below
        mark = error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    named = error.problem_mark.line if error.problem_mark else 0
    if named and isinstance(error, yaml.scanner.ScannerError):
        named += 1
    elif not named:
        named = error.context_mark.line if error.context_mark else 0
    return SyntaxProblem(_message(problem, named), line, column, problem)


def _message(problem: str, named_line: int) -> str:
    return f"yaml: line {named_line}: {problem}" if named_line else f"yaml: {problem}"


def _in_libyaml_words(problem: str, context: str) -> str:
    for pattern, words in _WORDS:
        if re.fullmatch(pattern, problem, re.DOTALL):
            problem = re.sub(pattern, words, problem, flags=re.DOTALL)
            break
    named = "could not find expected directive name"
    if "directive" not in context:
        named = "did not find expected alphabetic or numeric character"
    return problem.replace("{block}", "key" if "mapping" in context else "'-' indicator").replace("{name}", named)


def _unprintable(text: str) -> SyntaxProblem:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    at = found.start() if found else 0
    line = text.count("\n", 0, at)
    problem = "control characters are not allowed"
    return SyntaxProblem(f"yaml: {problem}", line, at - (text.rfind("\n", 0, at) + 1), problem)

"""Cutting a file into documents, as kubectl does it: by lines, before any YAML is read.

A file whose first character is a brace is tried as JSON, values one after the other; when that fails within the first
two values, the rest is taken for YAML. YAML is cut at every line that begins with ``---`` (inside a block of text too),
so that one broken document does not spoil the others. Source: apimachinery pkg/util/yaml/decoder.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kubesim_tui.api.yamlgo import gojson
from kubesim_tui.api.yamlgo.gojson import Found
from kubesim_tui.api.yamlgo.jsonfaults import JsonProblem

_GUESS = 4096  # so far does kubectl look for the brace


@frozen
class Chunk:
    """A piece of a file: its text and the number of lines before it.

    `found` is a JSON value that was read already (then the text is the whole file). `error` is a fault of the cut
    itself: the line (from 0), the column and what kubectl says; `json_error` is what kubectl says when YAML fails too.
    """

    text: str
    before: int
    found: Found | None = None
    error: tuple[int, int, str] | None = None
    json_error: tuple[int, int, str] | None = None


def chunks(text: str) -> Iterator[Chunk]:
    """The documents of a file, in order; empty ones too."""
    text = text.removeprefix("\ufeff")
    if text[:_GUESS].lstrip().startswith("{"):
        yield from _json_chunks(text)
    else:
        yield from _yaml_chunks(text, 0)


def _json_chunks(text: str) -> Iterator[Chunk]:
    at = count = 0
    while True:
        try:
            found = gojson.read_value(text, at)
        except JsonProblem as problem:
            yield from _after_json(text, at, count, problem)
            return
        if found is None:
            return
        yield Chunk(text, 0, found)
        at, count = found.end, count + 1


def _after_json(text: str, at: int, count: int, problem: JsonProblem) -> Iterator[Chunk]:
    """What follows the last good JSON value: an error after two of them, else YAML."""
    line, column = _place(text, problem.at)
    words = str(problem)
    if count <= 1 and problem.syntax:
        words = f"json: offset {len(text[: problem.at].encode('utf-8', 'replace')) + 1}: {words}"
    rest = _past_blanks(text, at)
    if count > 1 or rest is None:
        yield Chunk("", line, error=(line, column, words))
        return
    at = rest
    for i, chunk in enumerate(_yaml_chunks(text[at:], text.count("\n", 0, at))):
        if i:
            yield chunk
        else:
            at_json = (line, column, words)
            yield Chunk(chunk.text, chunk.before, error=at_json if chunk.error else None, json_error=at_json)


def _past_blanks(text: str, at: int) -> int | None:
    """Past blanks, up to and with the first end of line; None when too little is left for kubectl to try YAML."""
    while len(text[at : at + 4].encode("utf-8", "replace")) >= 4:
        if not text[at].isspace():
            return at
        at += 1
        if text[at - 1] == "\n":
            return at
    return None


def _yaml_chunks(text: str, before: int) -> Iterator[Chunk]:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    start, held = 0, False
    for number, line in enumerate(lines):
        if line.startswith("---"):
            rest = line[3:].strip()
            if rest and not rest.startswith("#"):
                error = (before + number, 0, f"invalid Yaml document separator: {rest}")
                yield Chunk(_joined(lines[start : number + 1]), before + start, error=error)
                start, held = number + 1, False
                continue
            if held:
                yield Chunk(_joined(lines[start:number]), before + start)
                start, held = number + 1, False
                continue
        # A separator at the start of a piece belongs to it, as kubectl has it.
        held = True
    if held:
        yield Chunk(_joined(lines[start:]), before + start)


def _joined(lines: list[str]) -> str:
    return "".join(line.removesuffix("\r") + "\n" for line in lines)


def _place(text: str, at: int) -> tuple[int, int]:
    """Line and column, both from 0."""
    return text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)

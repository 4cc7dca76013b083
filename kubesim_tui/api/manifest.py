"""Manifests: files of YAML or JSON, read as kubectl reads them, and objects written as ``kubectl get -o yaml`` does.

`read` gives one `Document` for every object of a file, in order: empty documents are left out, the items of a List
stand for the List. What cannot be read is a Document too, with its `error`; the others are not lost by it. (kubectl
itself does stop at the first one that is not YAML: `ManifestError.stops` says so.) Each document knows the line of
every field, so that an error found later, by the schema or the API server, can be shown where it was written.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, field, frozen

from kubesim_tui.api.yamlgo import gojson, hints, nodes, stream
from kubesim_tui.api.yamlgo.build import Builder, BuildProblem
from kubesim_tui.api.yamlgo.emit import dump as dump
from kubesim_tui.api.yamlgo.nodes import SyntaxProblem

Path = tuple[str | int, ...]
Json = Any

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")
_GO_KINDS = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}
_DEEP = "exceeded max depth of 10000"


@frozen
class ManifestError:
    """Why a document cannot be used.

    `line` and `column` count from 1; `message` is what kubectl prints (after ``error: ``), `hint` what was expected
    and what to do, `stops` whether kubectl reads no further in this file.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    stops: bool = True

    def __str__(self) -> str:
        """Place, fault and advice in one line."""
        return f"{self.file}:{self.line}:{self.column}: {self.hint or self.message}"


@frozen
class Document:
    """One object of a file.

    `index` counts from 0 within the file, `line` is the first line (from 1). `data` is the JSON value, `duplicates` the
    keys that stood twice and the lines where they did again (the last one wins), `lines` the line of every field.
    """

    file: str
    index: int
    line: int
    data: dict[str, Json] = field(factory=dict)
    error: ManifestError | None = None
    duplicates: tuple[tuple[Path, int], ...] = ()
    lines: Mapping[Path, int] = field(factory=dict, eq=False, repr=False)

    def line_of(self, path: Path) -> int:
        """The line of a field; of the nearest one above it where it was not written."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, self.line)

    def line_of_field(self, text: str) -> int:
        """The line of a field that the API server names (`spec.ports[0].port`)."""
        return self.line_of(place(text, self.data))


def read(text: str, file: str, *, parser: str = nodes.DEFAULT) -> list[Document]:
    """Every object of a file's text, in order. `file` is the name that errors give; never raises for bad text."""
    found: list[Document] = []
    for chunk in stream.chunks(text):
        for document in _flattened(_document(chunk, file, parser)):
            found.append(evolve(document, index=len(found)))
    return found


def decode(data: bytes) -> str:
    """The text of a file's bytes: UTF-8, or UTF-16 with a byte order mark; what is neither becomes U+FFFD."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return data.decode("utf-8", "replace")


def path_of(text: str) -> Path:
    """The path that the API server writes as text: ``spec.containers[0].image``, ``metadata.labels[a.b/c]``."""
    steps: list[str | int] = []
    for name, subscript in _STEP.findall(text):
        steps.append(int(subscript) if subscript.isdigit() else name or subscript)
    return tuple(steps)


def place(text: str, data: Json) -> Path:
    """`path_of` for a document at hand, in which a key may have dots (``data.tls.crt``)."""
    steps, found = list(path_of(text)), []
    while steps:
        many = 1
        if isinstance(data, dict):
            names = itertools.takewhile(lambda step: isinstance(step, str), steps)
            joined = itertools.accumulate(map(str, names), "{}.{}".format)
            many = max((i for i, name in enumerate(joined, 1) if name in data), default=1)
        step = steps[0] if many == 1 else ".".join(map(str, steps[:many]))
        found.append(step)
        del steps[:many]
        data = _below(data, step)
    return tuple(found)


def _below(data: Json, step: str | int) -> Json:
    if isinstance(data, dict):
        return data.get(step)
    return data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None


def _document(chunk: stream.Chunk, file: str, parser: str) -> Document | None:
    """The document of a chunk; None when the chunk is empty."""
    if chunk.error:
        return _failed(file, chunk, chunk.error[0] - chunk.before, chunk.error[1], chunk.error[2])
    if chunk.found:
        lines, duplicates = gojson.lines_of(chunk.text, chunk.found)
        return _checked(file, chunk.found.value, lines, duplicates, 0)
    try:
        root = nodes.parse(chunk.text, parser)
        if root is None:
            return None
        builder = Builder()
        value = builder.build(root)
    except (SyntaxProblem, BuildProblem) as problem:
        return _yaml_failed(file, chunk, problem)
    except RecursionError:
        return _failed(file, chunk, 0, 0, f"error converting YAML to JSON: yaml: {_DEEP}")
    return _checked(file, value, builder.lines, builder.duplicates, chunk.before)


def _yaml_failed(file: str, chunk: stream.Chunk, problem: SyntaxProblem | BuildProblem) -> Document:
    if chunk.json_error:
        line, column, words = chunk.json_error
        return _failed(file, chunk, line - chunk.before, column, words)
    message = f"error converting YAML to JSON: {problem}"
    return _failed(file, chunk, problem.line, problem.column, message)


def _failed(file: str, chunk: stream.Chunk, line: int, column: int, message: str) -> Document:
    lines = chunk.text.split("\n")
    first = next((i for i, text in enumerate(lines) if text.strip() and not text.startswith("---")), 0)
    hint = hints.advice(message, lines, line, column)
    error = ManifestError(file, chunk.before + line + 1, column + 1, f"error parsing {file}: {message}", hint)
    return Document(file, 0, chunk.before + first + 1, error=error)


def _checked(
    file: str, value: Json, lines: dict[Path, int], duplicates: list[tuple[Path, int]], before: int
) -> Document | None:
    """A document of a value that was read: an object, or an error."""
    if value is None:
        return None
    first = before + 1
    placed = {path: line + first for path, line in lines.items()}
    if not isinstance(value, dict):
        kind = _GO_KINDS[type(value)]
        words = _undecodable(file, f"{kind} into Go value of type unstructured.detector")
        return _refused(file, placed[()], words, "an object with apiVersion, kind and metadata is expected here")
    twice = tuple((path, line + first) for path, line in duplicates)
    return Document(file, 0, placed[()], value, None, twice, placed)


def _refused(file: str, line: int, words: str, hint: str) -> Document:
    return Document(file, 0, line, error=ManifestError(file, line, 1, words, hint, stops=False))


def _undecodable(file: str, what: str) -> str:
    return f'unable to decode "{file}": json: cannot unmarshal {what}'


def _flattened(document: Document | None) -> Iterator[Document]:
    """The items of a List (any object with ``items``, as kubectl holds it), else the document itself."""
    if document is None:
        return
    data = document.data
    if "items" not in data or not isinstance(data.get("kind"), str) or not data["kind"]:
        yield document
        return
    items = data["items"] if data["items"] is not None else []
    problem = _bad_items(items, document.file)
    if problem:
        yield _refused(document.file, document.line_of(("items",)), *problem)
        return
    kind, version = data["kind"].removesuffix("List"), data.get("apiVersion")
    places = _by_item(document)
    for i, item in enumerate(items):
        yield _item(document, i, _with_kind(item or {}, kind, version), places.get(i, {}))


def _bad_items(items: Json, file: str) -> tuple[str, str] | None:
    """What is wrong with a list of items: kubectl's words, and advice."""
    if not isinstance(items, list):
        what = f"{_GO_KINDS[type(items)]} into Go struct field decodeList.items of type []json.RawMessage"
        return _undecodable(file, what), "items must be a list of objects"
    for item in items:
        if item is not None and not isinstance(item, dict):
            what = f"{_GO_KINDS[type(item)]} into Go value of type map[string]interface {{}}"
            return _undecodable(file, what), "every item of a List must be an object"
        if item and isinstance(item.get("items"), list):
            words = "*unstructured.Unstructured is not a list: no Items field in this object"
            return words, "kubectl reads no List within a List: take the inner items out"
    return None


def _with_kind(item: dict[str, Json], kind: str, version: Json) -> dict[str, Json]:
    """The item with the kind that its List implies, if it names none itself."""
    if item.get("kind") or item.get("apiVersion"):
        return item
    return {**item, "kind": kind, "apiVersion": version}


def _item(document: Document, i: int, data: dict[str, Json], lines: dict[Path, int]) -> Document:
    twice = tuple((path[2:], line) for path, line in document.duplicates if path[:2] == ("items", i))
    line = lines.get((), document.line)
    return Document(document.file, 0, line, data, None, twice, lines)


def _by_item(document: Document) -> dict[int, dict[Path, int]]:
    """The lines below each item, with paths that start at the item."""
    places: dict[int, dict[Path, int]] = {}
    for path, line in document.lines.items():
        if len(path) > 1 and path[0] == "items" and isinstance(path[1], int):
            places.setdefault(path[1], {})[path[2:]] = line
    return places

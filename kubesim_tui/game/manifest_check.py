"""What is wrong with a manifest, line by line: the editor asks this at every pause of its author.

Reading tells its own lines; the rest is told by a dry run through the door, and found again in the text: a field that
strict decoding or validation names, a value that Go could not read into its type, a namespace that is not there.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.game.game import Game

Path = tuple[str | int, ...]

_TYPE = re.compile(r"cannot unmarshal (\w+) into Go struct field \w+\.(\S+) of type (\S+)$")
_GO = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}
_WANTED = {"int32": "a whole number", "int64": "a whole number", "bool": "true or false", "string": "text"}
_GOT = {"string": "text", "number": "a number", "bool": "true or false", "array": "a list", "object": "an object"}


def check_manifest(game: Game, text: str) -> tuple[tuple[int, str], ...]:
    """Errors of a manifest as (line from 1, message): parsing, strict decoding and validation, by a dry run."""
    found: list[tuple[int, str]] = []
    for document in manifest.read(text, "editor"):
        if document.error is not None:
            found.append((document.error.line, document.error.hint or document.error.message))
            continue
        twice = [(line, f'key "{path[-1]}" is there twice: the last one counts') for path, line in document.duplicates]
        found += twice or _check(game, document)
    return tuple(sorted(found))


def _check(game: Game, document: manifest.Document) -> list[tuple[int, str]]:
    data = document.data
    version, kind = str(data.get("apiVersion") or ""), str(data.get("kind") or "")
    resource = game.cluster.server.resource_for_kind(version, kind)
    if resource is None:
        said = f'no matches for kind "{kind}" in version "{version}"' if kind and version else _lacks(kind)
        return [(document.line_of(("kind" if kind else "apiVersion",)), said)]
    meta = data.get("metadata")
    meta = meta if isinstance(meta, Mapping) else {}
    where = str(meta.get("namespace") or game.config.namespace) if resource.namespaced else ""
    name = str(meta.get("name") or "")
    exists = game.cluster.etcd.get(resource.group_resource, (where, name)) is not None
    verb, patch = ("patch", "merge") if exists else ("create", "")
    options = Options(dry_run=True)
    request = Request(game.player, verb, resource, where, name, body=data, patch_type=patch, options=options)
    try:
        game.client.server.handle(request)
    except StatusError as refused:
        return list(_places(document, refused))
    except ApiError as error:
        return [(document.line, str(error))]
    return []


def _lacks(kind: str) -> str:
    return "apiVersion is missing" if kind else "kind is missing"


def _places(document: manifest.Document, refused: StatusError) -> Iterator[tuple[int, str]]:
    """Each complaint at its line; a message without fields at the top."""
    causes = [c for c in refused.details.causes if c.field]
    for cause in causes:
        yield document.line_of(_path_of(cause.field)), f"{cause.field}: {cause.message}"
    if causes:
        return
    if found := _TYPE.search(refused.message):
        yield _wrong_type(document, *found.groups())
        return
    for path, message in _decoding(refused.message):
        yield document.line_of(path or _suspect(document, refused)), message


def _wrong_type(document: manifest.Document, got: str, field: str, wanted: str) -> tuple[int, str]:
    """Go names a field without its indices: the first value below it of the kind that it could not read."""
    names = tuple(field.split("."))
    named = ((path, value) for path, value in _walk(document.data, ()) if _names(path)[: len(names)] == names)
    at: Path = next((path for path, value in named if _GO.get(type(value)) == got), names)
    expected = _WANTED.get(wanted, "a list" if wanted.startswith("[]") else "an object")
    return document.line_of(at), f"{_written(at)}: {expected} is expected here, not {_GOT.get(got, got)}"


def _written(path: Path) -> str:
    """`spec.containers[0].image`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, value
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _walk(inner, (*path, i))


def _names(path: Path) -> Path:
    return tuple(part for part in path if isinstance(part, str))


def _suspect(document: manifest.Document, refused: StatusError) -> Path:
    """The field that a message means without naming it."""
    if refused.reason == "NotFound" and refused.message.startswith("namespaces "):
        return ("metadata", "namespace")
    if "illegal base64" in refused.message:
        return next((("data", key) for key, text in document.data.get("data", {}).items() if not _base64(text)), ())
    return ()


def _base64(text: Any) -> bool:
    try:
        base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _decoding(message: str) -> Iterator[tuple[Path, str]]:
    """Messages of strict decoding name a field in quotes, several with a comma between."""
    parts = message.partition("strict decoding error: ")[2].split(", ") if "strict decoding error" in message else []
    for part in parts:
        yield _path_of(part.split('"')[1] if '"' in part else ""), part
    if not parts:
        yield (), message


def _path_of(field: str) -> Path:
    parts: list[str | int] = []
    for part in field.replace("]", "").replace("[", ".").split("."):
        if part:
            parts.append(int(part) if part.isdigit() else part)
    return tuple(parts)

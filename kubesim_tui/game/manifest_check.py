"""What is wrong with a manifest, line by line: the editor asks this at every pause of its author.

Reading tells its own lines; the rest is told by a dry run through the door, and found again in the text: a field that
strict decoding or validation names, a value that Go could not read into its type, a namespace that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kubesim_tui.api import manifest, removed
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.game.game import Game
from kubesim_tui.game.manifest_words import in_language

_TYPE = re.compile(r"cannot unmarshal (\w+).* into Go struct field \S+ of type (\S+)$")
_WANTED = {"int32": "a whole number", "int64": "a whole number", "bool": "true or false", "string": "text"}
_GOT = {"string": "text", "number": "a number", "bool": "true or false", "array": "a list", "object": "an object"}


def check_manifest(game: Game, text: str, language: str = "en") -> tuple[tuple[int, str], ...]:
    """Errors of a manifest as (line from 1, message): parsing, strict decoding and validation, by a dry run."""
    return tuple((line, in_language(said, language)) for line, said in _found(game, text))


def _found(game: Game, text: str) -> tuple[tuple[int, str], ...]:
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
        said = "; ".join(filter(None, (said, removed.hint(version, kind))))
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
    """Each complaint at its line; a message that names no field at the top."""
    for field, message in refused.places:
        at = manifest.place(field, document.data)
        yield document.line_of(at), _plainly(at, message)
    if not refused.places:
        missing = refused.reason == "NotFound" and refused.message.startswith("namespaces ")
        yield document.line_of(("metadata", "namespace") if missing else ()), refused.message


def _plainly(at: manifest.Path, message: str) -> str:
    """What was expected, where Go could not read a value into its type."""
    found = _TYPE.search(message)
    if not found:
        return message
    got, wanted = found.groups()
    expected = _WANTED.get(wanted, "a list" if wanted.startswith("[]") else "an object")
    return f"{_written(at)}: {expected} is expected here, not {_GOT.get(got, got)}"


def _written(path: manifest.Path) -> str:
    """`spec.containers[0].image`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")

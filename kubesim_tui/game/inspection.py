"""What a thing looks like: its YAML, its description, why it is not well; and what is wrong with a manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define

from kubesim_tui.api import manifest, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.cluster.view import Ref
from kubesim_tui.explain.chain import Chain
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.pod import pod_not_ready
from kubesim_tui.game.game import Game
from kubesim_tui.game.menus import find, short
from kubesim_tui.kubectl import run as kubectl
from kubesim_tui.kubectl.apply import LAST_APPLIED

HIDDEN = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation")
"""What the server keeps for itself in metadata; nobody edits it."""


@define
class Quiet:
    """A terminal at which nobody sits: it has no files, only what is handed over as standard input."""

    stdin: str = ""
    width: int = 120

    def read(self, path: str) -> str:
        """Standard input."""
        if path != "-":
            raise FileNotFoundError(2, "No such file or directory", path)
        return self.stdin

    def edit(self, _text: str) -> str | None:
        """Nobody edits."""
        return None


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """An object as its author would write it: without status, and what the server and kubectl note for themselves."""
    meta = {k: v for k, v in data.get("metadata", {}).items() if k not in HIDDEN}
    notes = {k: v for k, v in meta.pop("annotations", {}).items() if k != LAST_APPLIED}
    shown = {k: v for k, v in data.items() if k != "status"}
    return {**shown, "metadata": {**({"annotations": notes} if notes else {}), **meta}}


def manifest_of(game: Game, ref: Ref) -> str:
    """The YAML of an object, as the editor opens it; "" if it is gone."""
    obj = find(game, ref)
    return manifest.dump(plain(encode_object(obj))) if obj is not None else ""


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
    for path, message in _decoding(refused.message):
        yield document.line_of(path), message


def _decoding(message: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Messages of strict decoding name a field in quotes, several with a comma between."""
    parts = message.partition("strict decoding error: ")[2].split(", ") if "strict decoding error" in message else []
    for part in parts:
        yield _path_of(part.split('"')[1] if '"' in part else ""), part
    if not parts:
        yield (), message


def _path_of(field: str) -> tuple[str | int, ...]:
    parts: list[str | int] = []
    for part in field.replace("]", "").replace("[", ".").split("."):
        if part:
            parts.append(int(part) if part.isdigit() else part)
    return tuple(parts)


def describe(game: Game, ref: Ref) -> tuple[str, ...]:
    """Output of kubectl describe."""
    line = f"kubectl describe {short(ref)}{f' -n {ref.namespace}' if ref.namespace else ''}"
    reply = kubectl(line, game.client, Quiet(), game.cluster.etcd.clock.now, game.config)
    return (*reply.out, *reply.err)


def chain_for(game: Game, evidence: Evidence, ref: Ref) -> Chain | None:
    """Why a thing is not well; None if it is, or if nothing is known of its kind."""
    if ref.kind == "Node":
        return node_not_ready(evidence, ref.name) if not game.cluster.witness.powered(ref.name) else None
    if ref.kind == "Pod":
        found = evidence.pod(ref.namespace, ref.name)
        return pod_not_ready(evidence, found) if found is not None else None
    for pod in sorted(game.cluster.etcd.table("pods").in_namespace(ref.namespace), key=lambda p: p.metadata.name):
        assert isinstance(pod, types.Pod)
        owner = evidence.workload(pod)
        if (owner.kind, owner.metadata.name) == (ref.kind, ref.name):
            chain = pod_not_ready(evidence, pod)
            if chain is not None:
                return chain
    return None

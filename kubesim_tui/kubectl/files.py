"""Manifests that a command names: files, directories, standard input with -f, a folder with a kustomization with -k.

Each document becomes an Info or an error of its own: a bad document does not lose the others (only one that is no YAML
at all ends its file, as with the real kubectl).
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from typing import Any

from kubesim_tui.api import labels, manifest
from kubesim_tui.api.frozen import ordered
from kubesim_tui.api.jsonpath import go_json
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import discovery
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info

EXTENSIONS = (".json", ".yaml", ".yml")
STDIN = "STDIN"


def texts(env: Env) -> Iterator[tuple[str, str]]:
    """(name, text) of every file that -f or -k names. Fail for one that is not there."""
    if folder := env.flags.text("kustomize"):
        yield folder, _built(env, folder)
        return
    for path in env.flags["filename"] or ():
        if path.startswith(("http://", "https://")):
            raise error(f'unable to read URL "{path}": the game has no way out to the network; give a file')
        if path == "-":
            yield STDIN, _read(env, path)
            continue
        for file in _expanded(env, path, top=True):
            yield file, _read(env, file)


def named(env: Env) -> bool:
    """Whether the command names manifests."""
    return bool(env.flags["filename"] or env.flags.text("kustomize"))


def _built(env: Env, folder: str) -> str:
    """What a folder's kustomization makes, as one manifest."""
    from kubesim_tui.kubectl.kustomize_command import text

    if env.flags["filename"]:
        raise error("only one of -f or -k can be specified")
    if env.flags["recursive"]:
        raise error("the -k flag can't be used with -f or -R")
    return text(env, folder)


def _expanded(env: Env, path: str, *, top: bool) -> list[str]:
    """A file as it is; a directory as the manifests in it (-R: also below it)."""
    names = listing(env, path)
    if names is None:
        return [path] if top or path.endswith(EXTENSIONS) else []
    found = []
    for name in names:
        inner = posixpath.join(path, name)
        below = listing(env, inner)
        if below is None and name.endswith(EXTENSIONS):
            found.append(inner)
        elif below is not None and env.flags["recursive"]:
            found += _expanded(env, inner, top=False)
    if top and not found:
        raise error(f"error reading [{path}]: recognized file extensions are [.json .yaml .yml]")
    return found


def listing(env: Env, path: str) -> list[str] | None:
    """The names in a directory, sorted; None if it is none."""
    try:
        return sorted(env.terminal.list(path))
    except OSError:
        return None


def _read(env: Env, path: str) -> str:
    try:
        return env.terminal.read(path)
    except FileNotFoundError:
        raise error(f'the path "{path}" does not exist') from None
    except IsADirectoryError:
        raise error(f"error reading [{path}]: is a directory") from None
    except OSError as failure:
        raise error(f'the path "{path}" cannot be accessed: {failure.strerror or failure}') from None


def manifests(env: Env) -> Iterator[Info | Fail]:
    """Every object of the named files, in order, or what is wrong with a document."""
    for name, text in texts(env):
        yield from of_text(env, text, name)


def of_text(env: Env, text: str, name: str) -> Iterator[Info | Fail]:
    """Every object of a text, or what is wrong with a document."""
    for document in manifest.read(text, name):
        yield _info(env, document)
        if document.error is not None and document.error.stops:
            break  # kubectl reads no further in this file


def read(env: Env, verb: str) -> tuple[list[Info], list[ApiError | Fail]]:
    """(objects, errors) of the named files. Fail if there is neither."""
    infos: list[Info] = []
    failures: list[ApiError | Fail] = []
    for item in manifests(env):
        if isinstance(item, Info):
            infos.append(item)
        else:
            failures.append(item)
    if not infos and not failures:
        raise error(f"no objects passed to {verb}")
    return infos, failures


def labelled(infos: list[Info], selector: str) -> list[Info]:
    """The objects of manifests that -l means."""
    if not selector:
        return infos
    try:
        wanted = labels.parse(selector)
    except labels.SelectorError as wrong:
        raise error(str(wrong)) from None
    return [
        i for i in infos if i.data is not None and wanted.matches((i.data.get("metadata") or {}).get("labels") or {})
    ]


def _info(env: Env, document: manifest.Document) -> Info | Fail:
    """One document, mapped to its type and namespace."""
    if document.error is not None:
        return error(document.error.message)
    data = ordered(document.data)
    source = document.file
    version, kind = data.get("apiVersion"), data.get("kind")
    if not kind or not version:
        return _without_kind(env, data, source)
    if not isinstance(kind, str) or not isinstance(version, str):
        return error(f'unable to decode "{source}": apiVersion and kind must be text')
    meta = data.get("metadata")
    if not isinstance(meta, dict):
        if meta is not None:
            return error(
                f'unable to decode "{source}": json: cannot unmarshal {_go_kind(meta)} into Go struct field '
                f"ObjectMeta.metadata of type v1.ObjectMeta"
            )
        meta = data["metadata"] = {}
    if wrong := _meta_fault(meta):
        return error(f'unable to decode "{source}": json: cannot unmarshal {wrong}')
    resource = discovery.for_object(env.client, version, kind)
    name = str(meta.get("name") or "")
    if resource is None:
        return discovery.missing_kind(version, kind, name, str(meta.get("namespace") or ""), source)
    if not resource.namespaced:
        return Info(resource, "", name, None, data, source)
    namespace = str(meta.get("namespace") or "") or env.namespace
    if env.flags.given("namespace") and namespace != env.namespace:
        return error(
            f'the namespace from the provided object "{namespace}" does not match the namespace "{env.namespace}". '
            f"You must pass '--namespace={namespace}' to perform this operation."
        )
    if not env.flags["local"]:
        meta["namespace"] = namespace
    return Info(resource, namespace, name, None, data, source)


def _meta_fault(meta: dict[str, Any]) -> str:
    """What kubectl's own decoder says of metadata of wrong types; "" if there are none."""
    for field in ("annotations", "labels"):
        held = meta.get(field)
        if held is not None and not isinstance(held, dict):
            return f"{_go_kind(held)} into Go struct field ObjectMeta.metadata.{field} of type map[string]string"
        for value in (held or {}).values():
            if value is not None and not isinstance(value, str):
                return f"{_go_kind(value)} into Go struct field ObjectMeta.metadata.{field} of type string"
    for field in ("generateName", "name", "namespace"):
        if not isinstance(meta.get(field), str | None):
            return f"{_go_kind(meta[field])} into Go struct field ObjectMeta.metadata.{field} of type string"
    return ""


def _without_kind(env: Env, data: dict[str, Any], source: str) -> Fail:
    missing = [f"{field} not set" for field in ("apiVersion", "kind") if not data.get(field)]
    if env.validation() != "Ignore":
        said = missing[0] if len(missing) == 1 else f"[{', '.join(missing)}]"
        return error(
            f'error validating "{source}": error validating data: {said}; if you choose to ignore these errors, '
            f"turn validation off with --validate=false"
        )
    if data.get("kind"):
        verb = "replacing" if env.flags.path == "replace" else "creating"
        text = f'error when {verb} "{source}": the server could not find the requested resource'
        return Fail(f"Error from server (NotFound): {text}")
    return error(f"unable to decode \"{source}\": Object 'Kind' is missing in '{go_json(data)}'")


def _go_kind(value: Any) -> str:
    return {str: "string", bool: "bool", list: "array", dict: "object"}.get(type(value), "number")


def fetched(env: Env) -> tuple[list[Info], list[ApiError | Fail]]:
    """The objects of the named files, as the server has them."""
    infos, failures = read(env, env.flags.path.split(" ")[0])
    found: list[Info] = []
    for info in infos:
        try:
            live = env.get(info.resource, info.namespace, info.name)
            found.append(Info(info.resource, info.namespace, info.name, live, info.data, info.source))
        except ApiError as failure:
            failures.append(failure)
    return found, failures


def compact(data: dict[str, Any]) -> str:
    """An object's JSON as the last-applied annotation holds it: one line, sorted keys, a newline."""
    return go_json(data) + "\n"


def parsed(text: str) -> dict[str, Any]:
    """The object of such an annotation; ValueError if it is none."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found

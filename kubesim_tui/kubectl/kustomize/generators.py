"""configMapGenerator and secretGenerator: objects out of literals, files and files of variables.

Their names get a hash of the content; a generator further up may replace what one below made, or merge into it.
"""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Iterator

from kubesim_tui.api import names
from kubesim_tui.kubectl.kustomize.folder import Folder
from kubesim_tui.kubectl.kustomize.model import Data, Item, Items, KustomizeError, append, as_map, matching

BEHAVIORS = ("", "unspecified", "create", "replace", "merge")
_LINE = 70
KINDS = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}


def run(items: Items, fields: Data, folder: Folder) -> None:
    """Generate what a kustomization asks for, and put it among the resources."""
    for field, kind in KINDS.items():
        for at, args in enumerate(fields.get(field) or ()):
            try:
                _absorb(items, _made(kind, args, _options(args, fields.get("generatorOptions")), folder))
            except KustomizeError as wrong:
                raise KustomizeError(f"{field}[{at}]: {wrong}") from None


def _options(args: Data, common: Data | None) -> Data:
    """A generator's own options and those of all."""
    own: Data = args.get("options") or {}
    merged: Data = {**own}
    for name in ("labels", "annotations"):
        merged[name] = {**((common or {}).get(name) or {}), **(own.get(name) or {})}
    for name in ("disableNameSuffixHash", "immutable"):
        merged[name] = bool(own.get(name) or (common or {}).get(name))
    return merged


def _made(kind: str, args: Data, options: Data, folder: Folder) -> Item:
    if not args.get("name"):
        raise KustomizeError("a configmap must have a name")
    if args.get("behavior", "") not in BEHAVIORS:
        raise KustomizeError(f"behavior: must be create, replace or merge, not {args['behavior']!r}")
    meta: Data = {"name": args["name"]}
    for name, value in (("namespace", args.get("namespace")), *((n, options[n]) for n in ("labels", "annotations"))):
        if value:
            meta[name] = value
    data: Data = {"apiVersion": "v1", "kind": kind, "metadata": meta}
    if kind == "Secret":
        data["type"] = args.get("type") or "Opaque"
    pairs = _pairs(args, folder)
    if kind == "Secret":
        data["data"] = {key: encoded(value) for key, value in pairs.items()}
    elif pairs:
        data["data"] = pairs
    if options["immutable"]:
        data["immutable"] = True
    return Item(data, hashed=not options["disableNameSuffixHash"], behavior=args.get("behavior", ""))


def encoded(text: str) -> str:
    """Base64; a long one in lines of 70."""
    whole = base64.b64encode(text.encode()).decode()
    if len(whole) < _LINE:
        return whole
    return "".join(f"{whole[at : at + _LINE]}\n" for at in range(0, len(whole), _LINE))


# -- what goes in ----------------------------------------------------------------------------------------------------


def _pairs(args: Data, folder: Folder) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in _sources(args, folder):
        if faults := names.is_config_map_key(key):
            raise KustomizeError(f'"{key}" is not a valid key name: {",".join(faults)}')
        if key in found:
            raise KustomizeError(f"configmap {args['name']} illegally repeats the key `{key}`")
        found[key] = value
    return found


def _sources(args: Data, folder: Folder) -> Iterator[tuple[str, str]]:
    envs = [*(args.get("envs") or ()), *([args["env"]] if args.get("env") else ())]
    for path in envs:
        yield from _variables(folder.read(path))
    for text in args.get("literals") or ():
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise KustomizeError(f"invalid literal source {text}, expected key=value")
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
        yield key, value[1:-1] if quoted else value
    for source in args.get("files") or ():
        yield _file(source, folder)


def _variables(text: str) -> Iterator[tuple[str, str]]:
    for line in text.removeprefix("\ufeff").splitlines():
        stripped = line.lstrip()
        if not stripped or stripped.startswith("#"):
            continue
        key, _, value = stripped.partition("=")
        if faults := names.is_env_var_name(key):
            raise KustomizeError(f'"{key}" is not a valid key name: {";".join(faults)}')
        yield key, value


def _file(source: str, folder: Folder) -> tuple[str, str]:
    key, equals, path = source.partition("=")
    if not equals:
        return posixpath.basename(source), folder.read(source)
    if not key:
        raise KustomizeError(f'missing key name for file path "{path}" in source "{source}"')
    if not path:
        raise KustomizeError(f'missing file path for key name "{key}" in source "{source}"')
    if "=" in path:
        raise KustomizeError(f"source \"{source}\" key name or file path contains '='")
    return key, folder.read(path)


# -- where it goes ---------------------------------------------------------------------------------------------------


def _absorb(items: Items, new: Item) -> None:
    """Add a generated object, or put it in the place of the one that it replaces or is merged into."""
    found = matching(items, new.id.same)
    if not found:
        if new.behavior in ("replace", "merge"):
            raise KustomizeError(f"id {new.id} does not exist; cannot merge or replace")
        append(items, new)
        return
    if len(found) > 1:
        raise KustomizeError(f"found multiple objects that could accept merge of {new.id}")
    old = found[0]
    if new.behavior not in ("replace", "merge"):
        raise KustomizeError(
            f"id {new.id} exists; can not use behavior: '{new.behavior or 'unspecified'}', "
            "behavior must be merge or replace"
        )
    _inherit(old, new)
    if new.behavior == "merge":
        for field in ("data", "binaryData"):
            if merged := {**as_map(old.data.get(field)), **as_map(new.data.get(field))}:
                new.data[field] = merged
    items[items.index(old)] = new


def _inherit(old: Item, new: Item) -> None:
    """The new object is the old one for all who speak of it."""
    for name in ("labels", "annotations"):
        if merged := {**as_map(old.meta.get(name)), **as_map(new.meta.get(name))}:
            new.meta[name] = merged
    new.meta["name"] = old.name
    if old.meta.get("namespace"):
        new.meta["namespace"] = old.meta["namespace"]
    new.former, new.prefixes, new.suffixes = old.former, old.prefixes, old.suffixes
    new.hashed = new.hashed and old.hashed

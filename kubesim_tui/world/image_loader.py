"""Reads image files: YAML in, frozen `ImageSpec` out. Mistakes are told with file, line and field.

A file says what the image is at every tag; `versions` lay differences for some tags or repositories over it (maps
merge, everything else replaces), and the whole may lie over another image (`from`). So a spec is made for a name and a
tag, when somebody pulls it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from kubesim_tui.world.images import ImageSpec

Raw = Mapping[str, Any]
Find = Callable[[str], Raw | None]
"""What stands in the file of a repository."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NAME = re.compile(r"[^\s,\[\]]+/[^\s,\[\]]+")
_REMARK = re.compile(r"#.*")
_HEAD = re.compile(r"^repositories:(?:[ \t]*\[[^\]]*\]|(?:[ \t]*#.*|[ \t]*-[ \t]+.*|[ \t]*)$\n?)+", re.MULTILINE)


class ImageError(ValueError):
    """A mistake in an image file: `file:line: field: what is wrong`."""

    def __init__(self, file: str, line: int, place: str, message: str) -> None:
        super().__init__(f"{file}:{line}: {place + ': ' if place else ''}{message}")
        self.file, self.line, self.place, self.message = file, line, place, message


def assets() -> Path:
    """Where the bundled assets lie: in an installed package beside the code, in the repository above it."""
    package = Path(__file__).resolve().parents[1]
    bundled = package / "_data" / "assets"
    return bundled if bundled.is_dir() else package.parent / "assets"


def repositories(text: str) -> list[str]:
    """The `repositories` of a file, without reading the rest of it (bundled files are read when first needed)."""
    found = _HEAD.search(text)
    return _NAME.findall(_REMARK.sub("", found[0])) if found else []


def load(text: str, file: str = "image.yaml") -> Raw:
    """Read one file without checking it against the schema (the bundled ones are checked by a test)."""
    try:
        raw = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ImageError(file, mark.line + 1 if mark else 1, "", getattr(error, "problem", str(error))) from error
    if not isinstance(raw, dict):
        raise ImageError(file, 1, "", "an image is a map of fields")
    return raw


def load_checked(text: str, file: str = "image.yaml", find: Find | None = None) -> Raw:
    """Read one file and check it: its form by the JSON Schema, then each of its versions by making it."""
    raw = load(text, file)
    _check_schema(raw, text, file)
    found = find or no_other
    tags = [tag.replace("*", "x") for version in raw.get("versions", ()) for tag in version.get("tags", ())]
    for repository in raw["repositories"]:
        for tag in ["latest", *tags]:
            try:
                structure(raw, repository, tag, found)
            except (TypeError, ValueError) as error:
                raise ImageError(file, 1, "", f"{error} (as {repository}:{tag})") from error
    return raw


def no_other(_repository: str) -> Raw | None:
    """Finds nothing: for files that stand on no other."""
    return None


def structure(raw: Raw, repository: str, tag: str, find: Find = no_other) -> ImageSpec:
    """The image of one repository at one tag."""
    merged = _flat(raw, repository, tag, find)
    programs = {name: {**program, "name": name} for name, program in merged.get("programs", {}).items()}
    env = {name: str(value) for name, value in merged.get("env", {}).items()}
    return ImageSpec(**{**merged, "programs": programs, "env": env, "tag": tag})


def _flat(raw: Raw, repository: str, tag: str, find: Find) -> dict[str, Any]:
    """All layers as one: the image that it is built on, its own fields, its versions."""
    merged: dict[str, Any] = {k: v for k, v in raw.items() if k not in ("versions", "from")}
    if "from" in raw:
        if raw["from"].partition(":")[0] in raw["repositories"]:
            raise ValueError("from: an image cannot be built on itself")
        merged = merge(_base(raw["from"], tag, find), merged)
    for version in raw.get("versions", ()):
        if _fits(version.get("tags"), tag) and _fits(version.get("repositories"), repository):
            merged = merge(merged, {k: v for k, v in version.items() if k not in ("tags", "repositories")})
    return merged


def _base(name: str, tag: str, find: Find) -> dict[str, Any]:
    """What an image inherits: all but which names and tags there are. Without a tag of its own it is taken at `tag`."""
    repository, _, own = name.partition(":")
    base = find(repository)
    if base is None:
        raise ValueError(f"from: no file describes {repository}")
    return {k: v for k, v in _flat(base, repository, own or tag, find).items() if k not in ("tags", "absent")}


def _fits(globs: list[str] | None, name: str) -> bool:
    return globs is None or any(fnmatchcase(name, glob) for glob in globs)


def merge(base: Any, over: Any) -> Any:
    """Lay one value over another: maps merge key by key, everything else replaces; null removes a key."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    both = {**base, **{key: merge(base.get(key), value) for key, value in over.items()}}
    return {key: value for key, value in both.items() if value is not None}


def _check_schema(raw: Raw, text: str, file: str) -> None:
    from jsonschema import Draft202012Validator  # slow to import, and needed for a level's own images only

    schema = json.loads((assets() / "schema" / "image.schema.json").read_text("utf-8"))
    problems = sorted(
        Draft202012Validator(schema).iter_errors(raw), key=lambda e: ([str(p) for p in e.path], e.message)
    )
    if problems:
        path = list(problems[0].path)
        raise ImageError(file, line_of(text, path), place_of(path), problems[0].message)


def place_of(path: list[str | int]) -> str:
    """`["routes", 0, "status"]` → `routes[0].status`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def line_of(text: str, path: list[str | int]) -> int:
    """The line of a field (of its key, where it has one); of the nearest above one that is missing."""
    node = yaml.compose(text, _Loader)
    line = node.start_mark.line if node else 0
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode):
            node = node.value[int(part)]
            line = node.start_mark.line
    return int(line) + 1

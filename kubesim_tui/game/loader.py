"""Reads levels from their folders; mistakes are told with file, line and field.

`load(folder)` reads one level whole; game.folders says where levels lie.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import yaml

from kubesim_tui.cloud.autoscaler.options import Options as Autoscaling
from kubesim_tui.cluster.spec import CloudSpec, ClusterSpec, Flags, NodeGroup, OutsideSystem, RegistrySpec
from kubesim_tui.faults.catalogue import FaultSpec
from kubesim_tui.game import references, script, users
from kubesim_tui.game.assets import schema
from kubesim_tui.game.folders import FOLDER
from kubesim_tui.game.level import Level, ObjectiveSpec, Script, TourStep
from kubesim_tui.game.units import ticks
from kubesim_tui.scheduler import config
from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.image_loader import ImageError, line_of, load_checked, place_of

LANGUAGES = ("en", "zh")
DISCRIMINATORS = (["type"], ["shape"])
"""Fields that say by which of several rules an entry is to be read."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LevelError(ValueError):
    """A mistake in a level: `file:line: field: what is wrong`."""

    def __init__(self, file: str, line: int, place: str, message: str) -> None:
        super().__init__(f"{file}:{line}: {place + ': ' if place else ''}{message}")
        self.file, self.line, self.place, self.message = file, line, place, message


def load(folder: Path) -> Level:
    """Read one level whole."""
    file = folder / "level.yaml"
    text = _read(file)
    raw = _yaml(text, str(file))
    _check(raw, text, str(file))
    spec = raw["spec"]
    hasher = blake2b(digest_size=16)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        hasher.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    number = FOLDER.fullmatch(folder.name)
    return Level(
        id=f"{spec['chapter']}-{number[1].lstrip('0') or '0'}" if number else raw["metadata"]["name"],
        name=raw["metadata"]["name"],
        version=raw["metadata"]["version"],
        folder=str(folder),
        chapter=spec["chapter"],
        number=int(number[1]) if number else 0,
        title=spec["title"],
        goal=spec["goal"],
        concepts=tuple(spec["concepts"]),
        lesson=spec["lesson"],
        minutes=spec["minutes"],
        mode=spec["mode"],
        namespace=spec.get("namespace", "default"),
        player=spec.get("player", {}).get("serviceaccount", ""),
        cluster=_cluster(spec),
        traffic=tuple(users.read(t) for t in spec["traffic"]),
        faults=tuple(_fault(f) for f in spec.get("faults", ())),
        ends=ticks(spec["ends"]["after"]),
        pause_on_first_failure=bool(spec.get("pause", {}).get("onFirstFailure")),
        objectives=tuple(_objective(o, bonus=False) for o in spec["objectives"]),
        bonus=tuple(_objective(o, bonus=True) for o in spec.get("bonus", ())),
        tour=tuple(_step(t) for t in spec.get("tour", ())),
        settle=spec.get("settle", 60),
        par=spec.get("par", {}),
        lucky=tuple(spec.get("lucky", ())),
        only=spec.get("only", ""),
        start=_texts(folder / "start"),
        images=_images(folder / "images"),
        briefing=_translated(folder, "briefing"),
        hints={lang: _hints(text) for lang, text in _translated(folder, "hints").items()},
        debrief=_translated(folder, "debrief"),
        solutions=_scripts(folder / "solutions"),
        traps=_scripts(folder / "traps"),
        content=hasher.hexdigest(),
    )


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LevelError(str(file), 1, "", f"cannot be read: {error}") from error


def _yaml(text: str, file: str) -> Any:
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise LevelError(file, line, "", getattr(error, "problem", None) or str(error)) from error


def _check(raw: Any, text: str, file: str) -> None:
    """By the JSON Schema; of an objective, the rules of its own type speak."""
    from jsonschema import Draft202012Validator  # slow to import

    document = json.loads(schema("level.schema.json").read_text("utf-8"))
    problems = list(Draft202012Validator(document).iter_errors(raw))
    if not problems:
        for path, said in references.problems(raw["spec"]):
            raise LevelError(file, line_of(text, path), place_of(path), said)
        return
    first = _deepest(min(problems, key=lambda e: (bool(e.context), [str(p) for p in e.absolute_path])))
    path = list(first.absolute_path)
    raise LevelError(file, line_of(text, path), place_of(path), first.message)


def _deepest(problem: Any) -> Any:
    """Of an objective or a shape that fits none of its kinds, what is wrong by the rules of its own."""
    kinds: dict[Any, list[Any]] = {}
    for error in problem.context or ():
        kinds.setdefault(error.schema_path[0], []).append(error)
    own = (errors for errors in kinds.values() if not any([*e.path][-1:] in DISCRIMINATORS for e in errors))
    return next(own, [problem])[0]


def _seconds(given: int | str) -> int:
    """A whole number as it is, a duration in seconds."""
    return ticks(given) if isinstance(given, str) else given


def _cluster(spec: Mapping[str, Any]) -> ClusterSpec:
    raw = spec.get("cluster", {})
    groups = tuple(
        NodeGroup(**{**g, "cpu": str(g.get("cpu", "4")), "taints": tuple(g.get("taints", ()))})
        for g in raw.get("nodes", ({"name": "node", "count": 3},))
    )
    outside = tuple(
        OutsideSystem(o["name"], o["image"], o.get("from", ""), o.get("env", {})) for o in spec.get("outside", ())
    )
    registries = tuple(
        RegistrySpec(**{**r, "forbidden": tuple(r.get("forbidden", ()))}) for r in raw.get("registries", ())
    )
    flags = {k.lstrip("-").replace("-", "_"): v for k, v in raw.get("flags", {}).items()}
    scheduler = config.read(raw["scheduler"]) if "scheduler" in raw else None
    return ClusterSpec(
        groups,
        outside,
        Flags(**flags),
        scheduler,
        ingress=raw.get("ingress", True),
        snapshots=raw.get("snapshots", False),
        registries=registries,
        regions=users.regions(spec.get("regions", [])),
        cloud=CloudSpec(**{k: _seconds(v) for k, v in raw.get("cloud", {}).items()}),
        autoscaler=Autoscaling(**{k.replace("-", "_"): _seconds(v) for k, v in raw.get("autoscaler", {}).items()}),
        control_planes=raw.get("controlPlanes", 1),
        control_plane_zones=tuple(raw.get("controlPlaneZones", ("a",))),
        etcd_members=raw.get("etcdMembers"),
        etcd_zones=tuple(raw.get("etcdZones", ())),
    )


def _fault(raw: Mapping[str, Any]) -> FaultSpec:
    def time(name: str) -> int:
        return ticks(raw[name]) if name in raw else 0

    return FaultSpec(
        time("at"),
        raw["do"],
        raw.get("target"),
        time("jitter"),
        time("every"),
        time("until"),
        time("for"),
        raw.get("with", {}),
    )


_COMMON = ("id", "type", "text", "from", "to")


def _objective(raw: Mapping[str, Any], *, bonus: bool) -> ObjectiveSpec:
    return ObjectiveSpec(
        raw["id"],
        raw["type"],
        raw["text"],
        ticks(raw["from"]) if "from" in raw else 0,
        ticks(raw["to"]) if "to" in raw else 0,
        bonus,
        {k: v for k, v in raw.items() if k not in _COMMON},
    )


def _step(raw: Mapping[str, Any]) -> TourStep:
    until = raw.get("until", ())
    return TourStep(raw["say"], raw.get("select", ""), (until,) if isinstance(until, str) else tuple(until))


def _texts(folder: Path) -> tuple[tuple[str, str], ...]:
    if not folder.is_dir():
        return ()
    files = sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml", ".json"))
    return tuple((p.name, _read(p)) for p in files)


def _images(folder: Path) -> tuple[tuple[str, str], ...]:
    found = _texts(folder)
    bundled = Catalogue.bundled() if found else Catalogue()
    for name, text in found:
        try:
            load_checked(text, str(folder / name), bundled.read)
        except ImageError as wrong:
            raise LevelError(wrong.file, wrong.line, wrong.place, wrong.message) from wrong
    return found


def _translated(folder: Path, name: str) -> dict[str, str]:
    return {lang: _read(folder / f"{name}.{lang}.md") for lang in LANGUAGES}


def _hints(text: str) -> tuple[str, ...]:
    """Three steps, divided by lines of `---`."""
    return tuple(part.strip() for part in re.split(r"^---\s*$", text, flags=re.MULTILINE))


def _scripts(folder: Path) -> tuple[Script, ...]:
    if not folder.is_dir():
        return ()
    found = []
    for path in sorted(folder.glob("*.txt")):
        text = _read(path)
        try:
            play = script.parse(text, str(path))
        except script.ScriptError as error:
            raise LevelError(str(path), error.line, "", error.message) from error
        lines = tuple(enumerate(text.splitlines(), 1))
        found.append(Script(path.stem, str(path), lines, play.head, str(folder)))
    return tuple(found)

"""What words a level's world knows: to find names in texts that lead nowhere, and hints that say too much."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

from kubesim_tui.game.game import Game
from kubesim_tui.game.gate_runs import read
from kubesim_tui.game.level import Level

_WORD = re.compile(r"[A-Za-z0-9_-]+")
_CODE = re.compile(r"`([^`]+)`")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.example\.(?:com|org|net)")
_NAME = re.compile(r"(?<![\w.-])[a-z0-9]+(?:[-_][a-z0-9]+)+(?![\w-])")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_SOURCES = (("kubesim_tui.api", "schema.json"), ("kubesim_tui.kubectl", "commands.json"))


def words(text: str) -> set[str]:
    """The words of a text: letters, digits, - and _."""
    return set(_WORD.findall(text))


def kubernetes_words() -> set[str]:
    """Fields and kinds of the API, commands and flags of kubectl."""
    found: set[str] = set()
    for package, file in _SOURCES:
        found |= words(files(package).joinpath("data", file).read_text("utf-8"))
    return found


def world_words(level: Level, game: Game) -> set[str]:
    """Everything that is written in the level's own files but its stories, and what stands in its cluster."""
    found: set[str] = set()
    for path in sorted(Path(level.folder).rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".yml", ".json", ".txt"):
            found |= words(_without_texts(path))
    for table in game.cluster.etcd.tables.values():
        for obj in table:
            found |= words(obj.metadata.name)
            found |= words(" ".join((*obj.metadata.labels, *obj.metadata.labels.values())))
    return found


def _without_texts(path: Path) -> str:
    """A file; of level.yaml not what players read, or every name in it would prove itself."""
    lines = path.read_text("utf-8").splitlines()
    if path.name != "level.yaml":
        return "\n".join(lines)
    return "\n".join(re.sub(r"\b(?:text|say|title|goal): *\{[^}]*\}", "", line) for line in lines)


def names_in(text: str, language: str) -> Iterator[str]:
    """What a text names: code, hosts, and (in Chinese, where no other word looks so) names with - or _."""
    yield from _CODE.findall(text)
    bare = _CODE.sub("", text)
    yield from _HOST.findall(bare)
    if language == "zh":
        yield from _NAME.findall(_HOST.sub("", bare))
    else:
        yield from (name for name in _NAME.findall(_HOST.sub("", bare)) if "_" in name)


def strangers(names: Iterable[str], known: set[str]) -> list[str]:
    """Names with a word that nobody knows. A number stands for itself, and `db-0` for one of `db`."""
    return sorted({name for name in names if any(not _is_known(word, known) for word in words(name))})


def _is_known(word: str, known: set[str]) -> bool:
    stem = re.sub(r"-\d+$", "", word)
    return word in known or stem in known or word.strip("-").isdigit() or word.strip("-") in known


def taught_words(level: Level, game: Game) -> set[str]:
    """The words of all taught lines, but for names of objects and files, and what stands in quotes."""
    found: set[str] = set()
    for solution in level.solutions:
        for step in read(solution).steps:
            if step.taught:
                bare = re.sub(r"\S+\.ya?ml\S*|\S+=\S*", _key_of, _QUOTED.sub("", step.text))
                found |= {word.strip("-").lower() for word in words(bare)}
    names = {obj.metadata.name for table in game.cluster.etcd.tables.values() for obj in table}
    return {word for word in found if len(word) > 2 and not word.isdigit()} - names - {"kubectl", level.namespace}


def _key_of(found: re.Match[str]) -> str:
    """Of `--replicas=3` the flag, of a file or `DB_URL=…` nothing."""
    return found[0].split("=")[0] if found[0].startswith("--") else ""

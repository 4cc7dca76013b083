"""Where the levels of the campaign lie, by id ("4-1"): only names of folders are read, so the level list is quick."""

from __future__ import annotations

import re
from pathlib import Path

from kubesim_tui.game.assets import levels_root

FOLDER = re.compile(r"(\d+)-(.+)")


class UnknownLevel(ValueError):
    """There is no such level: says which there are."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no level {name!r}; there are {', '.join(known) or 'none'} (see `kubesim levels`)")


def catalogue(root: Path | None = None) -> dict[str, Path]:
    """Level id → folder, in the order of play."""
    root = root or levels_root()
    found: dict[tuple[int, int], Path] = {}
    for chapter in sorted(root.iterdir()) if root.is_dir() else ():
        head = FOLDER.fullmatch(chapter.name)
        if head is None or not chapter.is_dir():
            continue
        for folder in sorted(chapter.iterdir()):
            number = FOLDER.fullmatch(folder.name)
            if number is not None and (folder / "level.yaml").is_file():
                found[int(head[1]), int(number[1])] = folder
    return {f"{c}-{n}": found[c, n] for c, n in sorted(found)}


def find(name: str, root: Path | None = None) -> Path:
    """The folder of a level by its id (4-1 or 4.1), its name, or a path; UnknownLevel if there is none."""
    levels = catalogue(root)
    wanted = name.replace(".", "-")
    if wanted in levels:
        return levels[wanted]
    for folder in levels.values():
        if folder.name.split("-", 1)[1] == name:
            return folder
    if (Path(name) / "level.yaml").is_file():
        return Path(name)
    raise UnknownLevel(name, tuple(levels))

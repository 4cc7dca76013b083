"""Writes tests/data/golden.json: the digest of every solution and trap of every level, as they are now.

To be run when a change of the engine is meant to change what happens; the difference belongs into the same commit.
tests/game/test_golden.py holds every supported Python, and every machine, to it.
"""

from __future__ import annotations

import json
from pathlib import Path

from kubesim_tui import __version__
from kubesim_tui.game import folders, loader
from kubesim_tui.game.gate_runs import read
from kubesim_tui.game.level import Level
from kubesim_tui.game.player import play
from kubesim_tui.game.session import Session

FILE = Path(__file__).resolve().parents[1] / "tests" / "data" / "golden.json"


def digests(level: Level) -> dict[str, str]:
    """Script → digest at the end, with seed 1."""
    found = {}
    for part, scripts in (("solutions", level.solutions), ("traps", level.traps)):
        for source in scripts:
            session = Session(level)
            play(session, read(source), Path(source.folder), strict=False)
            found[f"{part}/{source.name}"] = session.game.digest
    return found


def main() -> None:
    levels = {name: digests(loader.load(folder)) for name, folder in folders.catalogue().items()}
    FILE.write_text(json.dumps({"version": __version__, "levels": levels}, indent=1) + "\n", "utf-8")
    print(f"{FILE}: {sum(map(len, levels.values()))} digests")


if __name__ == "__main__":
    main()
